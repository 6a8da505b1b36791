"""Maps: how many reviews of each product, and at each touchpoint, complain of each theme."""

from __future__ import annotations

from typing import Any

from earful.loyalty.intervals import wilson
from earful.pages import names
from earful.pages.numbers import percent, reach
from earful.pages.words import say
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["COMPLAINTS", "maps"]

#: How much one map shows; themes.csv holds the rest.
_THEMES, _GROUPS = 20, 12
#: Complaining and praising reviews of each theme in each group, beside all of the group with words; repeats
#: of a review and answers that say nothing are left out.
COMPLAINTS = """
    WITH read AS (
        SELECT row, {by} AS of_name FROM reviews
        WHERE score IS NOT NULL AND duplicate_of IS NULL AND NOT coalesce(non_answer, false)
    ), sized AS (SELECT of_name, count(*) AS of_n FROM read GROUP BY of_name),
    said AS (
        SELECT row, theme, bool_or(polarity = 'negative') AS negative,
            bool_or(polarity = 'positive') AS positive
        FROM mentions GROUP BY row, theme
    ), told AS (
        SELECT m.theme, r.of_name, count(*) FILTER (m.negative) AS negative,
            count(*) FILTER (m.positive) AS positive
        FROM said m JOIN read r ON r.row = m.row GROUP BY ALL)
    SELECT told.theme, told.of_name, told.negative, told.positive, sized.of_n
    FROM told JOIN sized ON sized.of_name IS NOT DISTINCT FROM told.of_name"""
#: From these shares of complaining reviews on, in percent, a cell is darker.
_STEPS = (2.0, 5.0, 10.0, 20.0)


def maps(tables: Tables, labels: dict[str, str], anchors: dict[str, str]) -> list[dict[str, Any]]:
    """Give theme by product and theme by touchpoint, where there are two groups or more of them.

    Parameters
    ----------
    labels
        Names of the themes.
    anchors
        Where on the page each theme is read of.
    """
    drawn = (_map(tables, by, labels, anchors) for by in ("product", "touchpoint"))
    return [one for one in drawn if one is not None]


def _map(tables: Tables, by: str, labels: dict[str, str], anchors: dict[str, str]) -> dict[str, Any] | None:
    rows = tables.ask(
        f"{COMPLAINTS.format(by=by)} WHERE told.of_name IS NOT NULL AND trim(told.of_name) <> '' ORDER BY ALL"
    )
    sizes = {row["of_name"]: row["of_n"] for row in rows}
    groups = sorted(sizes, key=lambda name: (-sizes[name], name))
    total: dict[str, int] = {}
    for row in rows:
        total[row["theme"]] = total.get(row["theme"], 0) + row["negative"]
    themes = sorted((theme for theme, n in total.items() if n), key=lambda theme: (-total[theme], theme))
    if len(groups) < 2 or not themes:
        return None
    cells = {(row["theme"], row["of_name"]): row for row in rows}
    write = names.touchpoint if by == "touchpoint" else names.short
    shown = groups[:_GROUPS]
    return {
        "by": by,
        "columns": [(write(name)[:48], sizes[name]) for name in shown],
        "lines": [
            {
                "name": names.theme({"theme": theme, "label": None}, labels),
                "anchor": anchors.get(theme, ""),
                "cells": [_cell(cells.get((theme, name)), tables) for name in shown],
            }
            for theme in themes[:_THEMES]
        ],
        "hidden": max(0, len(themes) - _THEMES) + max(0, len(groups) - _GROUPS),
    }


def _cell(row: Row | None, tables: Tables) -> dict[str, Any] | None:
    """Write how many complain, and how many praise; of a small group no share."""
    if row is None or not row["negative"] + row["positive"]:
        return None
    told = {
        "n": say("maps.cell", negative=row["negative"], positive=row["positive"]),
        "value": "",
        "reach": "",
    }
    if row["of_n"] < tables.min_reviews:
        return told | {"tone": "few"}
    share, low, high = (100 * float(end[0]) for end in wilson([row["negative"]], [row["of_n"]], tables.level))
    darkness = sum(share >= step for step in _STEPS)
    tone = f"n{darkness}" if darkness else "h0"
    return told | {"value": percent(share), "reach": reach(low, high, percent), "tone": tone}
