"""Polarity: what words are, which of the three is likeliest, and a score that never contradicts it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LABELS", "NEUTRAL_UP_TO", "polarity", "scores"]

#: The classes, in the order of every array of probabilities.
LABELS = ("negative", "neutral", "positive")

#: The score of neutral words is at most so far from 0, that of others further.
NEUTRAL_UP_TO = 0.25

Floats = NDArray[np.float64]


def polarity(p_negative: float | None, p_neutral: float | None, p_positive: float | None) -> str:
    """Name the likeliest of the three; ``neutral`` where two are level or nothing is known."""
    if p_negative is None or p_neutral is None or p_positive is None:
        return "neutral"
    if p_negative > p_neutral and p_negative > p_positive:
        return "negative"
    return "positive" if p_positive > p_neutral and p_positive > p_negative else "neutral"


def scores(probabilities: Floats) -> Floats:
    """Give the score of each row: positive less negative, kept on the side of its label.

    Of three probabilities the likeliest may be neutral at a difference of -.4, and negative at one of -.1. So
    that a label never contradicts its score, a neutral one ends at :data:`NEUTRAL_UP_TO` from 0, and the
    others begin right behind.

    Parameters
    ----------
    probabilities
        Negative, neutral and positive, shape (n, 3); NaN where nothing is known.

    Returns
    -------
    numpy.ndarray
        In [-1, 1], shape (n,), rounded to 6 decimals.

    Examples
    --------
    >>> scores(np.array([[0.44, 0.5, 0.06], [0.42, 0.33, 0.25], [0.1, 0.2, 0.7]])).tolist()
    [-0.25, -0.250001, 0.6]
    """
    negative, neutral, positive = probabilities.T
    apart = np.round(positive - negative, 6)
    beyond = NEUTRAL_UP_TO + 1e-6
    out = np.clip(apart, -NEUTRAL_UP_TO, NEUTRAL_UP_TO)
    out = np.where((negative > neutral) & (negative > positive), np.minimum(apart, -beyond), out)
    found: Floats = np.where((positive > neutral) & (positive > negative), np.maximum(apart, beyond), out)
    return found
