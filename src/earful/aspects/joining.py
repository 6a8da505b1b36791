"""Terms and themes put together, segment by segment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pyarrow as pa

from earful.pipeline import Batch, with_columns
from earful.polarity import LABELS, polarity
from earful.schema import ASPECTS, MENTIONS, conform

__all__ = ["Joining", "SegmentPolarity"]

#: Characters between a theme's words and a term up to which the term is taken to be what the theme is about.
_NEAR = 30

_SEGMENT = ("segments.score", *(f"segments.p_{name}" for name in LABELS))

Record = dict[str, Any]


class Joining:
    """Stage that gives each mention of a theme its polarity, and each term the theme that stands with it.

    A mention has the polarity and the score of its segment. Where the terms of a segment disagree, it takes
    those of the term that it stands with: "great camera, awful battery" praises the one and blames the other.
    A mention stands with the term that it shares words with, else with the nearest of its segment; one whose
    words hold several terms speaks of the whole segment and stands with none. A term's theme is that of the
    nearest mention that stands with it, at most 30 characters away.
    """

    name = "joining"
    requires: tuple[str, ...] = ("mentions", "aspects", *_SEGMENT)
    adds: tuple[str, ...] = ("mentions.polarity", "mentions.score", "aspects.theme")

    def __call__(self, batch: Batch) -> Batch:
        """Add the columns; the rows keep their order."""
        assert batch.mentions is not None
        assert batch.aspects is not None
        said = _said(batch)
        terms: list[Record] = [term | {"theme": None} for term in batch.aspects.to_pylist()]
        beside: dict[tuple[int, int], list[Record]] = defaultdict(list)
        for term in terms:
            beside[term["row"], term["segment"]].append(term)
        nearest: dict[int, int] = {}  # id of a term's record: how far its theme's words are
        settled = []
        for mention in batch.mentions.to_pylist():
            place = mention["row"], mention["segment"]
            settled.append(_settle(mention, beside.get(place, []), nearest) or said[place])
        columns = _columns(settled)
        theme = pa.array([term["theme"] for term in terms], pa.string())
        return replace(
            batch,
            mentions=conform(with_columns(batch.mentions, columns), MENTIONS),
            aspects=with_columns(batch.aspects, {"theme": theme}).select(ASPECTS.names),
        )


class SegmentPolarity:
    """Stage that gives each mention of a theme the polarity of its segment, where no terms are looked for."""

    name = "segment_polarity"
    requires: tuple[str, ...] = ("mentions", *_SEGMENT)
    adds: tuple[str, ...] = ("mentions.polarity", "mentions.score")

    def __call__(self, batch: Batch) -> Batch:
        """Add the columns; the rows keep their order."""
        assert batch.mentions is not None
        said = _said(batch)
        places = zip(*(batch.mentions.column(name).to_pylist() for name in ("row", "segment")), strict=True)
        columns = _columns([said[place] for place in places])
        return replace(batch, mentions=with_columns(batch.mentions, columns).select(MENTIONS.names))


def _said(batch: Batch) -> dict[tuple[int, int], tuple[str, float]]:
    """Give polarity and score of each segment, by row and number."""
    assert batch.segments is not None
    names = ("row", "segment", *(f"p_{name}" for name in LABELS), "score")
    known = zip(*(batch.segments.column(name).to_pylist() for name in names), strict=True)
    return {(row, segment): (polarity(*p), score) for row, segment, *p, score in known}


def _columns(settled: list[tuple[str, float]]) -> dict[str, pa.Array]:
    return {
        "polarity": pa.array([one for one, _ in settled], pa.string()),
        "score": pa.array([score for _, score in settled], pa.float64()),
    }


def _settle(mention: Record, beside: list[Record], nearest: dict[int, int]) -> tuple[str, float] | None:
    """Put a mention's theme on the term it stands with; give what is said of that where terms disagree."""
    if not beside or sum(_between(mention, term) == 0 for term in beside) > 1:
        return None
    term = min(beside, key=lambda term: (_between(mention, term), term["start"]))
    distance = _between(mention, term)
    if distance <= _NEAR and distance < nearest.get(id(term), _NEAR + 1):
        nearest[id(term)], term["theme"] = distance, mention["theme"]
    return (term["polarity"], term["score"]) if len({other["polarity"] for other in beside}) > 1 else None


def _between(left: Record, right: Record) -> int:
    """Count the characters between two stretches; 0 where they share some, 1 where they touch."""
    gap: int = max(left["start"] - right["end"], right["start"] - left["end"], -1) + 1
    return gap
