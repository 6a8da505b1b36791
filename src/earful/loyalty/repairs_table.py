"""The repairs table: for each product, what it would be worth to mend each theme that is complained of.

A small product has too few reviews to say by itself what a complaint costs. So the penalty of a theme is
first measured over all products at once, at equal mention of all other themes; a product's own is that, moved
by how much lower or higher its complainers lie than the others do, and by as much of it as its reviews can
carry: by how far products differ in the theme at all (integrated over a grid, as few products tell little of
that). It is an association, not what would happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

from earful import schema
from earful.config import Config
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.effects import controls_of, dense, regression, varying
from earful.loyalty.frames import Floats, Ints, cut_rows, groupings, rows_of, theme_matrices
from earful.loyalty.impacts import row_values
from earful.loyalty.intervals import Interval, false_discovery, normal_quantile, two_sided_p
from earful.tables import to_table

__all__ = ["MIN_COMPLAINTS", "repairs_table"]

#: A theme with fewer complaints in all reviews has no penalty.
MIN_COMPLAINTS = 10
#: Reviews that must be left over once every column of the regression has taken one.
_SPARE = 20
#: The spread of a theme's penalty between products is sought up to so many spreads of the reviews themselves.
_WIDEST, _STEPS = 1.0, 25


@dataclass(frozen=True, slots=True)
class _Pooled:
    """Over all products: penalty and variance of each theme, what is left of each review, its spread."""

    penalty: Floats
    variance: Floats
    rest: Floats
    spread: float


def repairs_table(
    rows: pd.DataFrame, mentions: pd.DataFrame, config: Config, basis: Basis | None = None
) -> pa.Table:
    """Measure what the repair of each theme would be worth, overall and for each product.

    Parameters
    ----------
    rows, mentions, config, basis
        As ``drivers_table`` takes them.

    Returns
    -------
    pa.Table
        As ``schema.REPAIRS``: every theme with ten complaints in all, in each product that has a complaint of
        it; overall first, then products in the order of their names, what is worth most first.
    """
    loyalty = config.loyalty
    basis = basis or basis_of(rows, config.scales, anchor=loyalty.anchor, about=loyalty.about)
    spoken = np.flatnonzero(~basis.silent)
    rows = cut_rows(rows, spoken, config)
    themes, carried = theme_matrices(rows, mentions)
    value = np.full(len(rows), np.nan)
    if len(rows):
        value = row_values(basis, spoken, np.zeros(len(rows), dtype=np.int64), 1, loyalty.level)
    weight = basis.weights(spoken)
    counts = ~np.isnan(value) if weight is None else ~np.isnan(value) & (weight > 0)
    there = np.flatnonzero(counts)
    negative = carried["negative"][there] if themes else sparse.csr_matrix((len(there), 0))
    told = np.flatnonzero(np.asarray(negative.sum(axis=0)).ravel() >= MIN_COMPLAINTS)
    w = np.ones(len(there)) if weight is None else weight[there]
    sides = [negative[:, told], carried["positive"][there][:, told] if themes else negative[:, told]]
    controls = controls_of(rows)[there]
    if not len(told) or len(there) < 2 * len(told) + controls.shape[1] + _SPARE:
        return schema.REPAIRS.empty_table()
    pooled = _pooled(value[there], sides, controls, w)
    place = np.full(len(rows), -1)
    place[there] = np.arange(len(there))
    complaining = sides[0]
    records: list[dict[str, Any]] = []
    for grouping in groupings(rows, config, single=True, but=("touchpoint", *config.loyalty.cuts)):
        groups = [(named, place[grouping.row[at]]) for named, at in grouping.groups()]
        groups = [(named, at[at >= 0]) for named, at in groups]
        found = [_of_group(rows_of(complaining, at), w[at], pooled, at) for _, at in groups]
        alone = grouping.name == "overall"
        for record in _records(found, pooled, loyalty.level, alone=alone):
            record |= {**groups[record.pop("group")][0], "theme": themes[told[record["theme"]]]}
            records.append(record)
    known = [record.pop("p_value") for record in records]
    for record, q in zip(records, false_discovery(known), strict=True):
        record["q_value"] = float(q)
    return to_table(_in_order(records), schema.REPAIRS)


def _pooled(value: Floats, sides: list[Any], controls: Any, weight: Floats) -> _Pooled:
    n, many = len(value), sides[0].shape[1]
    blocks = [dense(side, n) for side in sides]
    used = varying(dense(controls, n))
    slope, covariance = regression(value, blocks, used, weight)
    at = np.arange(1, 1 + many)
    fitted = slope[0] + sum(
        np.asarray(block @ slope[1 + i * many : 1 + (i + 1) * many]).ravel() for i, block in enumerate(blocks)
    )
    fitted = fitted + np.asarray(used @ slope[1 + 2 * many :]).ravel()
    rest = value - fitted
    spread = float(np.sqrt(np.average(rest**2, weights=weight)))
    return _Pooled(slope[at], np.diagonal(covariance)[at], rest, spread)


@dataclass(frozen=True, slots=True)
class _Group:
    """Of a group: complaints of each theme, reviews, share, and how far its penalty lies from that of all."""

    n: Ints
    reviews: int
    share: Floats
    apart: Floats
    variance: Floats


def _of_group(complaining: sparse.csr_matrix, weight: Floats, pooled: _Pooled, at: Ints) -> _Group:
    rest, total = pooled.rest[at], weight.sum()
    with_theme = weight @ complaining
    without = total - with_theme
    some = (with_theme > 0) & (without > 0)
    safe, others = np.where(some, with_theme, 1.0), np.where(some, without, 1.0)
    summed = (weight * rest) @ complaining
    apart = summed / safe - ((weight * rest).sum() - summed) / others
    count = np.asarray(complaining.sum(axis=0)).ravel()
    variance = pooled.spread**2 * (1 / np.maximum(count, 1) + 1 / np.maximum(len(at) - count, 1))
    return _Group(
        count.astype(np.int64),
        len(at),
        with_theme / total if len(at) else with_theme,
        np.where(some, apart, 0.0),
        np.where(some, variance, np.inf),
    )


def _records(found: list[_Group], pooled: _Pooled, level: float, *, alone: bool) -> list[dict[str, Any]]:
    """Give the records of the groups of one grouping, with the groups' and the themes' numbers."""
    z, records = normal_quantile(level), []
    for theme in range(len(pooled.penalty)):
        here = [at for at, group in enumerate(found) if group.n[theme] > 0]
        if not here:
            continue
        apart = np.array([found[at].apart[theme] for at in here])
        variance = np.array([found[at].variance[theme] for at in here])
        moved, spread, own = (np.zeros(len(here)),) * 3 if alone else _drawn(apart, variance, pooled.spread)
        penalty = pooled.penalty[theme] + moved
        error = np.sqrt(pooled.variance[theme] + spread)
        share = np.array([found[at].share[theme] for at in here])
        size = np.array([found[at].reviews for at in here])
        # The share is an estimate too: the errors of both factors of a product add up.
        doubt = z * np.sqrt((share * error) ** 2 + penalty**2 * share * (1 - share) / size)
        worth = -share * penalty
        columns = {
            **Interval(penalty, penalty - z * error, penalty + z * error).named("penalty"),
            **Interval(worth, worth - doubt, worth + doubt).named("worth"),
            "own": own,
            "share": 100 * share,
            "p_value": two_sided_p(penalty, error),
        }
        for i, at in enumerate(here):
            counted = {"n": int(found[at].n[theme]), "n_reviews": found[at].reviews}
            records.append(
                {
                    "group": at,
                    "theme": theme,
                    **counted,
                    **{key: float(one[i]) for key, one in columns.items()},
                }
            )
    return records


def _drawn(apart: Floats, variance: Floats, spread: float) -> tuple[Floats, Floats, Floats]:
    """Draw each product's distance from the common penalty towards 0.

    ``apart ~ N(delta, variance)``, ``delta ~ N(0, tau^2)``, tau flat on a grid up to the spread of reviews.

    Returns
    -------
    tuple
        Mean and variance of each delta, and the weight of the product's own distance, in [0, 1].
    """
    tau = np.linspace(0, _WIDEST * spread, _STEPS)[:, None]
    both = tau**2 + np.where(np.isinf(variance), 1e300, variance)
    likely = (-0.5 * (np.log(both) + apart**2 / both))[:, np.isfinite(variance)].sum(axis=1)
    chance = np.exp(likely - likely.max())
    chance = (chance / chance.sum())[:, None]
    own = tau**2 / both
    mean = own * apart
    moved = (chance * mean).sum(axis=0)
    # Without evidence of its own a product is as far off as products may be.
    left = np.where(np.isinf(variance), tau**2, own * np.where(np.isinf(variance), 0.0, variance))
    return moved, (chance * (left + mean**2)).sum(axis=0) - moved**2, (chance * own).sum(axis=0)


def _in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def key(record: dict[str, Any]) -> tuple[bool, str, float, str]:
        product = record.get("product")
        return product is not None, str(product or ""), -record["worth"], record["theme"]

    return sorted(records, key=key)
