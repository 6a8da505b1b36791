"""What happens over time: a smoothed line, breaks that are more than chance, and themes on the rise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

__all__ = ["Break", "Rise", "change_points", "emerging", "smooth"]

Floats = NDArray[np.float64]

#: Fewest periods on either side of a break.
MIN_PERIODS = 3
#: A theme rises where it is surely (95 %) so many times as frequent as before, and mentioned so often.
MIN_RATIO, MIN_COUNT, MAX_Q = 2.0, 5, 0.05
#: Shape of the gamma prior of the ratios, whose mean is 1.
_PRIOR_SHAPE = 2.0
_SEED = 20240229


def smooth(value: ArrayLike, error: ArrayLike) -> tuple[Floats, Floats]:
    """Draw a calm line through a series whose points are unequally sure (local level model, Kalman smoother).

    How fast the level moves is estimated from the series itself (maximum likelihood; Harvey 1989).

    Parameters
    ----------
    value, error
        Estimate and standard error of each period in order, shape (n,); NaN where a period has none.

    Returns
    -------
    level, level_error
        Smoothed level and its standard error, shape (n,); NaN throughout where no period has a value.
    """
    y, v = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64) ** 2
    seen = ~(np.isnan(y) | np.isnan(v))
    if seen.sum() == 0:
        return np.full(len(y), np.nan), np.full(len(y), np.nan)
    if seen.sum() < 3:
        centre = float(np.average(y[seen], weights=1 / np.maximum(v[seen], 1e-12)))
        spread = float(1 / np.sum(1 / np.maximum(v[seen], 1e-12)))
        return np.full(len(y), centre), np.full(len(y), np.sqrt(spread))
    top = np.log(max(float(np.nanvar(y[seen])), 1e-6))
    found = optimize.minimize_scalar(
        lambda log_q: _filter(y, v, seen, float(np.exp(log_q)))[0],
        bounds=(top - 14, top + 2),
        method="bounded",
    )
    _, mean, variance = _filter(y, v, seen, float(np.exp(found.x)))
    return _backwards(mean, variance, float(np.exp(found.x)))


@dataclass(frozen=True, slots=True)
class Break:
    """A lasting change of level.

    Attributes
    ----------
    at
        First period of the new level, counted from 0.
    shift
        Later level less earlier level, in points.
    p_value
        By permutation: how often periods in random order show as clear a break.
    q_value
        False discovery rate among the breaks of the series (Benjamini and Hochberg 1995).
    """

    at: int
    shift: float
    p_value: float
    q_value: float


def change_points(
    value: ArrayLike,
    error: ArrayLike,
    max_q: float = 0.05,
    permutations: int = 999,
    min_periods: int = MIN_PERIODS,
) -> list[Break]:
    """Find lasting changes of level: the clearest break first, then within its two sides, and so on.

    Each candidate is confirmed by putting the periods of its stretch in random order; breaks whose false
    discovery rate is above ``max_q`` are dropped. A look back: watching a series as it grows needs another
    method, as repeated looks find breaks in noise.

    Parameters
    ----------
    value, error
        Estimate and standard error of each period in order, shape (n,); periods without are passed over.
    max_q
        False discovery rate that is put up with.
    permutations
        Random orders tried for each candidate; drawn with a fixed seed.
    min_periods
        Fewest periods on either side of a break.
    """
    y, v = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64) ** 2
    kept = np.flatnonzero(~(np.isnan(y) | np.isnan(v)))
    if len(kept) < 2 * min_periods:
        return []
    y, w = y[kept], 1 / np.maximum(v[kept], 1e-9)
    random = np.random.default_rng(_SEED)
    found: list[tuple[int, float, float]] = []
    stretches = [(0, len(y))]
    while stretches:
        start, stop = stretches.pop(0)
        if stop - start < 2 * min_periods:
            continue
        own, weight = y[start:stop], w[start:stop]
        gain, place = _clearest(own[None, :], weight[None, :], min_periods)
        orders = random.permuted(np.tile(np.arange(len(own)), (permutations, 1)), axis=1)
        by_chance, _ = _clearest(own[orders], weight[orders], min_periods)
        p = float((1 + np.sum(by_chance >= gain[0] - 1e-12)) / (permutations + 1))
        at = start + int(place[0])
        shift = float(
            np.average(y[at:stop], weights=w[at:stop]) - np.average(y[start:at], weights=w[start:at])
        )
        found.append((at, shift, p))
        if p <= max_q:
            stretches += [(start, at), (at, stop)]
    q = stats.false_discovery_control([p for _, _, p in found])
    breaks = [
        Break(int(kept[at]), shift, p, float(rate))
        for (at, shift, p), rate in zip(found, q, strict=True)
        if rate <= max_q
    ]
    return sorted(breaks, key=lambda found: found.at)


@dataclass(frozen=True, slots=True)
class Rise:
    """How much more frequent each theme is than before; arrays of shape (n_themes,).

    Attributes
    ----------
    ratio, ratio_low
        Times as frequent as in the baseline: posterior mean, and what it exceeds with a chance of 95 %.
    q_value
        False discovery rate of "no more frequent".
    rising
        True where the theme is surely at least twice as frequent, mentioned five times or more, and its false
        discovery rate is at most 5 %.
    """

    ratio: Floats
    ratio_low: Floats
    q_value: Floats
    rising: NDArray[np.bool_]


def emerging(count: ArrayLike, exposure: float, baseline: ArrayLike, baseline_exposure: float) -> Rise:
    """Find themes on the rise: gamma-Poisson shrinkage of observed over expected (DuMouchel 1999).

    Every ratio is drawn towards 1 as two expected mentions would draw it, so that two mentions of a theme
    that was never seen before raise no alarm.

    Parameters
    ----------
    count, baseline
        Reviews that mention each theme now, and in the baseline, shape (n_themes,).
    exposure, baseline_exposure
        Reviews now, and in the baseline.
    """
    c, b = np.asarray(count, dtype=np.float64), np.asarray(baseline, dtype=np.float64)
    if exposure <= 0 or baseline_exposure <= 0:
        raise ValueError(f"exposure must be above 0, got {exposure} and {baseline_exposure}")
    if not len(c):
        return Rise(c, c, c, np.zeros(0, dtype=bool))
    # Half a mention more: a theme that is new has a baseline that is small, not none.
    expected = (b + 0.5) / baseline_exposure * exposure
    shape = _PRIOR_SHAPE
    low = stats.gamma.ppf(0.05, shape + c, scale=1 / (shape + expected))
    # The baseline is a count with an error of its own: compare the two counts, not one with a fixed rate.
    p = stats.binom.sf(c - 1, c + b, exposure / (exposure + baseline_exposure))
    q = stats.false_discovery_control(np.where(c + b > 0, p, 1.0))
    rising = (low >= MIN_RATIO) & (c >= MIN_COUNT) & (q <= MAX_Q)
    return Rise((shape + c) / (shape + expected), low, q, rising)


def _filter(y: Floats, v: Floats, seen: NDArray[np.bool_], q: float) -> tuple[float, Floats, Floats]:
    """Kalman filter of the local level model: minus log likelihood, filtered means and variances."""
    level, variance = float(np.mean(y[seen])), 1e6
    mean, spread = np.empty(len(y)), np.empty(len(y))
    loss = 0.0
    for t in range(len(y)):
        variance += q if t else 0.0
        if seen[t]:
            total = variance + v[t]
            surprise = y[t] - level
            if t:
                loss += 0.5 * (np.log(total) + surprise**2 / total)
            gain = variance / total
            level += gain * surprise
            variance *= 1 - gain
        mean[t], spread[t] = level, variance
    return loss, mean, spread


def _backwards(mean: Floats, variance: Floats, q: float) -> tuple[Floats, Floats]:
    level, spread = mean.copy(), variance.copy()
    for t in range(len(mean) - 2, -1, -1):
        ahead = variance[t] + q
        gain = variance[t] / ahead
        level[t] = mean[t] + gain * (level[t + 1] - mean[t])
        spread[t] = variance[t] + gain**2 * (spread[t + 1] - ahead)
    return level, np.sqrt(np.maximum(spread, 0))


def _clearest(y: Floats, w: Floats, least: int) -> tuple[Floats, NDArray[np.int64]]:
    """Clearest break of each row of series, shape (m, n): how much it explains, and its place."""
    total, weighted = np.cumsum(w, axis=1), np.cumsum(w * y, axis=1)
    n = y.shape[1]
    places = np.arange(least, n - least + 1)
    left_w, left = total[:, places - 1], weighted[:, places - 1]
    right_w, right = total[:, [-1]] - left_w, weighted[:, [-1]] - left
    gain = left_w * right_w / total[:, [-1]] * (left / left_w - right / right_w) ** 2
    best = gain.argmax(axis=1)
    return gain[np.arange(len(y)), best], places[best]
