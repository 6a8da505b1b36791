"""Columns that the rows are cut by: found, bounded, and nothing of them lost."""

import pandas as pd
import pytest

from earful.errors import InputError
from earful.readers import open_inputs
from earful.readers.cuts import MOST_VALUES


def rows_of(inputs, cuts, size=3):
    feed = open_inputs(inputs, cuts=cuts)
    return feed, [row for table, _ in feed.batches(size) for row in table.to_pylist()]


def frame(**columns):
    n = len(next(iter(columns.values())))
    texts, stars = [f"text number {i}" for i in range(n)], [1 + i % 5 for i in range(n)]
    return pd.DataFrame({"review": texts, "stars": stars, **columns})


def test_a_column_keeps_its_values_and_what_is_missing():
    data = frame(Land=[" Germany", "germany", None, "n/a", 7, 7.0, True, "–"])
    feed, rows = rows_of([data], {"country": "land"})
    assert [row["country"] for row in rows] == ["Germany", "germany", None, None, "7", "7", "true", None]
    assert feed.surveys[0].cuts == {"country": "Land"}
    assert '  by country <- "Land"' in feed.describe()
    assert any("'Germany', 'germany'" in note for note in feed.surveys[0].notes)


def test_rows_come_out_the_same_without_the_cut():
    data = frame(country=["LV", "BG", None])
    plain, cut = (rows_of([data], cuts)[1] for cuts in ({}, {"country": "country"}))
    assert [{k: v for k, v in row.items() if k != "country"} for row in cut] == plain


@pytest.mark.parametrize(
    ("others", "value"),
    [
        (["EU", "APAC", "LATAM"], "NA"),
        (["DE", "BW", "ZA"], "NA"),
        (["Europe", "Asia", "EU"], None),
        (["EU"] * 3, None),
    ],
)
def test_na_among_codes_is_one_of_them(others, value):
    feed, rows = rows_of([frame(region=[*others, "NA", "n/a"])], {"region": "region"})
    assert [row["region"] for row in rows] == [*others, value, None]
    assert any("'NA' in 'region' (1 cell)" in note for note in feed.surveys[0].notes)


def test_a_column_that_some_files_lack_is_noted(tmp_path):
    (tmp_path / "a.csv").write_text("review,country\nGood enough,LV\n")
    (tmp_path / "b.csv").write_text("review,stars\nNot good,1\n")
    feed, rows = rows_of([tmp_path / "a.csv", tmp_path / "b.csv"], {"country": "country"})
    assert [row["country"] for row in rows] == ["LV", None]
    assert "has no column 'country'" in feed.surveys[1].notes[-1]


def test_a_column_that_no_file_has_is_refused_in_one_line():
    with pytest.raises(
        InputError, match=r"no column 'county' to cut by \(did you mean 'country'\?\)"
    ) as told:
        rows_of([frame(country=["a", "b", "c"])], {"county": "county"})
    assert "\n" not in str(told.value)
    with pytest.raises(InputError, match="no column was recognised as channel"):
        rows_of([frame(country=["a", "b", "c"])], {"channel": "channel"})


@pytest.mark.parametrize("files", [1, 2])
def test_a_column_of_too_many_values_is_refused(files):
    each = MOST_VALUES + 1 if files == 1 else 2 * MOST_VALUES // 3
    parts = [frame(code=[f"k{part}-{i}" for i in range(each)]) for part in range(files)]
    with pytest.raises(InputError, match=r"more than 1,000 different values and cannot be cut by"):
        rows_of(parts, {"code": "code"})


def test_as_many_values_as_are_allowed_are_kept():
    _, rows = rows_of([frame(code=[f"k{i}" for i in range(MOST_VALUES)])], {"code": "code"}, size=500)
    assert len({row["code"] for row in rows}) == MOST_VALUES


def test_the_same_column_may_be_ours_as_well(tmp_path):
    (tmp_path / "a.csv").write_text("review,store,stars\nGood enough,Riga,5\nBad,Varna,1\n")
    _, rows = rows_of([tmp_path / "a.csv"], {"store": "store"})
    assert [(row["product"], row["store"]) for row in rows] == [("Riga", "Riga"), ("Varna", "Varna")]


def test_columns_of_json_lines_are_known_after_the_pass(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"review": "Good", "shop": {"country": "LV"}}\n{"review": "Bad"}\n')
    _, rows = rows_of([tmp_path / "a.jsonl"], {"country": "shop.country"})
    assert [row["country"] for row in rows] == ["LV", None]
