import math

import pytest

from earful.pages import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (34.4, "+34"),
        (-12.0, "−12"),
        (0.0, "0"),
        (-0.3, "0"),
        (0.4, "0"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_points_are_whole_and_signed(value, shown):
    assert numbers.points(value) == shown


def test_an_interval_needs_both_ends():
    assert numbers.interval(-19.2, 5.4) == "−19 to +5"
    assert numbers.interval(-1.26, 0.94, 1) == "−1.3 to +0.9"
    assert numbers.interval(None, 5) == "–"


@pytest.mark.parametrize(
    ("value", "shown"), [(61.2, "61 %"), (8.04, "8.0 %"), (0, "0 %"), (9.96, "10 %"), (100, "100 %")]
)
def test_small_shares_keep_a_decimal(value, shown):
    assert numbers.percent(value).replace("\N{NO-BREAK SPACE}", " ") == shown


def test_q_values_are_never_shown_as_zero():
    assert numbers.q_value(0.0) == "< 0.001"
    assert numbers.q_value(0.0214) == "0.021"
    assert numbers.q_value(0.5) == "0.50"


def test_dates_come_from_utc_and_bad_ones_are_left_out():
    assert numbers.date(1_777_852_800_000_000) == "4 May 2026"
    assert numbers.date(None) == ""
    assert numbers.date(10**30) == ""
    assert numbers.month("2026-09-01") == "Sep 2026"
    assert numbers.month("2026-09-07") == "7 Sep 2026"
    assert numbers.month("last week") == "last week"
    assert numbers.moment("2026-11-21T23:04:05+02:00") == "21 Nov 2026, 21:04 UTC"
    assert numbers.moment("yesterday") == "yesterday"
