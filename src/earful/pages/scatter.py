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

from earful.pages.charts import Axis

__all__ = ["Dot", "axis_near", "scatter_svg"]

_HEIGHT, _TOP, _FOOT = 450, 30, 44
_LEFT, _RIGHT = 9.0, 98.0
#: Names are written beside so many dots at most.
_NAMED = 6
#: Pixels between two names, one above the other; percent of the width within which they could meet.
_LINE, _WIDE = 14.0, 25.0


#: A value and the ends of its interval.
_Whisker = tuple[float, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Dot:
    """One group: two values with their intervals, what to say on hovering, and a name where it is written.

    ``name_left`` puts the name up on the left of the dot instead of down on the right.
    """

    x: _Whisker
    y: _Whisker
    words: str
    tone: str = ""
    name: str = ""
    name_left: bool = False


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
        return _LEFT + (_RIGHT - _LEFT) * (_within(value, x) - x.low) / (x.high - x.low)

    def at_y(value: float) -> float:
        return floor - (floor - _TOP) * (_within(value, y) - y.low) / (y.high - y.low)

    parts = [Markup('<svg class="scatter" height="{}" role="img" aria-label="{}">').format(_HEIGHT, label)]
    parts.append(_grid(x, y, at_x, at_y))
    if identity:
        parts.append(_ruler("identity", 0.0, 1.0, x, y, at_x, at_y))
    if line is not None and all(map(math.isfinite, line)):
        parts.append(_ruler("fit", *line, x, y, at_x, at_y))
    # Those that are named come last and lie on top.
    ordered = sorted(dots, key=lambda dot: (bool(dot.name), bool(dot.tone)))
    parts.extend(_dot(dot, at_x, at_y) for dot in ordered)
    parts.extend(_names([dot for dot in ordered if dot.name][:_NAMED], at_x, at_y))
    middle, foot = (_LEFT + _RIGHT) / 2, _HEIGHT - 6
    parts.append(Markup('<text class="mid" x="{:.2f}%" y="{}">{}</text>').format(middle, foot, x_name))
    parts.append(Markup('<text x="0" y="{}">{}</text></svg>').format(14, y_name))
    return Markup("").join(parts)


def _within(value: float, axis: Axis) -> float:
    return min(max(value, axis.low), axis.high)


_Place = Callable[[float], float]


def _grid(x: Axis, y: Axis, at_x: _Place, at_y: _Place) -> Markup:
    floor, parts = _HEIGHT - _FOOT, []
    for tick in y.ticks:
        kind = "zero" if tick == 0 else "grid"
        parts.append(
            Markup('<line class="{}" x1="{}%" x2="{}%" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                kind, _LEFT, _RIGHT, y=at_y(tick)
            )
        )
        place = at_y(tick) + 4
        parts.append(
            Markup('<text class="end" x="{}%" y="{:.1f}">{}</text>').format(_LEFT - 1, place, y.show(tick))
        )
    for k, tick in enumerate(x.ticks):
        kind = "zero" if tick == 0 else "grid"
        parts.append(
            Markup('<line class="{}" x1="{x:.2f}%" x2="{x:.2f}%" y1="{}" y2="{}"/>').format(
                kind, _TOP, floor, x=at_x(tick)
            )
        )
        anchor = "mid minor" if k % 2 else "mid"
        parts.append(
            Markup('<text class="{}" x="{:.2f}%" y="{}">{}</text>').format(
                anchor, at_x(tick), floor + 16, x.show(tick)
            )
        )
    return Markup("").join(parts)


def _ruler(kind: str, intercept: float, slope: float, x: Axis, y: Axis, at_x: _Place, at_y: _Place) -> Markup:
    """Draw a straight line, cut off where it leaves the drawing."""
    ends = [x.low, x.high]
    if slope:
        ends = [_within((value - intercept) / slope, x) for value in (y.low, y.high)]
    low, high = min(ends), max(ends)
    heights = [intercept + slope * value for value in (low, high)]
    if any(height < y.low - 1e-6 or height > y.high + 1e-6 for height in heights) or low == high:
        return Markup("")
    return Markup('<line class="{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>').format(
        kind, at_x(low), at_y(heights[0]), at_x(high), at_y(heights[1])
    )


def _dot(dot: Dot, at_x: _Place, at_y: _Place) -> Markup:
    (x, x_low, x_high), (y, y_low, y_high) = dot.x, dot.y
    place = (at_x(x), at_y(y))
    parts = [Markup('<g class="{}"><title>{}</title>').format(dot.tone or "plain", dot.words)]
    if x_low is not None and x_high is not None:
        parts.append(
            Markup('<line class="reach" x1="{:.2f}%" x2="{:.2f}%" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                at_x(x_low), at_x(x_high), y=place[1]
            )
        )
    if y_low is not None and y_high is not None:
        parts.append(
            Markup('<line class="reach" x1="{x:.2f}%" x2="{x:.2f}%" y1="{:.1f}" y2="{:.1f}"/>').format(
                at_y(y_low), at_y(y_high), x=place[0]
            )
        )
    parts.append(Markup('<circle class="dot" cx="{:.2f}%" cy="{:.1f}" r="4.5"/>').format(*place))
    parts.append(Markup("</g>"))
    return Markup("").join(parts)


def _names(dots: Sequence[Dot], at_x: _Place, at_y: _Place) -> Iterator[Markup]:
    """Write the names: away from the line, where the dots crowd, and one above the other where they meet."""
    taken: list[tuple[float, float]] = []
    for dot in dots:
        x, step = at_x(dot.x[0]), -_LINE if dot.name_left else _LINE
        y = at_y(dot.y[0]) + (-7 if dot.name_left else 17)
        while any(abs(x - other_x) < _WIDE and abs(y - other_y) < _LINE for other_x, other_y in taken):
            y += step
        taken.append((x, y))
        left = x > 75 or (dot.name_left and x > 25)
        yield Markup('<text class="{}" x="{:.2f}%" y="{:.1f}" dx="{}">{}</text>').format(
            "end name" if left else "name", x, y, -8 if left else 8, dot.name
        )
