"""What happens over time: a smoothed line, breaks that are more than chance, and themes on the rise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from earful.loyalty.frames import period_starts
from earful.loyalty.intervals import normal_quantile

__all__ = ["Break", "Rise", "change_points", "emerging", "emerging_themes", "period_trend", "smooth"]

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
