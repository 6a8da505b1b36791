"""Effects of themes beside each other: adjusted effects, penalties and rewards, the parts of a change.

The impact in ``drivers.py`` compares reviews with a theme to those without, whatever else they say. Here all
themes stand in one linear regression of the row values, so that each is compared at equal mention of the
others. Effects are associations: they say where to look, not what would happen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from earful.loyalty.intervals import normal_quantile

__all__ = [
    "AdjustedEffects",
    "Change",
    "PenaltyReward",
    "adjusted_effects",
    "decompose_change",
    "penalty_reward",
]

Floats = NDArray[np.float64]

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
    value: Floats, mentioned: Floats, controls: Floats | None = None, level: float = 0.95
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
    """
    n, themes = mentioned.shape
    extra = np.empty((n, 0)) if controls is None else controls
    design = np.column_stack([np.ones(n), mentioned, extra])
    inverse = np.linalg.pinv(design.T @ design)
    slope = inverse @ (design.T @ value)
    residual = value - design @ slope
    inflate = n / max(n - np.linalg.matrix_rank(design), 1)
    covariance = inflate * inverse @ ((design * residual[:, None] ** 2).T @ design) @ inverse
    picked = slice(1, 1 + themes)
    share = mentioned.mean(axis=0)
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
    asymmetry, low, high
        ``(reward - |penalty|) / (reward + |penalty|)`` with its bootstrap interval, in [-1, 1]; NaN where the
        theme is not mentioned 20 times each way.
    kind
        ``basic`` (its absence angers, its presence is taken for granted), ``performance``, ``delighter``, or
        empty where the interval does not tell.
    """

    penalty: Floats
    reward: Floats
    asymmetry: Floats
    low: Floats
    high: Floats
    kind: tuple[str, ...]


def penalty_reward(
    value: Floats, negative: Floats, positive: Floats, level: float = 0.95, resamples: int = 500
) -> PenaltyReward:
    """Compare penalty and reward of each theme (Mikulic and Prebezac 2008).

    Parameters
    ----------
    value
        Value of each review in points, shape (n,).
    negative, positive
        1 where a review mentions a theme that way, shape (n, n_themes).
    level, resamples
        Level of the bootstrap interval, and how many resamples of reviews it rests on (fixed seed).
    """
    n, themes = negative.shape
    enough = (negative.sum(axis=0) >= MIN_EACH_WAY) & (positive.sum(axis=0) >= MIN_EACH_WAY)
    design = np.column_stack([np.ones(n), negative, positive])
    fitted = _fit(design, value, np.ones(n))
    penalty, reward = fitted[1 : 1 + themes], fitted[1 + themes :]
    random = np.random.default_rng(_SEED)
    drawn = np.empty((resamples, themes))
    for i in range(resamples):
        weight = np.bincount(random.integers(0, n, n), minlength=n).astype(np.float64)
        again = _fit(design, value, weight)
        drawn[i] = _asymmetry(again[1 : 1 + themes], again[1 + themes :])
    tail = (1 - level) / 2
    asymmetry = _asymmetry(penalty, reward)
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    low, high = np.minimum(low, asymmetry), np.maximum(high, asymmetry)
    kinds = [_kind(*values) if ok else "" for *values, ok in zip(asymmetry, low, high, enough, strict=True)]
    blank = np.where(enough, 0.0, np.nan)
    return PenaltyReward(penalty, reward, asymmetry + blank, low + blank, high + blank, tuple(kinds))


@dataclass(frozen=True, slots=True)
class Change:
    """Where a change of the index between two periods comes from; adds up to the change exactly.

    Attributes
    ----------
    total
        Later mean less earlier mean, in points.
    mix
        From themes being mentioned more or less often, shape (n_themes,).
    severity
        From the same themes weighing more or less, shape (n_themes,).
    rest
        From what no theme tells.
    """

    total: float
    mix: Floats
    severity: Floats
    rest: float


def decompose_change(
    earlier: Floats, earlier_mentioned: Floats, later: Floats, later_mentioned: Floats
) -> Change:
    """Split the change of the mean value between two periods among the themes (Kitagawa 1955, Oaxaca 1973).

    Each period has its own regression of value on themes; regressions pass through the means, so the parts
    add up without a remainder. Both halves are weighed at the average of the periods, so that turning them
    round turns every part round.

    Parameters
    ----------
    earlier, later
        Value of each review of the period in points, shapes (n,) and (m,).
    earlier_mentioned, later_mentioned
        1 where a review mentions a theme, shapes (n, n_themes) and (m, n_themes).
    """
    slopes, shares, intercepts = [], [], []
    for value, mentioned in ((earlier, earlier_mentioned), (later, later_mentioned)):
        fitted = _fit(np.column_stack([np.ones(len(value)), mentioned]), value, np.ones(len(value)))
        slopes.append(fitted[1:])
        shares.append(mentioned.mean(axis=0))
        # By the means rather than by the fit: exact even where the themes are collinear.
        intercepts.append(float(value.mean() - shares[-1] @ slopes[-1]))
    mix = (shares[1] - shares[0]) * (slopes[0] + slopes[1]) / 2
    severity = (slopes[1] - slopes[0]) * (shares[0] + shares[1]) / 2
    return Change(float(later.mean() - earlier.mean()), mix, severity, intercepts[1] - intercepts[0])


def _fit(design: Floats, value: Floats, weight: Floats) -> Floats:
    weighted = design * weight[:, None]
    # A trace of ridge: a column that a resample lost gets 0 instead of stopping everything.
    gram = weighted.T @ design + 1e-8 * len(value) * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(gram, weighted.T @ value), dtype=np.float64)


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
