import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.pages.charts import Point, axis_for, balance_svg, timeline_svg, whisker_svg

POINTS = st.floats(-100, 100, allow_nan=False)


@given(st.lists(st.one_of(st.none(), POINTS, st.just(float("nan"))), max_size=8))
def test_an_axis_holds_zero_and_every_value(values):
    axis = axis_for(values)
    known = [value for value in values if value is not None and value == value]
    assert axis.low <= min([0.0, *known]) + 1e-6
    assert axis.high >= max([0.0, *known]) - 1e-6
    assert -100 <= axis.low < axis.high <= 100
    assert 0.0 in axis.ticks
    assert 2 <= len(axis.ticks) <= 7


def test_an_axis_of_small_effects_is_not_blown_up():
    assert axis_for([-0.4, 1.1]).high <= 5


@given(POINTS, POINTS, POINTS)
def test_marks_stay_inside_the_drawing(value, low, high):
    drawing = whisker_svg(axis_for([low, high]), value, low, high, label="x")
    places = [float(number) for number in re.findall(r'(?:c?x[12]?)="([-\d.]+)%"', drawing)]
    assert places
    assert all(0 <= place <= 100 for place in places)


def test_a_range_has_no_dot():
    assert "<circle" not in whisker_svg(axis_for([-5, 5]), None, -5, 5, label="x")


def test_labels_are_escaped():
    drawing = balance_svg(1, 2, 2, label='"><script>')
    assert "<script>" not in drawing


def test_a_gap_in_time_stays_a_gap():
    series = [
        Point(f"2026-0{k}-01", value, None, None, 5) for k, value in enumerate([1.0, 2.0, None, 3.0, 4.0], 1)
    ]
    path = re.search(r' d="([^"]*)"', timeline_svg(series, label="x")).group(1)
    assert path.count("M") == 2
    assert path.count("L") == 2


@pytest.mark.parametrize("n", [1, 2, 60])
def test_a_time_line_labels_at_most_six_periods_and_always_the_last(n):
    series = [Point(f"2026-01-{k % 28 + 1:02d}", float(k), k - 1.0, k + 1.0, 5) for k in range(n)]
    labels = re.findall(r'class="mid">([^<]*)<', timeline_svg(series, label="x"))
    assert 1 <= len(labels) <= 6
