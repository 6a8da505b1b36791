"""Confidence intervals of the measured metrics, vectorised over groups.

NPS takes the adjusted Wald interval (B. Rocks, The American Statistician 70(4), 2016), shares take Wilson's
(1927), means take Student's t.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from earful.loyalty.frames import Floats

__all__ = [
    "Interval",
    "adjusted_wald_nps",
    "false_discovery",
    "mean_interval",
    "normal_quantile",
    "required_n",
    "two_sided_p",
    "wilson",
]


class Interval(NamedTuple):
    """An estimate with its two-sided interval, one of each per group; NaN where there is nothing to go by."""

    estimate: Floats
    low: Floats
    high: Floats

    @classmethod
    def unknown(cls, *shape: int) -> Interval:
        """Give an interval of nothing but NaN."""
        return cls(*np.full((3, *shape), np.nan))

    @classmethod
    def of(cls, estimate: ArrayLike, low: ArrayLike, high: ArrayLike) -> Interval:
        """Make arrays of the three."""
        return cls(*(np.asarray(value, dtype=np.float64) for value in (estimate, low, high)))

    def percent(self) -> Interval:
        """Give shares in percent."""
        return Interval(*(100 * values for values in self))

    def named(self, name: str) -> dict[str, Floats]:
        """Give the three as columns of a table: ``name``, ``name_low`` and ``name_high``."""
        return {name: self.estimate, f"{name}_low": self.low, f"{name}_high": self.high}


def normal_quantile(level: float) -> float:
    """Give the z of a two-sided interval at ``level``, in (0, 1): 1.96 at 0.95."""
    if not 0 < level < 1:
        raise ValueError(f"level must be in (0, 1), got {level}")
    return float(special.ndtri(0.5 + level / 2))


def two_sided_p(effect: ArrayLike, error: ArrayLike) -> Floats:
    """Give the p-value of no effect, two-sided; 1 where there is no error to judge an effect by."""
    size, spread = np.abs(np.asarray(effect, dtype=np.float64)), np.asarray(error, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread > 0, size / spread, np.where(np.isnan(spread), np.nan, 0.0))
    return np.asarray(2 * special.ndtr(-z))


def false_discovery(p: ArrayLike) -> Floats:
    """Give q-values: the false discovery rate at which each would just be called (Benjamini and Hochberg)."""
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given)
    stepped = given[order] * (len(given) / np.arange(1, len(given) + 1))
    q = np.empty_like(given)
    q[order] = np.minimum.accumulate(stepped[::-1])[::-1]
    return np.clip(q, 0.0, 1.0)


def adjusted_wald_nps(
    promoters: ArrayLike, passives: ArrayLike, detractors: ArrayLike, level: float = 0.95
) -> Interval:
    """NPS in points (-100 all detractors, +100 all promoters) with Rocks's adjusted Wald interval.

    Three made-up answers are added (3/4 promoter, 3/2 passive, 3/4 detractor) to find the interval; the
    estimate itself is the plain NPS. Ends are clipped to [-100, 100]. The interval's middle is drawn to 0, so
    at a handful of answers that all agree the plain NPS can lie outside; the interval is then widened to it.
    """
    pro, pas, det = (np.asarray(counts, dtype=np.float64) for counts in (promoters, passives, detractors))
    n = pro + pas + det
    with np.errstate(invalid="ignore", divide="ignore"):
        nps = np.where(n > 0, 100 * (pro - det) / n, np.nan)
    p, d = (pro + 0.75) / (n + 3), (det + 0.75) / (n + 3)
    half = normal_quantile(level) * np.sqrt((p + d - (p - d) ** 2) / (n + 3))
    low, high = 100 * (p - d - half), 100 * (p - d + half)
    low, high = np.maximum(np.fmin(low, nps), -100), np.minimum(np.fmax(high, nps), 100)
    return Interval(nps, np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan))


def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Share of successes, in [0, 1], with Wilson's score interval."""
    k, total = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    z = normal_quantile(level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = k / total
        middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
        half = z / (1 + z**2 / total) * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    low = np.where(k == 0, 0.0, np.maximum(middle - half, 0.0))
    high = np.where(k == total, 1.0, np.minimum(middle + half, 1.0))
    known = total > 0
    return Interval(*(np.where(known, values, np.nan) for values in (share, low, high)))


def mean_interval(
    mean: ArrayLike,
    variance: ArrayLike,
    n: ArrayLike,
    level: float = 0.95,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Interval:
    """Mean with Student's t interval, clipped to ``bounds``.

    Parameters
    ----------
    mean, variance, n
        Sample mean, sample variance (ddof 1) and number of values per group. With fewer than two values the
        interval is the whole of ``bounds``, as nothing is known of the spread; with none it is NaN.
    """
    centre, spread, count = (np.asarray(values, dtype=np.float64) for values in (mean, variance, n))
    enough = count >= 2
    quantile = special.stdtrit(np.where(enough, count - 1, 1), 0.5 + level / 2)
    half = np.where(enough, quantile * np.sqrt(np.where(enough, spread, 0) / np.maximum(count, 1)), np.inf)
    low = np.maximum(centre - half, bounds[0])
    high = np.minimum(centre + half, bounds[1])
    known = count > 0
    return Interval(*(np.where(known, values, np.nan) for values in (centre, low, high)))


def required_n(half_width: float, sd: float = 80.0, level: float = 0.95) -> int:
    """Say how many answers give an NPS interval of plus or minus ``half_width`` points."""
    if half_width <= 0 or sd <= 0:
        raise ValueError(f"half_width and sd must be above 0, got {half_width} and {sd}")
    return int(np.ceil((normal_quantile(level) * sd / half_width) ** 2))
