"""Axes and marks of charts: places along are percentages of the drawing's width, heights are pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from earful.pages.numbers import points

__all__ = ["Axis", "Place", "axis_between", "axis_for", "axis_svg", "mark"]

#: Where a value stands: percent of the width along, pixels down.
Place = Callable[[float], float]


def mark(tag: str, /, *inside: str, **attributes: Any) -> Markup:
    """Write an element, all escaped: places along in percent of the width, heights in pixels."""
    # A page has hundreds of them: each is put together once, of parts that are escaped one by one.
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_placed(name, value))}"'
        for name, value in attributes.items()
    )
    if not inside:
        return Markup(f"<{tag}{told}/>")
    return Markup(f"<{tag}{told}>{''.join(map(escape, inside))}</{tag}>")


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


def _anchor(axis: Axis, tick: float) -> str:
    place = "start" if tick == axis.low else "end" if tick == axis.high else "mid"
    step = axis.ticks[1] - axis.ticks[0]
    return place if round(tick / step) % 2 == 0 else f"{place} minor"
