"""What a reader of a comparison should know, in plain sentences."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earful.comparison.agreement import MIN_GROUPS
from earful.comparison.measures import MEASURES
from earful.loyalty.likelihood import load_likelihood
from earful.pages.making import part_of
from earful.pages.numbers import several
from earful.pages.words import say, speaking

if TYPE_CHECKING:
    from earful.comparison.measures import Measure
    from earful.comparison.reading import Reading
    from earful.comparison.sides import Sides

__all__ = ["circular", "pair_notes", "side_notes"]


@cache
def circular() -> frozenset[str]:
    """Give the notes that say which numbers may be set against which measured side, in English as kept.

    The page says it where it matters, and not among the notes.
    """
    with speaking("en"):
        return frozenset(say("sides.circular", measure=say(f"measured.{name}")) for name in MEASURES)


def side_notes(reading: Reading, measure: Measure, found: Sides, least: int) -> list[str]:
    """Gather the notes on one run's comparison; the arguments are those of ``sides``."""
    compared = int(found.table["compared"].sum())
    notes = [say("sides.circular", measure=measure.title)]
    if measure.name != "nps":
        notes.append(
            f"Nobody answered the NPS question here, so the measured side is the {measure.title}."
            if np.isnan(reading.answer).all()
            else f"The measured side is the {measure.title}, as was asked for."
        )
    if compared < MIN_GROUPS:
        notes.append(
            f"Only {several(compared, reading.noun)} can be compared (with words and answers, "
            f"{several(least, 'review')} or more): too few for an interval of a correlation."
        )
    if _weighting(reading):
        notes.append(
            f"The run is {_weighting(reading)}: its index and its measured side are, but the NPS from words "
            "and the gaps count every review once."
        )
    return notes + _other_row_model(reading)


def pair_notes(before: Reading, after: Reading) -> list[str]:
    """Gather the notes on two runs."""
    notes = []
    differences = _differences(before.run.manifest, after.run.manifest)
    weightings = [_weighting(reading) for reading in (before, after)]
    if weightings[0] != weightings[1]:
        differences.append(f"weighting ({weightings[0] or 'none'}, {weightings[1] or 'none'})")
    if differences:
        notes.append(
            f"The runs were made with a different {'; a different '.join(differences)}: "
            "a change may come of that and not of the customers."
        )
    if _stamp(before) != _stamp(after):
        notes.append(
            "The runs define the index differently, so it is not compared: "
            f"{_stamp(before) or 'none'}; {_stamp(after) or 'none'}."
        )
    shared = _shared_reviews(before, after)
    if shared:
        notes.append(say("stored.shared_reviews", n=shared))
    when = [_middle(reading) for reading in (before, after)]
    if when[0] is not None and when[1] is not None and when[0] > when[1]:
        notes.append(
            f"Most feedback in {before.name} is later than that in {after.name}: "
            "is the first run the earlier one?"
        )
    if before.anchor == after.anchor == "words":
        notes.append(
            "Nobody gave a score in either run: the level of the index is unknown, and its change is that of "
            "the words."
        )
    elif {before.anchor, after.anchor} <= {"", "nps"} and _unanswered(before) and _unanswered(after):
        notes.append(
            "Nobody answered the NPS question in either run, so the level of the index is uncertain and its "
            "changes are wide; the NPS from words and the measured side show smaller changes."
        )
    return notes + _other_row_model(before)


def _unanswered(reading: Reading) -> bool:
    return bool(np.isnan(reading.answer).all())


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what decides the answers and differs between two manifests."""
    found = []
    for key, name in (("model", "sentiment model"), ("likelihood", "row model"), ("taxonomy", "taxonomy")):
        one, two = (_identity(manifest.get(key)) for manifest in (before, after))
        if one != two:
            found.append(f"{name} ({one}, {two})")
    scales = [part_of(manifest, "config").get("scales") for manifest in (before, after)]
    if scales[0] != scales[1]:
        found.append("setting of the scales")
    return found


def _weighting(reading: Reading) -> str:
    """Say how the rows of a run were weighted, as its numbers are stamped; nothing where they were not."""
    parts = [part for stamp in reading.overall["scale"].dropna() for part in str(stamp).split("; ")]
    return "; ".join(part for part in parts if part.startswith(("weighted", "post-stratified")))


def _identity(part: Any) -> str:
    given = part_of(part)
    return f"{given.get('name') or 'unnamed'} {str(given.get('checksum') or '')[:8]}".strip()


def _stamp(reading: Reading) -> str:
    """Give the definition of NPS of a run, without what stands behind it."""
    stamps = reading.overall["scale"].dropna().tolist()
    return str(stamps[0]).partition(";")[0].partition(" (")[0].partition(", pr")[0] if stamps else ""


def _shared_reviews(before: Reading, after: Reading) -> int:
    ids = [reading.store.frame("SELECT review_id FROM reviews")["review_id"] for reading in (before, after)]
    return int(ids[0].isin(set(ids[1].dropna())).sum())


def _middle(reading: Reading) -> pd.Timestamp | None:
    when = reading.rows["created_at"].dropna().sort_values()
    return when.iloc[len(when) // 2] if len(when) else None


def _other_row_model(reading: Reading) -> list[str]:
    """Say so where the words are read by another row model than the one that the run was made with."""
    made_with = part_of(reading.run.manifest, "likelihood").get("checksum")
    if made_with == load_likelihood().checksum:
        return []
    return ["The NPS from words is by the row model of this version, not by the one the run was made with."]
