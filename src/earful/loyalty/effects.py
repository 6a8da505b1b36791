"""Effects of themes beside each other: adjusted effects, penalties and rewards.

The impact (``impacts.py``) compares reviews with a theme to those without, whatever else they say. Here all
themes stand in one linear regression of the row values, so that each is compared at equal mention of the
others. Effects are associations: they say where to look, not what would happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from earful.loyalty.frames import Floats, Ints
from earful.loyalty.intervals import Interval, normal_quantile, two_sided_p

__all__ = [
    "AdjustedEffects",
    "PenaltyReward",
    "adjusted_effects",
    "controls_of",
    "dense",
    "effects_of",
    "penalty_reward",
    "regression",
    "varying",
]

#: One column a theme, dense or sparse.
Mentions: TypeAlias = Floats | sparse.csr_matrix

#: Penalty and reward are compared only where a theme is mentioned so often each way.
MIN_EACH_WAY = 20
#: Impact asymmetry up to which a theme is basic, and from which it is a delighter. A convention.
BASIC, DELIGHTER = -0.2, 0.2
_SEED = 20240229
#: A product or language of fewer reviews has no column of its own among the controls; nor have more than so
#: many of them, the most frequent first.
_MIN_LEVEL, _MOST_LEVELS = 20, 30
#: Reviews that must be left over for each group once every column has taken one.
_SPARE = 20
#: Up to so many reviews the regressions run on arrays.
_DENSE_UP_TO = 5000
#: Of more than that, so many are multiplied at once.
_STRETCH = 65_536


@dataclass(frozen=True, slots=True)
class AdjustedEffects:
    """Points of the index that go with the mention of each theme; arrays of shape (n_themes,).

    Attributes
    ----------
    effect, low, high
        Index as it is less index with the mentions set to none, all else equal: below 0 for a complaint.
    p_value
        Of no effect, two-sided.
    """

    effect: Floats
    low: Floats
    high: Floats
    p_value: Floats

    def named(self) -> dict[str, Floats]:
        """Give them as columns of the drivers table."""
        return {**Interval(self.effect, self.low, self.high).named("adjusted"), "adjusted_p": self.p_value}


def adjusted_effects(
    value: Floats,
    mentioned: Mentions,
    controls: Mentions | None = None,
    level: float = 0.95,
    weight: Floats | None = None,
) -> AdjustedEffects:
    """Estimate what each theme goes with, the other themes and the controls held equal.

    Parameters
    ----------
    value
        Value of each review in points, shape (n,).
    mentioned
        1 where a review mentions a theme, shape (n, n_themes).
    controls
        Further columns that are held equal (product, channel, language, length), shape (n, k).
    level
        Level of the intervals. Standard errors allow for unequal spread (HC1: MacKinnon and White 1985).
    weight
        Weight of each review, shape (n,); equal by default.
    """
    slope, covariance = regression(value, [mentioned], controls, weight)
    picked = slice(1, 1 + mentioned.shape[1])
    error = np.sqrt(np.maximum(np.diag(covariance)[picked], 0))
    return _adjusted(mentioned, slope[picked], error, level, weight)


def _adjusted(
    mentioned: Mentions, slope: Floats, error: Floats, level: float, weight: Floats | None
) -> AdjustedEffects:
    """Turn slopes and their errors into points of the index, by how many reviews mention each theme."""
    n = mentioned.shape[0]
    w = np.ones(n) if weight is None else weight
    share: Floats = np.asarray(mentioned.T @ w, dtype=np.float64).ravel() / float(w.sum())
    effect, error = share * slope, share * error
    half = normal_quantile(level) * error
    # A theme that nobody or everybody mentions has no slope, and no error: nothing is claimed of it.
    p = np.where(error > 0, two_sided_p(effect, error), 1.0)
    return AdjustedEffects(effect, effect - half, effect + half, p)


@dataclass(frozen=True, slots=True)
class PenaltyReward:
    """What a theme costs when it disappoints and brings when it pleases; arrays of shape (n_themes,).

    Attributes
    ----------
    penalty, reward
        Change of a review's value with a negative, and with a positive mention, against none, in points.
    penalty_error, reward_error
        Their standard errors (HC1).
    asymmetry, low, high
        ``(reward - |penalty|) / (reward + |penalty|)`` with its interval, in [-1, 1]; NaN where the theme is
        not mentioned 20 times each way.
    kind
        ``basic`` (its absence angers, its presence is taken for granted), ``performance``, ``delighter``, or
        empty where the interval does not tell.
    """

    penalty: Floats
    reward: Floats
    penalty_error: Floats
    reward_error: Floats
    asymmetry: Floats
    low: Floats
    high: Floats
    kind: tuple[str, ...]


def penalty_reward(
    value: Floats,
    negative: Mentions,
    positive: Mentions,
    level: float = 0.95,
    resamples: int = 2000,
    controls: Mentions | None = None,
    weight: Floats | None = None,
) -> PenaltyReward:
    """Compare penalty and reward of each theme (Mikulic and Prebezac 2008).

    Parameters
    ----------
    value
        Value of each review in points, shape (n,).
    negative, positive
        1 where a review mentions a theme that way, shape (n, n_themes).
    level, resamples
        Level of the intervals. That of the asymmetry rests on so many pairs of slopes, drawn from the normal
        distribution of the two estimates (fixed seed): its cost does not grow with the reviews.
    controls, weight
        As ``adjusted_effects`` takes them.
    """
    themes = negative.shape[1]
    counts = [np.asarray(side.sum(axis=0)).ravel() for side in (negative, positive)]
    enough = np.minimum(*counts) >= MIN_EACH_WAY
    slope, covariance = regression(value, [negative, positive], controls, weight)
    at = np.arange(1, 1 + themes)
    penalty, reward = slope[at], slope[at + themes]
    first, second = (np.sqrt(np.maximum(covariance[i, i], 0)) for i in (at, at + themes))
    # Each theme's two slopes are drawn together: the second leans on the first as their covariance says.
    with np.errstate(invalid="ignore", divide="ignore"):
        lean = np.where(first > 0, covariance[at, at + themes] / first, 0.0)
    rest = np.sqrt(np.maximum(second**2 - lean**2, 0))
    noise = np.random.default_rng(_SEED).standard_normal((resamples, 2, 1))
    drawn = _asymmetry(penalty + first * noise[:, 0], reward + lean * noise[:, 0] + rest * noise[:, 1])
    tail = (1 - level) / 2
    asymmetry = _asymmetry(penalty, reward)
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    low, high = np.minimum(low, asymmetry), np.maximum(high, asymmetry)
    kinds = [_kind(*values) if ok else "" for *values, ok in zip(asymmetry, low, high, enough, strict=True)]
    blank = np.where(enough, 0.0, np.nan)
    return PenaltyReward(
        penalty, reward, first, second, asymmetry + blank, low + blank, high + blank, tuple(kinds)
    )


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
            levels = counts["value"][:_MOST_LEVELS]
            columns += [
                sparse.csc_matrix((values == level).to_numpy(np.float64)[:, None]) for level in levels
            ]
    if "text_length" in rows:
        length = np.log1p(rows["text_length"].to_numpy(np.float64, na_value=0.0))
        length = length - length.mean() if len(length) else length
        columns.append(sparse.csc_matrix(length[:, None]))
    if not columns:
        return sparse.csr_matrix((len(rows), 0))
    return sparse.hstack(columns, format="csr")


def effects_of(
    value: Floats,
    carried: Mapping[str, sparse.csr_matrix],
    frequent: Mapping[str, Ints],
    controls: sparse.csr_matrix,
    level: float,
    weight: Floats | None = None,
) -> dict[tuple[int, str], dict[str, Any]]:
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
    themes, n, many = frequent["any"], len(value), len(frequent["any"])
    found: dict[tuple[int, str], dict[str, Any]] = {
        (t, p): {} for p in frequent for t in frequent[p].tolist()
    }

    def put(polarity: str, told: Ints, columns: Mapping[str, Floats]) -> None:
        for i, theme in enumerate(told.tolist()):
            if (theme, polarity) in found:
                found[theme, polarity].update({name: values[i] for name, values in columns.items()})

    mentions = {polarity: dense(carried[polarity][:, themes], n) for polarity in carried}
    used = varying(dense(controls, n))
    room = n - 1 - used.shape[1] - _SPARE
    if many <= room:
        put("any", themes, adjusted_effects(value, mentions["any"], used, level, weight).named())
    if 2 * many > room:
        return found
    got = penalty_reward(
        value, mentions["negative"], mentions["positive"], level, controls=used, weight=weight
    )
    slopes = {"negative": (got.penalty, got.penalty_error), "positive": (got.reward, got.reward_error)}
    for polarity, (slope, error) in slopes.items():
        put(polarity, themes, _adjusted(mentions[polarity], slope, error, level, weight).named())
    half = normal_quantile(level) * np.stack([got.penalty_error, got.reward_error])
    columns = {
        **Interval(got.penalty, got.penalty - half[0], got.penalty + half[0]).named("penalty"),
        **Interval(got.reward, got.reward - half[1], got.reward + half[1]).named("reward"),
        **Interval(got.asymmetry, got.low, got.high).named("asymmetry"),
        "kind": np.array([kind or "undetermined" for kind in got.kind], dtype=object),
    }
    told = np.isfinite(got.asymmetry)
    for polarity in frequent:
        put(polarity, themes[told], {name: values[told] for name, values in columns.items()})
    return found


def dense(matrix: sparse.csr_matrix, n: int) -> Any:
    """Give a matrix of few rows as an array: there a sparse one's bookkeeping costs more than it saves."""
    return matrix.toarray() if n <= _DENSE_UP_TO else matrix


def varying(controls: Any) -> Any:
    """Drop the columns that say the same of every review here."""
    if not controls.shape[1]:
        return controls
    low, high = controls.min(axis=0), controls.max(axis=0)
    if sparse.issparse(controls):
        low, high = low.toarray().ravel(), high.toarray().ravel()
    return controls[:, np.flatnonzero(high > low)]


def regression(
    value: Floats, themes: list[Mentions], controls: Mentions | None, weight: Floats | None
) -> tuple[Floats, Floats]:
    """Slopes on intercept, themes and controls, and their covariance (HC1).

    Columns that say the same share their slope (pseudo-inverse).
    """
    n = len(value)
    blocks = [np.ones((n, 1)), *themes, *([] if controls is None else [controls])]
    w = np.ones(n) if weight is None else weight * n / weight.sum()
    if any(sparse.issparse(block) for block in blocks):
        design: Mentions = sparse.hstack([sparse.csr_matrix(block) for block in blocks], format="csr")
    else:
        design = np.column_stack(blocks)
    gram = _gram(design, w)
    size, direction = np.linalg.eigh(gram)
    kept = size > 1e-12 * size[-1]
    inverse = (direction[:, kept] / size[kept]) @ direction[:, kept].T
    slope = inverse @ (design.T @ (w * value))
    square = (w * (value - design @ slope)) ** 2
    covariance = n / max(n - int(kept.sum()), 1) * inverse @ _gram(design, square) @ inverse
    return np.asarray(slope, dtype=np.float64), np.asarray(covariance, dtype=np.float64)


def _gram(design: Any, w: Floats) -> Floats:
    if not sparse.issparse(design):
        return np.asarray(design.T @ (design * w[:, None]))
    total = np.zeros((design.shape[1], design.shape[1]))
    for start in range(0, design.shape[0], _STRETCH):
        rows = design[start : start + _STRETCH]
        total += (rows.T @ rows.multiply(w[start : start + _STRETCH, None]).tocsr()).toarray()
    return total


def _asymmetry(penalty: Floats, reward: Floats) -> Floats:
    loss, win = np.abs(np.minimum(penalty, 0)), np.maximum(reward, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(loss + win > 0, (win - loss) / (win + loss), 0.0))


def _kind(asymmetry: float, low: float, high: float) -> str:
    if high < BASIC:
        return "basic"
    if low > DELIGHTER:
        return "delighter"
    return "performance" if BASIC <= asymmetry <= DELIGHTER else ""
