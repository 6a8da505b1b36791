"""Effects of themes beside each other: adjusted effects, penalties and rewards.

The impact in ``drivers.py`` compares reviews with a theme to those without, whatever else they say. Here all
themes stand in one linear regression of the row values, so that each is compared at equal mention of the
others. Effects are associations: they say where to look, not what would happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from earful.loyalty.intervals import normal_quantile

__all__ = [
    "AdjustedEffects",
    "PenaltyReward",
    "adjusted_effects",
    "penalty_reward",
]

Floats = NDArray[np.float64]
#: One column a theme, dense or sparse.
Mentions: TypeAlias = NDArray[np.float64] | sparse.csr_matrix

#: Penalty and reward are compared only where a theme is mentioned so often each way.
MIN_EACH_WAY = 20
#: Impact asymmetry up to which a theme is basic, and from which it is a delighter. A convention.
BASIC, DELIGHTER = -0.2, 0.2
_SEED = 20240229


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
    themes = mentioned.shape[1]
    slope, covariance = _regression(value, [mentioned], controls, weight)
    picked = slice(1, 1 + themes)
    share = _shares(mentioned, weight)
    effect = share * slope[picked]
    error = share * np.sqrt(np.maximum(np.diag(covariance)[picked], 0))
    half = normal_quantile(level) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(error > 0, np.abs(effect) / error, 0.0)
    return AdjustedEffects(effect, effect - half, effect + half, 2 * stats.norm.sf(z))


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
    slope, covariance = _regression(value, [negative, positive], controls, weight)
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


def _regression(
    value: Floats, themes: list[Mentions], controls: Mentions | None, weight: Floats | None
) -> tuple[Floats, Floats]:
    """Slopes on intercept, themes and controls, and their covariance (HC1).

    Columns that say the same share their slope (pseudo-inverse).
    """
    n = len(value)
    blocks = [np.ones((n, 1)), *themes, *([] if controls is None else [controls])]
    w = np.ones(n) if weight is None else weight * n / weight.sum()
    if any(sparse.issparse(block) for block in blocks):
        design = sparse.hstack([sparse.csr_matrix(block) for block in blocks], format="csr")
        gram = (design.T @ design.multiply(w[:, None]).tocsr()).toarray()
    else:
        design = np.column_stack(blocks)
        gram = design.T @ (design * w[:, None])
    size, direction = np.linalg.eigh(gram)
    kept = size > 1e-12 * size[-1]
    inverse = (direction[:, kept] / size[kept]) @ direction[:, kept].T
    slope = inverse @ (design.T @ (w * value))
    square = (w * (value - design @ slope)) ** 2
    if sparse.issparse(design):
        meat = (design.T @ design.multiply(square[:, None]).tocsr()).toarray()
    else:
        meat = design.T @ (design * square[:, None])
    covariance = n / max(n - int(kept.sum()), 1) * inverse @ meat @ inverse
    return np.asarray(slope, dtype=np.float64), np.asarray(covariance, dtype=np.float64)


def _shares(mentioned: Mentions, weight: Floats | None) -> Floats:
    n = mentioned.shape[0]
    w = np.ones(n) if weight is None else weight
    share: Floats = np.asarray(mentioned.T @ w, dtype=np.float64).ravel() / float(w.sum())
    return share


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
