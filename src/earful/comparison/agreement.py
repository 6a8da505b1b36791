"""How well two columns of groups agree: correlations with intervals, and the best and worst named by both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earful.loyalty.intervals import normal_quantile

__all__ = ["MIN_GROUPS", "Agreement", "Coefficient", "agreement"]

Floats = NDArray[np.float64]

#: Groups from which a correlation has an interval.
MIN_GROUPS = 5


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A correlation, in [-1, 1]: -1 the order is turned round, 0 none, 1 the same order.

    ``low`` and ``high`` are NaN where there are too few groups to say.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two columns over ``n`` groups.

    Attributes
    ----------
    n
        Groups that have both.
    spearman, kendall, pearson
        Correlation of the ranks, of the orders of pairs (tau-b), and of the values.
    k, best, worst
        How many of the ``k`` best by one column are among the ``k`` best by the other, and of the worst;
        ``k`` is a quarter of the groups, at least one.
    """

    n: int
    spearman: Coefficient
    kendall: Coefficient
    pearson: Coefficient
    k: int
    best: int
    worst: int


def agreement(x: Floats, y: Floats, level: float = 0.95) -> Agreement:
    """Measure how well two columns agree; groups that lack one of them are left out.

    Intervals are Fisher's, by the transform ``atanh``, with the standard errors of Bonett and Wright (2000)
    for Spearman, Fieller, Hartley and Pearson (1957) for Kendall, and ``1 / sqrt(n - 3)`` for Pearson. They
    take the groups as a sample of those there could be. Ranks that agree in full are no certainty: the
    interval is then that of half the smallest step below.

    Parameters
    ----------
    x, y
        One value per group, NaN where missing, shape (n_groups,).
    level
        Level of the intervals.
    """
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    n = len(x)
    k = max(1, round(n / 4)) if n > 1 else 0
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        none = Coefficient(float("nan"), float("nan"), float("nan"))
        return Agreement(n, none, none, none, k, _shared(x, y, k), _shared(-x, -y, k))
    from scipy import stats  # dear to import, and few pages come here

    rho = float(np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1])
    tau = float(stats.kendalltau(x, y).statistic)
    r = float(np.corrcoef(x, y)[0, 1])
    return Agreement(
        n=n,
        spearman=_coefficient(rho, (1 + rho**2 / 2) / max(n - 3, 1), 6 / (n * (n**2 - 1)), n, level),
        kendall=_coefficient(tau, 0.437 / max(n - 4, 1), 2 / (n * (n - 1)), n, level),
        pearson=_coefficient(r, 1 / max(n - 3, 1), 1e-6, n, level),
        k=k,
        best=_shared(x, y, k),
        worst=_shared(-x, -y, k),
    )


def _coefficient(value: float, variance: float, step: float, n: int, level: float) -> Coefficient:
    """Put the interval to a correlation; ``step`` is half the least that it can fall below 1."""
    if n < MIN_GROUPS:
        return Coefficient(value, float("nan"), float("nan"))
    middle = np.arctanh(np.clip(value, step - 1, 1 - step))
    half = normal_quantile(level) * np.sqrt(variance)
    low, high = float(np.tanh(middle - half)), float(np.tanh(middle + half))
    return Coefficient(value, min(low, value), max(high, value))


def _shared(x: Floats, y: Floats, k: int) -> int:
    """Count the groups among the ``k`` highest of both columns; ties go by the order of the groups."""
    highest = (set(np.argsort(-values, kind="stable")[:k].tolist()) for values in (x, y))
    return len(set.intersection(*highest)) if k else 0
