"""What happens over time: a smoothed line, breaks that are more than chance, and themes on the rise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from earful.loyalty.frames import period_starts
from earful.loyalty.intervals import normal_quantile

__all__ = [
    "Break",
    "Rise",
    "candidate_breaks",
    "change_points",
    "emerging",
    "emerging_themes",
    "period_trend",
    "smooth",
]

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
        False discovery rate among the breaks of the series (Benjamini and Hochberg 1995).
    error
        Standard error of the shift, its place taken as known: by the errors of the periods, or by
        how far they part from their level where that is more.
    """

    at: int
    shift: float
    p_value: float
    q_value: float
    error: float = float("nan")


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
    found = candidate_breaks(value, error, max_q, permutations, min_periods)
    if not found:
        return []
    q = stats.false_discovery_control([one.p_value for one in found])
    sure = [replace(one, q_value=float(rate)) for one, rate in zip(found, q, strict=True) if rate <= max_q]
    return sorted(sure, key=lambda one: one.at)


def candidate_breaks(
    value: ArrayLike,
    error: ArrayLike,
    max_p: float = 0.05,
    permutations: int = 999,
    min_periods: int = MIN_PERIODS,
) -> list[Break]:
    """Find every break that ``change_points`` tests, sure or not, to judge several series as one family.

    Parameters as there; the two sides of a break are searched where its p-value is at most ``max_p``. The
    ``q_value`` of what comes back is NaN.
    """
    y, v = np.asarray(value, dtype=np.float64), np.asarray(error, dtype=np.float64) ** 2
    kept = np.flatnonzero(~(np.isnan(y) | np.isnan(v)))
    if len(kept) < 2 * min_periods:
        return []
    y, w = y[kept], 1 / np.maximum(v[kept], 1e-9)
    random = np.random.default_rng(_SEED)
    found: list[Break] = []
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
        before, after = (_mean(y[a:b], w[a:b]) for a, b in ((start, at), (at, stop)))
        error = float(np.hypot(before[1], after[1]))
        found.append(Break(int(kept[at]), after[0] - before[0], p, float("nan"), error))
        if p <= max_p:
            stretches += [(start, at), (at, stop)]
    return found


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


def emerging(
    count: ArrayLike, exposure: ArrayLike, baseline: ArrayLike, baseline_exposure: ArrayLike
) -> Rise:
    """Find themes on the rise: gamma-Poisson shrinkage of observed over expected (DuMouchel 1999).

    Every ratio is drawn towards 1 as two expected mentions would draw it, so that two mentions of a theme
    that was never seen before raise no alarm.

    Parameters
    ----------
    count, baseline
        Reviews that mention each theme now, and in the baseline, shape (n_themes,).
    exposure, baseline_exposure
        Reviews now, and in the baseline: one number for all themes, or shape (n_themes,).
    """
    c, b = np.asarray(count, dtype=np.float64), np.asarray(baseline, dtype=np.float64)
    exposure, baseline_exposure = (np.asarray(n, dtype=np.float64) for n in (exposure, baseline_exposure))
    if np.any(exposure <= 0) or np.any(baseline_exposure <= 0):
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


def period_trend(loyalty: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Give the index over time with a calm line through it and the breaks that are more than chance.

    Parameters
    ----------
    loyalty
        Loyalty table of a run; its rows by period under the first definition are used.
    level
        Level of the table's intervals.

    Returns
    -------
    DataFrame
        ``period``, ``index``, ``index_low``, ``index_high``, ``level``, ``level_low``, ``level_high`` and
        ``shift``: points by which the level changed with this period, NaN where it did not.
    """
    rows = loyalty[(loyalty["grouping"] == "period") & loyalty["index"].notna()]
    if len(rows):
        rows = rows[rows["scale"].str.split(";").str[0].str.split(" (", regex=False).str[0].pipe(_first)]
    rows = rows.drop_duplicates("period").sort_values("period").reset_index(drop=True)
    z = normal_quantile(level)
    value, low, high = (rows[name].to_numpy(np.float64) for name in ("index", "index_low", "index_high"))
    error = np.maximum(value - low, high - value) / z
    line, doubt = smooth(value, error)
    shift = np.full(len(rows), np.nan)
    for found in change_points(value, error):
        shift[found.at] = found.shift
    named = rows[["period", "index", "index_low", "index_high"]]
    return named.assign(level=line, level_low=line - z * doubt, level_high=line + z * doubt, shift=shift)


def emerging_themes(
    rows: pd.DataFrame,
    mentions: pd.DataFrame,
    period: str = "week",
    baseline: int = 8,
    polarity: str = "negative",
) -> pd.DataFrame:
    """Find the themes on the rise in the last period, against the periods before it.

    Parameters
    ----------
    rows
        One row per review: ``row``, ``created_at``.
    mentions
        One row per mention: ``row``, ``theme``, ``polarity``.
    period
        ``week``, ``month``, ``quarter`` or ``year``. The last one with a review is looked at.
    baseline
        How many periods before it are compared with.
    polarity
        Which mentions count; ``any`` for all.

    Returns
    -------
    DataFrame
        ``theme``, ``period``, ``n``, ``expected``, ``ratio``, ``ratio_low``, ``q_value``, ``rising``; the
        largest ratio first, no row where there is nothing to compare.
    """
    columns = ["theme", "period", "n", "expected", "ratio", "ratio_low", "q_value", "rising"]
    dated = pd.DataFrame({"row": rows["row"].to_numpy(), "period": period_starts(rows["created_at"], period)})
    dated = dated.dropna(subset=["period"])
    starts = sorted(dated["period"].unique().tolist())
    if len(starts) < 2:
        return pd.DataFrame(columns=columns)
    last, before = starts[-1], starts[-1 - baseline : -1]
    told = mentions if polarity == "any" else mentions[mentions["polarity"] == polarity]
    told = told[["row", "theme"]].drop_duplicates().merge(dated, on="row")
    now, then = told[told["period"] == last], told[told["period"].isin(before)]
    themes = sorted(set(now["theme"]) | set(then["theme"]))
    if not themes:
        return pd.DataFrame(columns=columns)
    count = now["theme"].value_counts().reindex(themes, fill_value=0).to_numpy(np.float64)
    base = then["theme"].value_counts().reindex(themes, fill_value=0).to_numpy(np.float64)
    exposure = float((dated["period"] == last).sum())
    base_exposure = float(dated["period"].isin(before).sum())
    found = emerging(count, exposure, base, base_exposure)
    table = pd.DataFrame(
        {
            "theme": themes,
            "period": last,
            "n": count.astype(np.int64),
            "expected": base / base_exposure * exposure,
            "ratio": found.ratio,
            "ratio_low": found.ratio_low,
            "q_value": found.q_value,
            "rising": found.rising,
        }
    )
    return table.sort_values(["ratio", "theme"], ascending=[False, True], ignore_index=True)


def _first(values: pd.Series) -> pd.Series:
    same: pd.Series = values == values.iloc[0]
    return same


def _local_level(y: Floats, v: Floats, seen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
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


def _filter(y: Floats, v: Floats, seen: NDArray[np.bool_], q: Floats) -> tuple[Floats, Floats, Floats]:
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
