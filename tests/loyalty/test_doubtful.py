from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.loyalty.doubtful import future_dates, two_scales

NOW = pd.Timestamp("2026-01-10", tz="UTC")


def shops(bad=False, n=80):
    """Two shops in one column: one asks for 1-10, the other, it seems, for 1-5."""
    random = np.random.default_rng(0)
    mood = random.normal(0.3, 0.5, 2 * n).clip(-1, 1)
    ten = np.clip(np.round(6 + 4 * mood[:n]), 1, 10)
    five = np.clip(np.round(3.3 + 2 * mood[n:]), 1, 5)
    return pd.DataFrame(
        {
            "product": ["ten"] * n + ["five"] * n,
            "rating": np.concatenate([ten, five]),
            "rating_min": 1.0,
            "rating_max": 10.0,
            "score": np.concatenate([mood[:n], mood[n:] - (1.0 if bad else 0.0)]),
        }
    )


def test_a_scale_that_is_two_is_named():
    (line,) = two_scales(shops())
    assert "'five'" in line
    assert "goes to 5 " in line
    assert "up to 10" in line


def test_a_product_that_is_really_that_bad_is_not():
    assert two_scales(shops(bad=True)) == []


def test_one_scale_is_not():
    rows = shops()
    rows["rating_max"] = np.where(rows["product"] == "five", 5.0, 10.0)
    assert two_scales(rows) == []
    assert two_scales(rows.iloc[:0]) == []


@pytest.mark.parametrize(("days", "told"), [(-1, 0), (0.5, 0), (3, 1), (400, 1)])
def test_dates_to_come_are_named(days, told):
    rows = pd.DataFrame({"created_at": [NOW - pd.Timedelta(days=9), NOW + pd.Timedelta(days=days), None]})
    lines = future_dates(rows, NOW)
    assert len(lines) == told
    assert all("1 row is dated in the future" in line for line in lines)


def test_no_dates_no_line():
    assert future_dates(pd.DataFrame({"created_at": [None, None]}), NOW) == []
    assert future_dates(pd.DataFrame({"row": [1]}), NOW) == []
