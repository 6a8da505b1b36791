"""Values over time as inline SVG: every period stands where the calendar has it, gaps and all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup

from earful.pages.axes import Axis, Place, axis_for, mark
from earful.pages.numbers import interval, month, points
from earful.pages.words import say

__all__ = ["Point", "timeline_svg"]

_LEFT, _RIGHT = 10.0, 97.0
#: Ticks along the axis at most, and the months that may lie between two of them.
_TICKS, _STEPS = 6, (1, 2, 3, 6, 12, 24, 60, 120)
#: Names of ticks that fit on a phone.
_ROOM = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a time line, or several that are drawn as one.

    Attributes
    ----------
    period
        Its first day, ``YYYY-MM-DD``.
    level, level_low, level_high
        The calm line through the periods and its interval, where there is one.
    change
        Points by which the level changed with this period, where it did.
    last
        The first day of the last period of several; empty for one.
    """

    period: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    level: float | None = None
    level_low: float | None = None
    level_high: float | None = None
    change: float | None = None
    last: str = ""

    @property
    def name(self) -> str:
        """What the period is called."""
        return f"{month(self.period)} – {month(self.last)}" if self.last else month(self.period)


def timeline_svg(
    series: Sequence[Point], *, label: str, height: int = 220, calm: Sequence[Point] | None = None
) -> Markup:
    """Draw values over time with their intervals; a gap stays a gap.

    Parameters
    ----------
    series
        The values, in order of time.
    calm
        What carries the calm line with its band and the changes of level, by default the values themselves.
        Where there is no such line, values of neighbouring periods are joined.
    """
    calm = series if calm is None else calm
    axis = axis_for(v for p in series for v in (p.value, p.low, p.high))
    top, bottom = 10.0, height - 26.0
    days = _Days.of([*series, *calm])

    def y(value: float) -> float:
        return bottom - (bottom - top) * axis.part(value)

    parts = list(_grid(axis, y))
    ticks = list(days.ticks())
    for k, (day, name) in enumerate(ticks):
        parts.append(mark("line", class_="grid", x1=days.at(day), x2=days.at(day), y1=bottom, y2=bottom + 4))
        # On a phone every second name gives way: more than three run into each other.
        minor = len(ticks) > _ROOM and k % 2 and not name.isdigit()
        kind = "mid minor" if minor else "mid"
        parts.append(mark("text", name, x=days.at(day), y=height - 6, class_=kind))
    for point in calm:
        if point.change is not None:
            begin = days.at(days.begin(point))
            parts.append(mark("line", class_="ref", x1=begin, x2=begin, y1=top, y2=bottom))
    parts.append(_joined(series, calm, days, y, height))
    parts.extend(_dot(point, days, y) for point in series)
    return mark("svg", *parts, class_="timeline", height=height, role="img", aria_label=label)


@dataclass(frozen=True, slots=True)
class _Days:
    """The calendar along the axis: days as whole numbers, the first and the last that are shown."""

    first: float
    end: float
    #: Days that the shortest period lasts.
    step: float

    @classmethod
    def of(cls, series: Sequence[Point]) -> _Days:
        begins = sorted({_day(one) for point in series for one in (point.period, point.last) if one})
        gaps = [after - before for before, after in pairwise(begins)]
        step = float(min(gaps, default=30))
        return cls(begins[0], begins[-1] + step, step)

    def at(self, day: float) -> float:
        """Give the place of a day in percent of the width."""
        return _LEFT + (_RIGHT - _LEFT) * (day - self.first) / (self.end - self.first)

    def begin(self, point: Point) -> float:
        return _day(point.period)

    def finish(self, point: Point) -> float:
        return min(_day(point.last or point.period) + self.step, self.end)

    def middle(self, point: Point) -> float:
        """Give the place of a period: the middle of its days."""
        return self.at((self.begin(point) + self.finish(point)) / 2)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Give days to mark, the middle of a month each, and what they are called."""
        begin, end = (date.fromordinal(math.floor(day)) for day in (self.first, self.end - 1))
        months = range(12 * begin.year + begin.month - 1, 12 * end.year + end.month)
        if len(months) < 3 and self.step < 28:
            yield from self._by_day()
            return
        step = next((step for step in _STEPS if len(months) / step <= _TICKS), _STEPS[-1])
        for number in months:
            if number % step == 0:
                first = date(number // 12, number % 12 + 1, 1)
                half = 0 if step >= 12 else min(self.step, 30.0) / 2
                day = first.toordinal() + half
                if self.first <= day <= self.end:
                    name = str(first.year) if step >= 12 else month(first.isoformat())
                    yield day, name

    def _by_day(self) -> Iterator[tuple[float, str]]:
        """Mark some of the periods themselves: weeks of a month or two."""
        n = round((self.end - self.first) / self.step)
        for k in range(0, n, max(1, math.ceil(n / _TICKS))):
            day = self.first + k * self.step
            yield day + self.step / 2, month(date.fromordinal(round(day)).isoformat())


def _day(iso: str) -> int:
    try:
        return date.fromisoformat(iso[:10]).toordinal()
    except ValueError:
        return date(1970, 1, 1).toordinal()


def _grid(axis: Axis, y: Place) -> Iterator[Markup]:
    for t in axis.ticks:
        kind = "zero" if t == 0 else "grid"
        yield mark("line", class_=kind, x1="9%", x2="100%", y1=y(t), y2=y(t))
        yield mark("text", points(t), x="8%", y=y(t) + 4, class_="end")


def _dot(point: Point, days: _Days, y: Place) -> Markup:
    if point.value is None and (point.low is None or point.high is None):
        return Markup("")
    x = days.middle(point)
    reviews = say("n.reviews", n=point.n)
    parts = [
        mark("title", f"{point.name}: {points(point.value)}, {interval(point.low, point.high)}, {reviews}")
    ]
    if point.low is not None and point.high is not None:
        parts.append(mark("line", class_="reach", x1=x, x2=x, y1=y(point.low), y2=y(point.high)))
    if point.value is not None:
        if point.last:
            ends = {"x1": days.at(days.begin(point)), "x2": days.at(days.finish(point))}
            parts.append(mark("line", class_="several", **ends, y1=y(point.value), y2=y(point.value)))
        parts.append(mark("circle", class_="dot", cx=x, cy=y(point.value), r=4.5))
    return mark("g", *parts)


def _joined(
    series: Sequence[Point], calm: Sequence[Point], days: _Days, y: Callable[[float], float], height: int
) -> Markup:
    """Draw the calm line with its band, or join values; in a nested box, as a path takes no percentages."""
    leveled = [point for point in calm if point.level is not None]
    parts = []
    if leveled:
        # The line is a smoother: it runs through months that nobody wrote in, and its band says how surely.
        line = [(10 * days.middle(point), y(point.level)) for point in leveled if point.level is not None]
        parts.append(mark("path", class_="line", d="M" + "L".join(f"{x:.1f} {at:.1f}" for x, at in line)))
        ends = [
            (10 * days.middle(point), y(point.level_low), y(point.level_high))
            for point in leveled
            if point.level_low is not None and point.level_high is not None
        ]
        if len(ends) > 1:
            there = [f"{at:.1f} {high:.1f}" for at, _, high in ends]
            back = [f"{at:.1f} {low:.1f}" for at, low, _ in reversed(ends)]
            parts.insert(0, mark("path", class_="band", d=f"M{'L'.join([*there, *back])}Z"))
    else:
        parts.append(mark("path", class_="line", d=_neighbours(series, days, y)))
    box = f"0 0 1000 {height}"
    return mark("svg", *parts, x=0, y=0, width="100%", height=height, viewBox=box, preserveAspectRatio="none")


def _neighbours(series: Sequence[Point], days: _Days, y: Callable[[float], float]) -> str:
    """Join values of periods that follow each other; where one is missing the pen is lifted."""
    path, until = "", -math.inf
    for point in series:
        if point.value is None:
            continue
        # Months differ by three days, and that is no gap.
        near = days.begin(point) - until <= 3.5
        path += f"{'L' if near else 'M'}{10 * days.middle(point):.1f} {y(point.value):.1f}"
        until = days.finish(point)
    return path
