"""Stages, the batch that runs through them, and the plan of which stages to run.

A stage is row-wise: it looks at one review at a time, so that any batch size and any engine gives the same
answer. What needs more than one row (duplicates, groups, trends) is an aggregate and happens after the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pyarrow as pa

from earful.schema import INPUT

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from earful.encoder.reading import Reading
    from earful.text.normalise import Clean

__all__ = ["Batch", "Cut", "Parts", "Stage", "StageClass", "plan", "run_stages", "with_columns"]

Span = tuple[int, int]
#: The tokens of a text, and where each begins in it.
Cut = tuple[list[str], list[int]]


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
    sentences
        Where the sentences of each cleaned text lie. Never written.
    tokens
        The words and marks of each cleaned text, as spaCy cuts them, and where each begins. Never written.
    docs
        The spaCy ``Doc`` of each cleaned text. Never written.
    places
        For each segment the place of its review in the batch. Never written.
    segment_texts
        The cleaned words of each segment. Never written.
    segment_langs
        The languages of each segment, the one most of it is in first. Never written.
    readings
        What one pass over the network found in each review; ``None`` where it has no words. Never written.
    """

    reviews: pa.Table
    segments: pa.Table | None = None
    mentions: pa.Table | None = None
    aspects: pa.Table | None = None
    embeddings: pa.Table | None = None
    texts: tuple[Clean, ...] = ()
    sentences: tuple[Sequence[Span], ...] = ()
    tokens: tuple[Cut, ...] = ()
    docs: tuple[Doc, ...] = ()
    places: tuple[int, ...] = ()
    segment_texts: tuple[str, ...] = ()
    segment_langs: tuple[tuple[str, ...], ...] = ()
    readings: tuple[Reading | None, ...] = ()

    def __len__(self) -> int:
        return int(self.reviews.num_rows)

    def column(self, name: str) -> list[Any]:
        """Give a column of ``reviews`` as Python values."""
        values: list[Any] = self.reviews.column(name).to_pylist()
        return values

    def with_reviews(self, **columns: pa.Array) -> Batch:
        """Give the batch with columns added to ``reviews``, or replaced there."""
        return replace(self, reviews=with_columns(self.reviews, columns))

    def with_segments(self, **columns: pa.Array) -> Batch:
        """Give the batch with columns added to ``segments``, or replaced there."""
        assert self.segments is not None, "the segment stage has not run"
        return replace(self, segments=with_columns(self.segments, columns))

    def has(self, need: str) -> bool:
        """Say whether a need is there: a field of the batch, or ``table.column``."""
        name, _, column = need.partition(".")
        value = getattr(self, name)
        if isinstance(value, tuple):
            return len(value) == (len(self) if name not in _BY_SEGMENT else _height(self.segments))
        return value is not None and (not column or column in value.column_names)

    def tables(self) -> Batch:
        """Give the batch with what is written alone."""
        return replace(self, **{field.name: () for field in fields(self) if field.default == ()})


#: What a batch has one of for each segment; of the other tuples it has one for each review.
_BY_SEGMENT = frozenset({"places", "segment_texts", "segment_langs"})


class Stage(Protocol):
    """One job on a batch, row by row. What it names is what :meth:`Batch.has` can check.

    Attributes
    ----------
    name
        What it is called in messages.
    requires
        What must be there before it runs.
    adds
        What is there afterwards; a stage never changes what another one added.

    Notes
    -----
    A stage may have two more attributes. ``uses``, a tuple, names what it takes into account where it is
    made: no reason to make it, but whoever makes it goes first. ``fields``, a mapping of a table's name to
    Arrow fields, describes columns that it writes beside the documented ones, or whose type it decides.
    """

    name: str
    requires: tuple[str, ...]
    adds: tuple[str, ...]

    def __call__(self, batch: Batch) -> Batch:
        """Do the job; the rows stay the same rows in the same order."""
        ...


class Parts(Protocol):
    """What stages are made with: the settings, and what they name, loaded when it is first asked for.

    A stage's class that needs something of a run has a class method ``of`` that takes these; any other is
    made without arguments.
    """

    config: Any
    model: Any
    reader: Any
    taxonomy: Any
    encoder: Any
    aspects: Any
    row_model: Any


class StageClass(Protocol):
    """What a plan is made of: a stage, or the class of one, whose making may be dear."""

    name: str
    requires: tuple[str, ...]
    adds: tuple[str, ...]


_Planned = TypeVar("_Planned", bound=StageClass)


def plan(stages: Sequence[_Planned], wanted: Collection[str], given: Collection[str] = ()) -> list[_Planned]:
    """Choose the stages that make what is wanted, and put them in order.

    Parameters
    ----------
    stages
        Those there are. The first one that adds a thing makes it; where the needs leave the order open, this
        one holds.
    wanted
        Names of what is asked for: ``docs``, ``mentions``, ``reviews.lang``.
    given
        What is there already, besides the columns of ``schema.INPUT``.

    Raises
    ------
    ValueError
        No stage adds what is wanted, or stages need each other in a circle.

    Examples
    --------
    >>> from earful.text.language import Language
    >>> from earful.text.normalise import Normalise
    >>> [stage.name for stage in plan([Language, Normalise], ["reviews.lang"])]
    ['normalise', 'language']
    """
    there = {*given, "reviews", *(f"reviews.{name}" for name in INPUT.names)}
    maker = {need: stage for stage in reversed(stages) for need in stage.adds}
    chosen: list[_Planned] = []
    open_needs = [need for need in wanted if need not in there]
    while open_needs:
        need = open_needs.pop()
        if need not in maker:
            raise ValueError(f"no stage adds {need}, which is needed; there are: {_names(stages)}")
        stage = maker[need]
        if stage not in chosen:
            chosen.append(stage)
            open_needs += [other for other in stage.requires if other not in there]
    return _in_order([stage for stage in stages if stage in chosen], maker, there)


def _in_order(chosen: list[_Planned], maker: dict[str, _Planned], there: Collection[str]) -> list[_Planned]:
    """Put each stage behind those that make what it requires or uses."""
    ordered: list[_Planned] = []
    while len(ordered) < len(chosen):
        left = [stage for stage in chosen if stage not in ordered]
        made_later = {need for stage in left for need in stage.adds if maker[need] is stage} - set(there)
        ready = [stage for stage in left if not made_later & {*stage.requires, *getattr(stage, "uses", ())}]
        if not ready:
            raise ValueError(f"stages need each other: {_names(left)}")
        ordered.append(ready[0])
    return ordered


def run_stages(batch: Batch, stages: Iterable[Stage]) -> Batch:
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


def with_columns(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    """Give a table with columns added, or replaced where they stood."""
    for name, values in columns.items():
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, values)
        else:
            table = table.append_column(name, values)
    return table


def _check(stage: Stage, batch: Batch, needs: Sequence[str], verb: str) -> None:
    missing = [need for need in needs if not batch.has(need)]
    if missing:
        raise ValueError(f"stage {stage.name!r} {verb} {', '.join(missing)}, which the batch does not have")


def _height(table: pa.Table | None) -> int:
    return -1 if table is None else int(table.num_rows)


def _names(stages: Iterable[StageClass]) -> str:
    return ", ".join(stage.name for stage in stages)
