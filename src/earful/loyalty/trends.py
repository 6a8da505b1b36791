"""What happens over time: a smoothed line, and breaks that are more than chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from earful.loyalty.frames import Flags, Floats, Ints
from earful.loyalty.intervals import false_discovery

__all__ = ["MIN_PERIODS", "Break", "breaks", "smooth"]

#: Fewest periods on either side of a break.
MIN_PERIODS = 3
#: The two sides of a break are searched where its p-value is at most this.
_MAX_P = 0.05
_SEED = 20240229


def smooth(value: ArrayLike, error: ArrayLike) -> tuple[Floats, Floats]:
    """Draw a calm line through a series whose points are unequally sure (local level model, Kalman smoother).

    How fast the level moves is estimated from the series itself (maximum likelihood; Harvey 1989).

    Parameters
    ----------
    value, error
        Estimate and standard error of each period in order, shape (n,) or, for several series at once,
        (n_series, n); NaN where a period has none.

    Returns
    -------
    level, level_error
        Smoothed level and its standard error, of the same shape; NaN throughout a series without values.
    """
    shape = np.shape(value)
    y = np.atleast_2d(np.asarray(value, dtype=np.float64))
    v = np.atleast_2d(np.asarray(error, dtype=np.float64)) ** 2
    seen = ~(np.isnan(y) | np.isnan(v))
    level, spread = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    count = seen.sum(axis=1)
    for one in np.flatnonzero((count > 0) & (count < 3)):
        here = seen[one]
        sure = 1 / np.maximum(v[one, here], 1e-12)
        level[one] = np.average(y[one, here], weights=sure)
        spread[one] = np.sqrt(1 / sure.sum())
    enough = count >= 3
    if enough.any():
        level[enough], spread[enough] = _local_level(y[enough], v[enough], seen[enough])
    return level.reshape(shape), spread.reshape(shape)


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
        False discovery rate among the breaks that were judged together (Benjamini and Hochberg 1995).
    error
        Standard error of the shift, its place taken as known: by the errors of the periods, or by
        how far they part from their level where that is more.
    """

    at: int
    shift: float
    p_value: float
    q_value: float
    error: float = float("nan")


def breaks(series: Iterable[tuple[ArrayLike, ArrayLike]], permutations: int = 999) -> list[list[Break]]:
    """Find lasting changes of level: the clearest break first, then within its two sides, and so on.

    Each candidate is confirmed by putting the periods of its stretch in random order, and all are judged as
    one family. A look back: watching a series as it grows needs another method, as repeated looks find breaks
    in noise.

    Parameters
    ----------
    series
        Of each series, estimate and standard error of the periods in order, shape (n,); periods without are
        passed over.
    permutations
        Random orders tried for each candidate; drawn with a fixed seed.

    Returns
    -------
    list
        Of each series, every break that was tested, sure or not, by time.
    """
    found = [_candidates(value, error, permutations) for value, error in series]
    p = [one.p_value for some in found for one in some]
    q = iter(false_discovery(p).tolist() if p else [])
    judged = [[replace(one, q_value=next(q)) for one in some] for some in found]
    return [sorted(some, key=lambda one: one.at) for some in judged]


def _candidates(value: ArrayLike, error: ArrayLike, permutations: int) -> list[Break]:
    """Find every break of one series that is to be judged."""
    y, v = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64) ** 2
    kept = np.flatnonzero(~(np.isnan(y) | np.isnan(v)))
    if len(kept) < 2 * MIN_PERIODS:
        return []
    y, w = y[kept], 1 / np.maximum(v[kept], 1e-9)
    random = np.random.default_rng(_SEED)
    found: list[Break] = []
    stretches = [(0, len(y))]
    while stretches:
        start, stop = stretches.pop(0)
        if stop - start < 2 * MIN_PERIODS:
            continue
        own, weight = y[start:stop], w[start:stop]
        gain, place = _clearest(own[None, :], weight[None, :])
        orders = random.permuted(np.tile(np.arange(len(own)), (permutations, 1)), axis=1)
        by_chance, _ = _clearest(own[orders], weight[orders])
        p = float((1 + np.sum(by_chance >= gain[0] - 1e-12)) / (permutations + 1))
        at = start + int(place[0])
        before, after = (_mean(y[a:b], w[a:b]) for a, b in ((start, at), (at, stop)))
        error = float(np.hypot(before[1], after[1]))
        found.append(Break(int(kept[at]), after[0] - before[0], p, float("nan"), error))
        if p <= _MAX_P:
            stretches += [(start, at), (at, stop)]
    return found


def _local_level(y: Floats, v: Floats, seen: Flags) -> tuple[Floats, Floats]:
    """Smooth series of shape (n_series, n), each at the speed that is likeliest for it."""
    top = np.log(np.maximum(np.nanvar(np.where(seen, y, np.nan), axis=1), 1e-6))
    log_q = top[:, None] + np.linspace(-14.0, 2.0, 33)
    for width in (0.5, 0.05):
        best = np.argmin(_filter(y, v, seen, np.exp(log_q))[0], axis=1)
        log_q = log_q[np.arange(len(y)), best][:, None] + width * np.linspace(-1.0, 1.0, 21)
    best = np.argmin(_filter(y, v, seen, np.exp(log_q))[0], axis=1)
    q = np.exp(log_q[np.arange(len(y)), best])
    _, mean, variance = _filter(y, v, seen, q[:, None])
    return _backwards(mean[:, :, 0].T, variance[:, :, 0].T, q)


def _filter(y: Floats, v: Floats, seen: Flags, q: Floats) -> tuple[Floats, Floats, Floats]:
    """Kalman filter of the local level model at speeds ``q``, shape (n_series, k).

    Gives minus log likelihood, shape (n_series, k), filtered means and variances, (n, n_series, k).
    """
    n = y.shape[1]
    first = np.where(seen, y, 0.0).sum(axis=1) / seen.sum(axis=1)
    level = np.broadcast_to(first[:, None], q.shape).copy()
    variance = np.full(q.shape, 1e6)
    mean, spread = np.empty((n, *q.shape)), np.empty((n, *q.shape))
    loss = np.zeros(q.shape)
    for t in range(n):
        if t:
            variance = variance + q
        here = seen[:, t, None]
        total = variance + np.where(seen[:, t], v[:, t], np.inf)[:, None]
        surprise = np.where(here, np.where(here, y[:, t, None], 0.0) - level, 0.0)
        if t:
            with np.errstate(invalid="ignore"):
                loss += np.where(here, 0.5 * (np.log(total) + surprise**2 / total), 0.0)
        gain = variance / total
        level = level + gain * surprise
        variance = variance * (1 - gain)
        mean[t], spread[t] = level, variance
    return loss, mean, spread


def _backwards(mean: Floats, variance: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Smooth filtered means and variances of shape (n_series, n)."""
    level, spread = mean.copy(), variance.copy()
    for t in range(mean.shape[1] - 2, -1, -1):
        ahead = variance[:, t] + q
        gain = variance[:, t] / ahead
        level[:, t] = mean[:, t] + gain * (level[:, t + 1] - mean[:, t])
        spread[:, t] = variance[:, t] + gain**2 * (spread[:, t + 1] - ahead)
    return level, np.sqrt(np.maximum(spread, 0))


def _mean(y: Floats, w: Floats) -> tuple[float, float]:
    """Weighted mean of the periods of one level, and its standard error."""
    mean = float(np.average(y, weights=w))
    spread = float(np.sum(w * (y - mean) ** 2)) / max(len(y) - 1, 1)
    return mean, float(np.sqrt(max(spread, 1.0) / w.sum()))


def _clearest(y: Floats, w: Floats) -> tuple[Floats, Ints]:
    """Clearest break of each row of series, shape (m, n): how much it explains, and its place."""
    total, weighted = np.cumsum(w, axis=1), np.cumsum(w * y, axis=1)
    n = y.shape[1]
    places = np.arange(MIN_PERIODS, n - MIN_PERIODS + 1)
    left_w, left = total[:, places - 1], weighted[:, places - 1]
    right_w, right = total[:, [-1]] - left_w, weighted[:, [-1]] - left
    gain = left_w * right_w / total[:, [-1]] * (left / left_w - right / right_w) ** 2
    best = gain.argmax(axis=1)
    return gain[np.arange(len(y)), best], places[best]
