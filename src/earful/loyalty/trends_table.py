"""The table of what happens over time: the index by group and period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from earful import schema
from earful.config import Config
from earful.loyalty.basis import Basis
from earful.loyalty.estimator import Estimates
from earful.loyalty.frames import Floats, Grouping, Ints, groupings, period_starts
from earful.loyalty.intervals import Interval, normal_quantile
from earful.loyalty.trends import MIN_PERIODS, breaks, smooth
from earful.schema import cut_by
from earful.tables import to_table

__all__ = ["MIN_PERIOD_REVIEWS", "trends_table"]

#: A period of fewer reviews takes no part in the search for change points.
MIN_PERIOD_REVIEWS = 5
#: So many groups of each cut, those with most reviews, are followed over time.
MAX_SERIES = 200
#: False discovery rate up to which a change is called a change point.
MAX_Q = 0.05


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
    starts = period_starts(rows, config.loyalty.period)
    calendar = sorted(starts.dropna().unique().tolist())
    if not calendar:
        return cut_by(schema.TRENDS, config.loyalty.cuts).empty_table(), "no row has a date"
    at = pd.Index(calendar).get_indexer(starts)
    cuts = groupings(rows, config, row_touchpoints, single=True)
    followed = [series for cut in cuts if len(series := _followed(cut, at, calendar, basis, config))]
    table = pd.concat(followed, ignore_index=True) if followed else pd.DataFrame({"change_point": []})
    note = None if table["change_point"].notna().any() else _too_few(calendar, config)
    return to_table(table, cut_by(schema.TRENDS, config.loyalty.cuts)), note


def _followed(
    grouping: Grouping, at: Ints, calendar: list[str], basis: Basis, config: Config
) -> pd.DataFrame:
    """Estimate every group in every period, all in one go, draw the calm line through each, and judge it.

    Change points of one cut are judged as one family.
    """
    periods, level = len(calendar), config.loyalty.level
    dated = at[grouping.row] >= 0
    size = np.bincount(grouping.code[dated], minlength=len(grouping))
    order = np.argsort(-size, kind="stable")[:MAX_SERIES]
    kept = np.sort(order[size[order] >= config.loyalty.min_reviews])
    if not len(kept):
        return pd.DataFrame()
    number = np.full(len(grouping), -1, dtype=np.int64)
    number[kept] = np.arange(len(kept))
    used = dated & (number[grouping.code] >= 0)
    row = grouping.row[used]
    cells, code = np.unique(number[grouping.code[used]] * periods + at[row], return_inverse=True)
    got = basis.estimate(row, code, len(cells), level)
    reviews = np.bincount(code, minlength=len(cells))
    # Everything below stands in a grid of groups and periods, and is taken from the cells with reviews.
    value, error = np.full((2, len(kept), periods), np.nan)
    told = reviews >= MIN_PERIOD_REVIEWS
    apart = _error(got)
    value.flat[cells[told]], error.flat[cells[told]] = got.difference[told], apart[told]
    line, doubt = smooth(value, error)
    group, period = np.divmod(cells, periods)
    long = np.bincount(group[told], minlength=len(kept)) >= 2 * MIN_PERIODS
    change, change_error, p, q = np.full((4, len(kept), periods), np.nan)
    followed = np.flatnonzero(long)
    for one, found in zip(followed, breaks((value[i], error[i]) for i in followed), strict=True):
        for jump in found:
            change[one, jump.at], change_error[one, jump.at] = jump.shift, jump.error
            p[one, jump.at], q[one, jump.at] = jump.p_value, jump.q_value
    z = normal_quantile(level)
    line, doubt, change, change_error, p, q = (
        grid.ravel()[cells] for grid in (line, doubt, change, change_error, p, q)
    )
    return (
        grouping.labels.iloc[kept[group]]
        .reset_index(drop=True)
        .assign(
            grouping=grouping.name,
            period=np.array(calendar, dtype=object)[period],
            n_reviews=reviews,
            n_rated=got.n_rated,
            **Interval(got.index, got.claim_low, got.claim_high).named("index"),
            claim=got.difference,
            claim_error=apart,
            level=line,
            level_low=np.maximum(line - z * doubt, -100.0),
            level_high=np.minimum(line + z * doubt, 100.0),
            change=change,
            change_low=change - z * change_error,
            change_high=change + z * change_error,
            change_p=p,
            change_q=q,
            change_point=np.where(long[group], (q <= MAX_Q).astype(object), np.array(None)),
        )
    )


def _error(got: Estimates) -> Floats:
    """Give the standard error by which the periods of a group differ for no reason.

    Where nobody answered, what the words get wrong is taken to be the same in every period: a change of the
    words is then read as a change of the index.
    """
    if not got.n_rated.any():
        return got.words_error
    return np.where(got.n_rated > 0, got.claim_error, got.error)


def _too_few(calendar: list[str], config: Config) -> str:
    kind, needed = config.loyalty.period, 2 * MIN_PERIODS
    if len(calendar) < needed:
        several = f"{len(calendar)} {kind}" + ("" if len(calendar) == 1 else "s")
        return f"the dates span {several}; change points need {needed}"
    return (
        f"no group of {config.loyalty.min_reviews} reviews or more has {needed} {kind}s of "
        f"{MIN_PERIOD_REVIEWS} reviews or more"
    )
