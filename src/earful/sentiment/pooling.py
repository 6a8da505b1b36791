"""Pooling: a whole review's probabilities from its segments and its title.

Two log-odds are pooled, that the review is not negative and that it is positive. Each is a weighted sum, with
weights that are never negative, of the segments' own log-odds: their mean, their last, their lowest, their
highest, and the title's. So the answer is monotone: a segment that turns more positive never makes the review
less positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earful.encoder.calibration import Floats

__all__ = ["Pooling", "summarise"]

_EDGE = 1e-4  # keeps log-odds finite: one segment can never decide alone however long the review


@dataclass(frozen=True, slots=True)
class Pooling:
    """Weights; as built, a review of one segment keeps about the segment's answer.

    Attributes
    ----------
    not_negative, positive
        Weights of mean, last, lowest, highest and title, each at least 0.
    biases
        What is added to the two sums.
    """

    not_negative: tuple[float, ...] = (0.4, 0.2, 0.2, 0.0, 0.2)
    positive: tuple[float, ...] = (0.4, 0.2, 0.2, 0.0, 0.2)
    biases: tuple[float, float] = (0.0, 0.0)

    def pool(self, segments: Floats, title: Floats | None = None) -> Floats:
        """Pool one review.

        Parameters
        ----------
        segments
            p_negative, p_neutral, p_positive of each segment in order, shape (n, 3), n at least 1 unless
            there is a title.
        title
            The title's probabilities, shape (3,), or ``None``: then the title counts as the segments' mean.

        Returns
        -------
        numpy.ndarray
            p_negative, p_neutral, p_positive of the review, shape (3,), summing to 1.
        """
        terms = summarise(segments, title)
        not_negative = _sigmoid(self.biases[0] + float(np.dot(terms[0], self.not_negative)))
        positive = min(_sigmoid(self.biases[1] + float(np.dot(terms[1], self.positive))), not_negative)
        return np.array([1.0 - not_negative, not_negative - positive, positive])


def summarise(segments: Floats, title: Floats | None) -> Floats:
    """Give mean, last, lowest, highest and title of both log-odds, shape (2, 5)."""
    odds = _log_odds(segments) if len(segments) else _log_odds(np.asarray(title)[None])
    mean = odds.mean(axis=0)
    headline = mean if title is None else _log_odds(np.asarray(title)[None])[0]
    stacked: Floats = np.stack([mean, odds[-1], odds.min(axis=0), odds.max(axis=0), headline], axis=1)
    return stacked


def _log_odds(probabilities: Floats) -> Floats:
    negative = np.clip(probabilities[:, 0], _EDGE, 1 - _EDGE)
    positive = np.clip(probabilities[:, 2], _EDGE, 1 - _EDGE)
    odds: Floats = np.stack([np.log((1 - negative) / negative), np.log(positive / (1 - positive))], axis=1)
    return odds


def _sigmoid(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -500.0, 500.0))))
