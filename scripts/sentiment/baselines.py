"""What ``evaluate.py`` measures models against: VADER, where the text is English."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def vader_predictor() -> Callable[[list[str]], np.ndarray]:
    """Give VADER with its usual cut points of ±0.05."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def predict(texts: list[str]) -> np.ndarray:
        scores = np.array([analyser.polarity_scores(text)["compound"] for text in texts])
        read = np.zeros((len(texts), 3))
        read[:, 0] = np.where(scores <= -0.05, 1 - scores, 0.1 - scores / 10)
        read[:, 2] = np.where(scores >= 0.05, 1 + scores, 0.1 + scores / 10)
        read[:, 1] = np.where(np.abs(scores) < 0.05, 1.0, 0.0)
        return read

    return predict
