"""Charts as small inline SVG: no script, so that they print, stretch to a phone and pass a strict CSP.

Horizontal positions are percentages of the drawing's width, so a chart takes whatever width its place has and
its text keeps its size. What a chart shows also stands in the table beside it, which is what a screen
reader reads; hovering a mark names its values.
A chart library's script would make each page some megabytes larger and need a policy that lets scripts run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from earful.pages.numbers import interval, month, points

__all__ = [
    "Axis",
    "Place",
    "Point",
    "axis_between",
    "axis_for",
    "axis_svg",
    "balance_svg",
    "mark",
    "mood_svg",
    "timeline_svg",
    "tone_of",
    "whisker_svg",
]

#: Where a value stands: percent of the width along, pixels down.
Place = Callable[[float], float]


def mark(tag: str, /, *inside: str, **attributes: Any) -> Markup:
    """Write an element, all escaped: places along in percent of the width, heights in pixels."""
    told = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _placed(name, value))
        for name, value in attributes.items()
    )
    if not inside:
        return Markup("<{}{}/>").format(tag, told)
    return Markup("<{}{}>{}</{}>").format(tag, told, Markup("").join(inside), tag)


def _placed(name: str, value: Any) -> Any:
    if isinstance(value, float) and name in ("x", "x1", "x2", "cx", "width"):
        return f"{value:.2f}%"
    return f"{value:.1f}" if isinstance(value, float) and name in ("y", "y1", "y2", "cy") else value


@dataclass(frozen=True, slots=True)
class Axis:
    """A horizontal axis with its ticks, in index points unless ``show`` writes something else."""

    low: float
    high: float
    ticks: tuple[float, ...]
    show: Callable[[Any], str] = points

    def part(self, value: float) -> float:
        """Give how far along the axis a value stands, in [0, 1]; values outside stand on the edge."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def at(self, value: float) -> float:
        """Give the place of a value as a percentage of the width."""
        return 100 * self.part(value)


def axis_for(values: Iterable[float | None], bound: float = 100.0) -> Axis:
    """Choose an axis that holds all values and zero, with round ticks, inside ``-bound..bound``."""
    known = [round(v, 6) for v in values if v is not None and math.isfinite(v)]
    low, high = min([0.0, *known]), max([0.0, *known])
    # Counted with the ends rounded outwards: the labels of seven steps run into each other.
    step = next(
        s for s in (5, 10, 20, 25, 50, 100, math.inf) if math.ceil(high / s) - math.floor(low / s) <= 6
    )
    if step == math.inf:
        step = 10 ** math.ceil(math.log10((high - low) / 6))
    low = max(math.floor(low / step) * step, -max(bound, step))
    high = min(math.ceil(high / step) * step, max(bound, step))
    if low == high:
        low, high = -step, step
    ticks = tuple(low + step * k for k in range(round((high - low) / step) + 1))
    return Axis(low, high, ticks)


def axis_between(low: float, high: float, show: Callable[[Any], str], steps: int = 4) -> Axis:
    """Give the whole axis from ``low`` to ``high``, cut into equal steps."""
    return Axis(low, high, tuple(low + (high - low) * k / steps for k in range(steps + 1)), show)


def axis_svg(axis: Axis) -> Markup:
    """Draw the axis's tick labels."""
    labels = [mark("text", axis.show(t), x=axis.at(t), y=12, class_=_anchor(axis, t)) for t in axis.ticks]
    return mark("svg", *labels, class_="axis", height=16, aria_hidden="true")


def tone_of(low: float | None, high: float | None, middle: float = 0.0) -> str:
    """Give the class of an interval: ``neg`` or ``pos`` where it is clear of the middle, else ``mid``."""
    if high is not None and high < middle:
        return "neg"
    return "pos" if low is not None and low > middle else "mid"


def whisker_svg(
    axis: Axis,
    value: float | None,
    low: float | None,
    high: float | None,
    *,
    label: str,
    inner: tuple[float | None, float | None] = (None, None),
    reference: float | None = None,
    tone: str = "",
) -> Markup:
    """Draw a dot with its interval as a line; without a value only the line (a range).

    Parameters
    ----------
    inner
        A second, usually narrower interval, drawn thicker.
    tone
        A CSS class for the marks: ``neg``, ``pos``, ``mid``, ``range`` or nothing.
    reference
        A value to mark with a dashed line, for instance the overall index.
    """
    said = f"{axis.show(low)} to {axis.show(high)}"
    said = f"{label}: {axis.show(value)}, {said}" if value is not None else f"{label}: {said}"
    parts = [mark("title", said)]
    upright = [("zero" if t == 0 else "grid", t) for t in axis.ticks]
    if reference is not None:
        upright.append(("ref", reference))
    for kind, place in upright:
        parts.append(mark("line", class_=kind, x1=axis.at(place), x2=axis.at(place), y1=0, y2=26))
    for kind, (start, stop) in (("reach", (low, high)), ("inner", inner)):
        if start is not None and stop is not None:
            parts.append(mark("line", class_=kind, x1=axis.at(start), x2=axis.at(stop), y1=13, y2=13))
    if value is not None:
        parts.append(mark("circle", class_="dot", cx=axis.at(value), cy=13, r=5))
    return mark("svg", *parts, class_=f"whisker {tone}", height=26, aria_hidden="true")


def mood_svg(negative: int, neutral: int, positive: int) -> Markup:
    """Draw how the sentiment parts, as one bar."""
    total = max(negative + neutral + positive, 1)
    parts, x = [mark("title", f"{negative:,} negative, {neutral:,} neutral, {positive:,} positive")], 0.0
    for kind, n in (("neg", negative), ("mid", neutral), ("pos", positive)):
        width = 100 * n / total
        parts.append(mark("rect", class_=kind, x=x, y=0, width=width, height=8))
        x += width
    return mark("svg", *parts, class_="mood", height=8, aria_hidden="true")


def balance_svg(negative: int, positive: int, most: int, *, label: str) -> Markup:
    """Draw complaints to the left of a middle line and praise to the right, both on the scale ``0..most``."""
    scale = 50.0 / max(most, 1)
    left, right = negative * scale, positive * scale
    return mark(
        "svg",
        mark("title", f"{label}: {negative:,} negative, {positive:,} positive"),
        mark("rect", class_="neg", x=50 - left, y=2, width=left, height=14, rx=2),
        mark("rect", class_="pos", x="50%", y=2, width=right, height=14, rx=2),
        mark("line", class_="zero", x1="50%", x2="50%", y1=0, y2=18),
        class_="balance",
        height=18,
        aria_hidden="true",
    )


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a time line.

    Attributes
    ----------
    level, level_low, level_high
        The calm line through the periods and its interval, where there is one.
    change
        Points by which the level changed with this period, where it did.
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


def timeline_svg(series: Sequence[Point], *, label: str, height: int = 220) -> Markup:
    """Draw values over time with their intervals; a gap stays a gap.

    Where the points carry a calm line it is drawn with its band, otherwise neighbouring values are joined. A
    dashed line stands before a period with which the level changed.
    """
    axis = axis_for(v for p in series for v in (p.value, p.low, p.high))
    top, bottom = 10.0, height - 26.0

    def y(value: float) -> float:
        return bottom - (bottom - top) * axis.part(value)

    def x(k: int) -> float:
        return 10.0 + 86.0 * ((k + 0.5) / len(series))

    parts = []
    for t in axis.ticks:
        kind = "zero" if t == 0 else "grid"
        parts.append(mark("line", class_=kind, x1="9%", x2="100%", y1=y(t), y2=y(t)))
        parts.append(mark("text", points(t), x="8%", y=y(t) + 4, class_="end"))
    for k, point in enumerate(series):
        if point.change is not None:
            between = (x(k - 1) + x(k)) / 2 if k else x(k)
            parts.append(mark("line", class_="ref", x1=between, x2=between, y1=top, y2=bottom))
    parts.append(_joined(series, x, y, height))
    step = max(1, math.ceil(len(series) / 6))
    for k, point in enumerate(series):
        if (len(series) - 1 - k) % step == 0:
            parts.append(mark("text", month(point.period), x=x(k), y=height - 6, class_="mid"))
        parts.append(_dot(point, x(k), y))
    return mark("svg", *parts, class_="timeline", height=height, role="img", aria_label=label)


def _dot(point: Point, x: float, y: Place) -> Markup:
    if point.value is None and (point.low is None or point.high is None):
        return Markup("")
    shown = f"{month(point.period)}: {points(point.value)}, {interval(point.low, point.high)}"
    parts = [mark("title", f"{shown}, {point.n:,} reviews")]
    if point.low is not None and point.high is not None:
        parts.append(mark("line", class_="reach", x1=x, x2=x, y1=y(point.low), y2=y(point.high)))
    if point.value is not None:
        parts.append(mark("circle", class_="dot", cx=x, cy=y(point.value), r=4.5))
    return mark("g", *parts)


def _joined(series: Sequence[Point], x: Callable[[int], float], y: Place, height: int) -> Markup:
    """Draw the calm line with its band, or join values; in a nested box, as a path takes no percentages."""
    calm = any(point.level is not None for point in series)
    path = ""
    pen_down = False
    for k, point in enumerate(series):
        value = point.level if calm else point.value
        if value is not None:
            path += f"{'L' if pen_down else 'M'}{10 * x(k):.1f} {y(value):.1f}"
        pen_down = value is not None
    ends = [
        (10 * x(k), y(point.level_low), y(point.level_high))
        for k, point in enumerate(series)
        if point.level_low is not None and point.level_high is not None
    ]
    parts = [mark("path", class_="line", d=path)]
    if len(ends) > 1:
        there = [f"{at:.1f} {high:.1f}" for at, _, high in ends]
        back = [f"{at:.1f} {low:.1f}" for at, low, _ in reversed(ends)]
        parts.insert(0, mark("path", class_="band", d=f"M{'L'.join([*there, *back])}Z"))
    box = f"0 0 1000 {height}"
    return mark("svg", *parts, x=0, y=0, width="100%", height=height, viewBox=box, preserveAspectRatio="none")


def _anchor(axis: Axis, tick: float) -> str:
    place = "start" if tick == axis.low else "end" if tick == axis.high else "mid"
    step = axis.ticks[1] - axis.ticks[0]
    return place if round(tick / step) % 2 == 0 else f"{place} minor"
