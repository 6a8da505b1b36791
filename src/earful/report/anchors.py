"""What the index of a run is measured on, in plain words."""

from __future__ import annotations

from typing import Any

from earful.pages.numbers import estimate, interval
from earful.runs.store import Row

__all__ = ["anchor_words", "bridge"]

#: Of each anchor: its name, who has it, and what the index then means.
_ANCHORS = {
    "nps": (
        "the NPS question",
        "with an NPS answer",
        "The index is the share of promoters less that of detractors, in points, if everybody had answered "
        "the NPS question: answers where they were given, words and scores for the others.",
    ),
    "recommend": (
        "the recommend flag",
        "with a recommend flag",
        "The index is the share of those who recommend less that of those who do not, in points, if all had "
        "said: flags where they were given, words and scores for the others.",
    ),
    "rating": (
        "stars",
        "with stars",
        "The index is the share of the best rating less that of the low ones, in points, if everybody had "
        "given stars (the definition says which count): stars where they were given, words for the others.",
    ),
    "csat": (
        "the satisfaction question",
        "with a satisfaction answer",
        "The index is the share of the most satisfied less that of the low answers, in points, if all had "
        "answered (the definition says which count): answers where they were given, words for the others.",
    ),
    "words": (
        "words alone",
        "with a score",
        "Nobody gave a score here. The index orders groups by their words; its differences can be read, its "
        "level cannot: answers to any question, of one source, would set it.",
    ),
}


def anchor_words(overall: Row | None) -> dict[str, Any] | None:
    """Say what the index is measured on; ``None`` for runs from before there was a choice."""
    if overall is None or overall["anchor"] not in _ANCHORS:
        return None
    on, having, meaning = _ANCHORS[overall["anchor"]]
    return {"on": on, "with": having, "meaning": meaning, "level": overall["anchor"] != "words"}


def bridge(overall: Row | None) -> dict[str, Any] | None:
    """Give what an NPS question would be expected to say, where it was not asked."""
    value, low, high = estimate(overall, "nps_bridge") if overall else (None, None, None)
    return None if value is None else {"value": value, "ends": interval(low, high)}
