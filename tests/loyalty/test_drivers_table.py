from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.loyalty.drivers_table import MIN_REVIEWS, drivers_table


def world(n=900, seed=0, rated=0.6):
    """Reviews in which slow delivery hurts, kind staff helps, and location is beside the point."""
    random = np.random.default_rng(seed)
    slow, kind, place = (random.random(n) < share for share in (0.25, 0.3, 0.3))
    latent = 0.3 - 1.2 * slow + 0.8 * kind + random.normal(0, 1, n)
    answer = np.where(latent > 0.6, 10.0, np.where(latent < -0.2, 3.0, 8.0))
    seen = latent + random.normal(0, 0.7, n)
    pro, det = 1 / (1 + np.exp(1 - 2 * seen)), 1 / (1 + np.exp(1 + 2 * seen))
    rows = pd.DataFrame(
        {
            "row": np.arange(n) * 3 + 1,
            "product": np.where(np.arange(n) % 3 == 0, "kettle", "toaster"),
            "touchpoint": None,
            "text_length": 80,
            "score": np.tanh(seen),
            "p_passive": 1 - (pro + det) / np.maximum(pro + det, 1),
            "nps_text": 100 * (pro - det) / np.maximum(pro + det, 1),
            "nps": np.where(random.random(n) < rated, answer, np.nan),
            "nps_min": 0.0,
            "nps_max": 10.0,
        }
    )
    told = [
        pd.DataFrame({"row": rows["row"][slow], "theme": "delivery.speed", "polarity": "negative"}),
        pd.DataFrame({"row": rows["row"][kind], "theme": "store.staff", "polarity": "positive"}),
        pd.DataFrame({"row": rows["row"][place], "theme": "store.location", "polarity": "neutral"}),
    ]
    return rows, pd.concat(told + told[:1], ignore_index=True)  # delivery is mentioned twice in each review


def table(rows, mentions, config=None):
    return drivers_table(rows, mentions, config or Config()).to_pandas()


def test_it_is_the_documented_table_and_finds_what_matters():
    rows, mentions = world()
    got = drivers_table(rows, mentions, Config())
    assert got.schema.equals(schema.DRIVERS)
    overall = got.to_pandas().query("grouping == 'overall' and polarity == 'any'").set_index("theme")
    assert overall.loc["delivery.speed", "impact_high"] < 0
    assert overall.loc["store.staff", "impact_low"] > 0
    assert overall.loc["store.location", "q_value"] > 0.05
    assert overall.loc["delivery.speed", "q_value"] < 0.001
    assert overall["importance"].idxmax() == "delivery.speed"


def test_with_all_answered_it_is_the_plain_nps_difference():
    rows, mentions = world(rated=1.1)
    got = table(rows, mentions).query(
        "grouping == 'overall' and theme == 'delivery.speed' and polarity == 'any'"
    )
    has = rows["row"].isin(mentions.query("theme == 'delivery.speed'")["row"]).to_numpy()
    s = np.where(rows["nps"] >= 9, 100, np.where(rows["nps"] <= 6, -100, 0))
    want = has.mean() * (s[has].mean() - s[~has].mean())
    assert got["n"].item() == has.sum()
    assert got["impact"].item() == pytest.approx(want, rel=0.02)


def test_importance_adds_up():
    got = table(*world())
    every = got[got["polarity"] == "any"].groupby(["grouping", "product"], dropna=False)["importance"].sum()
    assert every.to_numpy() == pytest.approx(np.ones(3), abs=1e-5)
    assert got["importance"].between(0, 1).all()


def test_rare_themes_are_kept_back():
    rows, mentions = world()
    rare = pd.DataFrame(
        {"row": rows["row"].iloc[: MIN_REVIEWS - 1], "theme": "price.fees", "polarity": "negative"}
    )
    assert "price.fees" not in set(table(rows, pd.concat([mentions, rare]))["theme"])
    enough = pd.DataFrame(
        {"row": rows["row"].iloc[:MIN_REVIEWS], "theme": "price.fees", "polarity": "negative"}
    )
    got = table(rows, pd.concat([mentions, enough])).query("theme == 'price.fees'")
    assert set(got["grouping"]) == {"overall"}
    assert (got["n"] >= MIN_REVIEWS).all()


def test_a_review_counts_once_however_often_it_says_it():
    rows, mentions = world()
    once = mentions.drop_duplicates()
    pd.testing.assert_frame_equal(table(rows, mentions), table(rows, once))


def test_nothing_to_report():
    rows, mentions = world()
    assert len(table(rows, mentions.iloc[:0])) == 0
    assert len(table(rows.iloc[:0], mentions)) == 0
    silent = rows.assign(score=np.nan)
    assert len(table(silent, mentions)) == 0


def test_adjusted_effects_and_kinds_stand_in_the_table():
    rows, mentions = world(1500)
    got = table(rows, mentions).query("grouping == 'overall'").set_index(["theme", "polarity"])
    late = got.loc[("delivery.speed", "negative")]
    assert late["adjusted_low"] < late["adjusted"] < late["adjusted_high"] < 0
    assert late["adjusted"] == pytest.approx(late["impact"], abs=3)
    assert late["adjusted_q"] < 0.001
    # Nobody praised the delivery, so nothing is said of penalty against reward.
    assert got["kind"].isna().all()
    praise = pd.DataFrame({"row": rows["row"][::7], "theme": "delivery.speed", "polarity": "positive"})
    both = pd.concat([mentions, praise], ignore_index=True)
    told = table(rows, both).query("grouping == 'overall' and theme == 'delivery.speed'")
    assert told["kind"].nunique() == 1
    assert told["penalty"].nunique() == told["asymmetry"].nunique() == 1
    assert (told["penalty_low"] < told["penalty"]).all()
    assert told["penalty"].iloc[0] < 0
    assert told["asymmetry"].between(-1, 1).all()
