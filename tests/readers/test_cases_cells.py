# ruff: noqa: E501
"""Files shaped like those people complain of, each with its right answer: what stands in the cells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases_cells"
#: What the customers of the invented files answered, whatever the notation.
STARS = [
    *(4, 5, 5, 4, 5, 1, 2, 1, 2, 3, 5, 5, 4, 5, 5, 1, 2, 1, 2, 3),
    *(5, 4, 5, 5, 4, 1, 2, 1, 2, 3, 4, 5, 5, 4, 5, 1, 2, 1, 2, 3),
]


def _case(read_all, number: str, **keywords: Any):
    (path,) = CASES.glob(f"{number}-*")
    return read_all([path], **keywords)


def _but(places: slice | list[int], values: list[Any]) -> list[Any]:
    """Give the answers with others at some places."""
    answers: list[Any] = list(STARS)
    places = list(range(len(STARS))[places]) if isinstance(places, slice) else places
    for place, value in zip(places, values, strict=True):
        answers[place] = value
    return answers


@pytest.mark.parametrize(
    ("number", "signal", "answers"),
    [
        ("20", "rating", STARS),
        ("25a", "rating", STARS),
        ("25c", "rating", [star - 0.5 * (place % 3 == 0 and star > 1) for place, star in enumerate(STARS)]),
        ("25e", "rating", _but(slice(0, 40, 4), [3.5, 4.5, 1.5, 3.5, 1.5, 4.5, 3.5, 1.5, 4.5, 1.5])),
        ("25f", "rating", STARS),
        ("25n", "rating", _but(slice(0, 40, 4), [0] * 10)),
        ("26", "csat", STARS),
        ("26b", "csat", STARS),
        ("26d", "csat", STARS),
        ("34", "rating", STARS),
        ("34b", "rating", STARS),
        ("34d", "rating", STARS),
        ("34c", "rating", STARS),
        ("25m", "rating", _but([0, 2, 4, 8, 11, 12, 16, 20, 24, 28, 29, 32, 36, 38], [None] * 14)),
    ],
)  # fmt: skip
def test_every_notation_gives_the_answers(read_all, number, signal, answers):
    outcome = _case(read_all, number)
    assert not outcome.rejects
    assert outcome.column(signal) == answers
    assert {row[f"{signal}_max"] for row in outcome.rows} - {None} == {5}


def test_eight_notations_in_one_column(read_all):
    outcome = _case(read_all, "25h")
    assert [5 * row["rating"] / row["rating_max"] for row in outcome.rows] == STARS
    assert {row["rating_max"] for row in outcome.rows} == {5, 10, 100}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("12", "'Satisfaction Score': 20 cells say that nothing was answered: 'Not Offered' 10, 'Offered' 10"),
        ("12b", "'Satisfaction Score': 16 cells say that nothing was answered: 'Offered' 16"),
        ("25j", "'Rating' is in words (good or bad), read on 0..1: '👍' = 1, '👎' = 0"),
        ("25m", "'Rating': 14 cells say that nothing was answered: 'Not rated' 10, 'No rating' 4"),
        ("25n", "10 answers are 0 in 'Rating', so the scale was taken as 0..5 and 0 as its worst; if 0 means that "
                "there is no rating, set [scales] rating = [1, 5]"),
        ("26b", "'Удовлетворенность' is in words (satisfaction, 5 steps), read on 1..5: 'Очень доволен' = 5, "
                "'Скорее доволен' = 4, 'Нейтрально' = 3, 'Скорее недоволен' = 2, 'Очень недоволен' = 1"),
        ("34d", "40 cells of 'Rating' became dates in a spreadsheet; each was read as it was typed, the month out "
                "of 5"),
        ("34c", "10 cells of 'Comment' hold an error of the spreadsheet such as #NAME? and count as empty: the "
                "words were lost before the export"),
        ("53", "'Would you recommend us?': 4 cells say neither yes nor no and count as no answer: 'Not sure' 4"),
        ("53", "'Would you recommend us?': read as yes: 'Definitely' 13, 'Probably' 7; as no: 'Definitely not' 8, "
               "'Probably not' 8"),
        ("55", "'Recommend': 11 cells say neither yes nor no and count as no answer: 'Maybe' 11"),
    ],
)  # fmt: skip
def test_what_was_passed_over_or_assumed_is_said(read_all, number, said):
    assert said in _case(read_all, number).survey.notes


def test_help_desk_words(read_all):
    outcome = _case(read_all, "12")
    answers = [row["csat"] for row in outcome.rows if row["csat"] is not None]
    assert (len(outcome.rows), len(answers), sum(answers)) == (40, 20, 14)
    outcome = _case(read_all, "12b")
    assert len(outcome.rows) == 40
    assert sum(row["csat"] is None for row in outcome.rows) == 16


def test_classes_of_the_recommend_question(read_all):
    outcome = _case(read_all, "27")
    classes = [(row["nps"] >= 9) - (row["nps"] <= 6) for row in outcome.rows]
    assert classes == [(star == 5) - (star <= 3) for star in STARS]
    assert {(row["nps_min"], row["nps_max"]) for row in outcome.rows} == {(0, 10)}


def test_maybe_costs_a_row_nothing_but_its_flag(read_all):
    outcome = _case(read_all, "55")
    assert not outcome.rejects
    assert sum((row["nps"] >= 9) - (row["nps"] <= 6) for row in outcome.rows) == -7
    assert outcome.column("recommended").count(None) == 11


def test_scale_in_a_header_before_a_comma(read_all):
    outcome = _case(read_all, "67")
    assert {(row["csat_min"], row["csat_max"]) for row in outcome.rows} == {(1, 10)}


@pytest.mark.parametrize(
    ("number", "hours", "minutes"),
    [
        ("02", 9, True),
        ("06", 9, True),
        ("10", 6, True),
        ("28a", 0, False),
        ("28b", 0, False),
        ("28d", 9, True),
        ("28o", 7, True),
        ("28p", 9, True),
        ("39", 17, True),
        ("45", 9, True),
    ],
)
def test_every_form_of_date_gives_the_moments(read_all, number, hours, minutes):
    outcome = _case(read_all, number)
    first, second, *_, last = outcome.column("created_at")
    assert first == dt.datetime(2024, 1, 3, hours, 15 * minutes, tzinfo=dt.UTC)
    assert second - first == dt.timedelta(days=3, hours=minutes, minutes=7 * minutes)
    assert last is not None
    assert None not in outcome.column("created_at")


def test_times_of_new_york(read_all):
    outcome = _case(read_all, "14")
    assert outcome.column("created_at")[0] == dt.datetime(2024, 1, 6, 15, 22, tzinfo=dt.UTC)
    assert len(outcome.rejects) == 7


def test_year_and_month_with_some_missing(read_all):
    moments = _case(read_all, "47").column("created_at")
    assert moments.count(None) == 6
    assert moments[1] == dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("number", ["33", "59", "60"])
def test_foreign_shapes(read_all, number):
    outcome = _case(read_all, number)
    assert (len(outcome.rows), outcome.rejects) == (40, [])
    assert outcome.column("rating") == STARS
    assert set(outcome.column("product")) == {"P0", "P1"}


def test_an_excel_file_of_before_2007(read_all):
    outcome = read_all([CASES / "legacy.xls"])
    assert outcome.column("rating") == [5, 1]
    assert outcome.column("text")[0] == "Отличный товар, спасибо"
    assert outcome.column("created_at")[1] == dt.datetime(2024, 1, 6, tzinfo=dt.UTC)


def test_words_that_a_spreadsheet_lost_are_empty(read_all):
    texts = _case(read_all, "34c").column("text")
    assert sum(not text for text in texts) == 10
    assert not any("#" in text for text in texts)
