"""A baseline for ``evaluate.py``: logistic regression on the frozen vectors of the plain sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from earful.encoder import Encoder, load_encoder
from mixture import LABELS, load_mixture
from train_ngram import balanced

ROWS = 60_000
SEED = 5


@dataclass
class Probe:
    """Reads polarity like a sentiment model; a text's answer depends on that text alone."""

    encoder: Encoder
    head: LogisticRegression

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> np.ndarray:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), whatever its language."""
        return self.head.predict_proba(self.encoder.embed(list(texts)))


def fit_probe(data: Path) -> Probe:
    """Fit the baseline on :data:`ROWS` training rows of the mixture, drawn by their weights."""
    rows = load_mixture(data)
    rows = rows[~rows.held_out]
    draws = np.random.default_rng(SEED).random(len(rows)) ** (1.0 / rows.weight.to_numpy())
    rows = rows.iloc[np.sort(np.argsort(-draws)[:ROWS])]
    encoder = load_encoder()
    head = LogisticRegression(C=10.0, max_iter=300)
    head.fit(encoder.embed(rows.text.tolist()), rows.label.map(LABELS.index), balanced(rows, 0.5))
    return Probe(encoder, head)
