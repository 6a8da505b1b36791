"""The embedding stage: a vector for every segment, kept with the run."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from earful.encoder import Encoder
from earful.pipeline import Batch
from earful.schema import EMBEDDINGS
from earful.themes.meaning import to_bytes, vectors

__all__ = ["Embedding", "segment_texts"]


class Embedding:
    """Stage that gives every segment its vector, so that themes can be sought later without the encoder.

    Parameters
    ----------
    encoder
        What :func:`earful.encoder.load_encoder` gives.
    """

    name = "embedding"
    requires: tuple[str, ...] = ("texts", "segments.clean_start", "segments.clean_end")
    adds: tuple[str, ...] = ("embeddings",)

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def __call__(self, batch: Batch) -> Batch:
        """Add ``embeddings``, one row per segment in the order of ``segments``."""
        assert batch.segments is not None, "the segment stage has not run"
        found = to_bytes(vectors(self.encoder, segment_texts(batch)))
        columns = {
            "row": batch.segments.column("row"),
            "segment": batch.segments.column("segment"),
            "vector": pa.array(found, EMBEDDINGS.field("vector").type),
        }
        return replace(batch, embeddings=pa.table(columns, schema=EMBEDDINGS))


def segment_texts(batch: Batch) -> list[str]:
    """Give the cleaned words of each segment."""
    assert batch.segments is not None
    place_of = {row: place for place, row in enumerate(batch.column("row"))}
    rows, starts, ends = (
        batch.segments.column(name).to_pylist() for name in ("row", "clean_start", "clean_end")
    )
    return [
        batch.texts[place_of[row]].text[start:end] for row, start, end in zip(rows, starts, ends, strict=True)
    ]
