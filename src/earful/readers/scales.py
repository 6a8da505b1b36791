"""Which scale the answers to a question are on.

The scale of a row comes from the first of these that speaks:

1. the configuration (``[scales]``);
2. a companion column such as ``rating_max`` (and ``rating_min``), row by row;
3. the cell itself (``4/5``, ``80%``, ``★★★★☆``);
4. words in the header (``(0-10)``, ``1 to 5``, ``out of 5``);
5. the range of all values of the source, by the rules of :func:`recognise`;
6. what is usual for the question: NPS 0..10, CSAT 1..5, CES 1..7, stars 1..5.

Values are counted over the whole source, so the order of the rows does not matter. Where only the best value
is known, the worst is 0 if any answer on that scale is 0 or the scale has more than ten steps, else 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from earful.config import ScalesConfig
from earful.readers.rejects import count
from earful.readers.values import Number

__all__ = [
    "NumberProfile",
    "Scale",
    "ScaleRule",
    "make_rule",
    "recognise",
    "scale_in_header",
]

How = Literal["configured", "recognised", "default"]

_DEFAULTS = {"rating": (1.0, 5.0), "nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}
#: The best values a question's scale may have, for recognition by range. NPS is never told by range: a 0-10
#: question with no zero among its answers looks like a 1-10 one.
_STEPS = {"rating": (5, 10, 100), "csat": (5, 7, 10, 100), "ces": (5, 7, 10, 100)}
#: Values beyond the 10 (or 100) that at least this share keeps to are taken as typing errors, not as a scale.
_TYPICAL = 0.99
_RANGE = re.compile(
    r"(?<![\d.,-])([01])\s*(?:-|–|—|\.{2,3}|…|to|до|līdz|lidz|bis|à|a)\s*(\d{1,3})(?![\d.,-])"
)
_OUT_OF = re.compile(r"(?:out of|/|\bиз|\bот|\bno)\s*(\d{1,3})(?![\d.,-])")
_POINTS = re.compile(r"(?<!\d)(\d{1,2})[- ]?(?:point|star|балл|звезд|ballu|zvaigžņu)")
_MOST_COMPANIONS = 64


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


@dataclass(slots=True)
class NumberProfile:
    """What a full pass saw in a column of scores; the same for any order of the rows."""

    n: int = 0
    zeros: int = 0
    fractions: int = 0
    over: dict[int, int] = field(default_factory=lambda: dict.fromkeys((1, 5, 7, 10, 100), 0))
    zeros_by_best: dict[float, int] = field(default_factory=dict)
    companions: set[float] = field(default_factory=set)
    cells: set[float] = field(default_factory=set)

    def add(self, number: Number, companion: float | None) -> None:
        """Take in a value with the best value that a companion column names for it."""
        value, best = number
        source = self.cells if companion is None else self.companions
        best = best if companion is None else companion
        if best is not None:
            if best in self.zeros_by_best or len(self.zeros_by_best) < _MOST_COMPANIONS:
                self.zeros_by_best[best] = self.zeros_by_best.get(best, 0) + (value == 0)
                source.add(best)
            return
        if value < 0:
            return
        self.n += 1
        self.zeros += value == 0
        self.fractions += 0 < value < 1
        for limit in self.over:
            self.over[limit] += value > limit


@dataclass(frozen=True, slots=True)
class ScaleRule:
    """How a row of one source gets its scale for one signal.

    Attributes
    ----------
    scale
        The source's scale, where the row says nothing of its own.
    fixed
        The scale is configured; nothing in the row changes it.
    min_column, max_column
        Companion columns, if any.
    zero_based
        Best values whose scale starts at 0.
    """

    scale: Scale
    fixed: bool = False
    min_column: str | None = None
    max_column: str | None = None
    zero_based: frozenset[float] = frozenset()

    @property
    def companions(self) -> list[str]:
        """Their columns that the scale of a row is read from."""
        return [column for column in (self.min_column, self.max_column) if column]

    def worst_for(self, best: float) -> float:
        """Give the worst value of a scale of which only the best is known."""
        return 0.0 if best in self.zero_based or best > 10 or best <= 1 else 1.0


def scale_in_header(header: str) -> tuple[float | None, float] | None:
    """Read a scale out of a header: (worst, best), worst ``None`` where only the best is named."""
    text = header.casefold()
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
    100) that are fewer than 1 % are held to be typing errors. The worst is 0 if there are zeros, or on a
    scale to 100, else 1. Ratings that never pass 1 and hold zeros or fractions are on 0..1.
    """
    default = Scale(*_DEFAULTS[signal], "default")
    if not profile.n or signal == "nps":
        return default
    if not profile.over[1] and (profile.fractions or (signal == "rating" and profile.zeros)):
        return Scale(0.0, 1.0, "recognised")
    slack = (1 - _TYPICAL) * profile.n
    # An 11 speaks no more for a scale to 10 than for one to 5: only what lies between the two does.
    allowed = {step: min(slack, profile.over[10]) if step < 10 else slack for step in _STEPS[signal]}
    best = next((step for step, odd in allowed.items() if profile.over[step] <= odd), None)
    if best is None:
        return default
    return Scale(0.0 if profile.zeros or best == 100 else 1.0, float(best), "recognised")


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
        worst, best = section if signal == "rating" else (section.min, section.max)
        return ScaleRule(Scale(float(worst), float(best), "configured"), fixed=True), []
    notes: list[str] = []
    header = scale_in_header(column)
    scale = recognise(signal, profile)
    if header is not None:
        worst, best = header
        worst = worst if worst is not None else (0.0 if profile.zeros or best > 10 else 1.0)
        scale = Scale(worst, best, "recognised")
    else:
        notes += _doubts(signal, column, profile, scale)
    zero_based = frozenset(best for best, zeros in profile.zeros_by_best.items() if zeros)
    rule = ScaleRule(scale, False, companions.get("min"), companions.get("max"), zero_based)
    bests = sorted(profile.companions | profile.cells)
    if not bests:
        return rule, notes
    if not profile.n:
        scale = Scale(rule.worst_for(bests[-1]), bests[-1], "recognised")
    mixed = sorted({*bests, scale.max})
    if len(mixed) > 1:
        shown = ", ".join(f"{best:g}" for best in mixed)
        notes.append(f"{column!r} mixes scales (best values {shown}); each row keeps its own")
    by_row = companions.get("max", "cell") if profile.companions else "cell"
    return replace(rule, scale=replace(scale, by_row=by_row)), notes


def _doubts(signal: str, column: str, profile: NumberProfile, scale: Scale) -> list[str]:
    """Say where the recognition could be wrong."""
    notes = []
    fix = f"set scales.{signal} if it is another"
    if signal == "nps" and profile.n >= 30 and not profile.over[5]:
        notes.append(f"no answer in {column!r} is above 5 and the scale was taken as 0..10; {fix}")
    elif signal == "nps" and profile.n >= 100 and not profile.zeros:
        notes.append(f"no answer in {column!r} is 0 and the scale was taken as 0..10; {fix}")
    if scale.max == 10 and 0 < profile.over[5] <= 0.01 * profile.n and signal != "nps":
        notes.append(
            f"only {profile.over[5]} of {profile.n} values in {column!r} are above 5; the scale was taken as "
            f"{scale.min:g}..{scale.max:g}; {fix}"
        )
    beyond = profile.over.get(int(scale.max), 0)
    if beyond:
        notes.append(f"{count(beyond, 'value', 'values')} in {column!r} above {scale.max:g}: rejected; {fix}")
    if signal == "ces" and scale.max == 5 and scale.how == "recognised":
        notes.append(f"no answer in {column!r} is above 5 and the scale was taken as {scale.min:g}..5; {fix}")
    return notes
