"""Two models in a row: the fast one reads every text, the accurate one those it was unsure of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earful.encoder.calibration import Floats
from earful.sentiment.model import SegmentModel
from earful.sentiment.pooling import Pooling

__all__ = ["Cascade"]


@dataclass(frozen=True, slots=True)
class Cascade:
    """A fast model and an accurate one behind it.

    Attributes
    ----------
    threshold
        A text whose likeliest class has less than this probability is read again by the accurate model. Which
        model answers for a text follows from that text alone.
    """

    name: str
    fast: SegmentModel
    accurate: SegmentModel
    threshold: float

    @property
    def checksum(self) -> str:
        """SHA-256 over both models and the threshold."""
        parts = f"{self.fast.checksum} {self.accurate.checksum} {self.threshold:.6f}"
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def pooling(self) -> Pooling:
        """How a whole review follows from its segments: as the accurate model has learned it."""
        return self.accurate.pooling

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give p_negative, p_neutral, p_positive of each text, shape (n, 3), rounded to 6 decimals."""
        read = self.fast.predict(texts, langs)
        unsure = np.flatnonzero(read.max(axis=1) < self.threshold) if len(texts) else np.array([], dtype=int)
        if len(unsure):
            read[unsure] = self.accurate.predict([texts[i] for i in unsure], [langs[i] for i in unsure])
        return read
