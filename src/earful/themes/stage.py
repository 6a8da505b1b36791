"""The theme stage: segments in, mentions out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from earful.encoder import VectorMaker
from earful.pipeline import Batch, Cut, Parts
from earful.schema import MENTIONS
from earful.text.answers import is_non_answer
from earful.themes.both import Both
from earful.themes.phrases import PhraseMatcher
from earful.themes.semantic import needs_vectors
from earful.themes.taxonomy import Taxonomy

__all__ = ["Themes"]

#: The second half of "didn't", as spaCy cuts it; a term that begins with it is shown with the first half.
_NOT = frozenset({"n't", "n’t", "nt"})

#: What the stage knows of a mention; its polarity is found by another.
_COLUMNS = pa.schema([field for field in MENTIONS if field.name not in {"polarity", "score", "corrected"}])

_SEGMENT = ("row", "segment", "clean_start", "clean_end")

#: Start, end, theme, term, confidence, matcher.
_Found = tuple[int, int, str, str, float, str]


class Themes:
    """Stage that finds the themes of a taxonomy in every segment, by phrases and by what the segment says.

    A theme that no phrase shows has the segment for its words. How both are put together: :class:`Both`.

    Parameters
    ----------
    taxonomy
        The themes to look for.
    encoder
        What the segments' vectors are from; needed where :func:`needs_vectors` says so.
    """

    name = "themes"
    requires: tuple[str, ...] = (
        *("tokens", "texts", "places", "segment_texts", "segment_langs"),
        *("segments.clean_start", "segments.clean_end"),
    )
    uses: tuple[str, ...] = ("embeddings", "segments.p_negative")
    adds: tuple[str, ...] = ("mentions",)

    def __init__(self, taxonomy: Taxonomy, encoder: VectorMaker | None = None) -> None:
        self.taxonomy = taxonomy
        self._phrases = PhraseMatcher(taxonomy)
        self._both = Both(taxonomy, encoder)

    @classmethod
    def of(cls, parts: Parts) -> Themes:
        """Make the stage with a run's taxonomy and encoder."""
        return cls(parts.taxonomy, parts.encoder if needs_vectors(parts.taxonomy) else None)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``mentions``: sorted by row, segment, place and theme."""
        assert batch.segments is not None
        columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS.names}
        raw_texts = batch.column("text")
        known = (batch.segments.column(name).to_pylist() for name in _SEGMENT)
        meant = self._both.read(batch.segment_texts, batch.embeddings, _opinions(batch))
        segments = zip(batch.places, batch.segment_langs, meant, *known, strict=True)
        for place, langs, said, row, segment, start, end in segments:
            clean, raw = batch.texts[place], raw_texts[place] or ""
            hits = list(self._found(batch.tokens[place], start, end, langs, clean, raw))
            found = self._settled(hits, said, clean.to_raw(start, end), raw)
            if found and is_non_answer(clean.text):
                continue  # "nothing to say" speaks of nothing
            for one in found:
                first, last, theme, term, sure, matcher = one
                values = (row, segment, theme, first, last, term, sure, matcher)
                for name, value in zip(columns, values, strict=True):
                    columns[name].append(value)
        return replace(batch, mentions=pa.table(columns, schema=_COLUMNS))

    def _found(
        self, words: Cut, clean_start: int, clean_end: int, langs: Sequence[str], clean: Any, raw: str
    ) -> Iterator[_Found]:
        """Give the themes whose phrases stand in a segment, a theme's same words once."""
        tokens, starts = words
        begin, end = bisect_left(starts, clean_start), bisect_left(starts, clean_end)
        seen: set[tuple[str, str]] = set()
        for match in self._phrases.match(tokens[begin:end], *langs):
            first, last = begin + match.first, begin + match.last
            if first > begin and tokens[first].casefold() in _NOT and _touch(tokens, starts, first):
                first -= 1
            start, stop = clean.to_raw(starts[first], min(starts[last] + len(tokens[last]), clean_end))
            key = (match.theme, " ".join(raw[start:stop].casefold().split()))
            if key not in seen:
                seen.add(key)
                yield start, stop, match.theme, raw[start:stop], match.confidence, "phrase"

    def _settled(self, hits: list[_Found], said: Any, at: tuple[int, int], raw: str) -> list[_Found]:
        """Put phrases and what the segment says together: those that are sure enough, in order."""
        found = [
            (*hit[:4], sure, hit[5])
            for hit, sure in zip(hits, self._both.of_phrases(_pairs(hits), said), strict=True)
            if sure is not None
        ]
        there = {hit[2] for hit in hits}
        new = [
            (*at, theme, raw[slice(*at)], sure, "model") for theme, sure in said.given if theme not in there
        ]
        return sorted([*found, *new], key=lambda one: one[:3]) if new else found


def _opinions(batch: Batch) -> NDArray[np.float64] | None:
    """Give the chances that segments blame and praise, shape (n, 2); ``None`` where nobody asked."""
    if not batch.has("segments.p_negative"):
        return None
    assert batch.segments is not None
    columns = [batch.segments.column(name) for name in ("p_negative", "p_positive")]
    found: NDArray[np.float64] = np.column_stack([column.to_numpy().astype(np.float64) for column in columns])
    return np.nan_to_num(found, copy=False)


def _pairs(hits: Iterable[_Found]) -> list[tuple[str, float]]:
    return [(hit[2], hit[4]) for hit in hits]


def _touch(tokens: list[str], starts: list[int], at: int) -> bool:
    """Say whether the token follows the one before without a space."""
    return starts[at - 1] + len(tokens[at - 1]) == starts[at]
