"""Which scale the answers to a question are on.

The scale of a row comes from the first of these that speaks:

1. the configuration (``[scales]``);
2. a companion column such as ``rating_max`` (and ``rating_min``), row by row;
3. the cell itself (``4/5``, ``80%``, ``★★★★☆``), or the scale that the column's words are on;
4. words in the header (``(0-10)``, ``1 to 5``, ``out of 5``);
5. the range of all values of the source, by the rules of :func:`recognise`;
6. what is usual for the question: NPS 0..10, CSAT 1..5, CES 1..7, stars 1..5.

Values are counted over the whole source, so the order of the rows does not matter. Where only the best value
is known, the worst is 0 if any answer on that scale is 0 or the scale has more than ten steps, else 1 (of an
NPS question always 0).

A value that cannot be an answer on its scale is none, and the notes count what was passed over by value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from earful.config import NpsScale, ScalesConfig
from earful.readers.misdated import Role, day_and_month
from earful.readers.numbers import NumberProfile, Said
from earful.readers.rejects import count
from earful.readers.scale_notes import doubts, unread, worded
from earful.readers.values import Number, as_number
from earful.readers.words import WordScale, fold

__all__ = [
    "NumberProfile",
    "Scale",
    "ScaleRule",
    "as_end",
    "make_rule",
    "recognise",
    "scale_in_header",
    "usual_scale",
]

How = Literal["configured", "recognised", "default"]

_DEFAULTS = {"rating": (1.0, 5.0), "nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}
#: The best values a question's scale may have, for recognition by range. NPS is never told by range: a 0-10
#: question with no zero among its answers looks like a 1-10 one.
_STEPS = {"rating": (5, 10, 100), "csat": (5, 7, 10, 100), "ces": (5, 7, 10, 100)}
#: Values beyond the 10 (or 100) that at least this share keeps to are taken as typing errors, not as a scale.
_TYPICAL = 0.99
#: With fewer values than this, 10 and 50 are on a scale to 100.
_FEW_TENS = 5
_RANGE = re.compile(
    r"(?<![\d.,-])([01]|2(?=\s*(?:-|–|—|to|до)\s*6\b))\s*(?:-|–|—|\.{2,3}|…|to|до|līdz|lidz|bis|à|a)\s*(\d{1,3})(?!\d|[.,-]\d)"
)
#: "-2 to +2", "from -3 to 3".
_BALANCED = re.compile(
    r"(?<![\d.,])[-–−]\s?(\d{1,3})\s*(?:\.{2,3}|…|/|to|до|līdz|lidz|bis|à|a|[-–—])\s*\+?(\d{1,3})(?!\d|[.,]\d)"
)
_OUT_OF = re.compile(r"(?:out of|/|\bиз|\bот|\bno|\bvon|\bsur)\s*(\d{1,3})(?!\d|[.,-]\d)")
_POINTS = re.compile(r"(?<!\d)(\d{1,2})[- ]?(?:point|star|балл|звезд|ballu|zvaigžņu)")
_LONGEST = 40
_Answer = tuple[float, float, float]
"""A value with the worst and the best of its scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The worst and the best answer, and how they were found.

    Attributes
    ----------
    min, max
        Worst and best answer; over all rows, where the scale is set row by row.
    how
        ``configured``, ``recognised`` from the data, or the ``default`` of the question.
    by_row
        Their column that sets the scale row by row, or ``cell`` where the cells do (``4/5``); else ``None``.
    """

    min: float
    max: float
    how: How
    by_row: str | None = None

    def __str__(self) -> str:
        by = {"cell": ", stated in each cell", None: ""}.get(
            self.by_row, f", set row by row by {self.by_row!r}"
        )
        return f"{self.min:g}..{self.max:g} ({self.how}{by})"


@dataclass(frozen=True, slots=True)
class ScaleRule:
    """How a row of one source gets its score and its scale for one signal.

    Attributes
    ----------
    signal
        The question.
    scale
        The source's scale, where the row says nothing of its own.
    fixed
        The scale is configured; nothing in the row changes it.
    min_column, max_column
        Companion columns, if any.
    zero_based
        Best values whose scale starts at 0.
    words
        Folded cell -> its answer, where the column's words are on a scale.
    dated
        Where the answer and the best answer stand in cells that a spreadsheet made dates of.
    """

    signal: str
    scale: Scale
    fixed: bool = False
    min_column: str | None = None
    max_column: str | None = None
    zero_based: frozenset[float] = frozenset()
    words: Mapping[str, _Answer] = field(default_factory=dict)
    dated: tuple[Role, int] | None = None

    @property
    def companions(self) -> list[str]:
        """Their columns that the scale of a row is read from."""
        return [column for column in (self.min_column, self.max_column) if column]

    def worst_for(self, best: float) -> float:
        """Give the worst value of a scale of which only the best is known."""
        nought = best in self.zero_based or best > 10 or best <= 1 or (self.signal == "nps" and best == 10)
        return 0.0 if nought else 1.0

    def answer(self, cell: Any, worst: Any = None, best: Any = None) -> _Answer | None:
        """Read a cell as a value on a scale; ``worst`` and ``best`` are the companions' cells.

        Raises
        ------
        ValueError
            The cell says something that is no answer.
        """
        if self.words and isinstance(cell, str) and (said := self.words.get(fold(cell))):
            return said
        number = self._in_date(cell) if self.dated is not None else None
        number = number or as_number(cell)
        if number is None:
            return None
        low = as_end(worst, "min")
        if low is None and isinstance(best, str) and (both := scale_in_header(best[:_LONGEST])):
            low = both[0]
        return self.place((*number, as_end(best, "max")), low)

    def place(self, said: Said, worst: float | None = None) -> _Answer:
        """Put a value onto its scale.

        Raises
        ------
        ValueError
            The scale the cell names is not the one that is set, or the value is outside its scale.
        """
        value, stated, companion = said
        low, high = self._ends(stated, companion, worst)
        if not low <= value <= high:
            raise ValueError(f"{value:g} is outside the scale {low:g}..{high:g} ({self.scale.how})")
        return value, low, high

    def _ends(
        self, stated: float | None, companion: float | None, worst: float | None
    ) -> tuple[float, float]:
        low, high = self.scale.min, self.scale.max
        one_scale = self.fixed or (self.signal == "nps" and companion is None)
        if one_scale:
            if stated is not None and stated != high:
                raise ValueError(f"the cell says out of {stated:g}, the scale is {low:g}..{high:g}")
            return low, high
        best = stated if companion is None else companion
        if best is None:
            return (low if worst is None else worst), high
        low = self.worst_for(best) if worst is None else worst
        if low >= best:
            raise ValueError(f"its scale {low:g}..{best:g} has no room")
        return low, best

    def _in_date(self, cell: Any) -> Number | None:
        date = day_and_month(cell)
        if date is None or self.dated is None:
            return None
        role, best = self.dated
        return float(date[0] if role == "day" else date[1]), float(best)


def as_end(cell: Any, end: Literal["min", "max"]) -> float | None:
    """Read a companion's cell: an end of a scale, or a whole one such as ``0-10``; nothing where neither."""
    if cell is None:
        return None
    try:
        number = as_number(cell)
    except ValueError:
        both = scale_in_header(str(cell)[:_LONGEST])
        return None if both is None else both[0] if end == "min" else both[1]
    return None if number is None else number[0]


def scale_in_header(header: str) -> tuple[float | None, float] | None:
    """Read a scale out of a header: (worst, best), worst ``None`` where only the best is named."""
    text = header.casefold()
    if match := _BALANCED.search(text):
        best = float(match.group(2))
        return (-best, best) if match.group(1) == match.group(2) and 1 <= best <= 100 else None
    if match := _RANGE.search(text):
        worst, best = float(match.group(1)), float(match.group(2))
        return (worst, best) if 3 <= best <= 100 else None
    match = _OUT_OF.search(text) or _POINTS.search(text)
    if match and 3 <= int(match.group(1)) <= 100:
        return None, float(match.group(1))
    return None


def recognise(signal: str, profile: NumberProfile) -> Scale:
    """Tell a scale by the range of the values.

    The best value is the least of 5, 10, 100 (CSAT and CES: also 7) that no value passes; values past 10 (or
    100) that are fewer than 1 % are held to be typing errors, and a 99 where nothing else passes 10 is a code
    for no answer. The worst is 0 if there are zeros, or on a scale to 100, else 1. Ratings that never pass 1
    and hold zeros or fractions are on 0..1. Whole numbers on both sides of nought, as far below as above, are
    on -1..1, -2..2 and so on.
    """
    default, over = Scale(*_DEFAULTS[signal], "default"), profile.beyond
    if signal != "nps" and profile.balanced:
        return Scale(-profile.balanced, profile.balanced, "recognised")
    if not profile.n or signal == "nps":
        return default
    if not over[1] and (profile.fractions or (signal == "rating" and profile.zeros)):
        return Scale(0.0, 1.0, "recognised")
    if _in_tens(signal, profile):
        return Scale(10.0, 50.0, "recognised")
    slack = (1 - _TYPICAL) * profile.n
    # An 11 speaks no more for a scale to 10 than for one to 5: only what lies between the two does.
    allowed = {step: min(slack, over[10]) if step < 10 else slack for step in _STEPS[signal]}
    best = next((step for step, odd in allowed.items() if over[step] <= odd), None)
    if best is None:
        return default
    worst = 0.0 if profile.zeros or best == 100 else 1.0
    if worst and profile.fractions:
        # Half stars start at a half; any other fraction below 1 speaks for a scale from 0.
        worst = 0.5 if profile.halves == profile.fractions else 0.0
    return Scale(worst, float(best), "recognised")


def _in_tens(signal: str, profile: NumberProfile) -> bool:
    """Tell a site's marks of 1 to 5 that are written 10 to 50."""
    return (
        signal == "rating"
        and profile.n == profile.tens >= _FEW_TENS
        and len(profile.values) > 1
        and (50.0, None, None) in profile.values
    )


def usual_scale(signal: str, scales: ScalesConfig) -> tuple[float, float]:
    """Give the worst and the best answer of a score as they are set, or as is usual for the question."""
    section = getattr(scales, signal)
    if section is None:
        return _DEFAULTS[signal]
    worst, best = section if signal == "rating" else (section.min, section.max)
    return float(worst), float(best)


def make_rule(
    signal: str,
    column: str,
    profile: NumberProfile,
    companions: Mapping[str, str],
    scales: ScalesConfig,
) -> tuple[ScaleRule, list[str]]:
    """Settle a signal's scale for a source.

    Parameters
    ----------
    signal
        ``rating``, ``nps``, ``csat`` or ``ces``.
    column
        Their column.
    profile
        Its values, over the whole source.
    companions
        ``min`` and ``max`` -> their column that holds that end row by row.
    scales
        The configured scales.

    Returns
    -------
    rule
        How rows get their scale.
    notes
        What the user should know.
    """
    section = getattr(scales, signal)
    if section is not None:
        rule = ScaleRule(signal, Scale(*usual_scale(signal, scales), "configured"), fixed=True)
        rule, notes = _with_words(rule, column, profile, section)
        return rule, notes + unread(column, profile, rule)
    header = scale_in_header(column)
    scale, notes = recognise(signal, profile), []
    if header is not None:
        worst, best = header
        worst = worst if worst is not None else (0.0 if profile.zeros or best > 10 else 1.0)
        scale = Scale(worst, best, "recognised")
    else:
        notes = doubts(signal, column, profile, scale)
    zero_based = frozenset(best for best, zeros in profile.zeros_by_best.items() if zeros)
    ends = companions.get("min"), companions.get("max")
    rule, by_word = _with_words(
        ScaleRule(signal, scale, False, *ends, zero_based, dated=profile.dated), column, profile, None
    )
    rule, by_cell = _by_row(rule, column, profile)
    return rule, notes + by_word + by_cell + unread(column, profile, rule)


def _by_row(rule: ScaleRule, column: str, profile: NumberProfile) -> tuple[ScaleRule, list[str]]:
    """Take in the scales that cells and companions name."""
    bests = profile.companions | profile.cells | ({float(rule.dated[1])} if rule.dated else set())
    if not bests:
        return rule, []
    scale, notes, shown = rule.scale, [], sorted(bests)
    if not profile.n:
        best = shown[-1] if rule.signal != "nps" else _usual(profile, shown[-1])
        scale = Scale(rule.worst_for(best), best, "recognised")
    mixed = sorted({*shown, scale.max})
    if len(mixed) > 1 and (rule.signal != "nps" or profile.companions):
        ends = ", ".join(f"{best:g}" for best in mixed)
        notes.append(f"{column!r} mixes scales (best values {ends}); each row keeps its own")
    by_row = rule.max_column if profile.companions and rule.max_column else "cell"
    return replace(rule, scale=replace(scale, by_row=by_row)), notes


def _usual(profile: NumberProfile, otherwise: float) -> float:
    """Give the best value that most cells name."""
    named: Counter[float] = Counter()
    for (_, stated, _), n in profile.values.items():
        if stated is not None:
            named[stated] += n
    return max(named, key=lambda best: (named[best], best), default=otherwise)


def _with_words(
    rule: ScaleRule, column: str, profile: NumberProfile, section: Any
) -> tuple[ScaleRule, list[str]]:
    """Take in the scales that the column's words are on, and print what each word is worth."""
    if rule.dated is not None:
        role, best = rule.dated
        n = count(sum(profile.dates.values()), "cell of", "cells of")
        return rule, [
            f"{n} {column!r} became dates in a spreadsheet; each was read as it was typed, the {role} "
            f"out of {best}"
        ]
    words: dict[str, _Answer] = {}
    notes, scale = [], rule.scale
    for number, (found, steps) in enumerate(profile.scales(rule.signal)):
        if profile.read > sum(profile.answered_as[cell] for cell in steps):
            steps = {cell: step for cell, step in steps.items() if step in (0, len(found.steps) - 1)}
            worth = [scale.min, *[math.nan] * (len(found.steps) - 2), scale.max]
            ends = scale.min, scale.max
        else:
            ends, worth = _worth(rule, found, section)
            if number == 0 and not rule.fixed:
                scale = Scale(*ends, "recognised")
        words |= {cell: (worth[step], *ends) for cell, step in steps.items()}
        if steps:
            values = {profile.spelled.get(cell, cell): worth[step] for cell, step in steps.items()}
            notes.append(worded(column, found, values, ends))
    return replace(rule, words=words, scale=scale), notes


def _worth(rule: ScaleRule, found: WordScale, section: Any) -> tuple[tuple[float, float], list[float]]:
    """Give the ends of a scale of words, and what each step is worth.

    On a scale that is set, or for a recommend question, the steps are spread evenly over it; a class of
    answers to that question stands in the middle of its answers.
    """
    nps = rule.signal == "nps"
    if not (rule.fixed or nps):
        low, high = found.ends
        return (low, high), [low + step for step in range(len(found.steps))]
    if found.bands:
        cuts = section or NpsScale()
        classes = (cuts.min, cuts.detractor_max), (cuts.detractor_max + 1, cuts.promoter_min - 1)
        middles = [(low + high) / 2 for low, high in (*classes, (cuts.promoter_min, cuts.max))]
        return (float(cuts.min), float(cuts.max)), middles
    low, high = (rule.scale.min, rule.scale.max) if rule.fixed else (0.0, 10.0)
    last = len(found.steps) - 1
    worth = [round(low + (high - low) * step / last, 6) for step in range(last + 1)]
    if getattr(section, "direction", "ease") == "effort":
        worth.reverse()
    return (low, high), worth
