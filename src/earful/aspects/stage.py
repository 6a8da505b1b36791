"""The aspect stage: the words an opinion is about, taken from what a reading of the whole review found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from earful.aspects.chain import BEGIN, OUTSIDE, Chain, spans
from earful.encoder.reading import Chances, Reading
from earful.pipeline import Batch
from earful.polarity import polarity, scores
from earful.schema import ASPECTS
from earful.text.words import term_lemma

__all__ = ["Aspects", "Found", "terms_of"]

#: What the stage knows of a term; the theme that stands with it is found by another.
_COLUMNS = pa.schema([field for field in ASPECTS if field.name != "theme"])

#: Inside a term follows its beginning or its inside; the rest is for the words to say.
_NEVER = float("-inf")
_CHAIN = Chain((0.0, 0.0, _NEVER), ((0.0, 0.0, _NEVER), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)))


@dataclass(frozen=True, slots=True)
class Found:
    """A term of a text.

    Attributes
    ----------
    start, end
        Its half-open code points.
    confidence
        Probability that exactly these words are a term, in (0, 1].
    chances
        That what is thought of it is negative, neutral, positive, shape (3,).
    """

    start: int
    end: int
    confidence: float
    chances: Chances


class Aspects:
    """Stage that takes the words an opinion is about, and what is thought of each, from readings."""

    name = "aspects"
    requires: tuple[str, ...] = (
        "readings",
        "texts",
        "places",
        "segments.clean_start",
        "segments.clean_end",
        "reviews.lang",
    )
    adds: tuple[str, ...] = ("aspects",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``aspects``, sorted by row, segment and place."""
        assert batch.segments is not None
        langs, raw_texts = batch.column("lang"), batch.column("text")
        found: list[dict[str, Any]] = []
        for place, segment in zip(batch.places, batch.segments.to_pylist(), strict=True):
            reading = batch.readings[place]
            if reading is None:
                continue
            clean, lang = batch.texts[place], langs[place] or "und"
            for term in terms_of(reading, clean.text, segment["clean_start"], segment["clean_end"]):
                start, end = clean.to_raw(term.start, term.end)
                negative, neutral, positive = term.chances.tolist()
                found.append(
                    {
                        "row": segment["row"],
                        "segment": segment["segment"],
                        "start": start,
                        "end": end,
                        "term": (raw_texts[place] or "")[start:end],
                        "lemma": term_lemma(clean.text[term.start : term.end], lang),
                        "polarity": polarity(negative, neutral, positive),
                        "score": float(scores(term.chances[None])[0]),
                        "confidence": term.confidence,
                    }
                )
        return replace(batch, aspects=pa.Table.from_pylist(found, schema=_COLUMNS))


def terms_of(reading: Reading, text: str, start: int, end: int) -> Iterator[Found]:
    """Give the terms of a segment, which is ``text[start:end]``, in order; a term is whole words of it."""
    # A piece begins with the blank before it, so a segment's first may begin before the segment.
    first = int(np.searchsorted(reading.places[:, 1], start, side="right"))
    last = int(np.searchsorted(reading.places[:, 0], end))
    tags = reading.tags[first:last]
    # Where every piece is likeliest to be outside, so is the likeliest path.
    if not (tags[:, BEGIN:] >= tags[:, OUTSIDE, None]).any():
        return
    emissions = tags.tolist()
    found = spans(_CHAIN.best(emissions))
    reached = start
    for (begin, stop), confidence in zip(found, _CHAIN.probabilities(emissions, found), strict=True):
        left, right = int(reading.places[first + begin, 0]), int(reading.places[first + stop, 1])
        left, right = _whole_words(text, max(left, reached), min(right, end), reached, end)
        if left < right:
            reached = right
            tones = np.exp(reading.tones[first + begin : first + stop + 1].mean(axis=0))
            chances = np.round(tones / tones.sum(), 6)
            yield Found(left, right, max(round(confidence, 6), 1e-6), chances)


def _whole_words(text: str, left: int, right: int, start: int, end: int) -> tuple[int, int]:
    """Widen a stretch to whole words within bounds, then leave out what is no letter or digit at its ends."""
    while start < left < end and text[left - 1].isalnum() and text[left].isalnum():
        left -= 1
    while left < right < end and text[right - 1].isalnum() and text[right].isalnum():
        right += 1
    while left < right and not text[left].isalnum():
        left += 1
    while left < right and not text[right - 1].isalnum():
        right -= 1
    return left, right
