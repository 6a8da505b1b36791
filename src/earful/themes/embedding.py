"""The embedding stage: a vector for every segment, kept with the run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from earful.encoder.reading import VectorMaker
from earful.pipeline import Batch, Parts
from earful.schema import described
from earful.themes.meaning import VECTOR_SCALE, to_bytes

__all__ = ["Embedding"]


class Embedding:
    """Stage that keeps the vectors that a reading of the whole review found for its segments.

    Parameters
    ----------
    encoder
        Whose vectors they are.
    """

    name = "embedding"
    requires: tuple[str, ...] = ("segments", "places", "readings")
    adds: tuple[str, ...] = ("embeddings",)

    def __init__(self, encoder: VectorMaker) -> None:
        self.size = encoder.size
        doc = f"{self.size} signed bytes: the numbers of the encoder's vector times {VECTOR_SCALE}"
        self.fields = {"embeddings": (described("vector", pa.binary(self.size), doc),)}

    @classmethod
    def of(cls, parts: Parts) -> Embedding:
        """Make the stage with a run's encoder."""
        return cls(parts.encoder)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``embeddings``, one row per segment in the order of ``segments``; zeros where no words are."""
        assert batch.segments is not None, "the segment stage has not run"
        counts = np.bincount(batch.places, minlength=len(batch)).tolist()
        own = [
            np.zeros((count, self.size), np.float32) if reading is None else reading.vectors
            for reading, count in zip(batch.readings, counts, strict=True)
        ]
        found = np.clip(np.rint(np.concatenate(own) * VECTOR_SCALE), -127, 127).astype(np.int8)
        columns = {
            "row": batch.segments.column("row"),
            "segment": batch.segments.column("segment"),
            "vector": pa.array(to_bytes(found), pa.binary(self.size)),
        }
        return replace(batch, embeddings=pa.table(columns))
