from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.loyalty.trends import change_points, emerging, emerging_themes, period_trend, smooth


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


def test_a_rising_theme_is_found_and_steady_ones_are_not():
    random = np.random.default_rng(4)
    rate = random.uniform(0.005, 0.08, 40)
    baseline = random.poisson(rate * 4000)
    count = random.poisson(rate * 500)
    baseline[0], count[0] = 8, 20
    baseline[1], count[1] = 0, 12
    got = emerging(count, 500, baseline, 4000)
    assert got.rising[:2].all()
    assert not got.rising[2:].any()
    assert (got.ratio_low <= got.ratio).all()


def test_a_handful_of_mentions_is_no_rise():
    got = emerging([2, 4, 10, 12], 200, [0, 1, 100, 110], 2000)
    assert not got.rising.any()


def test_false_alarms_are_rare_over_a_year_of_weeks():
    random = np.random.default_rng(5)
    rate = random.uniform(0.002, 0.06, 30)
    alarms = sum(
        int(emerging(random.poisson(rate * 300), 300, random.poisson(rate * 2400), 2400).rising.sum())
        for _ in range(52)
    )
    assert alarms <= 2


def test_nothing_to_look_at():
    assert len(emerging([], 10, [], 10).rising) == 0
    assert not emerging([0], 10, [0], 10).rising.any()
    with pytest.raises(ValueError, match="exposure"):
        emerging([1], 0, [1], 10)


def months(indexes, scale="NPS 0-10, promoters 9-10, detractors 0-6; CSAT 1-5, satisfied 4-5"):
    return pd.DataFrame(
        {
            "grouping": "period",
            "period": [f"2024-{i + 1:02}-01" for i in range(len(indexes))],
            "scale": scale,
            "index": indexes,
            "index_low": np.asarray(indexes) - 6,
            "index_high": np.asarray(indexes) + 6,
        }
    )


def test_the_trend_of_a_run():
    table = pd.concat(
        [months([30.0, 32, 29, 31, 30, 32, -10, -12, -9, -11, -10, -12]).sample(frac=1, random_state=1)]
    )
    other = months([80.0] * 12, scale="NPS 1-10, promoters 9-10, detractors 1-6")
    got = period_trend(
        pd.concat([table.sort_values("period"), other, months([5.0]).assign(grouping="overall")])
    )
    assert got["period"].is_monotonic_increasing
    assert len(got) == 12
    assert got["shift"].notna().sum() == 1
    assert got.loc[6, "shift"] == pytest.approx(-41, abs=2)
    assert ((got["level_low"] < got["level"]) & (got["level"] < got["level_high"])).all()
    assert len(period_trend(table.iloc[:0])) == 0


def test_rising_themes_of_a_run():
    random = np.random.default_rng(6)
    n = 3000
    rows = pd.DataFrame({"row": np.arange(n), "created_at": pd.Timestamp("2025-01-06", tz="UTC")})
    week = np.arange(n) % 10
    rows["created_at"] += pd.to_timedelta(7 * week, "D")
    told = [
        pd.DataFrame(
            {"row": np.flatnonzero(random.random(n) < 0.05), "theme": "price.level", "polarity": "negative"}
        ),
        pd.DataFrame(
            {"row": np.flatnonzero((week == 9) & (random.random(n) < 0.06)), "theme": "website_app.crash"}
        ),
        pd.DataFrame({"row": np.flatnonzero((week == 9) & (random.random(n) < 0.2)), "theme": "store.staff"}),
    ]
    told[1]["polarity"], told[2]["polarity"] = "negative", "positive"
    got = emerging_themes(rows, pd.concat(told, ignore_index=True)).set_index("theme")
    assert got["rising"].to_dict() == {"website_app.crash": True, "price.level": False}
    assert (got["period"] == "2025-03-10").all()
    assert emerging_themes(rows.assign(created_at=pd.NaT), pd.concat(told)).empty
    assert emerging_themes(rows, told[0].iloc[:0]).empty
