"""The drivers table: what moves the index, theme by theme, each with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from earful import schema
from earful.config import Config
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.effects import controls_of, effects_of
from earful.loyalty.frames import POLARITIES, Floats, Ints, cut_rows, groupings, rows_of, theme_matrices
from earful.loyalty.impacts import impacts, row_values
from earful.loyalty.importance import shapley_shares
from earful.loyalty.intervals import Interval, false_discovery
from earful.schema import cut_by
from earful.tables import to_table

__all__ = ["MIN_REVIEWS", "drivers_table"]

#: A theme with fewer reviews than this in a group is not reported there.
MIN_REVIEWS = 20


def drivers_table(
    rows: pd.DataFrame, mentions: pd.DataFrame, config: Config, basis: Basis | None = None
) -> pa.Table:
    """Measure the effect of every theme on the index, overall, by product and by touchpoint column.

    Parameters
    ----------
    rows
        One row per review in canonical order, as ``loyalty_table`` takes it.
    mentions
        One row per mention: ``row``, ``theme``, ``polarity``.
    config
        Settings of the run.
    basis
        What ``basis_of`` gave for these rows, where it is there already.

    Returns
    -------
    pa.Table
        As ``schema.DRIVERS``, the strongest impact first within each group. A theme has a row for reviews
        that mention it at all (``any``), and for those that do so negatively or positively. ``importance``
        adds up to 1 over the ``any`` rows of a group, and splits each theme's into negative and positive.
        The columns from ``adjusted`` on compare the themes beside each other (``effects``); they are
        empty where a group has too few reviews for all its themes at once.
    """
    loyalty = config.loyalty
    basis = basis or basis_of(rows, config.scales, anchor=loyalty.anchor, about=loyalty.about)
    level = config.loyalty.level
    spoken = np.flatnonzero(~basis.silent)
    rows = cut_rows(rows, spoken, config)
    themes, carried = theme_matrices(rows, mentions)
    controls = controls_of(rows)
    records: list[dict[str, Any]] = []
    for grouping in groupings(rows, config, single=True) if themes else ():
        row = spoken[grouping.row]
        value, weight = row_values(basis, row, grouping.code, len(grouping), level), basis.weights(row)
        counts = ~np.isnan(value) if weight is None else ~np.isnan(value) & (weight > 0)
        for named, at in grouping.groups():
            at = at[counts[at]]
            if len(at) < MIN_REVIEWS:
                continue
            here = grouping.row[at]
            own = {polarity: rows_of(carried[polarity], here) for polarity in POLARITIES}
            for record in _of_group(value[at], own, rows_of(controls, here), level, basis, spoken[here]):
                records.append({**named, **record, "theme": themes[record["theme"]]})
    _add_q_values(records, "p_value", "q_value")
    _add_q_values(records, "adjusted_p", "adjusted_q")
    return to_table(records, cut_by(schema.DRIVERS, loyalty.cuts))


def _of_group(
    value: Floats,
    carried: dict[str, sparse.csr_matrix],
    controls: sparse.csr_matrix,
    level: float,
    basis: Basis,
    row: Ints,
) -> list[dict[str, Any]]:
    """Measure the themes that are frequent in one group, the strongest first; ``theme`` is its number."""
    weight = basis.weights(row)
    frequent = {
        polarity: np.flatnonzero(np.asarray(matrix.sum(axis=0)).ravel() >= MIN_REVIEWS).astype(np.int64)
        for polarity, matrix in carried.items()
    }
    if not len(frequent["any"]):
        return []
    some = sparse.hstack([carried[p][:, frequent[p]] for p in POLARITIES], format="csr")
    measured = impacts(value, some, level, weight=weight, customer=basis.customers(row))
    names = [(theme, polarity) for polarity in POLARITIES for theme in frequent[polarity].tolist()]
    beside = effects_of(value, carried, frequent, controls, level, weight)
    importance = _importance(value, carried, frequent, weight)
    impact = Interval(measured.impact, measured.low, measured.high).named("impact")
    records = [
        {
            "theme": theme,
            "polarity": polarity,
            "n": int(measured.n[i]),
            "share": 100 * measured.share[i],
            **{name: values[i] for name, values in impact.items()},
            "p_value": measured.p_value[i],
            "importance": importance.get((theme, polarity)),
            **beside[theme, polarity],
        }
        for i, (theme, polarity) in enumerate(names)
    ]
    # Themes are numbered in the order of their names.
    return sorted(records, key=lambda record: (-abs(record["impact"]), record["theme"], record["polarity"]))


def _importance(
    value: Floats,
    carried: dict[str, sparse.csr_matrix],
    frequent: dict[str, Ints],
    weight: Floats | None,
) -> dict[tuple[int, str], float]:
    """Split what the themes explain together among them; a theme's share is that of its two polarities.

    The columns are the negative and the positive mentions of every theme that is frequent at all; a theme
    mentioned only neutrally takes part with its mentions as such.
    """
    many = {polarity: np.asarray(matrix.sum(axis=0)).ravel() for polarity, matrix in carried.items()}
    owners = [
        (theme, polarity)
        for theme in frequent["any"].tolist()
        for polarity in [p for p in ("negative", "positive") if many[p][theme] > 0] or ["any"]
    ]
    # By polarity at a time, then put in order: a matrix of one column has a number for each row.
    of_each = {p: [theme for theme, polarity in owners if polarity == p] for p in POLARITIES}
    place = {owner: i for i, owner in enumerate((theme, p) for p in POLARITIES for theme in of_each[p])}
    stacked = sparse.hstack([carried[p][:, of_each[p]] for p in POLARITIES], format="csr")
    design = stacked[:, [place[owner] for owner in owners]]
    shares = shapley_shares(design, value, weight=weight)
    found: dict[tuple[int, str], float] = {}
    for (theme, polarity), share in zip(owners, shares.tolist(), strict=True):
        found[theme, "any"] = found.get((theme, "any"), 0.0) + share
        if polarity != "any":
            found[theme, polarity] = share
    return found


def _add_q_values(records: list[dict[str, Any]], p: str, q: str) -> None:
    """Adjust the p-values over everything that the table reports (Benjamini and Hochberg 1995)."""
    known = [record for record in records if record.get(p) is not None]
    if known:
        values = false_discovery([record[p] for record in known])
        for record, value in zip(known, values.tolist(), strict=True):
            record[q] = value
