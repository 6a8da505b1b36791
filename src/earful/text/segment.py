"""Segments: the sentences and clauses of each review, with exact offsets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.clauses import clause_spans
from earful.text.language import UNDETERMINED
from earful.text.mixture import segment_languages
from earful.text.sentences import sentence_spans

__all__ = ["MAX_SEGMENT", "Segment", "segment_spans"]

#: Code points of a segment at most.
MAX_SEGMENT = 1_000

Span = tuple[int, int]

_COLUMNS = pa.schema(
    [
        ("row", pa.int64()),
        ("segment", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("clean_start", pa.int64()),
        ("clean_end", pa.int64()),
    ]
)


def segment_spans(text: str, lang: str) -> list[Span]:
    """Split a cleaned text into sentences, and those into clauses.

    Returns
    -------
    list of (int, int)
        Half-open code points, trimmed, in order, without overlap, each at most :data:`MAX_SEGMENT` long.
        Together they hold every character that is not white space.
    """
    return _segments_of(text, sentence_spans(text, lang), lang)


def _segments_of(text: str, sentences: Sequence[Span], lang: str) -> list[Span]:
    return [
        piece
        for start, end in sentences
        for left, right in clause_spans(text, start, end, lang)
        for piece in _bounded(text, left, right)
    ]


class Segment:
    """Stage: split each cleaned text into sentences, and those into segments."""

    name = "segment"
    requires: tuple[str, ...] = ("texts", "reviews.lang")
    adds: tuple[str, ...] = (
        "sentences",
        "segments",
        "segments.clean_start",
        "segments.clean_end",
        "places",
        "segment_texts",
        "segment_langs",
    )

    def __call__(self, batch: Batch) -> Batch:
        """Add ``segments``, and where their sentences and words are."""
        columns: dict[str, list[int]] = {name: [] for name in _COLUMNS.names}
        sentences: list[list[Span]] = []
        places: list[int] = []
        texts: list[str] = []
        langs: list[tuple[str, ...]] = []
        reviews = zip(batch.column("row"), batch.texts, batch.column("lang"), strict=True)
        for place, (row, clean, lang) in enumerate(reviews):
            sentences.append(sentence_spans(clean.text, lang))
            for number, (start, end) in enumerate(_segments_of(clean.text, sentences[-1], lang)):
                raw_start, raw_end = clean.to_raw(start, end)
                for name, value in zip(columns, (row, number, raw_start, raw_end, start, end), strict=True):
                    columns[name].append(value)
                places.append(place)
                texts.append(clean.text[start:end])
                langs.append(segment_languages(texts[-1], lang or UNDETERMINED))
        return replace(
            batch,
            segments=pa.table(columns, schema=_COLUMNS),
            sentences=tuple(sentences),
            places=tuple(places),
            segment_texts=tuple(texts),
            segment_langs=tuple(langs),
        )


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a stretch that is too long at the last white space in reach, or where it must be."""
    while end - start > MAX_SEGMENT:
        cut = max(text.rfind(space, start + 1, start + MAX_SEGMENT + 1) for space in " \n\t")
        cut = cut if cut > start else start + MAX_SEGMENT
        yield start, start + len(text[start:cut].rstrip())
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    yield start, end
