"""Columns beyond words and scores: weights, stages of complaints, what customers did."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from earful.config import InputConfig
from earful.readers import open_inputs


def read(frame, **columns):
    feed = open_inputs([pd.DataFrame(frame)], InputConfig(columns=columns))
    ((table, rejects),) = feed.batches(100)
    return table.to_pylist(), rejects, feed.surveys[0]


def test_a_weight_is_taken_only_where_it_is_given():
    frame = {"review": ["Good", "Bad"], "weight": [2, 0.5]}
    rows, _, survey = read(frame)
    assert [row["weight"] for row in rows] == [None, None]
    assert "'weight' is not taken as a weight unless it is given: --map weight=weight" in survey.notes
    rows, _, survey = read(frame, weight="weight")
    assert [row["weight"] for row in rows] == [2.0, 0.5]
    assert survey.mapping["weight"] == "weight"
    assert not survey.notes


def test_a_weight_that_cannot_be_one_refuses_its_row():
    rows, rejects, _ = read(
        {"review": ["a good one", "b", "c", "d"], "w": ["1,5", "-1", "much", ""]}, weight="w"
    )
    assert [row["weight"] for row in rows] == [1.5, None]
    assert [reject.reason for reject in rejects] == [
        "weight: -1 in column 'w' is below 0",
        "weight: column 'w': 'much' is not a number",
    ]


def test_stages_of_complaints_are_times_or_flags_and_an_empty_cell_is_not_yet():
    rows, rejects, survey = read(
        {
            "review": ["Broken", "Late", "Rude", "Lost"],
            "date": ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04"],
            "first_response_at": ["2026-03-02 10:00", "", "03/04/2026", "soon"],
            "resolved": ["yes", "no", "", "1"],
        }
    )
    assert not rejects
    assert survey.mapping["acknowledged"] == "first_response_at"
    assert [row["acknowledged"] for row in rows] == [True, False, True, None]
    assert rows[0]["acknowledged_at"] == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert rows[2]["acknowledged_at"] == datetime(2026, 3, 4, tzinfo=UTC)
    assert [row["resolved"] for row in rows] == [True, False, False, True]
    assert [row["resolved_at"] for row in rows] == [None] * 4
    assert [row["complaint"] for row in rows] == [True] * 4
    assert rows[1]["received_at"] == datetime(2026, 3, 2, tzinfo=UTC)
    assert rows[0]["apologised"] is None
    assert "1 cell of 'first_response_at' cannot be read and became null" in survey.notes


def test_a_column_can_say_which_rows_are_complaints_and_when_they_came():
    rows, _, _ = read(
        {
            "review": ["Broken", "Great", "Late"],
            "complaint_date": ["2026-03-01", "", "2026-03-05"],
            "resolved_at": ["2026-03-03", "2026-03-04", ""],
        }
    )
    assert [row["complaint"] for row in rows] == [True, False, True]
    assert rows[0]["received_at"] == datetime(2026, 3, 1, tzinfo=UTC)
    assert (rows[1]["received_at"], rows[1]["resolved"]) == (None, None)
    flagged, _, _ = read(
        {"review": ["a b", "c d"], "is": ["yes", "no"], "resolved": ["yes", "yes"]}, received="is"
    )
    assert [row["complaint"] for row in flagged] == [True, False]


def test_each_column_of_dates_has_its_own_order():
    rows, _, _ = read(
        {
            "review": ["Broken", "Late"],
            "date": ["2/25/2026", "3/1/2026"],
            "resolved at": ["26/2/2026", "5/3/2026"],
        }
    )
    assert rows[1]["created_at"] == datetime(2026, 3, 1, tzinfo=UTC)
    assert rows[1]["resolved_at"] == datetime(2026, 3, 5, tzinfo=UTC)


def test_behaviour_is_read_and_what_cannot_be_read_is_null():
    rows, rejects, survey = read(
        {
            "review": ["a b", "c d", "e f"],
            "visits": ["18", "no idea", "0"],
            "average order value": ["34,90", "-2", ""],
            "churned": ["no", "yes", ""],
        }
    )
    assert not rejects
    assert [row["orders"] for row in rows] == [18.0, None, 0.0]
    assert [row["order_value"] for row in rows] == [34.9, None, None]
    assert [row["retained"] for row in rows] == [True, False, None]
    assert "1 cell of 'visits' cannot be read and became null" in survey.notes


@pytest.mark.parametrize(("theirs", "said"), [("retained", True), ("churned", False)])
def test_both_ways_of_saying_who_stayed(theirs, said):
    rows, _, _ = read({"review": ["a b"], theirs: ["yes"]})
    assert rows[0]["retained"] is said


def test_a_column_that_is_not_what_its_name_says_is_left_alone():
    _, _, survey = read({"review": ["a b"] * 6, "orders": ["kettle, lamp"] * 6, "resolved": ["by Ann"] * 6})
    assert "orders" not in survey.mapping
    assert "resolved" not in survey.mapping


def test_extra_columns_do_not_change_the_id_of_a_row():
    plain, _, _ = read({"review": ["Broken"], "date": ["2026-03-01"]})
    more, _, _ = read({"review": ["Broken"], "date": ["2026-03-01"], "orders": [3], "resolved": ["yes"]})
    assert plain[0]["review_id"] == more[0]["review_id"]


def test_an_empty_name_takes_a_role_away_even_from_the_text_found_by_content():
    frame = {"a column": ["words that read like a review"] * 3, "stars": [1, 2, 3]}
    _, _, survey = read(frame)
    assert survey.mapping["text"] == "a column"
    _, _, survey = read(frame, text="")
    assert "text" not in survey.mapping
    assert survey.mapping["rating"] == "stars"


def test_a_complaint_is_dated_by_when_it_was_received_where_nothing_else_dates_it():
    rows, _, survey = read({"complaint": ["Broken", "Late"], "date received": ["2026-03-01", "2026-03-02"]})
    assert survey.mapping["received"] == "date received"
    assert [row["created_at"] for row in rows] == [row["received_at"] for row in rows]
    assert rows[0]["created_at"] == datetime(2026, 3, 1, tzinfo=UTC)
