"""What moves the index: the effect of every theme, with its interval.

The impact of a theme is the index of all reviews less the index without those that carry it, which is exactly
``share * (index with - index without)`` (the definition that feedback tools publish, here with an error bar).
Every review enters with a value whose mean over the group is the group's index: its prediction, moved by the
error of the prediction where the review has an answer. It is an association, not what would happen if the
theme went away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse, stats

from earful import schema
from earful.config import Config
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.customers import units
from earful.loyalty.driver_effects import controls_of, effects_of
from earful.loyalty.estimator import Settings, estimate
from earful.loyalty.frames import POLARITIES, Grouping, groupings, theme_matrices
from earful.loyalty.importance import shapley_shares

__all__ = ["MIN_REVIEWS", "Impacts", "drivers_table", "impacts", "row_values"]

#: A theme with fewer reviews than this in a group is not reported there.
MIN_REVIEWS = 20
_GROUPINGS = ("overall", "product", "touchpoint")
_RESAMPLES = 500
_SEED = 20240229
#: With more reviews than this the interval is that of the delta method, which the bootstrap then comes to.
_BOOTSTRAP_UP_TO = 5000
#: Bootstrap weights are drawn so many numbers at a time: about 16 MB.
_CHUNK = 2_000_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
        The columns from ``adjusted`` on compare the themes beside each other (``driver_effects``); they are
        empty where a group has too few reviews for all its themes at once.
    """
    basis = basis or basis_of(rows, config.scales)
    spoken = np.flatnonzero(~basis.silent)
    rows = rows.iloc[spoken].reset_index(drop=True)
    themes, carried = theme_matrices(rows, mentions)
    wordy = _Wordy(
        basis.prediction[spoken],
        basis.answer[spoken],
        None if basis.weight is None else basis.weight[spoken],
        basis.customers(spoken),
        carried,
        controls_of(rows),
        themes,
    )
    records: list[dict[str, Any]] = []
    for grouping in groupings(rows, config):
        if grouping.name in _GROUPINGS and themes:
            records += _of_grouping(grouping, wordy, config)
    _add_q_values(records, "p_value", "q_value")
    _add_q_values(records, "adjusted_p", "adjusted_q")
    return _as_table(records)


@dataclass(frozen=True, slots=True)
class Impacts:
    """Impacts of several themes in one group; arrays of shape (n_themes,), in points.

    Attributes
    ----------
    n
        Reviews that carry the theme.
    share
        ``n`` over the reviews of the group, in [0, 1].
    impact, low, high
        Index of all less index without the theme, and its bootstrap interval (percentile).
    p_value
        Of no impact, two-sided.
    """

    n: Ints
    share: Floats
    impact: Floats
    low: Floats
    high: Floats
    p_value: Floats


def row_values(
    prediction: Floats,
    answer: Floats,
    code: Ints,
    groups: int,
    settings: Settings,
    weight: Floats | None = None,
    customer: Ints | None = None,
) -> Floats:
    """Give each row a value whose mean over its group is the group's index, but for a constant per group.

    Parameters
    ----------
    prediction, answer
        In points, NaN where missing, shape (n,).
    code
        Group of each row, shape (n,).
    groups
        How many groups there are.
    settings
        As the estimator takes them.
    weight
        Weight of each row, shape (n,); equal by default.
    customer
        Whose each row is, as the estimator takes it.

    Returns
    -------
    Floats
        Shape (n,); NaN where a row has neither prediction nor answer.
    """
    got = estimate(code, prediction, answer, groups, weight=weight, settings=settings, customer=customer)
    spoken, rated = ~np.isnan(prediction), ~np.isnan(answer)
    told = None if weight is None else weight[spoken]
    middle = float(np.average(prediction[spoken], weights=told)) if spoken.any() else 0.0
    f = np.where(spoken, middle + got.slope * (prediction - middle), middle)
    factor = got.shrinkage * got.n_rows / np.maximum(got.n_rated, 1)
    if weight is not None:
        everybody = np.bincount(code, np.where(spoken | rated, weight, 0.0), groups)
        those = np.bincount(code, np.where(rated, weight, 0.0), groups)
        factor = got.shrinkage * np.where(those > 0, everybody / np.maximum(those, 1e-300), 0.0)
    value = f + np.where(rated, factor[code] * (np.where(rated, answer, 0.0) - f), 0.0)
    return np.where(spoken | rated, value, np.nan)


def impacts(
    value: Floats,
    carried: sparse.csr_matrix,
    level: float,
    resamples: int = _RESAMPLES,
    weight: Floats | None = None,
    customer: Ints | None = None,
) -> Impacts:
    """Measure the impact of every theme in one group.

    Parameters
    ----------
    value
        Value of each review, as ``row_values`` gives it, shape (n,), no NaN.
    carried
        1 where a review carries a theme, shape (n, n_themes).
    level
        Level of the intervals.
    resamples
        Bootstrap resamples of reviews; drawn with a fixed seed.
    weight
        Weight of each review, above 0, shape (n,); equal by default.
    customer
        Whose each review is, -1 where unknown, shape (n,): they are drawn together. By default everybody has
        one.
    """
    n, unit = len(value), units(len(value), customer)
    told = np.asarray(carried.sum(axis=0)).ravel()
    count, size, weighed = told, float(n), value
    if weight is not None:
        count, size, weighed = np.asarray(carried.T @ weight).ravel(), float(weight.sum()), weight * value
    total, with_theme = float(weighed.sum()), np.asarray(carried.T @ weighed).ravel()
    impact = _impact(size, total, count, with_theme)
    tail = (1 - level) / 2
    if n > _BOOTSTRAP_UP_TO:
        error = _delta_error(value, carried, unit, weight)
        low, high = impact + stats.norm.ppf(tail) * error, impact + stats.norm.isf(tail) * error
    else:
        drawn = _resampled(value, carried, unit, resamples, weight)
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        error = drawn.std(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(error > 0, np.abs(impact) / error, np.where(impact == 0, 0.0, np.inf))
    return Impacts(
        n=told.astype(np.int64),
        share=count / size,
        impact=impact,
        low=np.minimum(low, impact),
        high=np.maximum(high, impact),
        p_value=2 * stats.norm.sf(z),
    )


def _resampled(
    value: Floats, carried: sparse.csr_matrix, unit: Ints, resamples: int, weight: Floats | None = None
) -> Floats:
    """Impacts in resamples of the units, shape (resamples, n_themes)."""
    n, many = len(value), int(unit.max()) + 1
    dense = carried.toarray()
    columns = np.column_stack([value, dense, dense * value[:, None]])
    if weight is not None:
        columns *= weight[:, None]
    random = np.random.default_rng(_SEED)
    drawn = np.empty((resamples, carried.shape[1]))
    step = max(1, min(resamples, _CHUNK // n))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        picked = random.integers(0, many, (size, many)) + many * np.arange(size)[:, None]
        drawn_units = np.bincount(picked.ravel(), minlength=size * many).reshape(size, many)
        times = drawn_units[:, unit].astype(np.float64)
        total, count, with_theme = np.split(times @ columns, [1, 1 + carried.shape[1]], axis=1)
        whole = (times.sum(axis=1) if weight is None else times @ weight)[:, None]
        drawn[start : start + size] = _impact(whole, total, count, with_theme)
    return drawn


def _delta_error(
    value: Floats, carried: sparse.csr_matrix, unit: Ints, weight: Floats | None = None
) -> Floats:
    """Give the standard error of the impacts by their influence functions."""
    n = len(value)
    w = np.ones(n) if weight is None else weight * n / weight.sum()
    mean = value.mean() if weight is None else float(np.average(value, weights=w))
    error = np.empty(carried.shape[1])
    for theme in range(carried.shape[1]):
        rest = w * (1 - carried[:, [theme]].toarray().ravel())
        if 0 < np.count_nonzero(rest) < n:
            without = float(rest @ value) / rest.sum()
            influence = w * (value - mean) - rest * n / rest.sum() * (value - without)
            together = np.bincount(unit, influence)
            error[theme] = np.sqrt(len(together)) * together.std(ddof=1) / n
        else:
            error[theme] = 0.0
    return error


def _impact(n: Any, total: Any, count: Any, with_theme: Any) -> Floats:
    """Index of all less index of the rest; 0 where there is no rest to compare with."""
    rest = n - count
    some = rest > 1e-9 * n
    without = (total - with_theme) / np.where(some, rest, 1)
    return np.asarray(np.where(some & (count > 0), total / n - without, 0.0))


@dataclass(frozen=True, slots=True)
class _Wordy:
    """The rows with words: what each is worth, and what it mentions; arrays of shape (n,)."""

    prediction: Floats
    answer: Floats
    weight: Floats | None
    customer: Ints | None
    carried: dict[str, sparse.csr_matrix]
    controls: sparse.csr_matrix
    themes: list[str]


def _of_grouping(grouping: Grouping, wordy: _Wordy, config: Config) -> list[dict[str, Any]]:
    f, s = wordy.prediction[grouping.row], wordy.answer[grouping.row]
    weight = None if wordy.weight is None else wordy.weight[grouping.row]
    level = config.loyalty.level
    customer = None if wordy.customer is None else wordy.customer[grouping.row]
    value = row_values(f, s, grouping.code, len(grouping), Settings(level=level), weight, customer)
    records = []
    order = np.argsort(grouping.code, kind="stable")
    starts = np.searchsorted(grouping.code[order], np.arange(len(grouping) + 1))
    for group in range(len(grouping)):
        at = order[starts[group] : starts[group + 1]]
        at = at[~np.isnan(value[at])]
        if weight is not None:
            at = at[weight[at] > 0]
        if len(at) < MIN_REVIEWS:
            continue
        labels: dict[str, Any] = {str(name): grouping.labels[name].iloc[group] for name in grouping.labels}
        row = grouping.row[at]
        own = replace(
            wordy,
            weight=None if weight is None else weight[at],
            customer=None if customer is None else customer[at],
            carried={polarity: wordy.carried[polarity][row] for polarity in POLARITIES},
            controls=wordy.controls[row],
        )
        for record in _of_group(value[at], own, level):
            records.append({"grouping": grouping.name, **labels, **record})
    return records


def _of_group(value: Floats, own: _Wordy, level: float) -> list[dict[str, Any]]:
    carried, themes = own.carried, own.themes
    frequent: dict[str, Ints] = {}
    for polarity, matrix in carried.items():
        counts = np.asarray(matrix.sum(axis=0)).ravel()
        frequent[polarity] = np.flatnonzero(counts >= MIN_REVIEWS).astype(np.int64)
    if not len(frequent["any"]):
        return []
    some = sparse.hstack([carried[p][:, frequent[p]] for p in POLARITIES], format="csr")
    measured = impacts(value, some, level, weight=own.weight, customer=own.customer)
    names = [(theme, polarity) for polarity in POLARITIES for theme in frequent[polarity].tolist()]
    beside = effects_of(value, carried, frequent, own.controls, level, own.weight)
    importance = _importance(value, carried, frequent, own.weight)
    records = [
        {
            "theme": themes[theme],
            "polarity": polarity,
            "n": int(measured.n[i]),
            "share": 100 * measured.share[i],
            "impact": measured.impact[i],
            "impact_low": measured.low[i],
            "impact_high": measured.high[i],
            "p_value": measured.p_value[i],
            "importance": importance.get((theme, polarity)),
            **beside[theme, polarity],
        }
        for i, (theme, polarity) in enumerate(names)
    ]
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
    columns, owners = [], []
    for theme in frequent["any"].tolist():
        sides = [p for p in ("negative", "positive") if carried[p][:, [theme]].sum() > 0] or ["any"]
        for polarity in sides:
            columns.append(carried[polarity][:, [theme]])
            owners.append((theme, polarity))
    design = sparse.hstack(columns, format="csr").toarray()
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
        values = stats.false_discovery_control([record[p] for record in known])
        for record, value in zip(known, values.tolist(), strict=True):
            record[q] = value


def _as_table(records: list[dict[str, Any]]) -> pa.Table:
    columns = {}
    for field in schema.DRIVERS:
        values = [record.get(field.name) for record in records]
        if pa.types.is_floating(field.type):
            values = [None if value is None else round(float(value), 6) + 0.0 for value in values]
        columns[field.name] = pa.array(values, field.type)
    return pa.table(columns, schema=schema.DRIVERS)
