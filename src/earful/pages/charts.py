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

from markupsafe import Markup, escape

from earful.pages.numbers import interval, month, points

__all__ = [
    "Axis",
    "Point",
    "axis_between",
    "axis_for",
    "axis_svg",
    "balance_svg",
    "mood_svg",
    "timeline_svg",
    "whisker_svg",
]

_Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Axis:
    """A horizontal axis with its ticks, in index points unless ``show`` writes something else."""

    low: float
    high: float
    ticks: tuple[float, ...]
    show: Callable[[Any], str] = points

    def at(self, value: float) -> str:
        """Give the place of a value as a percentage of the width; values outside stand on the edge."""
        clipped = min(max(value, self.low), self.high)
        return f"{100 * (clipped - self.low) / (self.high - self.low):.2f}%"


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
    parts = [
        Markup('<text x="{}" y="12" class="{}">{}</text>').format(axis.at(t), _anchor(axis, t), axis.show(t))
        for t in axis.ticks
    ]
    return Markup('<svg class="axis" height="16" aria-hidden="true">{}</svg>').format(Markup("").join(parts))


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
    reach = f"{axis.show(low)} to {axis.show(high)}"
    words = f"{label}: {axis.show(value)}, {reach}" if value is not None else f"{label}: {reach}"
    parts = [Markup('<svg class="whisker {}" height="26" aria-hidden="true">').format(tone)]
    parts.append(Markup("<title>{}</title>").format(words))
    parts.extend(
        Markup('<line class="{}" x1="{x}" x2="{x}" y1="0" y2="26"/>').format(
            "zero" if t == 0 else "grid", x=axis.at(t)
        )
        for t in axis.ticks
    )
    if reference is not None:
        parts.append(
            Markup('<line class="ref" x1="{x}" x2="{x}" y1="0" y2="26"/>').format(x=axis.at(reference))
        )
    if low is not None and high is not None:
        parts.append(
            Markup('<line class="reach" x1="{}" x2="{}" y1="13" y2="13"/>').format(
                axis.at(low), axis.at(high)
            )
        )
    if inner[0] is not None and inner[1] is not None:
        ends = (axis.at(inner[0]), axis.at(inner[1]))
        parts.append(Markup('<line class="inner" x1="{}" x2="{}" y1="13" y2="13"/>').format(*ends))
    if value is not None:
        parts.append(Markup('<circle class="dot" cx="{}" cy="13" r="5"/>').format(axis.at(value)))
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def mood_svg(negative: int, neutral: int, positive: int) -> Markup:
    """Draw how the sentiment parts, as one bar."""
    total = max(negative + neutral + positive, 1)
    parts, x = [], 0.0
    for tone, n in (("neg", negative), ("mid", neutral), ("pos", positive)):
        width = 100 * n / total
        parts.append(
            Markup('<rect class="{}" x="{:.2f}%" y="0" width="{:.2f}%" height="8"/>').format(tone, x, width)
        )
        x += width
    label = f"{negative:,} negative, {neutral:,} neutral, {positive:,} positive"
    head = Markup('<svg class="mood" height="8" aria-hidden="true"><title>{w}</title>').format(w=label)
    return head + Markup("").join(parts) + Markup("</svg>")


def balance_svg(negative: int, positive: int, most: int, *, label: str) -> Markup:
    """Draw complaints to the left of a middle line and praise to the right, both on the scale ``0..most``."""
    scale = 50.0 / max(most, 1)
    left, right = negative * scale, positive * scale
    words = f"{label}: {negative:,} negative, {positive:,} positive"
    return Markup(
        '<svg class="balance" height="18" aria-hidden="true"><title>{w}</title>'
        '<rect class="neg" x="{x:.2f}%" y="2" width="{left:.2f}%" height="14" rx="2"/>'
        '<rect class="pos" x="50%" y="2" width="{right:.2f}%" height="14" rx="2"/>'
        '<line class="zero" x1="50%" x2="50%" y1="0" y2="18"/></svg>'
    ).format(w=words, x=50 - left, left=left, right=right)


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
        clipped = min(max(value, axis.low), axis.high)
        return bottom - (bottom - top) * (clipped - axis.low) / (axis.high - axis.low)

    def x(k: int) -> float:
        return 10.0 + 86.0 * ((k + 0.5) / len(series))

    parts = [
        Markup('<svg class="timeline" height="{}" role="img" aria-label="{}">').format(height, label),
    ]
    for t in axis.ticks:
        parts.append(
            Markup('<line class="{}" x1="9%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                "zero" if t == 0 else "grid", y=y(t)
            )
        )
        parts.append(Markup('<text x="8%" y="{:.1f}" class="end">{}</text>').format(y(t) + 4, points(t)))
    for k, point in enumerate(series):
        if point.change is not None:
            between = (x(k - 1) + x(k)) / 2 if k else x(k)
            parts.append(
                Markup('<line class="ref" x1="{x:.2f}%" x2="{x:.2f}%" y1="{a:.1f}" y2="{b:.1f}"/>').format(
                    x=between, a=top, b=bottom
                )
            )
    parts.append(_joined(series, x, y, height))
    step = max(1, math.ceil(len(series) / 6))
    for k, point in enumerate(series):
        if (len(series) - 1 - k) % step == 0:
            parts.append(
                Markup('<text x="{:.2f}%" y="{}" class="mid">{}</text>').format(
                    x(k), height - 6, month(point.period)
                )
            )
        parts.append(_mark(point, x(k), y))
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _mark(point: Point, x: float, y: _Place) -> Markup:
    if point.value is None and (point.low is None or point.high is None):
        return Markup("")
    reach = interval(point.low, point.high)
    shown = f"{month(point.period)}: {points(point.value)}, {reach}, {point.n:,} reviews"
    parts = [Markup("<g><title>{}</title>").format(shown)]
    if point.low is not None and point.high is not None:
        parts.append(
            Markup('<line class="reach" x1="{x:.2f}%" x2="{x:.2f}%" y1="{a:.1f}" y2="{b:.1f}"/>').format(
                x=x, a=y(point.low), b=y(point.high)
            )
        )
    if point.value is not None:
        parts.append(
            Markup('<circle class="dot" cx="{:.2f}%" cy="{:.1f}" r="4.5"/>').format(x, y(point.value))
        )
    parts.append(Markup("</g>"))
    return Markup("").join(parts)


def _joined(series: Sequence[Point], x: Callable[[int], float], y: _Place, height: int) -> Markup:
    """Draw the calm line with its band, or join values; in a nested box, as a path takes no percentages."""
    calm = any(point.level is not None for point in series)
    path = ""
    pen_down = False
    for k, point in enumerate(series):
        value = point.level if calm else point.value
        if value is None:
            pen_down = False
            continue
        path += f"{'L' if pen_down else 'M'}{10 * x(k):.1f} {y(value):.1f}"
        pen_down = True
    return Markup(
        '<svg x="0" y="0" width="100%" height="{h}" viewBox="0 0 1000 {h}" preserveAspectRatio="none">'
        '{band}<path class="line" d="{d}"/></svg>'
    ).format(h=height, d=escape(path), band=_band(series, x, y))


def _band(series: Sequence[Point], x: Callable[[int], float], y: _Place) -> Markup:
    ends = [
        (10 * x(k), y(point.level_low), y(point.level_high))
        for k, point in enumerate(series)
        if point.level_low is not None and point.level_high is not None
    ]
    if len(ends) < 2:
        return Markup("")
    there = [f"{at:.1f} {high:.1f}" for at, _, high in ends]
    back = [f"{at:.1f} {low:.1f}" for at, low, _ in reversed(ends)]
    return Markup('<path class="band" d="M{}Z"/>').format("L".join([*there, *back]))


def _anchor(axis: Axis, tick: float) -> str:
    place = "start" if tick == axis.low else "end" if tick == axis.high else "mid"
    step = axis.ticks[1] - axis.ticks[0]
    return place if round(tick / step) % 2 == 0 else f"{place} minor"
