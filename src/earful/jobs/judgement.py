"""What a person said of a review put in the place of what the models said of it, review by review."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from earful.errors import nearest
from earful.jobs.corrections import LABELLED, SCORED, Correction
from earful.polarity import LABELS, polarity
from earful.readers.values import as_flag, as_number

__all__ = ["Judged", "judge"]

Record = dict[str, Any]
#: Worst and best answer of a question.
Ends = tuple[float, float]

_SURE = {label: {f"p_{other}": float(other == label) for other in LABELS} for label in LABELS}
_SCORE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
#: In which order corrections are put in, whatever order they were made in: words before what hangs on them.
_ORDER = ("lang", *LABELLED, *SCORED, "recommended", "sentiment", "add_theme", "remove_theme", "polarity")


@dataclass(slots=True)
class Judged:
    """Tables with corrections put in, and what came of each.

    Attributes
    ----------
    tables
        Reviews, segments, mentions and aspects, and whatever else was given, as they were.
    touched
        Rows of the reviews that are corrected.
    applied, unfit
        Corrections that hold, and those that do not fit with the reason.
    before
        What a correction took the place of in a row.
    """

    tables: dict[str, pa.Table]
    touched: set[int] = field(default_factory=set)
    applied: set[Correction] = field(default_factory=set)
    unfit: dict[Correction, str] = field(default_factory=dict)
    before: dict[tuple[int, Correction], str | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Review:
    """A review and all that is said of it."""

    record: Record
    segments: list[Record]
    mentions: list[Record]
    aspects: list[Record]
    themes: Collection[str]
    usual: Mapping[str, Ends]
    lang: str | None
    #: What a person thinks that it says of themes.
    thought: Mapping[str, str]
    #: A person said what the whole of it is.
    whole: bool = False


def judge(
    tables: dict[str, pa.Table],
    by_row: Mapping[int, Sequence[Correction]],
    *,
    themes: Collection[str],
    usual: Mapping[str, Ends],
    langs: Mapping[int, str | None],
) -> Judged:
    """Put corrections into the tables of the reviews they are about.

    Parameters
    ----------
    tables
        What the models said of these reviews, by the table's name, and of others that stay as they are.
    by_row
        The corrections of each review, none for the same thing twice.
    themes
        Ids of the themes there are.
    usual
        The scale of each score, for a review that had no answer.
    langs
        The language that was told of each review by itself.
    """
    done = Judged(dict(tables))
    records = {name: tables[name].to_pylist() for name in ("reviews", "segments", "mentions", "aspects")}
    own: dict[str, dict[int, list[Record]]] = {name: {} for name in records}
    for name, found in records.items():
        for record in found:
            own[name].setdefault(record["row"], []).append(record)
    for row, told in by_row.items():
        thought = {one.theme: one.value for one in told if one.name == "polarity"}
        review = _Review(
            own["reviews"][row][0],
            own["segments"].get(row, []),
            own["mentions"].get(row, []),
            own["aspects"].get(row, []),
            themes,
            usual,
            langs.get(row),
            thought,
        )
        for one in sorted(told, key=_place):
            field_name = _put(done, row, review, one)
            if field_name is not None:
                review.record["corrected"] = _with(review.record["corrected"], field_name)
                done.touched.add(row)
        own["mentions"][row], own["aspects"][row] = review.mentions, review.aspects
    for name, found in own.items():
        # A theme that was added stands where its words stand.
        rows = [record for row in sorted(found) for record in found[row]]
        done.tables[name] = pa.Table.from_pylist(rows, schema=tables[name].schema)
    return done


def _place(one: Correction) -> tuple[int, int, str]:
    # The review as a whole before its segments, which know better.
    return _ORDER.index(one.name), -1 if one.segment is None else one.segment, one.slot


def _put(done: Judged, row: int, review: _Review, one: Correction) -> str | None:
    """Put in one correction; give the name of what it corrects, none where it does not fit."""
    try:
        if one.segment is not None and all(one.segment != own["segment"] for own in review.segments):
            raise ValueError(f"the review has {len(review.segments)} segments, none is {one.segment}")
        done.before[row, one] = _PUT[one.name](review, one)
    except ValueError as error:
        done.unfit[one] = str(error)
        return None
    done.applied.add(one)
    return "theme" if one.name.endswith("_theme") else one.name


# --- what each field does: puts the value in and gives what stood there -------------------------------------


def _lang(review: _Review, one: Correction) -> str | None:
    """Note the language: the review was read in it before this."""
    review.record["lang"], review.record["lang_confidence"] = one.value, 1.0
    return review.lang


def _label(review: _Review, one: Correction) -> str | None:
    before, review.record[one.name] = review.record[one.name], one.value or None
    return None if before is None else str(before)


def _score(review: _Review, one: Correction) -> str | None:
    name, record = one.name, review.record
    before = record[name]
    number = as_number(one.value)
    if number is None:
        record |= {name: None, f"{name}_min": None, f"{name}_max": None}
    else:
        worst, best = record[f"{name}_min"], record[f"{name}_max"]
        if worst is None or best is None:
            worst, best = review.usual[name]
        if not worst <= number[0] <= best or number[1] not in {None, best}:
            raise ValueError(
                f"{name} {one.value!r} is not on its scale; allowed: {worst:g} to {best:g}, or none"
            )
        record |= {name: number[0], f"{name}_min": worst, f"{name}_max": best}
    return None if before is None else f"{before:g}"


def _flag(review: _Review, one: Correction) -> str | None:
    before, review.record[one.name] = review.record[one.name], as_flag(one.value)
    return None if before is None else "yes" if before else "no"


def _sentiment(review: _Review, one: Correction) -> str | None:
    worded = [own for own in review.segments if own["p_negative"] is not None]
    if one.segment is not None:
        return _of_segment(review, one, worded)
    record, label = review.record, one.value
    if not (record["text"] or record["title"]):
        raise ValueError("the review has no words")
    before, record["sentiment"], review.whole = record["sentiment"], label, True
    record |= {**_SURE[label], "score": _SCORE[label]}
    # Where no part of the review says what a person read in the whole, the parts were misread too. A review
    # that is neutral on the whole may well be of praise and blame.
    said = {_said(own) for own in worded}
    if label not in said and (label != "neutral" or len(worded) == 1):
        for own in worded:
            _tell_segment(review, own, label)
    return None if before is None else str(before)


def _of_segment(review: _Review, one: Correction, worded: list[Record]) -> str:
    """Correct a segment; the review moves by its share of it, unless a person spoke of the whole."""
    own = next(segment for segment in review.segments if segment["segment"] == one.segment)
    before = _said(own)
    old = [own[f"p_{label}"] or 0.0 for label in LABELS]
    _tell_segment(review, own, one.value)
    record = review.record
    if not review.whole and record["p_negative"] is not None:
        share = 1 / max(len(worded), 1)
        moved = [
            min(max(record[f"p_{label}"] + share * (own[f"p_{label}"] - was), 0.0), 1.0)
            for label, was in zip(LABELS, old, strict=True)
        ]
        p = [round(value / sum(moved), 6) for value in moved]
        record |= {f"p_{label}": value for label, value in zip(LABELS, p, strict=True)}
        record |= {"score": round(p[2] - p[0], 6), "sentiment": LABELS[max(range(3), key=p.__getitem__)]}
    return before


def _add_theme(review: _Review, one: Correction) -> str:
    _check_theme(review, one)
    there = _mentions(review, one)
    for mention in there:
        mention |= {"confidence": 1.0, "corrected": _with(mention["corrected"], "theme")}
    if there:
        return "present"
    own = _telling(review, one)
    text = review.record["text"] or ""
    start, end = own["start"], own["end"]
    review.mentions.append(
        {
            **{"row": review.record["row"], "segment": own["segment"], "theme": one.theme},
            **{"start": start, "end": end, "term": text[start:end], "polarity": _said(own)},
            **{"score": own["score"], "confidence": 1.0, "matcher": "person", "corrected": "theme"},
        }
    )
    review.mentions.sort(key=lambda mention: (mention["segment"], mention["start"], mention["theme"]))
    return "absent"


def _remove_theme(review: _Review, one: Correction) -> str:
    _check_theme(review, one)
    there = _mentions(review, one)
    review.mentions = [mention for mention in review.mentions if mention not in there]
    for term in _terms(review, one):
        term["theme"] = None
    return "present" if there else "absent"


def _polarity(review: _Review, one: Correction) -> str:
    _check_theme(review, one)
    there = _mentions(review, one)
    if not there:
        named = ", ".join(sorted({mention["theme"] for mention in review.mentions})) or "none"
        raise ValueError(f"the review does not speak of theme {one.theme!r}; it has: {named}")
    before = " ".join(dict.fromkeys(mention["polarity"] for mention in there))
    told = {"polarity": one.value, "score": _SCORE[one.value]}
    for mention in there:
        mention |= {**told, "corrected": _with(mention["corrected"], "polarity")}
    for term in _terms(review, one):
        term |= told
    return before


_PUT: Mapping[str, Callable[[_Review, Correction], str | None]] = {
    "lang": _lang,
    **dict.fromkeys(LABELLED, _label),
    **dict.fromkeys(SCORED, _score),
    "recommended": _flag,
    "sentiment": _sentiment,
    "add_theme": _add_theme,
    "remove_theme": _remove_theme,
    "polarity": _polarity,
}


# --- parts of a review --------------------------------------------------------------------------------------


def _tell_segment(review: _Review, own: Record, label: str) -> None:
    """Make a segment say what a person said, and with it the themes and terms in it."""
    own |= {**_SURE[label], "score": _SCORE[label], "corrected": "sentiment"}
    for one in (*review.mentions, *review.aspects):
        if one["segment"] == own["segment"]:
            one |= {"polarity": label, "score": _SCORE[label]}


def _telling(review: _Review, one: Correction) -> Record:
    """Choose the segment that a theme is put on: the one named, else the one that says most of its kind."""
    if not review.segments:
        raise ValueError("the review has no words")
    if one.segment is not None:
        return next(own for own in review.segments if own["segment"] == one.segment)
    side = -1 if review.thought.get(one.theme, review.record["sentiment"]) == "negative" else 1
    return max(review.segments, key=lambda own: (side * (own["score"] or 0.0), -own["segment"]))


def _mentions(review: _Review, one: Correction) -> list[Record]:
    return [own for own in review.mentions if own["theme"] == one.theme and _within(own, one)]


def _terms(review: _Review, one: Correction) -> list[Record]:
    return [own for own in review.aspects if own["theme"] == one.theme and _within(own, one)]


def _within(own: Record, one: Correction) -> bool:
    return one.segment is None or own["segment"] == one.segment


def _check_theme(review: _Review, one: Correction) -> None:
    if one.theme not in review.themes:
        hint = nearest(one.theme, review.themes)
        raise ValueError(f"there is no theme {one.theme!r} in the taxonomy of the run{hint}")


def _said(own: Record) -> str:
    return polarity(*(own[f"p_{label}"] for label in LABELS))


def _with(names: str | None, name: str) -> str:
    return " ".join(dict.fromkeys([*(names or "").split(), name]))
