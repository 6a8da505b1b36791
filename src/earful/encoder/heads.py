"""The heads of the encoder: small matrices that say what its states mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earful.encoder.calibration import Calibration

__all__ = ["ANSWERS", "HEADS", "PROBLEMS", "TAGS", "Heads"]

Floats = NDArray[np.float32]
Chances = NDArray[np.float64]

ANSWERS = 11  # 0 to 10
#: What a segment is.
PROBLEMS = ("complaint", "fact", "question", "praise")
#: What a piece is of an aspect term.
TAGS = ("outside", "begin", "inside")
#: Every head, with how many numbers it gives for each number of the encoder's width that it reads.
HEADS = ("review", "answer", "segment", "problem", "tag", "tone", "theme")


@dataclass(frozen=True, slots=True)
class Heads:
    """What is read from the states.

    Attributes
    ----------
    weights, biases
        Of each head of :data:`HEADS` its matrix, shape (outputs, inputs), and its bias.
    calibrations
        By head; one without its own is taken as it is.
    """

    weights: Mapping[str, Floats]
    biases: Mapping[str, Floats]
    calibrations: Mapping[str, Calibration]

    @classmethod
    def of(cls, arrays: Mapping[str, Floats], calibrations: Mapping[str, Calibration]) -> Heads:
        """Make the heads of arrays that are called ``review.weight``, ``review.bias`` and so on."""
        weights, biases = ({name: arrays[f"{name}.{part}"] for name in HEADS} for part in ("weight", "bias"))
        return cls(weights, biases, calibrations)

    @property
    def width(self) -> int:
        """Numbers of a state."""
        return int(self.weights["theme"].shape[1])

    def logits(self, head: str, given: Floats) -> Chances:
        """Return what a head says of rows, uncalibrated."""
        return (given @ self.weights[head].T + self.biases[head]).astype(np.float64)

    def chances(self, head: str, given: Floats, langs: Sequence[str]) -> Chances:
        """Return what a head says of rows as probabilities, each calibrated for its language."""
        calibration = self.calibrations.get(head, Calibration())
        return calibration.probabilities(self.logits(head, given), langs)

    def vectors(self, means: Floats) -> Floats:
        """Return theme vectors of mean states, of length 1."""
        out = means @ self.weights["theme"].T + self.biases["theme"]
        lengths = np.sqrt(np.square(out).sum(axis=1, keepdims=True))
        return np.asarray(out / np.maximum(lengths, 1e-9), dtype=np.float32)
