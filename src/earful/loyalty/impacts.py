"""The impact of themes: the index of all reviews less the index without those that carry a theme.

It is exactly ``share * (index with - index without)`` (the definition that feedback tools publish, here with
an error bar). Every review enters with a value whose mean over the group is the group's index: its
prediction, moved by the error of the prediction where the review has an answer. It is an association, not
what would happen if the theme went away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse, special

from earful.loyalty.basis import Basis
from earful.loyalty.customers import units
from earful.loyalty.frames import Floats, Ints
from earful.loyalty.intervals import two_sided_p

__all__ = ["Impacts", "impacts", "row_values"]

_RESAMPLES = 500
_SEED = 20240229
#: With more reviews than this the interval is that of the delta method, which the bootstrap then comes to.
_BOOTSTRAP_UP_TO = 5000
#: Bootstrap weights are drawn so many numbers at a time: about 16 MB.
_CHUNK = 2_000_000


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


def row_values(basis: Basis, row: Ints, code: Ints, groups: int, level: float) -> Floats:
    """Give each row a value whose mean over its group is the group's index, but for a constant per group.

    Parameters
    ----------
    basis, row, code, groups, level
        As ``Basis.estimate`` takes them.

    Returns
    -------
    Floats
        Shape (n,); NaN where a row has neither prediction nor answer.
    """
    got = basis.estimate(row, code, groups, level)
    prediction, answer, weight = basis.prediction[row], basis.answer[row], basis.weights(row)
    spoken, rated = ~np.isnan(prediction), ~np.isnan(answer)
    w = np.ones(len(row)) if weight is None else weight
    middle = float(np.average(prediction[spoken], weights=w[spoken])) if spoken.any() else 0.0
    f = np.where(spoken, middle + got.slope * (prediction - middle), middle)
    everybody = np.bincount(code, np.where(spoken | rated, w, 0.0), groups)
    those = np.bincount(code, np.where(rated, w, 0.0), groups)
    factor = np.where(those > 0, got.shrinkage * everybody / np.maximum(those, 1e-300), 0.0)
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
    w = np.ones(n) if weight is None else weight
    count, size = np.asarray(carried.T @ w).ravel(), float(w.sum())
    total, with_theme = float((w * value).sum()), np.asarray(carried.T @ (w * value)).ravel()
    impact = _impact(size, total, count, with_theme)
    tail = (1 - level) / 2
    if n > _BOOTSTRAP_UP_TO:
        error = _delta_error(value, carried, unit, w)
        low, high = impact + special.ndtri(tail) * error, impact - special.ndtri(tail) * error
    else:
        drawn = _resampled(value, carried, unit, resamples, w)
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        error = drawn.std(axis=0, ddof=1)
    return Impacts(
        n=np.asarray(carried.sum(axis=0)).ravel().astype(np.int64),
        share=count / size,
        impact=impact,
        low=np.minimum(low, impact),
        high=np.maximum(high, impact),
        p_value=two_sided_p(impact, error),
    )


def _resampled(
    value: Floats, carried: sparse.csr_matrix, unit: Ints, resamples: int, weight: Floats
) -> Floats:
    """Impacts in resamples of the units, shape (resamples, n_themes)."""
    n, many = len(value), int(unit.max()) + 1
    dense = carried.toarray()
    columns = np.column_stack([value, dense, dense * value[:, None]]) * weight[:, None]
    random = np.random.default_rng(_SEED)
    drawn = np.empty((resamples, carried.shape[1]))
    step = max(1, min(resamples, _CHUNK // n))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        picked = random.integers(0, many, (size, many)) + many * np.arange(size)[:, None]
        drawn_units = np.bincount(picked.ravel(), minlength=size * many).reshape(size, many)
        times = drawn_units[:, unit].astype(np.float64)
        total, count, with_theme = np.split(times @ columns, [1, 1 + carried.shape[1]], axis=1)
        drawn[start : start + size] = _impact((times @ weight)[:, None], total, count, with_theme)
    return drawn


def _delta_error(value: Floats, carried: sparse.csr_matrix, unit: Ints, weight: Floats) -> Floats:
    """Give the standard error of the impacts by their influence functions."""
    n = len(value)
    w = weight * n / weight.sum()
    mean = float(np.average(value, weights=w))
    error = np.zeros(carried.shape[1])
    for theme in range(carried.shape[1]):
        rest = w * (1 - carried[:, [theme]].toarray().ravel())
        if 0 < np.count_nonzero(rest) < n:
            without = float(rest @ value) / rest.sum()
            influence = w * (value - mean) - rest * n / rest.sum() * (value - without)
            together = np.bincount(unit, influence)
            error[theme] = np.sqrt(len(together)) * together.std(ddof=1) / n
    return error


def _impact(n: Any, total: Any, count: Any, with_theme: Any) -> Floats:
    """Index of all less index of the rest; 0 where there is no rest to compare with."""
    rest = n - count
    some = rest > 1e-9 * n
    without = (total - with_theme) / np.where(some, rest, 1)
    return np.asarray(np.where(some & (count > 0), total / n - without, 0.0))
