"""What to mend first: the themes whose complaints cost the index most, where that can be told."""

from __future__ import annotations

from typing import Any

from earful.pages import charts, names
from earful.pages.numbers import estimate
from earful.report.sections import WHOLE, Part
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["repairs"]

_MOST = 5
#: A cost is said where its false discovery rate is at most this.
_Q = 0.10


def repairs(tables: Tables, labels: dict[str, str], part: Part = WHOLE, most: int = _MOST) -> dict[str, Any]:
    """Give the themes to mend first.

    What mending one is worth are the points by which the index would be higher if nobody complained of it,
    the other themes, product, language and length held equal: the adjusted effect of its complaints, turned
    round. It goes with the theme and does not prove that the theme causes it. Where no such effect is sure,
    themes are given by the number of reviews that complain of them, and no points are said.

    Parameters
    ----------
    labels
        Names of the themes.
    part
        The part of the run that is looked at.
    most
        How many themes.

    Returns
    -------
    dict
        ``lines`` (theme, name, n, share, and worth with low and high where it is known), ``worth`` (whether
        it is), ``axis``.
    """
    costly = tables.top(
        "drivers",
        f"{part.where} AND polarity = 'negative' AND isfinite(adjusted) AND isfinite(adjusted_low) "
        f"AND adjusted < 0 AND adjusted_q <= {_Q}",
        "adjusted, theme",
        most,
        **part.parameters,
    )
    if costly:
        lines = [_costly(row, labels) for row in costly]
    else:
        frequent = tables.top(
            "themes", f"{part.where} AND n_negative > 0", "n_negative DESC, theme", most, **part.parameters
        )
        lines = [_frequent(row) for row in frequent]
    axis = charts.axis_for(value for line in lines for value in line["worth"])
    for line in lines:
        known = line["worth"][0] is not None
        label = f"{line['name']}, worth of mending"
        line["plot"] = charts.whisker_svg(axis, *line["worth"], label=label, tone="pos") if known else ""
    return {"lines": lines, "worth": bool(costly), "axis": charts.axis_svg(axis)}


def _costly(row: Row, labels: dict[str, str]) -> dict[str, Any]:
    cost, low, high = estimate(row, "adjusted")
    worth = tuple(None if end is None else -end for end in (cost, high, low))
    return {
        "theme": row["theme"],
        "name": names.theme(row, labels),
        "n": row["n"],
        "unit": "review",
        "share": row["share"],
        "worth": worth,
    }


def _frequent(row: Row) -> dict[str, Any]:
    return {
        "theme": row["theme"],
        "name": names.theme(row),
        "n": row["n_negative"],
        "unit": "complaint",
        "share": None,
        "worth": (None, None, None),
    }
