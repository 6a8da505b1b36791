"""Where the header is: titles, two and three rows, groups, merged cells, sheets, totals, and the options."""

from __future__ import annotations

import io

import openpyxl
import pytest

from earful.errors import InputError

WORDS = ["The lid closes well and fast.", "It stopped on day two and sadly so.", "Fine for what it costs me."]


def workbook(*sheets: list[list], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    for cells in merged:
        book.worksheets[-1].merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Customer feedback report\nPeriod: 01.01.2024 - 30.06.2024\n\n", "Date,Stars,Comment"),
        ("Отчёт по отзывам\n\n", "Дата;Оценка;Комментарий"),
        ("Atsauksmju pārskats\nPeriods;2024\n", "Datums;Vērtējums;Komentārs"),
        ("Отчет за отзивите\n", "Дата\tОценка\tКоментар"),
    ],
)
def test_a_title_above_is_passed_over_in_text(read, title, names):
    mark = next(mark for mark in ";\t," if mark in names)
    rows = "".join(
        f"2024-03-0{i + 1}{mark}{5 - i}{mark}{words.replace(',', '')}\n" for i, words in enumerate(WORDS)
    )
    outcome = read(title + names + "\n" + rows * 3)
    assert set(outcome.survey.mapping) == {"created_at", "rating", "text"}
    assert len(outcome.rows) == 9
    assert any("above the header" in note for note in outcome.survey.notes)


@pytest.mark.parametrize(
    "content",
    [
        "text\nGood, cheap, fast\nBad, dear, slow\n",
        "comment\n" + "Nice,but,slow and dear\n" * 5,
        "review,stars\nfine,4\ngood,5\n",
        ",text,rating\n0,Good day,5\n1,Bad day,1\n",
        "text,,rating\nGood day,x,5\nBad day,y,1\n",
    ],
)
def test_a_header_in_its_place_stays_the_header(read, content):
    outcome = read(content)
    assert outcome.survey.n_rows == content.count("\n") - 1
    assert "text" in outcome.survey.mapping
    assert not any("header takes" in note or "above" in note for note in outcome.survey.notes)


def test_groups_above_the_header_in_a_sheet(read):
    rows = [["Visit", None, "Answers", None], ["Date", "Shop name", "Stars", "Comment"]]
    rows += [[f"2024-03-0{i + 1}", "Jar hall", 5 - i, words] for i, words in enumerate(WORDS)]
    outcome = read(workbook(rows, merged=("A1:B1", "C1:D1")), "a.xlsx")
    mapping = outcome.survey.mapping
    assert (mapping["rating"], mapping["text"], mapping["created_at"]) == ("Stars", "Comment", "Date")
    assert outcome.column("text") == WORDS
    assert "the header takes 2 rows; --header-rows says otherwise" in outcome.survey.notes


def test_groups_filled_over_each_column_in_text(read):
    rows = "".join(f"2024-03-0{i + 1},{5 - i},{words.replace(',', '')}\n" for i, words in enumerate(WORDS))
    outcome = read("Visit,Answers,Answers\nDate,Stars,Comment\n" + rows)
    assert outcome.survey.mapping == {"created_at": "Date", "text": "Comment", "rating": "Stars"}
    assert len(outcome.rows) == 3


def test_merged_products_stand_in_each_row_and_a_total_is_refused(read):
    rows = [["Product", "Stars", "Comment", "Shop"]]
    rows += [
        ["Jar" if i == 0 else "Lid" if i == 3 else None, 5, f"{WORDS[i % 3]} {i}", "a"] for i in range(6)
    ]
    rows += [["Итого", 30, None, None], ["Average", 5.0, None, None]]
    outcome = read(workbook(rows, merged=("A2:A4", "A5:A7")), "a.xlsx")
    assert outcome.column("product") == ["Jar"] * 3 + ["Lid"] * 3
    assert [reject.reason for reject in outcome.rejects] == ["a row of totals, and no answer"] * 2
    assert outcome.rejects[0].record["Stars"] == 30
    assert outcome.survey.scales["rating"].max == 5


@pytest.mark.parametrize("word", ["Total", "Всего", "Общо", "Kopā"])
def test_a_product_of_that_name_is_no_total(read, word):
    outcome = read(f"product,stars,text\n{word},5,{WORDS[0]}\n{word},,\n{word},4,\n")
    assert outcome.column("rating") == [5.0, 4.0]
    assert [reject.line for reject in outcome.rejects] == [3]


def test_a_sheet_is_chosen_by_its_table_its_name_or_its_number(read):
    table = [
        ["Date", "Stars", "Comment"],
        *[[f"2024-03-0{i + 1}", 5, words] for i, words in enumerate(WORDS)],
    ]
    other = [["Date", "Stars", "Comment"], ["2024-04-01", 1, "Another one of these jars."]]
    content = workbook([["Customer feedback export"], ["Prepared by us, with care"]], table, other)
    # A cover is passed over; sheets of one header are one table.
    assert read(content, "a.xlsx").column("text") == [*WORDS, other[1][2]]
    for sheet in ("sheet 3", "3", 3):
        assert read(content, "a.xlsx", config={"sheet": sheet}).column("rating") == [1.0]
    with pytest.raises(InputError, match=r"no sheet 'Shet 2' \(did you mean 'Sheet 2'\?\)"):
        read(content, "a.xlsx", config={"sheet": "Shet 2"})


def test_options_say_where_the_header_is(read):
    content = "a,b\nc,d\ntext,stars\nvery good jar,5\nquite bad jar,1\n"
    assert read(content, config={"skip_rows": 2}).column("rating") == [5.0, 1.0]
    bare = read(
        "very good jar,5\nquite bad jar,1\n", config={"header_rows": 0, "columns": {"rating": "column 2"}}
    )
    assert bare.survey.mapping == {"text": "column 1", "rating": "column 2"}
    assert len(bare.rows) == 2
    two = read("Ours,Ours\ntext,stars\ngood,very good\n", config={"header_rows": 2})
    assert len(two.rows) == 1
    with pytest.raises(InputError, match="no rows below the first 9"):
        read(content, config={"skip_rows": 9})
