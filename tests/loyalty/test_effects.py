from __future__ import annotations

import numpy as np
import pytest

from earful.loyalty.effects import adjusted_effects, penalty_reward


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
