from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.loyalty.complaints import kaplan_meier
from earful.loyalty.complaints_table import complaints_table

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2026-03-01", tz="UTC")
NOW = pd.Timestamp("2026-05-01", tz="UTC")


def frame(waits, **columns):
    """Complaints a day apart, acknowledged after so many days (NaN: not yet)."""
    n = len(waits)
    waits = np.asarray(waits, dtype=float)
    received = pd.Series([START + i % 20 * DAY for i in range(n)])
    rows = pd.DataFrame({"row": np.arange(n), "product": "kettle", "touchpoint": None, "author_id": None})
    rows["received_at"] = received
    none = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    for stage in schema.STAGES:
        rows[stage], rows[f"{stage}_at"] = None, none
    rows["acknowledged"] = ~np.isnan(waits)
    rows["acknowledged_at"] = received + pd.to_timedelta(waits, unit="D")
    return rows.assign(**{"annual_value": np.nan, "retained": None, **columns})


def table(rows, **complaints):
    config = Config.model_validate({"complaints": complaints})
    got = complaints_table(rows, config, NOW)
    assert got.schema.equals(schema.COMPLAINTS)
    return got.to_pandas()


def stage(got, name, grouping="overall"):
    return got[(got["grouping"] == grouping) & (got["stage"] == name)].iloc[0]


def test_the_share_in_time_by_hand():
    got = stage(table(frame([1.0] * 70 + [5.0] * 30)), "acknowledged")
    assert (got["n"], got["n_reached"], got["n_open"], got["n_timed"]) == (100, 100, 0, 100)
    assert got["in_time"] == pytest.approx(70)
    assert got["in_time_low"] < 70 < got["in_time_high"] < 85
    assert got["median_days"] == 1
    assert (got["verdict"], got["target_share"], got["target_days"]) == ("missed", 85, 3)


def test_verdicts_wait_for_the_interval_and_settings_move_the_promise():
    assert stage(table(frame([1.0] * 99 + [9.0])), "acknowledged")["verdict"] == "met"
    assert stage(table(frame([1.0] * 17 + [9.0] * 3)), "acknowledged")["verdict"] == "undetermined"
    kept = stage(table(frame([1.0] * 70 + [5.0] * 30), target_days=6, target_share=0.9), "acknowledged")
    assert (kept["in_time"], kept["verdict"], kept["target_share"]) == (100, "met", 90)


def test_open_complaints_count_for_as_long_as_they_have_waited():
    # Received half a day before the data ends, when none of the others had been answered either.
    rows = frame([1.0] * 10 + [np.nan] * 10)
    young = rows.copy()
    young.loc[10:, "received_at"] = NOW - DAY / 2
    got = stage(table(young), "acknowledged")
    assert (got["n_open"], got["in_time"]) == (10, 100)
    assert stage(table(rows), "acknowledged")["in_time"] == pytest.approx(50)
    waited = stage(table(young, as_of="2026-05-10"), "acknowledged")
    assert waited["in_time"] == pytest.approx(50)


def test_flags_have_shares_and_no_times():
    rows = frame([1.0] * 10, resolved=[True] * 4 + [False] * 5 + [None])
    got = stage(table(rows), "resolved")
    assert (got["n"], got["n_reached"]) == (9, 4)
    assert got["reached"] == pytest.approx(100 * 4 / 9)
    assert np.isnan(got["in_time"])
    assert pd.isna(got["verdict"])
    assert set(table(rows)["stage"]) == {"received", "acknowledged", "resolved"}


def test_groups_are_products_and_touchpoints():
    rows = frame([1.0] * 20 + [9.0] * 20, product=["kettle"] * 20 + ["lamp"] * 20)
    got = table(rows)
    assert got.groupby("grouping").size().to_dict() == {"overall": 2, "product": 4}
    by = got[got["stage"] == "acknowledged"].set_index("product")["in_time"]
    assert (by["kettle"], by["lamp"]) == (100, 0)


def test_repeat_complaints_by_hand():
    rows = frame([1.0] * 4, author_id=["ann", "ann", "bob", None])
    rows["received_at"] = [START, START + 30 * DAY, START, START]
    got = stage(table(rows), "received")
    assert got["n"] == 4
    assert got["repeat"] == pytest.approx(100 / 3)
    assert stage(table(rows, repeat_days=10), "received")["repeat"] == 0


def test_value_at_risk_by_hand():
    rows = frame([1.0] * 3, author_id=["ann", "ann", "bob"], annual_value=[100.0, 200.0, 40.0])
    got = stage(table(rows, churn_rate=0.25), "received")
    # Ann counts once, by her latest complaint.
    assert got["value_at_risk"] == pytest.approx(0.25 * 240)
    assert np.isnan(got["value_at_risk_low"])
    assert np.isnan(stage(table(rows), "received")["value_at_risk"])
    plain = frame([1.0] * 3)
    assert stage(table(plain, churn_rate=0.5, customer_value=10), "received")["value_at_risk"] == 15


def test_churn_is_observed_from_20_outcomes_on():
    rows = frame([1.0] * 40, retained=[True] * 30 + [False] * 10)
    got = stage(table(rows, customer_value=100), "received")
    assert got["churn"] == pytest.approx(25)
    assert got["value_at_risk"] == pytest.approx(0.25 * 4000)
    assert got["value_at_risk_low"] < 1000 < got["value_at_risk_high"]
    few = frame([1.0] * 40, retained=[True] * 10 + [False] * 9 + [None] * 21)
    assert np.isnan(stage(table(few, customer_value=100), "received")["churn"])


def test_many_complaints_are_no_burden():
    random = np.random.default_rng(0)
    days = random.exponential(3, 200_000)
    left = kaplan_meier(days, np.ones(len(days), dtype=bool), 3.0)
    assert float(left.estimate) == pytest.approx((days > 3).mean())
