"""The theme stage: segments in, mentions out."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import Any

import pyarrow as pa

from earful.pipeline import Batch
from earful.schema import MENTIONS
from earful.themes.meaning import from_bytes
from earful.themes.phrases import PhraseMatcher
from earful.themes.semantic import needs_vectors, semantic_matcher
from earful.themes.taxonomy import ANY, Taxonomy

__all__ = ["Themes", "polarity"]

#: The second half of "didn't", as spaCy cuts it; a term that begins with it is shown with the first half.
_NOT = frozenset({"n't", "n’t", "nt"})

#: Start, end, theme, term, confidence, matcher.
_Found = tuple[int, int, str, str, float, str]


def polarity(p_negative: float | None, p_neutral: float | None, p_positive: float | None) -> str:
    """Name the likeliest of the three; ``neutral`` where two are level or nothing is known."""
    if p_negative is None or p_neutral is None or p_positive is None:
        return "neutral"
    if p_negative > p_neutral and p_negative > p_positive:
        return "negative"
    return "positive" if p_positive > p_neutral and p_positive > p_negative else "neutral"


class Themes:
    """Stage that finds the themes of a taxonomy in every segment by their phrases.

    A theme without phrases is also found by meaning, which needs ``embeddings``; its words are the segment's.

    Parameters
    ----------
    taxonomy
        The themes to look for.
    """

    name = "themes"
    adds: tuple[str, ...] = ("mentions",)

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._matcher = PhraseMatcher(taxonomy)
        needs = ("docs", "texts", "segments.score", "segments.clean_start", "reviews.lang")
        self.requires: tuple[str, ...] = (*needs, "embeddings") if needs_vectors(taxonomy) else needs

    def __call__(self, batch: Batch) -> Batch:
        """Add ``mentions``: sorted by row, segment, place and theme."""
        assert batch.segments is not None
        columns: dict[str, list[Any]] = {name: [] for name in MENTIONS.names}
        at_row = {row: number for number, row in enumerate(batch.column("row"))}
        langs, raw_texts = batch.column("lang"), batch.column("text")
        tokens_of: dict[int, tuple[list[str], list[int]]] = {}
        meant = self._by_meaning(batch)
        for at, segment in enumerate(batch.segments.to_pylist()):
            number = at_row[segment["row"]]
            if number not in tokens_of:
                tokens_of = {number: _tokens(batch.docs[number])}
            tokens, starts = tokens_of[number]
            begin = bisect_left(starts, segment["clean_start"])
            end = bisect_left(starts, segment["clean_end"])
            matches = self._matcher.match(tokens[begin:end], langs[number] or ANY)
            found: list[_Found] = []
            seen: set[tuple[str, str]] = set()
            for match in matches:
                first, last = begin + match.first, begin + match.last
                if first > begin and tokens[first].casefold() in _NOT and _touch(tokens, starts, first):
                    first -= 1
                clean_end = min(starts[last] + len(tokens[last]), segment["clean_end"])
                start, stop = batch.texts[number].to_raw(starts[first], clean_end)
                term = (raw_texts[number] or "")[start:stop]
                key = (match.theme, " ".join(term.casefold().split()))
                if key in seen:
                    continue
                seen.add(key)
                found.append((start, stop, match.theme, term, match.confidence, "phrase"))
            if meant[at]:
                known = {theme for theme, _ in seen}
                start, stop = batch.texts[number].to_raw(segment["clean_start"], segment["clean_end"])
                term = (raw_texts[number] or "")[start:stop]
                found.extend(
                    (start, stop, theme, term, confidence, "model")
                    for theme, confidence in meant[at]
                    if theme not in known
                )
                found.sort(key=lambda one: one[:3])
            for one in found:
                _append(columns, segment, one)
        arrays = [pa.array(columns[field.name], type=field.type) for field in MENTIONS]
        return replace(batch, mentions=pa.table(arrays, schema=MENTIONS))

    def _by_meaning(self, batch: Batch) -> list[list[tuple[str, float]]]:
        """Give the themes found by meaning for each segment."""
        assert batch.segments is not None
        matcher = semantic_matcher(self.taxonomy)
        if matcher is None or not batch.segments.num_rows:
            return [[]] * batch.segments.num_rows
        assert batch.embeddings is not None, "the embedding stage has not run"
        return matcher.match(from_bytes(batch.embeddings.column("vector").to_pylist()))


def _touch(tokens: list[str], starts: list[int], at: int) -> bool:
    """Say whether the token follows the one before without a space."""
    return starts[at - 1] + len(tokens[at - 1]) == starts[at]


def _tokens(doc: Any) -> tuple[list[str], list[int]]:
    pairs = [(token.text, token.idx) for token in doc]
    return [text for text, _ in pairs], [start for _, start in pairs]


def _append(columns: dict[str, list[Any]], segment: dict[str, Any], found: _Found) -> None:
    start, end, theme, term, confidence, matcher = found
    values = {
        "row": segment["row"],
        "segment": segment["segment"],
        "theme": theme,
        "start": start,
        "end": end,
        "term": term,
        "polarity": polarity(segment.get("p_negative"), segment.get("p_neutral"), segment.get("p_positive")),
        "score": segment["score"],
        "confidence": confidence,
        "matcher": matcher,
    }
    for name, value in values.items():
        columns[name].append(value)
