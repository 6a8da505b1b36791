"""The table of themes on the rise: how much more frequent each is in the latest period than before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike
from scipy import sparse, special

from earful import schema
from earful.config import Config
from earful.loyalty.frames import Flags, Floats, Ints, cut_rows, groupings, period_starts, theme_matrices
from earful.loyalty.intervals import false_discovery
from earful.schema import cut_by
from earful.tables import to_table

__all__ = ["BASELINE", "MIN_EXPOSURE", "Rise", "emerging", "emerging_table"]

#: Themes on the rise are looked for in a period of so many reviews with words, against as many before it.
MIN_EXPOSURE = 20
#: Periods that a period is compared with.
BASELINE = 8
#: A theme rises where it is surely (95 %) so many times as frequent as before, and mentioned so often.
MIN_RATIO, MIN_COUNT, MAX_Q = 2.0, 5, 0.05
#: Shape of the gamma prior of the ratios, whose mean is 1.
_PRIOR_SHAPE = 2.0
_POLARITIES = ("negative", "positive")


def emerging_table(rows: pd.DataFrame, mentions: pd.DataFrame, config: Config) -> tuple[pa.Table, str | None]:
    """Find the themes on the rise in the latest period, overall, by product and by further columns.

    The latest period with 20 reviews with words is compared with the eight periods before it.

    Parameters
    ----------
    rows, mentions
        As ``drivers_table`` takes them, with ``created_at``.
    config
        Settings of the run.

    Returns
    -------
    table
        As ``schema.EMERGING``, the surest rise first: every theme with five mentions in the two stretches
        together. False discovery rates are those of the whole table.
    note
        Why nothing was looked for, if so.
    """
    starts, cuts = period_starts(rows, config.loyalty.period), list(config.loyalty.cuts)
    if starts.isna().all():
        return cut_by(schema.EMERGING, cuts).empty_table(), "no row has a date"
    wordy = np.flatnonzero(rows["score"].notna().to_numpy() & starts.notna().to_numpy())
    told = cut_rows(rows, wordy, config)
    starts = starts.iloc[wordy].reset_index(drop=True)
    themes, carried = theme_matrices(told, mentions)
    parts: list[pd.DataFrame] = []
    for grouping in groupings(told, config, single=True, but=("touchpoint",)):
        for named, at in grouping.groups():
            here = grouping.row[at]
            stretch = _stretch(starts.iloc[here])
            if stretch is not None:
                period, now, then = stretch
                parts.append(_counted(carried, themes, here[now], here[then]).assign(period=period, **named))
    if not parts:
        return cut_by(schema.EMERGING, cuts).empty_table(), (
            f"no {config.loyalty.period} has {MIN_EXPOSURE} reviews with words and as many before it"
        )
    counted = pd.concat(parts, ignore_index=True)
    return _risen(counted[counted["n"] + counted["baseline"] >= MIN_COUNT], cuts), None


def _stretch(starts: pd.Series) -> tuple[str, Ints, Ints] | None:
    """Give the latest period with enough reviews, its rows, and those of the baseline."""
    counts = starts.value_counts().sort_index()
    enough = counts[counts >= MIN_EXPOSURE]
    if enough.empty:
        return None
    period = str(enough.index[-1])
    before = [start for start in counts.index if start < period][-BASELINE:]
    then = np.flatnonzero(starts.isin(before).to_numpy())
    now = np.flatnonzero((starts == period).to_numpy())
    return (period, now, then) if len(then) >= MIN_EXPOSURE else None


def _counted(carried: dict[str, sparse.csr_matrix], themes: list[str], now: Ints, then: Ints) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame(
            {
                "theme": themes,
                "polarity": polarity,
                "n": np.asarray(carried[polarity][now].sum(axis=0)).ravel(),
                "baseline": np.asarray(carried[polarity][then].sum(axis=0)).ravel(),
                "n_reviews": len(now),
                "baseline_reviews": len(then),
            }
        )
        for polarity in _POLARITIES
    )


def _risen(counted: pd.DataFrame, cuts: Iterable[str]) -> pa.Table:
    if counted.empty:
        return cut_by(schema.EMERGING, cuts).empty_table()
    got = emerging(counted["n"], counted["n_reviews"], counted["baseline"], counted["baseline_reviews"])
    expected = counted["baseline"] / counted["baseline_reviews"] * counted["n_reviews"]
    full = counted.assign(expected=expected, **asdict(got)).astype({"n": np.int64})
    by = ["rising", "q_value", "ratio", "grouping", "theme", "polarity"]
    by += [name for name in ("product", *cuts) if name in full]
    ordered = full.sort_values(by, ascending=[name not in ("rising", "ratio") for name in by], kind="stable")
    return to_table(ordered, cut_by(schema.EMERGING, cuts))


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
    rising: Flags


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
    low = special.gammaincinv(shape + c, 0.05) * (1 / (shape + expected))
    # The baseline is a count with an error of its own: compare the two counts, not one with a fixed rate.
    from scipy import stats  # dear to import, and few runs come here

    p = stats.binom.sf(c - 1, c + b, exposure / (exposure + baseline_exposure))
    q = false_discovery(np.where(c + b > 0, p, 1.0))
    rising = (low >= MIN_RATIO) & (c >= MIN_COUNT) & (q <= MAX_Q)
    return Rise((shape + c) / (shape + expected), low, q, rising)
