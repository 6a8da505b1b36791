"""Stages and the batch that runs through them.

A stage is row-wise: it looks at one review at a time, so that any batch size and any engine gives the same
answer. What needs more than one row (duplicates, groups, trends) is an aggregate and happens after the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from earful.text.normalise import Clean

__all__ = ["Batch", "Stage", "run_stages"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Reviews on their way through the stages.

    Attributes
    ----------
    reviews
        One row per accepted input row; starts as ``schema.INPUT`` and grows to ``schema.REVIEWS``.
    segments
        One row per sentence or clause, as ``schema.SEGMENTS``, plus ``clean_start`` and ``clean_end``: the
        same stretch counted in the review's cleaned text. ``None`` until the segment stage has run.
    mentions
        One row per theme found, as ``schema.MENTIONS``. ``None`` until the theme stage has run.
    aspects
        One row per aspect term, as ``schema.ASPECTS``. ``None`` until the aspect stage has run.
    embeddings
        One vector per segment, as ``schema.EMBEDDINGS``. ``None`` where none were made.
    texts
        The cleaned text of each review, with the way back to offsets in ``text``. Never written.
    docs
        The spaCy ``Doc`` of each cleaned text. Never written.
    """

    reviews: pa.Table
    segments: pa.Table | None = None
    mentions: pa.Table | None = None
    aspects: pa.Table | None = None
    embeddings: pa.Table | None = None
    texts: tuple[Clean, ...] = ()
    docs: tuple[Doc, ...] = ()

    def __len__(self) -> int:
        return int(self.reviews.num_rows)

    def column(self, name: str) -> list[Any]:
        """Give a column of ``reviews`` as Python values."""
        values: list[Any] = self.reviews.column(name).to_pylist()
        return values

    def with_reviews(self, **columns: pa.Array) -> Batch:
        """Give the batch with columns added to ``reviews``, or replaced there."""
        return replace(self, reviews=_with_columns(self.reviews, columns))

    def with_segments(self, **columns: pa.Array) -> Batch:
        """Give the batch with columns added to ``segments``, or replaced there."""
        assert self.segments is not None, "the segment stage has not run"
        return replace(self, segments=_with_columns(self.segments, columns))

    def has(self, need: str) -> bool:
        """Say whether a need is there: ``texts``, ``docs``, a table, or ``table.column``."""
        table, _, column = need.partition(".")
        value = getattr(self, table)
        if table in {"texts", "docs"}:
            return len(value) == len(self)
        return value is not None and (not column or column in value.column_names)


class Stage(Protocol):
    """One job on a batch, row by row. ``requires`` and ``adds`` name what :meth:`Batch.has` can check."""

    name: str
    requires: tuple[str, ...]
    adds: tuple[str, ...]

    def __call__(self, batch: Batch) -> Batch:
        """Do the job; the rows stay the same rows in the same order."""
        ...


def run_stages(batch: Batch, stages: Sequence[Stage]) -> Batch:
    """Take a batch through the stages, checking at each border what the stage declared.

    Raises
    ------
    ValueError
        A stage lacks what it requires, adds less than it promised, or changed the number of rows: a fault of
        the stage, never of the user's data.
    """
    for stage in stages:
        _check(stage, batch, stage.requires, "requires")
        rows = len(batch)
        batch = stage(batch)
        _check(stage, batch, stage.adds, "promised to add")
        if len(batch) != rows:
            raise ValueError(f"stage {stage.name!r} got {rows} rows and gave back {len(batch)}")
    return batch


def _check(stage: Stage, batch: Batch, needs: Sequence[str], verb: str) -> None:
    missing = [need for need in needs if not batch.has(need)]
    if missing:
        raise ValueError(f"stage {stage.name!r} {verb} {', '.join(missing)}, which the batch does not have")


def _with_columns(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    for name, values in columns.items():
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, values)
        else:
            table = table.append_column(name, values)
    return table
