"""Polarity: what words are, and which of the three is likeliest; the score and the label say the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LABELS", "NEUTRAL_UP_TO", "agreed", "polarity"]

#: The classes, in the order of every array of probabilities.
LABELS = ("negative", "neutral", "positive")

#: Words are neutral where their score, p_positive - p_negative, is at most so far from 0.
NEUTRAL_UP_TO = 0.25
_WHOLE = 1_000_000  # probabilities are told in millionths

Floats = NDArray[np.float64]


def polarity(p_negative: float | None, p_neutral: float | None, p_positive: float | None) -> str:
    """Name the likeliest of the three; ``neutral`` where two are level or nothing is known."""
    if p_negative is None or p_neutral is None or p_positive is None:
        return "neutral"
    if p_negative > p_neutral and p_negative > p_positive:
        return "negative"
    return "positive" if p_positive > p_neutral and p_positive > p_negative else "neutral"


def agreed(probabilities: Floats) -> Floats:
    """Let the likeliest class follow from the score, so that a label never contradicts it.

    Of three probabilities the likeliest may be neutral at a score of -.4, and negative at one of -.1. Here
    the score stays as it is, and where the likeliest class is not the one that it stands for, neutral is
    given, or takes from both others alike, just what makes it so.

    Parameters
    ----------
    probabilities
        Negative, neutral and positive, shape (n, 3), each row summing to 1.

    Returns
    -------
    numpy.ndarray
        The same shape, rounded to 6 decimals, which sum to 1. Neutral is the likeliest exactly where positive
        less negative is within :data:`NEUTRAL_UP_TO` of 0.

    Examples
    --------
    >>> agreed(np.array([[0.44, 0.5, 0.06]])).tolist()
    [[0.460001, 0.459998, 0.080001]]
    """
    score = np.rint((probabilities[:, 2] - probabilities[:, 0]) * _WHOLE).astype(np.int64)
    apart = np.abs(score)
    neutral = np.minimum(np.rint(probabilities[:, 1] * _WHOLE).astype(np.int64), _WHOLE - apart)
    # Neutral is the likeliest exactly where three times its share are more than the whole and the score.
    level = (_WHOLE + apart) // 3
    calm = apart <= round(NEUTRAL_UP_TO * _WHOLE)
    neutral = np.where(calm, np.maximum(neutral, level + 1), np.minimum(neutral, level - 1))
    # The other two share the rest, so it is odd or even as the score is.
    odd = (_WHOLE - neutral + score) % 2
    neutral += np.where(calm | (neutral == 0), odd, -odd)
    rest = _WHOLE - neutral
    out: Floats = np.stack([(rest - score) // 2, neutral, (rest + score) // 2], axis=1) / _WHOLE
    return out
