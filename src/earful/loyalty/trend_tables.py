"""The tables of what happens over time: the index by group and period, and the themes on the rise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse, stats

from earful import schema
from earful.config import Config
from earful.loyalty.basis import Basis
from earful.loyalty.estimator import Estimates, Settings, estimate
from earful.loyalty.frames import Grouping, as_table, groupings, period_starts, theme_matrices
from earful.loyalty.intervals import normal_quantile
from earful.loyalty.trends import MIN_COUNT, MIN_PERIODS, candidate_breaks, emerging, smooth

__all__ = ["BASELINE", "MIN_EXPOSURE", "MIN_PERIOD_REVIEWS", "emerging_table", "trends_table"]

#: A period of fewer reviews takes no part in the search for change points.
MIN_PERIOD_REVIEWS = 5
#: So many groups of each cut, those with most reviews, are followed over time.
MAX_SERIES = 200
#: False discovery rate up to which a change is called a change point.
MAX_Q = 0.05
#: Themes on the rise are looked for in a period of so many reviews with words, against as many before it.
MIN_EXPOSURE = 20
#: Periods that a period is compared with.
BASELINE = 8
_GROUPINGS = ("overall", "product", "touchpoint")
_POLARITIES = ("negative", "positive")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def trends_table(
    rows: pd.DataFrame, config: Config, basis: Basis, row_touchpoints: pd.DataFrame | None = None
) -> tuple[pa.Table, str | None]:
    """Follow the index of every group over the periods, and mark the changes that are more than chance.

    Parameters
    ----------
    rows
        One row per review in canonical order, as ``loyalty_table`` takes it.
    config
        Settings of the run.
    basis
        What ``basis_of`` gave for these rows.
    row_touchpoints
        As ``loyalty_table`` takes it.

    Returns
    -------
    table
        As ``schema.TRENDS``: one row per group and period with reviews. The answers on the NPS scale that
        most answered on are used. Groups of fewer than ``min_reviews`` reviews are left out.
    note
        Why no change point was looked for, if so.
    """
    starts = _starts(rows, config)
    if starts is None:
        return schema.empty(schema.TRENDS), "no row has a date"
    calendar = sorted(starts.dropna().unique().tolist())
    place = {start: at for at, start in enumerate(calendar)}
    at = np.array([place.get(start, -1) for start in starts.tolist()], dtype=np.int64)
    found = [
        series
        for grouping in groupings(rows, config, row_touchpoints)
        if grouping.name in _GROUPINGS
        for series in _followed(grouping, at, len(calendar), basis, config)
    ]
    _judge(found)
    z = normal_quantile(config.loyalty.level)
    records = [record for series in found for record in series.records(calendar, z)]
    return as_table(records, schema.TRENDS), _too_few(found, calendar, config)


@dataclass(slots=True)
class _Series:
    """One group over all periods; arrays of shape (n_periods,)."""

    labels: dict[str, Any]
    n_reviews: Ints
    n_rated: Ints
    index: Floats
    low: Floats
    high: Floats
    value: Floats
    error: Floats
    level: Floats
    doubt: Floats
    change: Floats
    change_error: Floats
    p: Floats
    q: Floats

    @property
    def long(self) -> bool:
        return int((self.n_reviews >= MIN_PERIOD_REVIEWS).sum()) >= 2 * MIN_PERIODS

    def records(self, calendar: list[str], z: float) -> Iterator[dict[str, Any]]:
        for t in np.flatnonzero(self.n_reviews):
            yield {
                **self.labels,
                "period": calendar[t],
                "n_reviews": int(self.n_reviews[t]),
                "n_rated": int(self.n_rated[t]),
                "index": self.index[t],
                "index_low": self.low[t],
                "index_high": self.high[t],
                "level": self.level[t],
                "level_low": max(self.level[t] - z * self.doubt[t], -100.0),
                "level_high": min(self.level[t] + z * self.doubt[t], 100.0),
                "change": self.change[t],
                "change_low": self.change[t] - z * self.change_error[t],
                "change_high": self.change[t] + z * self.change_error[t],
                "change_p": self.p[t],
                "change_q": self.q[t],
                "change_point": bool(self.q[t] <= MAX_Q) if self.long else None,
            }


def _starts(rows: pd.DataFrame, config: Config) -> pd.Series | None:
    if "created_at" not in rows or not rows["created_at"].notna().any():
        return None
    return period_starts(rows["created_at"], config.loyalty.period)


def _followed(grouping: Grouping, at: Ints, periods: int, basis: Basis, config: Config) -> list[_Series]:
    """Estimate every group in every period, all in one go, and draw the calm line through each."""
    dated = at[grouping.row] >= 0
    size = np.bincount(grouping.code[dated], minlength=len(grouping))
    order = np.argsort(-size, kind="stable")[:MAX_SERIES]
    kept = np.sort(order[size[order] >= config.loyalty.min_reviews])
    if not len(kept):
        return []
    number = np.full(len(grouping), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    used = dated & (number[grouping.code] >= 0)
    row = grouping.row[used]
    cell = number[grouping.code[used]] * periods + at[row]
    cells, code = np.unique(cell, return_inverse=True)
    settings = Settings(level=config.loyalty.level)
    got = estimate(
        code,
        basis.prediction[row],
        basis.answer[row],
        len(cells),
        weight=basis.weights(row),
        settings=settings,
        silent=basis.silent[row],
        customer=basis.customers(row),
    )

    def spread(values: Any, blank: Any = np.nan) -> Any:
        full = np.full(len(kept) * periods, blank)
        full[cells] = values
        return full.reshape(len(kept), periods)

    reviews = spread(np.bincount(code, minlength=len(cells)), 0)
    value, error = spread(got.difference), spread(_error(got))
    told = reviews >= MIN_PERIOD_REVIEWS
    value, error = np.where(told, value, np.nan), np.where(told, error, np.nan)
    level, doubt = smooth(value, error)
    rated, index = spread(got.n_rated, 0), spread(got.index)
    low, high = spread(got.claim_low), spread(got.claim_high)
    names = grouping.labels.iloc[kept].to_dict("records")
    blank = np.full((4, periods), np.nan)
    return [
        _Series(
            {"grouping": grouping.name, **{str(key): value for key, value in names[i].items()}},
            reviews[i], rated[i], index[i], low[i], high[i], value[i], error[i], level[i], doubt[i],
            *blank.copy(),
        )
        for i in range(len(kept))
    ]  # fmt: skip


def _error(got: Estimates) -> Floats:
    """Give the standard error by which the periods of a group differ for no reason.

    Where nobody answered, what the words get wrong is taken to be the same in every period: a change of the
    words is then read as a change of the index.
    """
    if not got.n_rated.any():
        return got.words_error
    return np.where(got.n_rated > 0, got.claim_error, got.error)


def _judge(found: list[_Series]) -> None:
    """Look for change points in every series; those of one cut are judged as one family."""
    for cut in _GROUPINGS:
        some = [series for series in found if series.long and series.labels["grouping"] == cut]
        breaks = [(series, one) for series in some for one in candidate_breaks(series.value, series.error)]
        q = stats.false_discovery_control([one.p_value for _, one in breaks]) if breaks else np.empty(0)
        for (series, one), rate in zip(breaks, q.tolist(), strict=True):
            series.change[one.at], series.change_error[one.at] = one.shift, one.error
            series.p[one.at], series.q[one.at] = one.p_value, rate


def _too_few(found: list[_Series], calendar: list[str], config: Config) -> str | None:
    if any(series.long for series in found):
        return None
    kind, needed = config.loyalty.period, 2 * MIN_PERIODS
    if len(calendar) < needed:
        return f"the dates span {_several(len(calendar), kind)}; change points need {needed}"
    return (
        f"no group of {config.loyalty.min_reviews} reviews or more has {needed} {kind}s of "
        f"{MIN_PERIOD_REVIEWS} reviews or more"
    )


def _several(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def emerging_table(rows: pd.DataFrame, mentions: pd.DataFrame, config: Config) -> tuple[pa.Table, str | None]:
    """Find the themes on the rise in the latest period, overall and by product.

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
    starts = _starts(rows, config)
    if starts is None:
        return schema.empty(schema.EMERGING), "no row has a date"
    wordy = np.flatnonzero(rows["score"].notna().to_numpy() & starts.notna().to_numpy())
    told = rows.iloc[wordy].reset_index(drop=True)
    starts = starts.iloc[wordy].reset_index(drop=True)
    themes, carried = theme_matrices(told, mentions)
    parts: list[pd.DataFrame] = []
    looked = False
    for grouping in groupings(told, config):
        if grouping.name not in ("overall", "product"):
            continue
        order = np.argsort(grouping.code, kind="stable")
        ends = np.searchsorted(grouping.code[order], np.arange(len(grouping) + 1))
        for group, label in enumerate(grouping.labels.to_dict("records")):
            here = grouping.row[order[ends[group] : ends[group + 1]]]
            stretch = _stretch(starts.iloc[here])
            if stretch is None:
                continue
            looked = True
            period, now, then = stretch
            counted = _counted(carried, themes, here[now], here[then])
            named = {str(name): value for name, value in label.items()}
            parts.append(counted.assign(grouping=grouping.name, period=period, **named))
    if not looked:
        return schema.empty(schema.EMERGING), (
            f"no {config.loyalty.period} has {MIN_EXPOSURE} reviews with words and as many before it"
        )
    counted = pd.concat(parts, ignore_index=True)
    return _risen(counted[counted["n"] + counted["baseline"] >= MIN_COUNT]), None


def _stretch(starts: pd.Series) -> tuple[str, Ints, Ints] | None:
    """Give the latest period with enough reviews, its rows, and those of the baseline."""
    counts = starts.value_counts().sort_index()
    enough = counts[counts >= MIN_EXPOSURE]
    if enough.empty:
        return None
    period = str(enough.index[-1])
    before = [start for start in counts.index if start < period][-BASELINE:]
    then = np.flatnonzero(starts.isin(before).to_numpy())
    if len(then) < MIN_EXPOSURE:
        return None
    return period, np.flatnonzero((starts == period).to_numpy()), then


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


def _risen(counted: pd.DataFrame) -> pa.Table:
    if counted.empty:
        return schema.empty(schema.EMERGING)
    got = emerging(counted["n"], counted["n_reviews"], counted["baseline"], counted["baseline_reviews"])
    expected = counted["baseline"] / counted["baseline_reviews"] * counted["n_reviews"]
    full = counted.assign(
        expected=expected, ratio=got.ratio, ratio_low=got.ratio_low, q_value=got.q_value, rising=got.rising
    )
    full = full.astype({"n": np.int64})
    by = ["rising", "q_value", "ratio", "grouping", "theme", "polarity"]
    by += [name for name in ("product",) if name in full]
    ordered = full.sort_values(by, ascending=[name not in ("rising", "ratio") for name in by], kind="stable")
    return as_table(ordered.to_dict("records"), schema.EMERGING)
