"""A scatter of groups with an interval on both axes, as inline SVG.

Like the charts of ``charts.py`` it takes whatever width its place has: places along are percentages, heights
are pixels. What it shows also stands in the table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from earful.pages.axes import Axis, Place, mark

__all__ = ["NAMED", "Dot", "axis_near", "scatter_svg"]

_HEIGHT, _TOP, _FOOT = 450, 30, 44
_LEFT, _RIGHT = 9.0, 98.0
#: Names are written beside so many dots at most; more would hide what they name.
NAMED = 12
#: Pixels between two names, one above the other; percent of the width that a letter of one takes at most.
_LINE, _LETTER = 14.0, 0.9
#: Percent of the width and pixels that a dot keeps free of names, and lines that a name may move away.
_DOT_WIDE, _DOT_HIGH, _MOVES = 0.7, 5.0, 7


#: A value and the ends of its interval.
_Whisker = tuple[float, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One group: two values with their intervals, what to say on hovering, and a name where it is written.

    ``name_left`` puts the name up on the left of the dot instead of down on the right; one that is ``minor``
    gives way on a phone.
    """

    x: _Whisker
    y: _Whisker
    words: str
    tone: str = ""
    name: str = ""
    name_left: bool = False
    minor: bool = False


def axis_near(
    values: Iterable[float | None], bounds: tuple[float, float], show: Callable[[Any], str]
) -> Axis:
    """Choose an axis with round ticks that holds all values, inside the bounds; it need not hold zero."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    low, high = (min(known), max(known)) if known else bounds
    low, high = max(low, bounds[0]), min(high, bounds[1])
    width = max(high - low, (bounds[1] - bounds[0]) / 50)
    rough = width / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    first, last = (
        max(first, math.ceil(bounds[0] / step - 1e-9)),
        min(last, math.floor(bounds[1] / step + 1e-9)),
    )
    if first >= last:
        # All values are one, on a tick or on a bound.
        first, last = last - 1, last
    ticks = tuple(round(k * step, 10) for k in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, show)


def scatter_svg(
    dots: Sequence[Dot],
    x: Axis,
    y: Axis,
    *,
    label: str,
    x_name: str,
    y_name: str,
    line: tuple[float, float] | None = None,
    identity: bool = False,
) -> Markup:
    """Draw the groups.

    Parameters
    ----------
    line
        Intercept and slope of a line to draw through them.
    identity
        Whether to draw the line where both are the same.
    """
    floor = _HEIGHT - _FOOT

    def at_x(value: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * x.part(value)

    def at_y(value: float) -> float:
        return floor - (floor - _TOP) * y.part(value)

    parts = list(_grid(x, y, at_x, at_y))
    if identity:
        parts.append(_ruler("identity", 0.0, 1.0, x, y, at_x, at_y))
    if line is not None and all(map(math.isfinite, line)):
        parts.append(_ruler("fit", *line, x, y, at_x, at_y))
    # Those that are named come last and lie on top.
    ordered = sorted(dots, key=lambda dot: (bool(dot.name), not dot.minor, bool(dot.tone)))
    parts.extend(_dot(dot, at_x, at_y) for dot in ordered)
    parts.extend(_names([dot for dot in ordered if dot.name][-NAMED:], dots, at_x, at_y))
    parts.append(mark("text", x_name, class_="mid", x=(_LEFT + _RIGHT) / 2, y=_HEIGHT - 6))
    parts.append(mark("text", y_name, x=0, y=14))
    return mark("svg", *parts, class_="scatter", height=_HEIGHT, role="img", aria_label=label)


def _grid(x: Axis, y: Axis, at_x: Place, at_y: Place) -> Iterator[Markup]:
    floor, ends = _HEIGHT - _FOOT, {"x1": f"{_LEFT}%", "x2": f"{_RIGHT}%"}
    for tick in y.ticks:
        height = at_y(tick)
        yield mark("line", class_="zero" if tick == 0 else "grid", **ends, y1=height, y2=height)
        yield mark("text", y.show(tick), class_="end", x=f"{_LEFT - 1}%", y=height + 4)
    for k, tick in enumerate(x.ticks):
        along = at_x(tick)
        yield mark("line", class_="zero" if tick == 0 else "grid", x1=along, x2=along, y1=_TOP, y2=floor)
        yield mark("text", x.show(tick), class_="mid minor" if k % 2 else "mid", x=along, y=floor + 16)


def _ruler(kind: str, intercept: float, slope: float, x: Axis, y: Axis, at_x: Place, at_y: Place) -> Markup:
    """Draw a straight line, cut off where it leaves the drawing."""
    ends = [x.low, x.high]
    if slope:
        ends = [min(max((value - intercept) / slope, x.low), x.high) for value in (y.low, y.high)]
    low, high = min(ends), max(ends)
    heights = [intercept + slope * value for value in (low, high)]
    if any(height < y.low - 1e-6 or height > y.high + 1e-6 for height in heights) or low == high:
        return Markup("")
    (x1, y1), (x2, y2) = ((at_x(end), at_y(height)) for end, height in zip((low, high), heights, strict=True))
    return mark("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2)


def _dot(dot: Dot, at_x: Place, at_y: Place) -> Markup:
    (x, x_low, x_high), (y, y_low, y_high) = dot.x, dot.y
    parts = [mark("title", dot.words)]
    if x_low is not None and x_high is not None:
        parts.append(mark("line", class_="reach", x1=at_x(x_low), x2=at_x(x_high), y1=at_y(y), y2=at_y(y)))
    if y_low is not None and y_high is not None:
        parts.append(mark("line", class_="reach", x1=at_x(x), x2=at_x(x), y1=at_y(y_low), y2=at_y(y_high)))
    parts.append(mark("circle", class_="dot", cx=at_x(x), cy=at_y(y), r=4.5))
    return mark("g", *parts, class_=dot.tone or "plain")


def _names(dots: Sequence[Dot], others: Sequence[Dot], at_x: Place, at_y: Place) -> Iterator[Markup]:
    """Write the names: away from the line, where the dots crowd, and where no other name and no dot is."""
    # Boxes that are taken: percent from left to right, the middle and half the height in pixels.
    taken = [
        (at_x(dot.x[0]) - _DOT_WIDE, at_x(dot.x[0]) + _DOT_WIDE, at_y(dot.y[0]), _DOT_HIGH + _LINE / 2)
        for dot in others
    ]
    for dot in reversed(dots):
        x, wide = at_x(dot.x[0]), _LETTER * len(dot.name)
        box, y, left = next(_places(dot, x, at_y(dot.y[0]), wide, taken))
        taken.append((*box, y - 4, _LINE))
        kind, off = ("end name", -8) if left else ("name", 8)
        kind += " minor" if dot.minor else ""
        yield mark("text", dot.name, class_=kind, x=x, y=y, dx=off)


def _places(
    dot: Dot, x: float, height: float, wide: float, taken: Sequence[tuple[float, float, float, float]]
) -> Iterator[tuple[tuple[float, float], float, bool]]:
    """Give free places for a name, the best first; where there is none, the one that was wanted."""
    wanted = (dot.name_left and x - wide > 0) or x + wide > 100
    start, step = (height - 7, -_LINE) if dot.name_left else (height + 17, _LINE)
    tries = [(start + step * k, left) for k in range(_MOVES) for left in (wanted, not wanted)]
    tries += [(2 * height + 10 - y, left) for y, left in tries]
    for y, left in tries:
        box = (x - 1 - wide, x - 0.7) if left else (x + 0.7, x + 1 + wide)
        inside = box[0] >= 0 and box[1] <= 100 and _TOP - 8 < y < _HEIGHT - _FOOT
        if inside and not any(
            box[0] < right and begin < box[1] and abs(y - 4 - middle) < high
            for begin, right, middle, high in taken
        ):
            yield box, y, left
    yield ((x - 1 - wide, x) if wanted else (x, x + 1 + wide)), start, wanted
