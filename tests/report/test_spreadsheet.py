"""Files for spreadsheets: complete, and nothing in them is run."""

import csv

import pandas as pd
import pytest

import earful
from earful.report import write_csv_files, write_workbook


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    texts = [
        "=1+1 delivery was slow and the courier was rude",
        "@SUM(A1) great price",
        "Лучшая доставка!",
        "x" * 40_000,
    ]
    frame = pd.DataFrame({
        "id": ["a", "b", "c", "d"], "review": texts, "product": ["=HYPERLINK(1)", "lamp", "лампа", "desk"],
        "stars": [1, 5, 5, 3], "date": ["2026-03-01 10:20:00"] * 4,
    })  # fmt: skip
    return earful.analyze(frame, tmp_path_factory.mktemp("runs") / "run", model="fast")


def test_csv_opens_in_a_spreadsheet(run, tmp_path):
    reviews, mentions = write_csv_files(run.path, tmp_path / "out")
    assert reviews.read_bytes().startswith(b"\xef\xbb\xbf")
    with reviews.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["review_id"] for row in rows] == ["a", "b", "c", "d"]
    assert rows[0]["text"].startswith("'=1+1")
    assert rows[0]["product"] == "'=HYPERLINK(1)"
    assert rows[0]["created_at"] == "2026-03-01 10:20:00"
    assert len(rows[3]["text"]) == 40_000
    with mentions.open(encoding="utf-8-sig", newline="") as lines:
        found = list(csv.DictReader(lines))
    assert len(found) == len(run.mentions) > 0
    assert {"review_id", "product", "text", "theme", "polarity"} <= set(found[0])


def test_without_the_mark(run, tmp_path):
    reviews, _ = write_csv_files(run.path, tmp_path, bom=False)
    assert reviews.read_bytes().startswith(b'"review_id"')


def test_the_workbook_has_every_row_and_no_formula(run, tmp_path):
    import openpyxl

    book = openpyxl.load_workbook(write_workbook(run.path, tmp_path / "run.xlsx"))
    assert book.sheetnames == ["loyalty", "themes", "drivers", "reviews", "mentions"]
    for name in book.sheetnames:
        assert book[name].max_row == 1 + len(getattr(run, name))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=HYPERLINK(1)" in {cell.value for cell in cells}


def test_the_workbook_has_the_reviews_with_their_themes(run, tmp_path):
    import openpyxl

    sheet = openpyxl.load_workbook(write_workbook(run.path, tmp_path / "run.xlsx"))["reviews"]
    head, *rows = sheet.iter_rows(values_only=True)
    rows = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["review_id"] for row in rows] == ["a", "b", "c", "d"]
    assert rows[0]["text"] == "=1+1 delivery was slow and the courier was rude"
    assert rows[0]["sentiment"] == "negative"
    found = run.mentions.groupby("row")["theme"].agg(lambda themes: "; ".join(sorted(set(themes))))
    assert {row["row"]: row["themes"] for row in rows if row["themes"]} == found.to_dict() != {}
    assert len(rows[3]["text"]) == 32_767
    assert rows[3]["text"].endswith("…")


@pytest.mark.parametrize("letter", ["x", "я", "😀"])
def test_a_cell_holds_what_a_spreadsheet_counts(letter):
    from earful.report.spreadsheet import _fitting

    for length in (10, 16_383, 16_384, 32_767, 32_768, 50_000):
        text = _fitting(letter * length)
        counted = len(text.encode("utf-16-le")) // 2
        assert counted <= 32_767
        assert text.rstrip("…") == letter * len(text.rstrip("…"))
        assert text.endswith("…") == (len((letter * length).encode("utf-16-le")) // 2 > 32_767)


def test_a_sheet_that_is_full_goes_on_in_the_next(run, tmp_path, monkeypatch):
    import openpyxl

    from earful.report import spreadsheet

    monkeypatch.setattr(spreadsheet, "_SHEET_ROWS", 3)
    book = openpyxl.load_workbook(write_workbook(run.path, tmp_path / "run.xlsx"))
    rows = [
        row
        for name in book.sheetnames
        if name.startswith("loyalty")
        for row in book[name].iter_rows(min_row=2)
    ]
    assert "loyalty 2" in book.sheetnames
    assert len(rows) == len(run.loyalty)


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    one, other = (write_workbook(run.path, tmp_path / f"{name}.xlsx").read_bytes() for name in "ab")
    assert one == other
