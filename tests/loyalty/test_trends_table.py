from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.loyalty.basis import basis_of
from earful.loyalty.loyalty_table import loyalty_table
from earful.loyalty.trends_table import trends_table


def frame(months=10, each=40, drop_from=None, product="kettle", seed=0, rated=0.5):
    """Reviews of one product, ``each`` in every month, worse from month ``drop_from`` on."""
    random = np.random.default_rng(seed)
    month = np.repeat(np.arange(months), each)
    mood = np.where(month >= (months if drop_from is None else drop_from), -0.9, 0.5)
    seen = mood + random.normal(0, 0.7, len(month))
    answer = np.where(seen > 0.7, 10.0, np.where(seen < 0, 3.0, 8.0))
    return pd.DataFrame(
        {
            "row": np.arange(len(month)),
            "product": product,
            "touchpoint": None,
            "created_at": [pd.Timestamp(2024 + m // 12, 1 + m % 12, 10, tz="UTC") for m in month],
            "text_length": 80,
            "score": np.tanh(seen),
            "p_passive": 0.2,
            "nps_text": 90 * np.tanh(seen),
            "nps": np.where(random.random(len(month)) < rated, answer, np.nan),
            "nps_min": 0.0,
            "nps_max": 10.0,
        }
    )


def trends(rows, **loyalty):
    config = Config.model_validate({"loyalty": loyalty})
    table, note = trends_table(rows, config, basis_of(rows, config.scales))
    assert table.schema.equals(schema.TRENDS)
    return table.to_pandas(), note


@pytest.mark.parametrize("rated", [0.5, 0.0])
def test_a_drop_is_found_in_the_month_it_came_with_and_without_answers(rated):
    got, note = trends(frame(12, drop_from=7, rated=rated), by=["product"])
    assert note is None
    marked = got[got["change_point"].fillna(False).astype(bool)]
    assert marked["grouping"].tolist() == ["overall", "product"]
    assert marked["period"].tolist() == ["2024-08-01"] * 2
    assert (marked["change"] < -40).all()
    assert (marked["change_q"] <= 0.05).all()
    assert (marked["change_low"] < marked["change"]).all()
    assert (marked["change_high"] < 0).all()
    assert (marked["change_q"] >= marked["change_p"]).all()
    assert got["change"].notna().sum() == got["change_q"].notna().sum() >= 2


def test_a_steady_group_has_no_change_point():
    got, _ = trends(frame(12, seed=5), by=["product"])
    assert not got["change_point"].fillna(True).any()


def test_the_overall_index_is_that_of_the_loyalty_table():
    rows = frame(8, drop_from=4)
    got, _ = trends(rows)
    loyalty = loyalty_table(rows, Config()).to_pandas()
    periods = loyalty[loyalty["grouping"] == "period"].reset_index(drop=True)
    overall = got[got["grouping"] == "overall"].reset_index(drop=True)
    for name in ("period", "n_reviews", "n_rated", "index", "index_low", "index_high"):
        assert overall[name].tolist() == periods[name].tolist(), name


def test_the_line_stays_near_the_index_and_says_how_sure_it_is():
    got, _ = trends(frame(10, drop_from=5))
    overall = got[got["grouping"] == "overall"]
    assert (overall["level_low"] < overall["level"]).all()
    assert (overall["level"] < overall["level_high"]).all()
    assert np.abs(overall["level"] - overall["index"]).mean() < 15


def test_groups_of_few_reviews_are_left_out_and_too_few_periods_are_said():
    small = frame(6, each=4, product="lamp", seed=3)
    rows = pd.concat([frame(4), small.assign(row=small["row"] + 1000)], ignore_index=True)
    got, note = trends(rows, by=["product"])
    assert set(got["product"].dropna()) == {"kettle"}
    assert note == "no group of 30 reviews or more has 6 months of 5 reviews or more"
    assert got["change_point"].isna().all()
    _, note = trends(frame(4))
    assert note == "the dates span 4 months; change points need 6"
    undated, note = trends(frame(4).assign(created_at=pd.NaT))
    assert (len(undated), note) == (0, "no row has a date")


def test_weeks_are_followed_where_weeks_are_asked_for():
    rows = frame(3, each=60)
    rows["created_at"] += pd.to_timedelta(np.arange(len(rows)) % 21, unit="D")
    got, _ = trends(rows, period="week")
    overall = got[got["grouping"] == "overall"]
    assert len(overall) > 6
    assert {pd.Timestamp(day).day_name() for day in overall["period"]} == {"Monday"}
    assert overall["n_reviews"].sum() == len(rows)
