"""Terms and themes put together, segment by segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from earful.schema import ASPECTS

__all__ = ["join"]

#: Characters between a theme's words and a term up to which the term is taken to be what the theme is about.
_NEAR = 30

Record = dict[str, Any]


def join(terms: Sequence[Record], mentions: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Find the theme that stands with each term, and the polarity of each mention of a theme.

    A mention stands with the term that it shares words with, else with the nearest of its segment; one whose
    words hold several terms speaks of the whole segment and stands with none. A term's theme is that of the
    nearest mention that stands with it, at most 30 characters away. Where the terms of a segment disagree,
    its mentions take polarity and score from the terms that they stand with; elsewhere they keep the
    segment's.

    Parameters
    ----------
    terms
        Records with the columns of ``schema.ASPECTS``; their themes are found anew.
    mentions
        As ``schema.MENTIONS``.

    Returns
    -------
    tuple
        The terms as ``schema.ASPECTS``, sorted by row, segment and place, and the mentions in the order that
        they had.
    """
    terms = [term | {"theme": None} for term in terms]
    by_segment: dict[tuple[int, int], list[Record]] = defaultdict(list)
    for term in terms:
        by_segment[term["row"], term["segment"]].append(term)
    nearest: dict[int, int] = {}  # id of a term's record: how far its theme's words are
    records = mentions.to_pylist()
    for mention in records:
        beside = by_segment.get((mention["row"], mention["segment"]))
        if not beside:
            continue
        if sum(_between(mention, term) == 0 for term in beside) > 1:
            continue
        term = min(beside, key=lambda term: (_between(mention, term), term["start"]))
        distance = _between(mention, term)
        if distance <= _NEAR and distance < nearest.get(id(term), _NEAR + 1):
            nearest[id(term)], term["theme"] = distance, mention["theme"]
        if len({other["polarity"] for other in beside}) > 1:
            mention["polarity"], mention["score"] = term["polarity"], term["score"]
    terms.sort(key=lambda term: (term["row"], term["segment"], term["start"]))
    settled = {
        name: pa.array([mention[name] for mention in records], mentions.schema.field(name).type)
        for name in ("polarity", "score")
    }
    for name, values in settled.items():
        mentions = mentions.set_column(mentions.column_names.index(name), mentions.schema.field(name), values)
    columns = [pa.array([term[field.name] for term in terms], field.type) for field in ASPECTS]
    return pa.table(columns, schema=ASPECTS), mentions


def _between(left: Record, right: Record) -> int:
    """Count the characters between two stretches; 0 where they share some, 1 where they touch."""
    gap: int = max(left["start"] - right["end"], right["start"] - left["end"], -1) + 1
    return gap
