"""What is said of a column of scores: what its words are worth, what was passed over, what may be wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from earful.readers.misdated import day_and_month
from earful.readers.numbers import NumberProfile
from earful.readers.rejects import count, shortened
from earful.readers.tally import show_counts
from earful.readers.words import WordScale, fold

if TYPE_CHECKING:
    from earful.readers.scales import Scale, ScaleRule

__all__ = ["doubts", "unread", "worded"]


#: A scale that so small a share of the values speaks for is doubted.
_FEW = 0.1


def worded(column: str, found: WordScale, values: Mapping[str, float], ends: tuple[float, float]) -> str:
    """Print what each word is worth."""
    ranked = sorted(values, key=lambda cell: (-values[cell], cell))
    said = ", ".join(f"{shortened(cell)!r} = {values[cell]:g}" for cell in ranked[:12])
    more = f" and {len(ranked) - 12} more words" if len(ranked) > 12 else ""
    note = f"{column!r} is in words ({found.name}), read on {ends[0]:g}..{ends[1]:g}: {said}{more}"
    if found.bands:
        note += "; they tell the class and no answer, so the mean answer says nothing"
    return note


def unread(column: str, profile: NumberProfile, rule: ScaleRule) -> list[str]:
    """Count, by value, the cells that are no answer: their rows are kept without this score."""
    notes, lost, off = [], Counter[str](), Counter[str]()
    for cell, n in profile.words:
        if rule.dated is not None and day_and_month(cell) is not None:
            continue
        if fold(cell) not in rule.words:
            lost[cell] += n
    for said, n in profile.values.items():
        try:
            rule.place(said)
        except ValueError:
            stated = said[1] if said[1] is not None else said[2]
            off[f"{said[0]:g}" + ("" if stated is None else f"/{stated:g}")] += n
    if lost:
        unread = f"of {count(len(lost), 'value', 'values')} could not be read and count"
        cells = count(lost.total(), f"cell {unread}s", f"cells {unread}")
        notes.append(f"{column!r}: {cells} as no answer: {show_counts(lost, profile.words.dropped)}")
    if off:
        ends = f"{rule.scale.min:g}..{rule.scale.max:g}"
        cells = count(off.total(), f"cell off the scale {ends} counts", f"cells off the scale {ends} count")
        notes.append(
            f"{column!r}: {cells} as no answer: {show_counts(off)}; set scales.{rule.signal} if it is another"
        )
    if profile.unanswered.total:
        cells = count(profile.unanswered.total, "cell says", "cells say")
        notes.append(f"{column!r}: {cells} that nothing was answered: {profile.unanswered}")
    return notes


def doubts(signal: str, column: str, profile: NumberProfile, scale: Scale) -> list[str]:
    """Say where the recognition could be wrong."""
    notes = []
    fix = f"set scales.{signal} if it is another"
    if signal == "nps" and profile.n >= 30 and not profile.over[5]:
        notes.append(f"no answer in {column!r} is above 5 and the scale was taken as 0..10; {fix}")
    elif signal == "nps" and profile.n >= 100 and not profile.zeros:
        notes.append(f"no answer in {column!r} is 0 and the scale was taken as 0..10; {fix}")
    lower = {10: 5, 100: 10}.get(int(scale.max))
    if lower and signal != "nps" and 0 < (above := profile.beyond[lower]) <= _FEW * profile.n:
        are = "is" if above == 1 else "are"
        notes.append(
            f"only {above} of {profile.n} values in {column!r} {are} above {lower}; the scale was taken as "
            f"{scale.min:g}..{scale.max:g}; {fix}"
        )
    if signal == "ces" and scale.max == 5 and scale.how == "recognised":
        notes.append(f"no answer in {column!r} is above 5 and the scale was taken as {scale.min:g}..5; {fix}")
    if scale.min < 0:
        notes.append(f"{column!r} holds answers below 0 and was read on {scale.min:g}..{scale.max:g}; {fix}")
    if scale.max == 50:
        notes.append(f"{column!r} holds nothing but 10, 15 ... 50 and was read on 10..50, not 0..100; {fix}")
    if profile.zeros and scale.min == 0 and signal in ("rating", "csat") and 1 < scale.max <= 10:
        zeros, how = count(profile.zeros, "answer is 0", "answers are 0"), _setting(signal, scale.max)
        notes.append(
            f"{zeros} in {column!r}, so the scale was taken as 0..{scale.max:g} and 0 as its worst; "
            f"if 0 means that there is no rating, set {how}"
        )
    return notes


def _setting(signal: str, best: float) -> str:
    """Write the setting of a scale from 1."""
    if signal == "rating":
        return f"[scales] rating = [1, {best:g}]"
    satisfied = max(2, math.ceil(1 + 0.75 * (best - 1)))
    return f"[scales] {signal} = {{ min = 1, max = {best:g}, satisfied_min = {satisfied} }}"
