"""Two readers in a row: the fast one reads every review, the accurate one those that it was unsure of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from earful.encoder.form import Review
from earful.encoder.reading import Chances, Reading, ReviewReader, VectorMaker

__all__ = ["UNSURE_BELOW", "ReaderCascade"]

#: Where no calibration has chosen another, reviews whose likeliest class has less chance are read again.
UNSURE_BELOW = 0.7


@dataclass(frozen=True, slots=True)
class ReaderCascade:
    """A fast reader and an accurate one behind it.

    Attributes
    ----------
    threshold
        A review whose likeliest class has less than this probability is read again by the accurate reader,
        with its segments and terms. Who answers for a review follows from that review alone.
    """

    name: str
    fast: ReviewReader
    accurate: ReviewReader
    threshold: float

    @property
    def checksum(self) -> str:
        """SHA-256 over both readers and the threshold."""
        parts = f"{self.fast.checksum} {self.accurate.checksum} {self.threshold:.6f}"
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def encoder(self) -> VectorMaker:
        """Whose vectors the readings have: the fast reader's for every review, so that they compare."""
        return self.fast.encoder

    def read(self, reviews: Sequence[Review]) -> list[Reading]:
        """Read reviews, each as a whole, with its segments and terms."""
        read = self.fast.read(reviews)
        unsure = [at for at, reading in enumerate(read) if reading.review.max() < self.threshold]
        for at, again in zip(unsure, self.accurate.read([reviews[at] for at in unsure]), strict=True):
            read[at] = replace(again, vectors=read[at].vectors)
        return read

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Chances:
        """Give negative, neutral, positive of each text as a whole, shape (n, 3), rounded to 6 decimals."""
        reviews = [Review(text, lang=lang) for text, lang in zip(texts, langs, strict=True)]
        return np.array([reading.review for reading in self.read(reviews)]).reshape(-1, 3)
