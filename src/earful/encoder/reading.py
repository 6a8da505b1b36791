"""What is read of a review in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earful.encoder.form import Review

__all__ = ["Reading", "ReviewReader", "VectorMaker"]

Floats = NDArray[np.float32]
Chances = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a review.

    Attributes
    ----------
    review
        Negative, neutral, positive of the whole, shape (3,), rounded to 6 decimals.
    answer
        Chances of each answer, 0 to 10, to "would you recommend us?", shape (11,).
    segments
        Negative, neutral, positive of each segment, shape (m, 3), rounded to 6 decimals.
    problems
        Chances that a segment is each of :data:`earful.encoder.PROBLEMS`, shape (m, 4).
    vectors
        A vector of what each segment is about, of length 1, shape (m, width).
    places
        Half-open code points of the pieces of the review's text, in order, shape (n, 2).
    tags, tones
        Of each of these pieces the log-chances of :data:`earful.encoder.TAGS`, and of what is thought of
        what it stands in, shape (n, 3) each.
    """

    review: Chances
    answer: Chances
    segments: Chances
    problems: Chances
    vectors: Floats
    places: Ints
    tags: Chances
    tones: Chances


class VectorMaker(Protocol):
    """Turns texts into vectors. The vector of one never depends on the others of the call."""

    @property
    def name(self) -> str:
        """What the model is called in a manifest."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 that names the weights."""
        ...

    @property
    def size(self) -> int:
        """Numbers of a vector."""
        ...

    def __hash__(self) -> int:
        """Tell it from others: what was worked out with it is remembered."""
        ...

    def embed(self, texts: Sequence[str]) -> Floats:
        """Give a vector of what each text is about, shape (n, size), of length 1; zeros for a blank one."""
        ...


class ReviewReader(Protocol):
    """Reads whole reviews. The answer for one never depends on the others of the call."""

    @property
    def name(self) -> str:
        """What the model is called in a manifest."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 that names the weights."""
        ...

    @property
    def encoder(self) -> VectorMaker:
        """Whose vectors its readings have."""
        ...

    def read(self, reviews: Sequence[Review]) -> list[Reading]:
        """Read reviews, each as a whole."""
        ...

    def predict(self, texts: Sequence[str], langs: Sequence[str]) -> Chances:
        """Give negative, neutral, positive of each text as a whole, shape (n, 3)."""
        ...
