"""What the index of a run is measured on, in plain words."""

from __future__ import annotations

from typing import Any

from earful.pages.numbers import estimate, interval
from earful.pages.words import has, say
from earful.runs.store import Row

__all__ = ["anchor_words", "bridge"]


def anchor_words(overall: Row | None) -> dict[str, Any] | None:
    """Say what the index is measured on, who answered it, and what the index then means.

    ``None`` for runs from before there was a choice.
    """
    if overall is None or not has(f"anchor.{overall['anchor']}.on"):
        return None
    name = overall["anchor"]
    told = {part: say(f"anchor.{name}.{part}") for part in ("on", "with", "meaning")}
    return {**told, "name": name, "level": name != "words"}


def bridge(overall: Row | None) -> dict[str, Any] | None:
    """Give what an NPS question would be expected to say, where it was not asked."""
    value, low, high = estimate(overall, "nps_bridge") if overall else (None, None, None)
    return None if value is None else {"value": value, "ends": interval(low, high)}
