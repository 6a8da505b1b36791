from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from earful import schema
from earful.config import Config
from earful.loyalty.drivers import MIN_REVIEWS, drivers_table, impacts
from earful.loyalty.importance import shapley_shares


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


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_impact_is_exactly_share_times_the_difference(seed, n):
    random = np.random.default_rng(seed)
    value = random.choice([-100.0, 0.0, 100.0], n)
    has = random.random(n) < 0.5
    got = impacts(value, sparse.csr_matrix(has[:, None].astype(float)), 0.95, resamples=20)
    if has.all() or not has.any():
        assert got.impact[0] == 0
        return
    difference = value[has].mean() - value[~has].mean()
    assert got.impact[0] == pytest.approx(has.mean() * difference, abs=1e-9)
    assert got.impact[0] == pytest.approx(value.mean() - value[~has].mean(), abs=1e-9)
    assert got.low[0] <= got.impact[0] <= got.high[0]


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


def test_intervals_hold_the_true_impact():
    random = np.random.default_rng(5)
    n, held = 200, []
    truth = 0.3 * ((100 * 0.2 - 100 * 0.6) - (100 * 0.5 - 100 * 0.3))
    for _ in range(200):
        has = random.random(n) < 0.3
        unhappy = random.choice([100.0, 0.0, -100.0], n, p=[0.2, 0.2, 0.6])
        happy = random.choice([100.0, 0.0, -100.0], n, p=[0.5, 0.2, 0.3])
        value = np.where(has, unhappy, happy)
        got = impacts(value, sparse.csr_matrix(has[:, None].astype(float)), 0.95, resamples=200)
        held.append(got.low[0] <= truth <= got.high[0])
    assert 0.90 <= np.mean(held) <= 0.99


def test_bootstrap_and_delta_method_agree():
    random = np.random.default_rng(6)
    has = random.random(6000) < 0.2
    value = np.where(has, random.normal(-20, 60, 6000), random.normal(20, 60, 6000))
    big = impacts(value, sparse.csr_matrix(has[:, None].astype(float)), 0.95)
    small = impacts(value[:5000], sparse.csr_matrix(has[:5000, None].astype(float)), 0.95)
    widths = [float((got.high - got.low)[0]) for got in (big, small)]
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(5000 / 6000), rel=0.1)


def test_shapley_against_every_order_by_hand():
    random = np.random.default_rng(1)
    x = random.normal(size=(400, 2))
    x[:, 1] += 0.8 * x[:, 0]
    y = x[:, 0] + 0.5 * x[:, 1] + random.normal(size=400)

    def r2(*columns):
        design = np.column_stack([np.ones(400), *(x[:, [c]] for c in columns)])
        left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return 1 - left.var() / y.var()

    first = (r2(0) + r2(0, 1) - r2(1)) / 2
    assert shapley_shares(x, y)[0] == pytest.approx(first / r2(0, 1), abs=1e-6)


def test_drawn_orders_come_close_to_all_of_them():
    random = np.random.default_rng(2)
    x = random.normal(size=(500, 7)) + random.normal(size=(500, 1))
    y = x @ np.arange(7) + random.normal(size=500)
    shares = shapley_shares(x, y)
    assert shares.sum() == pytest.approx(1)
    assert shares == pytest.approx(shapley_shares(x, y, orders=5040), abs=0.02)


def test_shares_of_columns_that_say_nothing():
    assert shapley_shares(np.zeros((10, 0)), np.arange(10.0)).shape == (0,)
    assert shapley_shares(np.zeros((10, 2)), np.arange(10.0)).tolist() == [0.5, 0.5]
    twins = np.column_stack([np.arange(10.0), np.arange(10.0), np.zeros(10)])
    assert shapley_shares(twins, np.arange(10.0)) == pytest.approx([0.5, 0.5, 0], abs=1e-4)


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
