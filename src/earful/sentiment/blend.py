"""Two readings of one text added up: a network's, and a share of a simpler model's.

A network knows what words mean; counted n-grams know how the people of one site write and rate. Their logits
are added with a share per language that was chosen on development rows, and calibrated together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from earful.encoder.calibration import Calibration, Floats
from earful.sentiment.pooling import Pooling

__all__ = ["Blend", "Part"]

_ANY = "*"


class Part(Protocol):
    """A model whose logits can be added to another's."""

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 that names the weights."""
        ...

    def logits(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text and language alone."""
        ...


@dataclass(slots=True)
class Blend:
    """A network, and a simpler model beside it.

    Attributes
    ----------
    share
        What the logits of ``beside`` are multiplied by, per language; ``*`` is for the rest.
    """

    name: str
    network: Part
    beside: Part
    share: Mapping[str, float]
    calibration: Calibration
    pooling: Pooling

    @property
    def checksum(self) -> str:
        """SHA-256 over both models; the network's folder holds the shares."""
        return hashlib.sha256(f"{self.network.checksum} {self.beside.checksum}".encode()).hexdigest()

    def logits(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give uncalibrated logits, shape (n, 3), each row from its own text and language alone."""
        other = self.share.get(_ANY, 0.0)
        shares = np.array([self.share.get(lang, other) for lang in langs]).reshape(-1, 1)
        added: Floats = self.network.logits(texts, langs) + shares * self.beside.logits(texts, langs)
        return added

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        return np.round(self.calibration.probabilities(self.logits(texts, langs), langs), 6)
