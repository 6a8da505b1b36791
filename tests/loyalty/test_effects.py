from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from earful.loyalty.effects import adjusted_effects, controls_of, effects_of, penalty_reward


def test_adjusted_effects_take_the_other_themes_out():
    random = np.random.default_rng(0)
    n = 4000
    late = random.random(n) < 0.3
    rude = random.random(n) < np.where(late, 0.6, 0.1)  # comes along with lateness
    value = 40.0 - 50 * late + 0 * rude + random.normal(0, 60, n)
    mentioned = np.column_stack([late, rude]).astype(float)
    got = adjusted_effects(value, mentioned)
    assert got.effect[0] == pytest.approx(-15, abs=2)
    assert got.low[0] < -15 < got.high[0]
    assert got.low[1] < 0 < got.high[1]
    assert got.p_value[0] < 1e-6 < got.p_value[1]


def test_controls_take_the_product_out():
    random = np.random.default_rng(1)
    n = 3000
    bad = random.random(n) < 0.5
    told = (random.random(n) < np.where(bad, 0.5, 0.1)).astype(float)[:, None]
    value = np.where(bad, -30.0, 30.0) + random.normal(0, 40, n)
    assert adjusted_effects(value, told).high[0] < 0
    with_control = adjusted_effects(value, told, bad.astype(float)[:, None])
    assert with_control.low[0] < 0 < with_control.high[0]


def test_themes_that_say_the_same_do_not_stop_it():
    told = (np.arange(100) % 2).astype(float)
    got = adjusted_effects(10 * told, np.column_stack([told, told, np.zeros(100)]))
    assert got.effect[:2].sum() == pytest.approx(5)
    assert got.effect[2] == 0


def test_basic_performance_and_delighter():
    random = np.random.default_rng(2)
    n = 6000
    negative, positive = (
        (random.random((n, 3)) < 0.15).astype(float),
        (random.random((n, 3)) < 0.15).astype(float),
    )
    value = negative @ [-80.0, -40.0, 0.0] + positive @ [0.0, 40.0, 80.0] + random.normal(0, 40, n)
    got = penalty_reward(value, negative, positive, resamples=200)
    assert got.kind == ("basic", "performance", "delighter")
    assert got.penalty == pytest.approx([-80, -40, 0], abs=6)
    assert got.reward == pytest.approx([0, 40, 80], abs=6)
    assert ((got.low <= got.asymmetry) & (got.asymmetry <= got.high)).all()


def test_too_few_mentions_are_not_classed():
    negative = np.zeros((200, 1))
    negative[:19] = 1
    positive = np.zeros((200, 1))
    positive[50:150] = 1
    got = penalty_reward(np.linspace(-100, 100, 200), negative, positive, resamples=20)
    assert got.kind == ("",)
    assert np.isnan(got.asymmetry).all()


def told(*columns):
    return sparse.csr_matrix(np.column_stack(columns).astype(float))


def measured(value, negative, positive, controls=None, level=0.95, weight=None):
    """Effects of themes whose mentions are those two sides together."""
    carried = {"any": ((negative + positive) > 0).astype(float), "negative": negative, "positive": positive}
    frequent = {
        side: np.flatnonzero(np.asarray(matrix.sum(axis=0)).ravel() >= 20).astype(np.int64)
        for side, matrix in carried.items()
    }
    held = sparse.csr_matrix((len(value), 0)) if controls is None else controls
    return effects_of(np.asarray(value, dtype=float), carried, frequent, held, level, weight)


def test_one_theme_by_hand():
    # 30 complaints worth -60 each, 30 with praise worth 80, 60 that say nothing of it and are worth 20.
    value = np.repeat([-60.0, 80.0, 20.0], [30, 30, 60]) + np.tile([-1.0, 1.0], 60)
    negative, positive = told(np.arange(120) < 30), told((np.arange(120) >= 30) & (np.arange(120) < 60))
    got = measured(value, negative, positive)
    complaint, praise = got[0, "negative"], got[0, "positive"]
    assert complaint["adjusted"] == pytest.approx(0.25 * -80)
    assert praise["adjusted"] == pytest.approx(0.25 * 60)
    assert complaint["penalty"] == pytest.approx(-80)
    assert complaint["reward"] == pytest.approx(60)
    assert complaint["asymmetry"] == pytest.approx((60 - 80) / (60 + 80))
    assert complaint["penalty_low"] < -80 < complaint["penalty_high"] < -79
    assert complaint["adjusted_low"] < complaint["adjusted"] < complaint["adjusted_high"] < 0
    assert got[0, "any"]["adjusted"] == pytest.approx(0.5 * (10 - 20))
    assert got[0, "any"]["kind"] == praise["kind"] == "performance"


def test_themes_that_come_together_are_told_apart_and_controls_take_their_part():
    random = np.random.default_rng(1)
    n = 3000
    late = random.random(n) < 0.3
    rude = random.random(n) < np.where(late, 0.6, 0.1)
    bad = random.random(n) < 0.5
    value = 40.0 - 50 * late - 30 * bad + random.normal(0, 40, n)
    rows = pd.DataFrame({"product": np.where(bad, "lamp", "desk"), "text_length": 50, "lang": "en"})
    got = measured(value, told(late, rude), told(np.zeros(n), np.zeros(n)), controls_of(rows))
    assert got[0, "negative"]["adjusted"] == pytest.approx(-50 * late.mean(), abs=1.5)
    assert got[1, "negative"]["adjusted_low"] < 0 < got[1, "negative"]["adjusted_high"]
    assert "kind" not in got[0, "negative"]


def test_a_theme_mentioned_fewer_than_20_times_one_way_has_no_kind():
    value = np.linspace(-100, 100, 200)
    got = measured(value, told(np.arange(200) < 19), told(np.arange(200) >= 150))
    assert "kind" not in got[0, "positive"]
    assert "adjusted" in got[0, "positive"]
    assert (0, "negative") not in got


def test_a_group_with_hardly_more_reviews_than_columns_is_left_alone():
    n = 40
    sides = [told(*[(np.arange(n) + t) % 2 == side for t in range(12)]) for side in (0, 1)]
    got = measured(np.linspace(-100, 100, n), *sides)
    assert all("adjusted" not in columns for (_, side), columns in got.items() if side != "any")


def test_whole_weights_count_like_repeats():
    random = np.random.default_rng(3)
    n = 400
    late, kind = random.random(n) < 0.3, random.random(n) < 0.2
    value = random.normal(0, 50, n) - 40 * late + 20 * kind
    weight = np.where(np.arange(n) % 3 == 0, 3.0, 1.0)
    weighted = measured(value, told(late), told(kind), weight=weight)
    again = np.repeat(np.arange(n), weight.astype(int))
    repeated = measured(value[again], told(late[again]), told(kind[again]))
    for key in weighted:
        assert weighted[key]["adjusted"] == pytest.approx(repeated[key]["adjusted"])
        # Repeats pass for more reviews than there were.
        assert weighted[key]["adjusted_low"] < repeated[key]["adjusted_low"]


def test_controls_name_frequent_products_and_languages_alone():
    rows = pd.DataFrame(
        {
            "product": ["lamp"] * 30 + ["desk"] * 25 + ["rug"] * 5 + [None] * 5,
            "lang": ["en"] * 60 + ["lv"] * 5,
            "text_length": np.arange(65),
        }
    )
    controls = controls_of(rows).toarray()
    assert controls.shape == (65, 4)
    assert controls[:, 0].tolist() == [1.0] * 30 + [0.0] * 35
    assert controls[:, 1].sum() == 25
    assert controls[:, 2].sum() == 60
    assert controls[:, 3].mean() == pytest.approx(0)
