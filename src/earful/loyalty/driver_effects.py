"""What the drivers table says of the themes beside each other: adjusted effects, penalties and rewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from earful.loyalty.effects import AdjustedEffects, adjusted_effects, penalty_reward
from earful.loyalty.intervals import normal_quantile

__all__ = ["controls_of", "effects_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Columns = dict[str, Any]

#: A product or language of fewer reviews has no column of its own among the controls; nor have more than so
#: many of them, the most frequent first.
_MIN_LEVEL, _MOST_LEVELS = 20, 30
#: Reviews that must be left over for each group once every column has taken one.
_SPARE = 20
#: Up to so many reviews the regressions run on arrays.
_DENSE_UP_TO = 5000


def controls_of(rows: pd.DataFrame) -> sparse.csr_matrix:
    """Give what is held equal when themes are compared: product, language and length of each review.

    Parameters
    ----------
    rows
        One row per review: ``product``, ``lang`` and ``text_length``, as far as they are there.

    Returns
    -------
    csr_matrix
        Shape (n, k): one column for each frequent product and language, and the logarithm of the length.
    """
    columns = []
    for name in ("product", "lang"):
        if name in rows:
            values = rows[name].astype(object).where(rows[name].notna(), None)
            counts = values.value_counts().rename_axis("value").reset_index(name="n")
            counts = counts[counts["n"] >= _MIN_LEVEL].sort_values(["n", "value"], ascending=[False, True])
            columns += [(values == level).to_numpy(np.float64) for level in counts["value"][:_MOST_LEVELS]]
    if "text_length" in rows:
        length = np.log1p(rows["text_length"].to_numpy(np.float64, na_value=0.0))
        columns.append(length - length.mean() if len(length) else length)
    if not columns:
        return sparse.csr_matrix((len(rows), 0))
    return sparse.csr_matrix(np.column_stack(columns))


def effects_of(
    value: Floats,
    carried: Mapping[str, sparse.csr_matrix],
    frequent: Mapping[str, Ints],
    controls: sparse.csr_matrix,
    level: float,
    weight: Floats | None = None,
) -> dict[tuple[int, str], _Columns]:
    """Measure adjusted effects, penalties and rewards of the themes of one group.

    All themes that are frequent at all stand in the regressions, with what is said of them negatively and
    positively; mentions of every kind have a regression of their own.

    Parameters
    ----------
    value
        Value of each review in points, shape (n,).
    carried
        Polarity -> 1 where a review carries a theme, shape (n, n_themes).
    frequent
        Polarity -> themes that enough reviews carry with it.
    controls
        What is held equal, shape (n, k).
    level
        Level of the intervals.
    weight
        Weight of each review, shape (n,); equal by default.

    Returns
    -------
    dict
        (theme, polarity) -> columns of the drivers table. Penalty, reward and kind are the theme's, and stand
        with each of its polarities.
    """
    themes = frequent["any"]
    found: dict[tuple[int, str], _Columns] = {(t, p): {} for p in frequent for t in frequent[p].tolist()}
    n = len(value)
    mentions = {polarity: _dense(carried[polarity][:, themes], n) for polarity in carried}
    used = _varying(_dense(controls, n))
    if n >= 1 + len(themes) + used.shape[1] + _SPARE:
        some = adjusted_effects(value, mentions["any"], used, level, weight)
        _put_adjusted(found, some, themes, "any")
    if n < 1 + 2 * len(themes) + used.shape[1] + _SPARE:
        return found
    negative, positive = mentions["negative"], mentions["positive"]
    together = sparse.hstack if sparse.issparse(negative) else np.hstack
    both = together([negative, positive])
    sides = adjusted_effects(value, both, used, level, weight)
    _put_adjusted(found, sides, themes, "negative")
    _put_adjusted(found, sides, themes, "positive", len(themes))
    if not (set(frequent["negative"].tolist()) & set(frequent["positive"].tolist())):
        return found
    got = penalty_reward(value, negative, positive, level, controls=used, weight=weight)
    z = normal_quantile(level)
    for i, theme in enumerate(themes.tolist()):
        if not np.isfinite(got.asymmetry[i]):
            continue
        penalty, reward = got.penalty[i], got.reward[i]
        columns = {
            "penalty": penalty,
            "penalty_low": penalty - z * got.penalty_error[i],
            "penalty_high": penalty + z * got.penalty_error[i],
            "reward": reward,
            "reward_low": reward - z * got.reward_error[i],
            "reward_high": reward + z * got.reward_error[i],
            "asymmetry": got.asymmetry[i],
            "asymmetry_low": got.low[i],
            "asymmetry_high": got.high[i],
            "kind": got.kind[i] or "undetermined",
        }
        for polarity in frequent:
            if (theme, polarity) in found:
                found[theme, polarity].update(columns)
    return found


def _dense(matrix: sparse.csr_matrix, n: int) -> Any:
    """Give a matrix of few rows as an array: there a sparse one's bookkeeping costs more than it saves."""
    return matrix.toarray() if n <= _DENSE_UP_TO else matrix


def _varying(controls: Any) -> Any:
    """Drop the columns that say the same of every review here."""
    if not controls.shape[1]:
        return controls
    low, high = controls.min(axis=0), controls.max(axis=0)
    if sparse.issparse(controls):
        low, high = low.toarray().ravel(), high.toarray().ravel()
    return controls[:, np.flatnonzero(high > low)]


def _put_adjusted(
    found: dict[tuple[int, str], _Columns],
    effects: AdjustedEffects,
    themes: Ints,
    polarity: str,
    first: int = 0,
) -> None:
    for i, theme in enumerate(themes.tolist(), first):
        if (theme, polarity) in found:
            found[theme, polarity].update(
                adjusted=effects.effect[i],
                adjusted_low=effects.low[i],
                adjusted_high=effects.high[i],
                adjusted_p=effects.p_value[i],
            )
