"""The first pass: records looked at together tell what records looked at one by one do."""

import datetime
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earful.config import InputConfig
from earful.readers import open_inputs, profile
from earful.readers.content import Column
from earful.readers.distinct import Distinct, tallied

HEADERS = ("review", "rating", "nps", "recommended", "created_at", "product", "survey type", "country")
CELLS = st.one_of(
    st.sampled_from([None, "", "NA", "#NAME?", "нет", "-", True, False, 1, 1.0, 0, 0.5, "1", "1.0", "4/5"]),
    st.sampled_from([math.nan, 11, "5 stars", "yes", "no", "nps", "csat", "very satisfied", "5-Apr", [1]]),
    st.sampled_from(["2026-01-02", "2026-01-02 10:00", "3/4/2026", "13/4/2026", "45294", "3 weeks ago"]),
    st.sampled_from([datetime.datetime(2026, 1, 2), "It broke on day one.", "Лучше не бывает", "http://a.b"]),
    st.text(max_size=30),
    st.integers(-2, 101),
)
ROWS = st.lists(st.tuples(*[CELLS] * len(HEADERS)), min_size=1, max_size=40)


def told(rows, held, monkeypatch):
    monkeypatch.setattr(profile, "_HELD", held)
    frame = pd.DataFrame(rows, columns=list(HEADERS), dtype=object)
    config = InputConfig(columns={"text": "review"})
    with open_inputs([frame], config, cuts={"country": "country"}) as feed:
        return [survey.to_dict() for survey in feed.surveys], repr(feed.plans)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_how_many_records_are_looked_at_together_changes_nothing(monkeypatch, rows):
    assert told(rows, 1, monkeypatch) == told(rows, 7, monkeypatch) == told(rows, 1024, monkeypatch)


def test_a_row_that_stands_often_counts_as_often(monkeypatch):
    rows = [("It broke on day one.", "4", "11", "perhaps not", "13/4/2026", "Kettle", "nps", "LV")] * 2_500
    one, many = told(rows, 1, monkeypatch), told(rows, 1024, monkeypatch)
    assert one == many
    assert any("0 of its 2,500 cells are yes or no" in note for note in many[0][0]["notes"])


def test_cells_that_are_equal_and_not_the_same_are_told_apart():
    cells = [1, True, 1.0, "1", 1, math.nan, [1], [1], None]
    found = [(type(cell), times) for (cell,), times in tallied(cells)]
    assert found == [
        (int, 2),
        (bool, 1),
        (float, 1),
        (str, 1),
        (float, 1),
        (list, 1),
        (list, 1),
        (type(None), 1),
    ]


@pytest.mark.parametrize("n", [10, 50_000])
def test_different_values_are_counted_within_bounds(n):
    distinct = Distinct(f"value {at % n}" for at in range(2 * n))
    assert len(distinct) == pytest.approx(n, rel=0.1)
    assert len(distinct._kept) <= 4096


def test_columns_of_one_record_and_none_of_another_are_all_seen():
    seen = profile.Pass(InputConfig(), [])
    for values in ({"a": "x", "b": "y"}, {"b": "z"}, {"c": "w", "a": "v"}):
        seen.add(profile.Record(1, values), values)
    seen.settle()
    assert {name: column.filled for name, column in seen.columns.items()} == {"a": 2, "b": 2, "c": 1}
    assert all(isinstance(column, Column) for column in seen.columns.values())
