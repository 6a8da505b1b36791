"""What to mend first: the themes whose complaints cost the index most, where that can be told."""

from __future__ import annotations

from typing import Any

from earful.pages import charts, names
from earful.pages.numbers import estimate
from earful.pages.words import say
from earful.report.sections import WHOLE, Part
from earful.report.tables import MAX_Q, Tables
from earful.report.todo import chosen
from earful.runs.store import Row, members

__all__ = ["repairs"]

_MOST = 5
#: A worth and the ends of its interval.
_WORTH = ("worth", "worth_low", "worth_high")


def repairs(tables: Tables, labels: dict[str, str], part: Part = WHOLE, most: int = _MOST) -> dict[str, Any]:
    """Give the themes to mend first.

    Of all of the run and of a product they are those that the report calls the next things to do. Of another
    group, and in a run from before repairs were worked out, what mending is worth are the points by which its
    index would be higher if nobody complained of the theme, the other themes, product, language and length
    held equal: the adjusted effect of its complaints, turned round. It goes with the theme and does not prove
    that the theme causes it. Where no such effect is sure, themes are given by the number of reviews that
    complain of them, and no points are said.

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
        ``lines`` (theme, name, product, n reviews that complain, and worth with low and high where it is
        known), ``worth`` (whether it is of any), ``axis``.
    """
    if part.by in ("overall", "product") and tables.count("repairs", "true"):
        rows = chosen(tables, part, most)
    else:
        rows = _costly(tables, part, most) or _frequent(tables, part, most)
    told = _complaining(tables, rows, part)
    lines = [_line(row, labels, n) for row, n in zip(rows, told, strict=True)]
    axis = charts.axis_for(value for line in lines for value in line["worth"])
    for line in lines:
        known = line["worth"][0] is not None
        label = say("todo.plot", theme=line["name"])
        line["plot"] = charts.whisker_svg(axis, *line["worth"], label=label, tone="pos") if known else ""
    return {"lines": lines, "worth": any(line["plot"] for line in lines), "axis": charts.axis_svg(axis)}


def _costly(tables: Tables, part: Part, most: int) -> list[Row]:
    """Give the themes whose complaints cost the index of a group surely, and how much."""
    rows = tables.top(
        "drivers",
        f"{part.where} AND polarity = 'negative' AND isfinite(adjusted) AND isfinite(adjusted_low) "
        f"AND isfinite(adjusted_high) AND adjusted < 0 AND adjusted_q <= {MAX_Q}",
        "adjusted, theme",
        most,
        **part.parameters,
    )
    return [
        {"theme": row["theme"]}
        | {
            name: -row[cost]
            for name, cost in zip(_WORTH, ("adjusted", "adjusted_high", "adjusted_low"), strict=True)
        }
        for row in rows
    ]


def _frequent(tables: Tables, part: Part, most: int) -> list[Row]:
    order = "n_negative DESC, theme"
    rows = tables.top("themes", f"{part.where} AND n_negative > 0", order, most, **part.parameters)
    return [{"theme": row["theme"]} for row in rows]


def _line(row: Row, labels: dict[str, str], n: int) -> dict[str, Any]:
    return {
        "theme": row["theme"],
        "name": names.theme(row, labels),
        "product": row.get("product") or "",
        "n": n,
        "worth": estimate(row, "worth") if row.get("worth") is not None else (None, None, None),
    }


def _complaining(tables: Tables, rows: list[Row], part: Part) -> list[int]:
    """Count the reviews that complain, of a group or of a theme's own product, as addresses find them."""
    where = "true"
    if part.by != "overall":
        derived = part.by == "touchpoint" and not tables.count("reviews", "touchpoint IS NOT NULL")
        where = members(part.by, derived)
    counted = tables.ask(
        f"""
        SELECT m.theme, r.product, count(*) AS n
        FROM (SELECT DISTINCT row, theme FROM mentions
            WHERE list_contains($themes, theme) AND polarity = 'negative') m
        JOIN (SELECT row, product FROM reviews WHERE {where}) r ON r.row = m.row
        GROUP BY ALL
        """,
        themes=[row["theme"] for row in rows],
        **({} if part.by == "overall" else {"name": part.name}),
    )
    return [
        sum(
            one["n"]
            for one in counted
            if one["theme"] == row["theme"] and row.get("product") in (None, "", one["product"])
        )
        for row in rows
    ]
