"""Workbooks of several sheets: what is one table is read as one, and what is not is named."""

import openpyxl
import pytest

from earful.config import InputConfig
from earful.readers import open_inputs

HEADER = ["Review", "Stars", "Store"]
JAN = [
    ["The lid closes well and the kettle is quiet.", 5, "Riga"],
    ["It leaked on day two, awful.", 1, "Riga"],
]
FEB = [
    ["Lovely lamp, I like it very much.", 4, "Sofia"],
    ["Nobody answered my letters for weeks.", 2, "Sofia"],
]


def book(path, **sheets):
    out = openpyxl.Workbook()
    out.remove(out.active)
    for name, rows in sheets.items():
        sheet = out.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out.save(path)
    return path


def read(path, **settings):
    with open_inputs([path], InputConfig(**settings)) as feed:
        (survey,) = feed.surveys
        rows = [row for table, _ in feed.batches(100) for row in table.to_pylist()]
        rejects = [reject for _, some in feed.batches(100) for reject in some]
    return survey, rows, rejects


def test_sheets_of_one_header_are_one_table(tmp_path):
    path = book(tmp_path / "a.xlsx", Jan=[HEADER, *JAN], Feb=[HEADER, *FEB], Notes=[["Made by", "Ann"]])
    survey, rows, _ = read(path)
    assert [row["rating"] for row in rows] == [5, 1, 4, 2]
    assert survey.n_rows == 4
    assert "sheet" in survey.ignored
    assert "sheets 'Jan', 'Feb' have one header and are read together; --sheet NAME reads one" in survey.notes
    assert any("not 'Notes'" in note for note in survey.notes)
    assert [row["rating"] for row in read(path, sheet="Feb")[1]] == [4, 2]
    assert {row["product"] for row in read(path, columns={"product": "sheet"})[1]} == {"Jan", "Feb"}


def test_columns_of_further_sheets_may_stand_in_another_order_below_a_title(tmp_path):
    turned = [["February of 2026"], ["Stars", "Store", "Review"], *([row[1], row[2], row[0]] for row in FEB)]
    _, rows, rejects = read(book(tmp_path / "a.xlsx", Jan=[HEADER, *JAN], Feb=turned))
    assert [(row["text"], row["rating"]) for row in rows] == [(row[0], row[1]) for row in JAN + FEB]
    assert rejects == []


def test_a_selection_of_the_rows_is_not_read_twice(tmp_path):
    whole = [HEADER, *JAN, *FEB]
    survey, rows, _ = read(book(tmp_path / "a.xlsx", Bad=[HEADER, JAN[1], FEB[1]], All=whole, Copy=whole))
    assert len(rows) == 4
    assert "the rows of 'Bad', 'Copy' all stand in other sheets" in survey.notes
    # The same words said twice in one sheet are two rows.
    assert len(read(book(tmp_path / "b.xlsx", All=[HEADER, *JAN], More=[HEADER, *JAN, JAN[0]]))[1]) == 3


@pytest.mark.parametrize(
    "other", [["Review", "Stars"], ["Review", "Stars", "Store", "Stars"], ["Month", "Index", "n"]]
)
def test_another_header_is_another_table(tmp_path, other):
    survey, rows, _ = read(
        book(tmp_path / "a.xlsx", Jan=[HEADER, *JAN], Feb=[other, [*FEB[0], 3][: len(other)]])
    )
    assert len(rows) == 2
    assert "sheet 'Jan' is read; not 'Feb'; --sheet NAME reads another" in survey.notes


def test_totals_of_each_sheet_are_refused(tmp_path):
    rows = [[HEADER, *JAN, ["Average", 3, None]], [HEADER, *FEB, ["Average", 3, None]]]
    survey, accepted, rejects = read(book(tmp_path / "a.xlsx", Jan=rows[0], Feb=rows[1]))
    assert (survey.n_rows, len(accepted), len(rejects)) == (6, 4, 2)
    assert [reject.line for reject in rejects] == [4, 4]
    assert [reject.record["sheet"] for reject in rejects] == ["Jan", "Feb"]
