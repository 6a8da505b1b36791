"""Charts as small inline SVG: no script, so that they print, stretch to a phone and pass a strict CSP.

Horizontal positions are percentages of the drawing's width, so a chart takes whatever width its place has and
its text keeps its size. What a chart shows also stands in the table beside it, which is what a screen
reader reads; hovering a mark names its values.
A chart library's script would make each page some megabytes larger and need a policy that lets scripts run.
"""

from __future__ import annotations

from markupsafe import Markup

from earful.pages.axes import Axis, Place, axis_between, axis_for, axis_svg, mark
from earful.pages.numbers import reach
from earful.pages.time_chart import Point, timeline_svg
from earful.pages.words import say

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
        A second, usually narrower interval, drawn thick; the other one is then a thin line.
    tone
        A CSS class for the marks: ``neg``, ``pos``, ``mid``, ``range`` or nothing.
    reference
        A value to mark with a dashed line, for instance the overall index.
    """
    told = filter(None, (None if value is None else axis.show(value), reach(low, high, axis.show)))
    parts = [mark("title", f"{label}: {', '.join(told)}")]
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
    kind = "whisker twofold" if inner[0] is not None else "whisker"
    return mark("svg", *parts, class_=f"{kind} {tone}".strip(), height=26, aria_hidden="true")


def mood_svg(negative: int, neutral: int, positive: int) -> Markup:
    """Draw how the sentiment parts, as one bar."""
    total = max(negative + neutral + positive, 1)
    said = say("chart.mood", negative=negative, neutral=neutral, positive=positive)
    parts, x = [mark("title", said)], 0.0
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
        mark("title", say("chart.balance", name=label, negative=negative, positive=positive)),
        mark("rect", class_="neg", x=50 - left, y=2, width=left, height=14, rx=2),
        mark("rect", class_="pos", x="50%", y=2, width=right, height=14, rx=2),
        mark("line", class_="zero", x1="50%", x2="50%", y1=0, y2=18),
        class_="balance",
        height=18,
        aria_hidden="true",
    )
