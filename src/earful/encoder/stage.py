"""The reading stage: one pass over the network, from which sentiment, vectors and aspects are taken."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from earful.encoder.form import Review
from earful.encoder.reading import Reading, ReviewReader
from earful.pipeline import Batch, Parts
from earful.text.normalise import Clean, clean, read_back
from earful.text.words import worded

__all__ = ["Read", "reviews_of"]

_TITLE_LIMIT = 1000  # code points of a title that are read: what is longer is no headline


class Read:
    """Stage that reads each review once, as a whole: its title, its fields by their names, its segments.

    Parameters
    ----------
    reader
        What reads.
    question
        What the survey asked, where it is the same for every row.
    """

    name = "reading"
    requires: tuple[str, ...] = (
        "texts",
        "places",
        "segments.clean_start",
        "segments.clean_end",
        "segment_langs",
        "reviews.title",
        "reviews.lang",
    )
    adds: tuple[str, ...] = ("readings",)

    def __init__(self, reader: ReviewReader, question: str = "") -> None:
        self.reader = reader
        self.question = question

    @classmethod
    def of(cls, parts: Parts) -> Read:
        """Make the stage with a run's reader."""
        return cls(parts.reader, parts.config.input.question or "")

    def __call__(self, batch: Batch) -> Batch:
        """Add ``readings``: of each review with words what was read, of others ``None``."""
        reviews = reviews_of(batch, self.question)
        there = [at for at, review in enumerate(reviews) if worded(review.text) or worded(review.title)]
        # The same words in the same form are read once.
        distinct = {_key(reviews[at]): at for at in reversed(there)}
        read = dict(zip(distinct, self.reader.read([reviews[at] for at in distinct.values()]), strict=True))
        found: list[Reading | None] = [None] * len(reviews)
        for at in there:
            found[at] = read[_key(reviews[at])]
        return replace(batch, readings=tuple(found))


def reviews_of(batch: Batch, question: str = "") -> list[Review]:
    """Return the reviews of a batch as they are to be read, in order."""
    assert batch.segments is not None, "the segment stage has not run"
    spans: list[list[tuple[int, int]]] = [[] for _ in range(len(batch))]
    langs: list[list[str]] = [[] for _ in range(len(batch))]
    starts, ends = (batch.segments.column(f"clean_{end}").to_pylist() for end in ("start", "end"))
    for place, start, end, (lang, *_) in zip(batch.places, starts, ends, batch.segment_langs, strict=True):
        spans[place].append((start, end))
        langs[place].append(lang or "und")
    told = zip(
        batch.texts,
        batch.column("text"),
        batch.column("title"),
        batch.column("lang"),
        batch.column("fields") if "fields" in batch.reviews.column_names else [None] * len(batch),
        strict=True,
    )
    return [
        Review(
            text=own.text,
            segments=tuple(spans[place]),
            lang=lang or "und",
            langs=tuple(langs[place]),
            title=read_back(clean(title[:_TITLE_LIMIT])[0]).text if title else "",
            fields=tuple(_fields(own, raw or "", named)) if named else (),
            question=question,
        )
        for place, (own, raw, title, lang, named) in enumerate(told)
    ]


def _fields(own: Clean, raw: str, named: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Give where each field begins in a cleaned text, and what it is called, from where the names stood."""
    for start, end in zip(named[::2], named[1::2], strict=True):
        # Of offsets that are the same in both texts none are kept.
        begin = end if own.starts is None else bisect_left(own.starts, end)
        yield min(begin, len(own.text)), raw[start:end].strip()


def _key(review: Review) -> tuple[Any, ...]:
    return review.text, review.title, review.lang, review.langs, review.segments, review.fields
