from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import CesScale, Config
from earful.errors import ConfigError
from earful.loyalty.loyalty_table import loyalty_table

SIGNALS = ("rating", "nps", "csat", "ces")


def frame(n=400, products=8, seed=0, rated=0.5):
    """Reviews of products that differ, half of them with an NPS answer."""
    random = np.random.default_rng(seed)
    product = random.integers(0, products, n)
    latent = random.normal(0.3, 0.6, products)[product] + random.normal(0, 1, n)
    seen = latent + random.normal(0, 0.7, n)
    pro, det = 1 / (1 + np.exp(1 - 2 * seen)), 1 / (1 + np.exp(1 + 2 * seen))
    total = np.maximum(pro + det, 1)
    rows = pd.DataFrame(
        {
            "row": np.arange(n),
            "source": "made.csv",
            "product": [f"product {i}" for i in product],
            "touchpoint": None,
            "created_at": pd.Timestamp("2025-01-06", tz="UTC")
            + pd.to_timedelta(random.integers(0, 120, n), "D"),
            "lang": "en",
            "text_length": random.integers(5, 300, n),
            "score": np.tanh(seen),
            "p_detractor": det / total,
            "p_passive": 1 - (pro + det) / total,
            "p_promoter": pro / total,
            "nps_text": 100 * (pro - det) / total,
            "recommended": None,
        }
    )
    for name in SIGNALS:
        rows[[name, f"{name}_min", f"{name}_max"]] = np.nan
    rows["nps"] = np.where(random.random(n) < rated, np.clip(np.round(7 + 2 * latent), 0, 10), np.nan)
    rows["nps_min"], rows["nps_max"] = 0.0, 10.0
    return rows


def table(rows, config=None, **more):
    return loyalty_table(rows, config or Config(), **more).to_pandas()


def test_it_is_the_documented_table():
    got = loyalty_table(frame(), Config())
    assert got.schema.equals(schema.LOYALTY)
    names = got.to_pandas()["grouping"].value_counts()
    assert names.to_dict() == {"product": 8, "period": 5, "overall": 1}


def test_measured_numbers_by_hand():
    rows = frame()
    got = table(rows).iloc[0]
    answers = rows["nps"].dropna()
    assert got["n_reviews"] == 400
    assert got["n_rated"] == len(answers)
    assert got["n_promoters"] == (answers >= 9).sum()
    assert got["n_detractors"] == (answers <= 6).sum()
    assert got["nps"] == pytest.approx(100 * ((answers >= 9).mean() - (answers <= 6).mean()), abs=1e-6)
    assert got["nps_low"] < got["nps"] < got["nps_high"]
    assert got["index_low"] < got["index"] < got["index_high"]
    assert got["scale"] == "NPS 0-10, promoters 9-10, detractors 0-6"


def test_groups_add_up():
    got = table(frame())
    for grouping in ("product", "period"):
        part = got[got["grouping"] == grouping]
        for column in ("n_reviews", "n_rated", "n_promoters", "n_passives", "n_detractors"):
            assert part[column].sum() == got[column].iloc[0]


def test_scales_are_not_pooled():
    rows = frame()
    other = rows.index < 100
    rows.loc[other, "nps_min"] = 1.0
    rows.loc[other & (rows["nps"] == 0), "nps"] = 1.0
    overall = table(rows).query("grouping == 'overall'")
    assert len(overall) == 2
    assert overall["n_rated"].sum() == rows["nps"].notna().sum()
    assert overall["scale"].iloc[0].startswith("NPS 0-10, ")
    assert overall["scale"].iloc[1].startswith("NPS 1-10, ")
    assert "not pooled with NPS 1-10" in overall["scale"].iloc[0]


def test_promoters_from_8_move_the_number_and_the_stamp():
    config = Config.model_validate({"scales": {"nps": {"preset": "promoters_8"}}})
    usual, eight = table(frame()).iloc[0], table(frame(), config).iloc[0]
    assert eight["nps"] > usual["nps"]
    assert "promoters 8-10" in eight["scale"]


def test_without_answers_it_says_so_and_stays_wide():
    got = table(frame(rated=0))
    assert got["scale"].str.contains("prior-bridged").all()
    assert got["nps"].isna().all()
    assert got["n_rated"].eq(0).all()
    assert got["index"].notna().all()
    assert (got["index_high"] - got["index_low"]).min() >= 2 * 1.959963 * 15
    assert got["text_gain"].isna().all()


def test_csat_ces_and_recommend():
    rows = frame()
    rows["csat"], rows["csat_min"], rows["csat_max"] = 4.0, 1.0, 5.0
    rows.loc[rows.index < 100, "csat"] = 3.0
    rows["ces"], rows["ces_min"], rows["ces_max"] = 2.0, 1.0, 7.0
    rows["recommended"] = np.where(rows.index < 300, True, None)
    rows.loc[rows.index < 60, "recommended"] = False
    config = Config.model_validate({"scales": {"ces": {"direction": "effort"}}})
    got = table(rows, config).iloc[0]
    assert got["csat"] == 75
    assert got["csat_low"] < 75 < got["csat_high"]
    assert got["ces"] == pytest.approx(100 * 5 / 6, abs=1e-6)
    assert got["recommend"] == 80
    assert "CSAT 1-5, satisfied 4-5" in got["scale"]
    assert "CES 1-7, high means effort" in got["scale"]


def test_csat_of_two_scales_takes_the_more_frequent_and_says_so():
    rows = frame()
    rows["csat"], rows["csat_min"], rows["csat_max"] = 5.0, 1.0, 5.0
    rows.loc[rows.index < 100, "csat_max"] = 10.0
    got = table(rows).iloc[0]
    assert got["csat"] == 100
    assert "CSAT 1-5, satisfied 4-5 (100 on other scales left out)" in got["scale"]


def test_effort_without_a_direction_is_refused():
    rows = frame()
    rows["ces"], rows["ces_min"], rows["ces_max"] = 2.0, 1.0, 7.0
    with pytest.raises(ConfigError, match="direction"):
        table(rows)
    scales = Config().scales.model_copy(update={"ces": CesScale(direction="ease")})
    assert table(rows, Config(scales=scales))["ces"].notna().all()


def test_touchpoints_of_a_column_or_of_the_words():
    rows = frame()
    told = pd.DataFrame(
        {"row": [0, 0, 1, 2, 2], "touchpoint": ["delivery", "support", "support", "price", "price"]}
    )
    got = table(rows, row_touchpoints=told)
    counts = got[got["grouping"] == "touchpoint"].set_index("touchpoint")["n_reviews"]
    assert counts.to_dict() == {"delivery": 1, "price": 1, "support": 2}
    assert set(got[got["grouping"] == "product,touchpoint"]["n_reviews"]) <= {1, 2}
    rows["touchpoint"] = np.where(rows.index < 10, "store", None)
    got = table(rows, row_touchpoints=told)
    assert got[got["grouping"] == "touchpoint"]["touchpoint"].tolist() == ["store"]


def test_only_the_groupings_that_were_asked_for():
    config = Config.model_validate({"loyalty": {"by": ["touchpoint"], "period": "year"}})
    told = pd.DataFrame({"row": [0], "touchpoint": ["support"]})
    got = table(frame(), config, row_touchpoints=told)
    assert got["grouping"].tolist() == ["overall", "touchpoint", "period"]
    assert got["period"].tolist()[-1] == "2025-01-01"


@pytest.mark.parametrize(
    ("period", "first"), [("week", "2025-01-06"), ("month", "2025-01-01"), ("quarter", "2025-01-01")]
)
def test_period_starts(period, first):
    rows = frame()
    rows["created_at"] = pd.Timestamp("2025-01-12 23:59:59", tz="UTC")
    rows.loc[0, "created_at"] = pd.NaT
    config = Config.model_validate({"loyalty": {"period": period}})
    got = table(rows, config).query("grouping == 'period'")
    assert got["period"].tolist() == [first]
    assert got["n_reviews"].tolist() == [399]


def test_rows_with_nothing_to_say_count_but_do_not_decide():
    rows = frame()
    blank = rows.index >= 390
    rows.loc[blank, ["score", "p_detractor", "p_passive", "p_promoter", "nps_text", "nps"]] = np.nan
    got, without = table(rows).iloc[0], table(rows[~blank]).iloc[0]
    assert got["n_reviews"] == 400
    assert got["index"] == pytest.approx(without["index"], abs=0.01)


def test_no_rows_at_all():
    assert len(table(frame().iloc[:0])) == 0


def test_few_reviews_are_graded_d():
    rows = frame(rated=1.0)
    rows.loc[0, "product"] = "rare"
    got = table(rows).set_index("product")
    assert got.loc["rare", "grade"] == "D"


def test_index_follows_the_answers_when_there_are_many():
    got = table(frame(n=6000, products=3, rated=1.0))
    assert (got["index"] - got["nps"]).abs().max() < 0.5


def test_text_narrows_the_claim():
    got = table(frame(n=4000, products=4, rated=0.1)).query("grouping == 'product'")
    assert (got["index_high"] - got["index_low"] < got["nps_high"] - got["nps_low"]).all()
    assert got["text_gain"].min() > 1.2


def test_missing_values_of_every_kind_are_read():
    rows = frame()
    rows["recommended"] = pd.array([True, False, None, True] * 100, dtype="boolean")
    rows["rating"] = pd.array([5, 4, None, 1] * 100, dtype="Int64")
    rows["rating_min"], rows["rating_max"] = 1, 5
    got = table(rows).iloc[0]
    assert got["recommend"] == pytest.approx(66.666667)
    assert got["mean_rating"] == pytest.approx((1 + 0.75 + 0) / 3, abs=1e-6)
