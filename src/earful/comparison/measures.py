"""The measured side of a comparison: the NPS answers, else the recommend flags, CSAT answers or stars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from earful.errors import ConfigError, RunError
from earful.loyalty.frames import column
from earful.loyalty.scales import csat_scale, position, satisfied
from earful.pages.numbers import estimate, finite, percent, points, reach, signed
from earful.pages.words import decimal, say

if TYPE_CHECKING:
    from earful.comparison.reading import Reading

__all__ = ["MEASURES", "Cell", "Measure", "available", "cell", "choose"]

Floats = NDArray[np.float64]
_Show = Callable[[Any], str]

#: What can be the measured side, best first.
MEASURES = ("nps", "recommend", "csat", "rating")
_COLUMNS = {"nps": "nps", "recommend": "recommend", "csat": "csat", "rating": "mean_rating"}


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured metric.

    Attributes
    ----------
    name
        ``nps``, ``recommend``, ``csat`` or ``rating``.
    values
        Answer of each row of the reading in the metric's units, NaN where there is none: points for NPS,
        percent for the recommend rate and CSAT, 0 to 1 of the scale for stars.
    stars
        Worst and best star where all ratings stand on one scale.
    """

    name: str
    values: Floats
    stars: tuple[float, float] | None = None

    @property
    def title(self) -> str:
        """What people call it in the language that is spoken, e.g. ``measured NPS``."""
        return say(f"measured.{self.name}")

    @property
    def heading(self) -> str:
        """Its title as it begins a line."""
        return self.title[0].upper() + self.title[1:]

    @property
    def column(self) -> str:
        """Its column in the loyalty table."""
        return _COLUMNS[self.name]

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest value there can be, as people count it: in stars, percent or points."""
        if self.name == "nps":
            return (-100.0, 100.0)
        return self.stars if self.name == "rating" and self.stars else (0.0, 100.0)

    @property
    def unit(self) -> str:
        """What a difference of it is counted in."""
        return say(f"unit.{'points' if self.name == 'nps' else 'stars' if self._starred else 'percent'}")

    @property
    def _starred(self) -> bool:
        return self.name == "rating" and self.stars is not None

    def counted(self, value: Any) -> float | None:
        """Give a value as people count it: in stars, or in percent where ratings share no scale."""
        number = finite(value)
        if number is None or self.name != "rating":
            return number
        return self.span[0] + number * (self.span[1] - self.span[0])

    def counted_change(self, value: Any) -> float | None:
        """Give a difference of two values as people count it."""
        number = finite(value)
        if number is None or self.name != "rating":
            return number
        return number * (self.span[1] - self.span[0])

    def show(self, value: Any) -> str:
        """Write a value."""
        return self.write(self.counted(value))

    def write(self, counted: Any) -> str:
        """Write a value that is counted as people do."""
        number = finite(counted)
        if self.name == "nps" or number is None:
            return points(number)
        return decimal(number, 1) if self._starred else percent(number)

    def show_change(self, value: Any) -> str:
        """Write a difference of two values, with its sign."""
        return self.write_change(self.counted_change(value))

    def write_change(self, counted: Any) -> str:
        """Write a difference that is counted as people do."""
        return signed(counted, 2 if self._starred else 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a group as the page and the terminal write it.

    Attributes
    ----------
    of
        What the number is called.
    value, reach
        The number, and its interval where it has one.
    call
        ``above``, ``below``, ``up`` or ``down`` where that is more than chance.
    between
        Of a change, the values that it lies between.
    """

    of: str
    value: str
    reach: str
    call: str = ""
    between: str = ""

    @property
    def tone(self) -> str:
        """The class of its call."""
        return {"above": "pos", "up": "pos", "below": "neg", "down": "neg"}.get(self.call, "")


def cell(row: Any, name: str, title: str, show: _Show, call: Any = "", between: str = "") -> Cell:
    """Write a number of a row."""
    value, low, high = estimate(row, name)
    called = call if isinstance(call, str) and value is not None else ""
    return Cell(title, show(value), reach(low, high, show), called, between)


def choose(reading: Reading, wanted: str | None = None) -> Measure:
    """Choose the measured side of a run: the first that anybody answered, or the wanted one.

    Raises
    ------
    ConfigError
        There is no such metric.
    RunError
        Nobody answered it, or any of them.
    """
    if wanted is not None and wanted not in MEASURES:
        raise ConfigError(f"cannot measure by {wanted!r}", where="--measured", allowed=", ".join(MEASURES))
    found = available(reading)
    name = found[0] if wanted is None and found else wanted
    if name in found:
        return _measure(reading, str(name))
    what = (
        "has no measured side: no row has an answer" if wanted is None else f"has no answers for {wanted!r}"
    )
    raise RunError(
        what,
        where=str(reading.run.path),
        allowed="NPS answers, recommend flags, CSAT answers or star ratings",
        fix="analyze feedback with one of them, or compare two runs with --with",
    )


def available(reading: Reading) -> list[str]:
    """Name the metrics that some review of the groups has an answer for, best first."""
    measures = [_measure(reading, name) for name in MEASURES]
    return [one.name for one in measures if not np.isnan(one.values[reading.grouping.row]).all()]


def _measure(reading: Reading, name: str) -> Measure:
    rows = reading.rows
    if name == "nps":
        return Measure(name, reading.answer)
    if name == "recommend":
        return Measure(name, 100 * column(rows, "recommended"))
    answers, low, high = (column(rows, f"{name}{end}") for end in ("", "_min", "_max"))
    scales = _scales(answers, low, high)
    if name == "rating":
        return Measure(name, position(answers, low, high), scales[0] if len(scales) == 1 else None)
    if not scales:
        return Measure(name, np.full(len(rows), np.nan))
    bottom, top = scales[0]
    here = np.where((low == bottom) & (high == top), answers, np.nan)
    return Measure(name, 100 * satisfied(here, csat_scale(bottom, top, reading.config.scales.csat)))


def _scales(answers: Floats, low: Floats, high: Floats) -> list[tuple[float, float]]:
    """Give the scales that answers stand on, the most frequent first."""
    known = ~(np.isnan(answers) | np.isnan(low) | np.isnan(high))
    if not known.any():
        return []
    pairs, counts = np.unique(np.column_stack([low[known], high[known]]), axis=0, return_counts=True)
    return [(float(pairs[i, 0]), float(pairs[i, 1])) for i in np.argsort(-counts, kind="stable")]
