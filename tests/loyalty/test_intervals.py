from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from earful.loyalty.intervals import adjusted_wald_nps, false_discovery, mean_interval, required_n, wilson


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_is_that_of_statsmodels(successes, failures, level):
    n = successes + failures
    if n == 0:
        assert np.isnan(wilson(0, 0).estimate)
        return
    got = wilson(successes, n, level)
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    assert float(got.low) == pytest.approx(low, abs=1e-9)
    assert float(got.high) == pytest.approx(high, abs=1e-9)


def test_wilson_on_a_published_example():
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611.
    got = wilson([81, 0], [263, 20])
    assert got.low.round(4).tolist() == [0.2553, 0.0]
    assert got.high.round(4).tolist() == [0.3662, 0.1611]


def test_means_are_those_of_statsmodels():
    values = np.random.default_rng(2).normal(40, 25, 17)
    got = mean_interval(values.mean(), values.var(ddof=1), 17)
    assert (float(got.low), float(got.high)) == pytest.approx(DescrStatsW(values).tconfint_mean())


def test_one_answer_tells_nothing_of_the_spread():
    got = mean_interval([30, 30, 30], [0, 0, 4], [0, 1, 2], bounds=(0, 100))
    assert np.isnan(got.low[0])
    assert (got.low[1], got.high[1]) == (0, 100)
    assert 0 <= got.low[2] < 30


def test_adjusted_wald_by_hand():
    # 10 promoters, 5 passives, 5 detractors: n' = 23, p' = 10.75/23, d' = 5.75/23.
    got = adjusted_wald_nps(10, 5, 5)
    p, d = 10.75 / 23, 5.75 / 23
    half = 1.959964 * np.sqrt((p + d - (p - d) ** 2) / 23)
    assert float(got.estimate) == 25
    assert float(got.low) == pytest.approx(100 * (p - d - half), abs=1e-4)
    assert float(got.high) == pytest.approx(100 * (p - d + half), abs=1e-4)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_nps_interval_holds_its_estimate_and_turns_with_it(pro, pas, det):
    if pro + pas + det == 0:
        assert np.isnan(adjusted_wald_nps(0, 0, 0)).all()
        return
    got, turned = adjusted_wald_nps(pro, pas, det), adjusted_wald_nps(det, pas, pro)
    assert -100 <= got.low <= got.estimate <= got.high <= 100
    assert float(turned.estimate) == pytest.approx(-float(got.estimate))
    assert float(turned.low) == pytest.approx(-float(got.high))


@pytest.mark.parametrize("n", [5, 20, 100])
@pytest.mark.parametrize("shares", [(0.4, 0.3, 0.3), (0.6, 0.25, 0.15), (0.2, 0.2, 0.6)])
def test_nps_intervals_hold_the_truth_as_often_as_they_say(n, shares):
    counts = np.random.default_rng(7).multinomial(n, shares, size=20_000)
    got = adjusted_wald_nps(counts[:, 0], counts[:, 1], counts[:, 2])
    truth = 100 * (shares[0] - shares[2])
    assert 0.93 <= np.mean((got.low <= truth) & (truth <= got.high)) <= 0.985


def test_wider_levels_give_wider_intervals():
    widths = [
        float(i.high - i.low) for i in (adjusted_wald_nps(30, 20, 10, level) for level in (0.8, 0.95, 0.99))
    ]
    assert widths == sorted(widths)
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, 1.0)


def test_how_many_answers_are_needed():
    # (1.96 * 80 / 10)^2 and so on: the usual table for a spread of 80 points.
    assert [required_n(h) for h in (10, 5, 3)] == [246, 984, 2732]
    with pytest.raises(ValueError, match="half_width"):
        required_n(0)


@pytest.mark.parametrize(
    "p", [[0.5], [0.01, 0.04, 0.03, 0.9], [0.2] * 5, [0.0, 1.0], np.linspace(0, 1, 57) ** 3]
)
def test_false_discovery_is_that_of_scipy(p):
    from scipy import stats

    assert false_discovery(p).tolist() == stats.false_discovery_control(p).tolist()
