import numpy as np
import pytest
from scipy import stats

from earful.comparison.agreement import agreement


def test_the_coefficients_are_those_of_scipy_with_ties():
    random = np.random.default_rng(1)
    x, y = random.integers(0, 6, 30).astype(float), random.integers(0, 6, 30).astype(float)
    found = agreement(x, y)
    assert found.n == 30
    assert found.spearman.value == pytest.approx(stats.spearmanr(x, y).statistic)
    assert found.kendall.value == pytest.approx(stats.kendalltau(x, y).statistic)
    assert found.pearson.value == pytest.approx(stats.pearsonr(x, y).statistic)
    interval = stats.pearsonr(x, y).confidence_interval(0.95)
    assert (found.pearson.low, found.pearson.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_intervals_cover_the_true_correlation(rho):
    random = np.random.default_rng(2)
    true = {"spearman": 6 / np.pi * np.arcsin(rho / 2), "kendall": 2 / np.pi * np.arcsin(rho), "pearson": rho}
    covered = dict.fromkeys(true, 0)
    for _ in range(300):
        x = random.normal(size=12)
        found = agreement(x, rho * x + np.sqrt(1 - rho**2) * random.normal(size=12))
        for kind, value in true.items():
            coefficient = getattr(found, kind)
            covered[kind] += coefficient.low <= value <= coefficient.high
    assert all(0.91 <= n / 300 <= 1 for n in covered.values()), covered


def test_full_agreement_of_a_few_is_no_certainty():
    found = agreement(np.arange(6.0), np.arange(6.0) ** 2)
    assert found.spearman.value == pytest.approx(1)
    assert 0.3 < found.spearman.low < 0.9
    assert 0.3 < found.kendall.low < 0.9
    turned = agreement(np.arange(6.0), -np.arange(6.0))
    assert turned.spearman.high == pytest.approx(-agreement(np.arange(6.0), np.arange(6.0)).spearman.low)


def test_too_few_groups_have_no_interval_and_groups_without_one_side_do_not_count():
    found = agreement(np.array([1.0, 2.0, 3.0, np.nan, 9.0]), np.array([1.0, 3.0, 2.0, 1.0, np.nan]))
    assert found.n == 3
    assert found.spearman.value == pytest.approx(0.5)
    assert np.isnan(found.spearman.low)
    for same in (agreement(np.ones(8), np.arange(8.0)), agreement(np.empty(0), np.empty(0))):
        assert np.isnan(same.spearman.value)


def test_the_best_and_worst_of_both_are_counted():
    x = np.arange(8.0)
    found = agreement(x, np.array([1.0, 0, 2, 3, 4, 5, 6, -1]))
    assert (found.k, found.best, found.worst) == (2, 1, 1)
