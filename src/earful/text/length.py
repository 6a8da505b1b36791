"""Length."""

from __future__ import annotations

import pyarrow as pa

from earful.pipeline import Batch


class Length:
    """Stage: code points of each cleaned text."""

    name = "length"
    requires: tuple[str, ...] = ("texts",)
    adds: tuple[str, ...] = ("reviews.length",)
    fields = {"reviews": (pa.field("length", pa.int64()),)}

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.length``."""
        return batch.with_reviews(length=pa.array([len(c.text) for c in batch.texts], pa.int64()))
