"""Two readings of one text added up: the encoder's, and a share of the n-grams'.

An encoder knows what words mean; counted n-grams know how the people of one site write and rate. Their logits
are added with a share per language that was chosen on development rows, and calibrated together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earful.sentiment.calibration import Calibration, Floats
from earful.sentiment.ngram import NgramModel
from earful.sentiment.onnx import OnnxModel
from earful.sentiment.pooling import Pooling

__all__ = ["Blend"]

_ANY = "*"


@dataclass(slots=True)
class Blend:
    """An encoder, and an n-gram model beside it.

    Attributes
    ----------
    share
        What the n-grams' logits are multiplied by, per language; ``*`` is for the rest.
    """

    name: str
    encoder: OnnxModel
    ngrams: NgramModel
    share: Mapping[str, float]
    calibration: Calibration
    pooling: Pooling

    @property
    def checksum(self) -> str:
        """SHA-256 over both models; the encoder's folder holds the shares."""
        return hashlib.sha256(f"{self.encoder.checksum} {self.ngrams.checksum}".encode()).hexdigest()

    def logits(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text and language alone."""
        other = self.share.get(_ANY, 0.0)
        shares = np.array([self.share.get(lang, other) for lang in langs]).reshape(-1, 1)
        added: Floats = self.encoder.logits(texts) + shares * self.ngrams.logits(texts)
        return added

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(self.calibration.probabilities(self.logits(texts, langs), langs), 6)
