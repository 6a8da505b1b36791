"""Polarity: which of the three classes words get, and a score that never contradicts it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LABELS", "NEUTRAL_UP_TO", "REVIEW_LEAD", "classes", "polarity", "scores"]

#: The classes, in the order of every array of probabilities.
LABELS = ("negative", "neutral", "positive")

#: The score of neutral words is at most so far from 0, that of others further.
NEUTRAL_UP_TO = 0.25

#: A whole review takes a side only where that is so many times as likely as neutral: one that holds both, or
#: little of either, is seldom neutral by far. Chosen on public dev splits (``scripts.encoder.calibrate``).
REVIEW_LEAD = 1.5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def classes(probabilities: Floats, lead: float = 1.0) -> Ints:
    """Return the class of each row, as a place in :data:`LABELS`; neutral where two are level.

    Parameters
    ----------
    probabilities
        Negative, neutral and positive, shape (n, 3); NaN where nothing is known, which is neutral.
    lead
        How many times as likely as neutral a side has to be.

    Examples
    --------
    >>> rows = np.array([[0.5, 0.4, 0.1], [0.2, 0.3, 0.5]])
    >>> classes(rows).tolist(), classes(rows, lead=1.5).tolist()
    ([0, 2], [1, 2])
    """
    negative, neutral, positive = probabilities.T
    found = np.ones(len(probabilities), np.int64)
    found[(negative > lead * neutral) & (negative > positive)] = 0
    found[(positive > lead * neutral) & (positive > negative)] = 2
    return found


def polarity(p_negative: float | None, p_neutral: float | None, p_positive: float | None) -> str:
    """Name the likeliest of the three; ``neutral`` where two are level or nothing is known."""
    if p_negative is None or p_neutral is None or p_positive is None:
        return "neutral"
    return LABELS[classes(np.array([[p_negative, p_neutral, p_positive]]))[0]]


def scores(probabilities: Floats, lead: float = 1.0) -> Floats:
    """Give the score of each row: positive less negative, kept on the side of its class.

    Of three probabilities neutral may be the class at a difference of -.4, and negative at one of -.1. So
    that a class never contradicts its score, neutral ends at :data:`NEUTRAL_UP_TO` from 0, and the
    others begin right behind.

    Parameters
    ----------
    probabilities
        Negative, neutral and positive, shape (n, 3); NaN where nothing is known.
    lead
        As in :func:`classes`.

    Returns
    -------
    numpy.ndarray
        In [-1, 1], shape (n,), rounded to 6 decimals.

    Examples
    --------
    >>> scores(np.array([[0.44, 0.5, 0.06], [0.42, 0.33, 0.25], [0.1, 0.2, 0.7]])).tolist()
    [-0.25, -0.250001, 0.6]
    """
    apart = np.round(probabilities[:, 2] - probabilities[:, 0], 6)
    beyond = NEUTRAL_UP_TO + 1e-6
    side = classes(probabilities, lead)
    out = np.clip(apart, -NEUTRAL_UP_TO, NEUTRAL_UP_TO)
    out = np.where(side == 0, np.minimum(apart, -beyond), out)
    found: Floats = np.where(side == 2, np.maximum(apart, beyond), out)
    return found
