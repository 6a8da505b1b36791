"""The aspect stage: sentences in, terms out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from earful.aspects.model import GUIDELINES, AspectModel
from earful.aspects.tokens import token_spans
from earful.pipeline import Batch, Cut, Parts
from earful.polarity import polarity, scores
from earful.schema import ASPECTS
from earful.text.words import term_lemma

__all__ = ["COLUMNS", "Aspects"]

_LONGEST = 120  # words that are read together: a longer sentence is read in pieces

#: What the stage knows of a term; the theme that stands with it is found by another.
COLUMNS = pa.schema([field for field in ASPECTS if field.name != "theme"])

Record = dict[str, Any]
Span = tuple[int, int]


class Aspects:
    """Stage that finds the words an opinion is about, and what is thought of each.

    Parameters
    ----------
    model
        What :func:`earful.aspects.load_aspects` gives.
    guideline
        What counts as a term: one of :data:`earful.aspects.GUIDELINES`.
    """

    name = "aspects"
    requires: tuple[str, ...] = (
        "tokens",
        "sentences",
        "texts",
        "places",
        "segments.p_negative",
        "segments.clean_start",
        "segments.clean_end",
        "reviews.lang",
    )
    adds: tuple[str, ...] = ("aspects",)

    def __init__(self, model: AspectModel, guideline: str = GUIDELINES[0]) -> None:
        self.model = model
        self.guideline = guideline

    @classmethod
    def of(cls, parts: Parts) -> Aspects:
        """Make the stage with a run's aspect model."""
        return cls(parts.aspects)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``aspects``, sorted by row, segment and place."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        # A sentence is too small to share out: threads would only wait for each other.
        with threadpool_limits(1, user_api="blas"):
            return self._read(batch)

    def _read(self, batch: Batch) -> Batch:
        assert batch.segments is not None
        langs, raw_texts = batch.column("lang"), batch.column("text")
        found: list[Record] = []
        segments = zip(batch.places, batch.segments.to_pylist(), strict=True)
        for place, group in groupby(segments, key=lambda pair: pair[0]):
            own, clean, lang = [segment for _, segment in group], batch.texts[place], langs[place] or "und"
            sentences = _sentences(batch.tokens[place], batch.sentences[place])
            for term in self._terms(clean.text, sentences, own, lang):
                clean_start, clean_end = term.pop("clean")
                start, end = clean.to_raw(clean_start, clean_end)
                lemma = term_lemma(clean.text[clean_start:clean_end], lang)
                words = (raw_texts[place] or "")[start:end]
                found.append(term | {"start": start, "end": end, "term": words, "lemma": lemma})
        found.sort(key=lambda term: (term["row"], term["segment"], term["start"]))
        return replace(batch, aspects=pa.Table.from_pylist(found, schema=COLUMNS))

    def _terms(
        self, text: str, sentences: Iterable[list[Span]], segments: Sequence[Record], lang: str
    ) -> Iterator[Record]:
        """Give the terms of one review with their place in the cleaned text, ``clean``."""
        starts = [segment["clean_start"] for segment in segments]
        clauses = [_clause(segment) for segment in segments]
        for spans in sentences:
            words = [text[start:end] for start, end in spans]
            within = [max(bisect_right(starts, start) - 1, 0) for start, _ in spans]
            said = [clauses[which] for which in within]
            for term in self.model.terms(words, lang, said, self.guideline):
                which = within[term.first]
                segment = segments[which]
                # A term ends where its segment does: what is said of it stands in one clause.
                last = max(place for place in range(term.first, term.last + 1) if within[place] == which)
                negative, neutral, positive = term.probabilities
                yield {
                    "row": segment["row"],
                    "segment": segment["segment"],
                    "clean": (spans[term.first][0], min(spans[last][1], segment["clean_end"])),
                    "polarity": polarity(negative, neutral, positive),
                    "score": float(scores(np.array([term.probabilities]))[0]),
                    "confidence": term.confidence,
                }


def _clause(segment: Record) -> tuple[float, float, float] | None:
    if segment["p_negative"] is None:
        return None
    return segment["p_negative"], segment["p_neutral"], segment["p_positive"]


def _sentences(tokens: Cut, sentences: Sequence[Span]) -> Iterator[list[Span]]:
    """Give the words and marks of each sentence, a very long one in pieces.

    A token that reaches over a sentence's start begins that sentence.
    """
    texts, starts = tokens
    ends = [start + len(text) for text, start in zip(texts, starts, strict=True)]
    firsts = sorted({0, *(bisect_right(ends, start) for start, _ in sentences)})
    for first, after in pairwise([*firsts, len(texts)]):
        spans = list(token_spans(texts[first:after], starts[first:after]))
        for begin in range(0, len(spans), _LONGEST):
            yield spans[begin : begin + _LONGEST]
