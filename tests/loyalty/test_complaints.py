from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from earful.config import ComplaintsConfig
from earful.loyalty.complaints import complaint_loop, kaplan_meier, repeat_complaints, value_at_risk

NOW = pd.Timestamp("2025-03-31", tz="UTC")


def cases(received, acknowledged):
    return pd.DataFrame(
        {
            "received": pd.to_datetime(received, utc=True),
            "acknowledged": pd.to_datetime(acknowledged, utc=True),
        }
    )


def made(n, share_in_time, seed=0):
    random = np.random.default_rng(seed)
    received = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(random.uniform(0, 60, n), "D")
    wait = np.where(random.random(n) < share_in_time, random.uniform(0, 3, n), random.uniform(4, 12, n))
    return cases(received, received + pd.to_timedelta(wait, "D"))


def test_a_promise_kept_missed_and_open():
    assert complaint_loop(made(600, 0.93), NOW).verdict == "met"
    assert complaint_loop(made(600, 0.75), NOW).verdict == "missed"
    assert complaint_loop(made(60, 0.86, seed=3), NOW).verdict == "undetermined"


def test_young_open_cases_are_neither_kept_nor_missed():
    done = made(300, 0.9)
    young = cases([NOW - pd.Timedelta(hours=5)] * 100, [None] * 100)
    alone, both = complaint_loop(done, NOW), complaint_loop(pd.concat([done, young]), NOW)
    assert both.n_open == 100
    assert both.kept == pytest.approx(alone.kept, abs=0.02)
    old = cases([NOW - pd.Timedelta(days=20)] * 100, [None] * 100)
    assert complaint_loop(pd.concat([done, old]), NOW).kept == pytest.approx(alone.kept * 0.75, abs=0.01)


def test_kaplan_meier_is_that_of_statsmodels():
    random = np.random.default_rng(1)
    days = np.round(random.exponential(4, 120), 1) + 0.1
    reached = random.random(120) < 0.7
    oracle = SurvfuncRight(days, reached)
    got = kaplan_meier(days, reached, 3.0)
    place = np.searchsorted(oracle.surv_times, 3.0, side="right") - 1
    assert float(got.estimate) == pytest.approx(oracle.surv_prob[place])
    # Greenwood's error on the log-log scale, by hand from the oracle's plain standard error.
    s, se = oracle.surv_prob[place], oracle.surv_prob_se[place]
    half = 1.959964 * se / (s * abs(np.log(s)))
    assert float(got.low) == pytest.approx(s ** np.exp(half), rel=1e-5)
    assert float(got.high) == pytest.approx(s ** np.exp(-half), rel=1e-5)


def test_all_kept_is_not_certain():
    received = [NOW - pd.Timedelta(days=10)] * 8
    got = complaint_loop(cases(received, [NOW - pd.Timedelta(days=9)] * 8), NOW)
    assert got.kept == 1
    assert got.low < 0.85
    assert got.verdict == "undetermined"
    assert got.median_days == pytest.approx(1)


def test_business_days_pass_over_the_weekend():
    friday, monday = "2025-03-21 12:00", "2025-03-24 12:00"
    frame = cases([friday] * 30, [monday] * 30)
    assert complaint_loop(frame, NOW, ComplaintsConfig(target_days=2)).kept == 0
    got = complaint_loop(frame, NOW, ComplaintsConfig(target_days=2, calendar="business"))
    assert got.kept == 1
    assert got.median_days == pytest.approx(1)
    weekend = cases(["2025-03-22 09:00"], ["2025-03-23 18:00"])
    assert complaint_loop(weekend, NOW, ComplaintsConfig(calendar="business")).median_days == 0


def test_impossible_times_are_left_out():
    frame = cases(
        ["2025-03-01", "2025-03-05", "2025-05-01", None],
        ["2025-03-02", "2025-03-04", "2025-05-02", "2025-03-01"],
    )
    assert complaint_loop(frame, NOW).n == 1
    assert np.isnan(complaint_loop(frame.iloc[:0], NOW).kept)


def test_done_after_the_end_of_the_data_is_still_open():
    frame = cases([NOW - pd.Timedelta(days=5)], [NOW + pd.Timedelta(days=5)])
    assert complaint_loop(frame, NOW).n_open == 1


def test_a_promise_that_makes_no_sense_is_refused():
    for wrong in ({"target_share": 85}, {"target_days": 0}, {"target_stage": "received"}):
        with pytest.raises(ValueError, match="Input should be"):
            ComplaintsConfig(**wrong)


def test_repeat_complaints():
    frame = pd.DataFrame(
        {
            "author_id": ["a", "a", "a", "b", None],
            "received": pd.to_datetime(
                ["2025-01-01", "2025-02-01", "2025-12-01", "2025-01-01", "2025-01-01"]
            ),
        }
    )
    assert float(repeat_complaints(frame).estimate) == 0.25


def test_value_at_risk():
    assert value_at_risk([0.5, 0.1, np.nan], [100, 200, 300]) == 70
    assert value_at_risk([0.5, 0.5], 10) == 10
    with pytest.raises(ValueError, match="chance"):
        value_at_risk([50], 10)
