from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from earful.loyalty.impacts import impacts


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
