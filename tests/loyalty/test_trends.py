from __future__ import annotations

import numpy as np
import pytest

from earful.loyalty.trends import breaks, smooth


def change_points(value, error, **more):
    """Breaks of one series that are more than chance."""
    return [found for found in breaks([(value, error)], **more)[0] if found.q_value <= 0.05]


def test_a_calm_series_is_smoothed_and_a_restless_one_is_followed():
    random = np.random.default_rng(0)
    flat = 20 + random.normal(0, 10, 40)
    level, error = smooth(flat, np.full(40, 10.0))
    assert np.abs(level - 20).max() < 6
    assert (error < 8).all()
    steep = np.linspace(-60, 60, 40)
    level, _ = smooth(steep, np.full(40, 3.0))
    assert np.abs(level - steep).max() < 6


def test_gaps_are_bridged_less_surely():
    value = np.array([10.0, 12, np.nan, np.nan, np.nan, 30, 28, 31, 29, 30])
    level, error = smooth(value, np.where(np.isnan(value), np.nan, 3.0))
    assert np.isfinite(level).all()
    assert error[3] > error[1]
    assert level[1] < level[3] < level[5]


def test_too_short_to_move():
    level, error = smooth([10.0, 20.0], [5.0, 5.0])
    assert level == pytest.approx([15, 15])
    assert error[0] == pytest.approx(5 / np.sqrt(2))
    assert np.isnan(smooth([np.nan], [np.nan])[0]).all()


def test_a_break_is_found_where_it_is():
    random = np.random.default_rng(1)
    value = np.concatenate([random.normal(30, 5, 15), random.normal(5, 5, 12)])
    (found,) = change_points(value, np.full(27, 5.0))
    assert found.at == 15
    assert found.shift == pytest.approx(-25, abs=4)
    assert found.p_value <= 0.002
    assert found.error == pytest.approx(5 * np.sqrt(1 / 15 + 1 / 12), rel=0.35)


def test_two_breaks():
    random = np.random.default_rng(2)
    value = np.concatenate([random.normal(m, 4, 14) for m in (0, 30, 5)])
    assert [found.at for found in change_points(value, np.full(42, 4.0))] == [14, 28]


def test_noise_rarely_shows_a_break():
    random = np.random.default_rng(3)
    alarms = [
        len(change_points(random.normal(0, 10, 24), np.full(24, 10.0), permutations=199)) > 0
        for _ in range(100)
    ]
    assert np.mean(alarms) <= 0.16


def test_unsure_periods_raise_no_alarm():
    value = np.array([10.0] * 10 + [60.0] + [10.0] * 10)
    error = np.array([5.0] * 10 + [80.0] + [5.0] * 10)
    assert change_points(value, error) == []


def test_short_series_and_gaps():
    assert change_points([1.0, 50.0, 3.0], [1.0, 1.0, 1.0]) == []
    value = np.concatenate([np.full(6, 10.0), [np.nan], np.full(6, 60.0)]) + np.tile([0.0, 1.0], 7)[:13]
    (found,) = change_points(value, np.full(13, 2.0))
    assert found.at == 7


def test_the_level_and_its_shift_over_a_year():
    index = [30.0, 32, 29, 31, 30, 32, -10, -12, -9, -11, -10, -12]
    error = np.full(12, 6 / 1.96)
    level, doubt = smooth(index, error)
    assert len(level) == 12
    (found,) = change_points(index, error)
    assert found.at == 6
    assert found.shift == pytest.approx(-41, abs=2)
    assert (doubt > 0).all()
    assert change_points([], []) == []


def test_the_breaks_of_several_series_are_judged_as_one_family():
    random = np.random.default_rng(7)
    error = np.full(24, 10.0)
    calm = [random.normal(0, 10, 24) for _ in range(9)]
    moved = np.concatenate([random.normal(0, 10, 12), random.normal(30, 10, 12)])
    (alone,) = (one for one in breaks([(moved, error)])[0] if one.at == 12)
    (together,) = (one for one in breaks([(one, error) for one in (*calm, moved)])[-1] if one.at == 12)
    assert alone.p_value == together.p_value
    assert together.p_value < together.q_value <= 0.05
