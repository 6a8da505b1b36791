"""What stands on the page of two runs: what changed overall, group by group and theme by theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from earful.comparison.measures import Cell, cell
from earful.comparison.shifts import leading
from earful.pages import charts, names
from earful.pages.numbers import estimate, finite, interval, percent, points, signed
from earful.pages.scatter import axis_near
from earful.pages.words import decimal, say

if TYPE_CHECKING:
    from earful.comparison.comparison import Comparison
    from earful.comparison.reading import Reading

__all__ = ["Series", "changes_page", "series", "theme_lines"]

_SIDES = ("before", "after")
#: How much one page shows; the tables hold the rest.
_LINES, _THEMES, _ALONE, _PARTS = 40, 20, 30, 12
#: How many groups, and how many themes, the page names first.
_SAID, _MOVED = 5, 3
#: Whether more mentions are better news: of praise, not of complaints.
_GLAD = {
    ("negative", "up"): "neg",
    ("negative", "down"): "pos",
    ("positive", "up"): "pos",
    ("positive", "down"): "neg",
}


class Series(NamedTuple):
    """What is compared: its name in the table, its title, and how values and changes are written."""

    name: str
    title: str
    show: Callable[[Any], str]
    show_change: Callable[[Any], str]

    def values(self, row: dict[Any, Any]) -> list[str]:
        """Write a group's number in the first run and in the second."""
        return [self.show(row[f"{self.name}_{side}"]) for side in _SIDES]

    def cell(self, row: dict[Any, Any]) -> Cell:
        """Write the change of a group: its call, its interval, and the values it lies between."""
        change, call = f"{self.name}_change", row[f"{self.name}_call"]
        return cell(row, change, self.title, self.show_change, call, " → ".join(self.values(row)))

    def card(self, row: dict[Any, Any]) -> dict[str, Any]:
        """Write the change over everything as a card."""
        told, (before, after) = self.cell(row), self.values(row)
        needed = finite(row.get(f"{self.name}_needed"))
        more = say("changes.needed", times=decimal(needed, 1)) if needed else ""
        sides = say("changes.sides", before=before, after=after)
        note = "; ".join(filter(None, (told.reach, sides, more)))
        return {"name": self.title, "value": told.value, "note": note}


def series(comparison: Comparison) -> list[Series]:
    """Give what is compared, the leading one first."""
    assert comparison.other is not None
    found = [
        Series("index", say("col.index"), points, points),
        Series("words", say("since.words"), points, points),
    ]
    if leading(comparison.reading, comparison.other) == "words":
        found.reverse()
    if comparison.measure is not None:
        measure = comparison.measure
        found.insert(1, Series("measured", measure.heading, measure.show, measure.show_change))
    return found


def changes_page(comparison: Comparison) -> dict[str, Any]:
    """Collect what the page needs, as the template's variables."""
    assert comparison.other is not None
    table, groups, kinds = comparison.table, comparison.groups, series(comparison)
    lead = kinds[0]
    both = groups[groups["in_runs"] == "both"]
    known = both[f"{lead.name}_change"].notna()
    told, few = both[known], both[~known]
    parts, by = _parts(comparison), say("section.by", name=comparison.label)
    alone = [_alone(comparison, reading, side) for reading, side in zip(comparison.runs, _SIDES, strict=True)]
    return {
        "title": say("changes.title"),
        "by": by,
        "toc": [
            ("summary", say("section.summary")),
            ("changes", by),
            ("themes", say("section.themes")),
            *([("parts", say("changes.parts"))] if parts["lines"] else []),
            *([("alone", say("changes.alone"))] if any(side["n"] for side in alone) else []),
            ("making", say("section.making")),
        ],
        "lead": lead.name,
        "said": _said(table.iloc[0].to_dict(), told, lead, comparison),
        "cards": [kind.card(table.iloc[0].to_dict()) for kind in kinds],
        "changes": _changes(told, kinds),
        "n_told": len(told),
        "n_called": int(told[[f"{kind.name}_call" for kind in kinds]].isin(["up", "down"]).any(axis=1).sum()),
        "few": [
            (names.group(row, 48), int(row["n_reviews_before"]), int(row["n_reviews_after"]))
            for row in few.head(_ALONE).to_dict("records")
        ],
        "n_few": len(few),
        "parts": parts,
        "alone": alone,
        "themes": _themes(comparison),
    }


def _said(
    overall: dict[Any, Any], told: pd.DataFrame, lead: Series, comparison: Comparison
) -> list[dict[str, str]]:
    """Say first what changed: everything, the groups with a call, and the themes that moved the index."""
    assert comparison.parts is not None
    column, labels = f"{lead.name}_change", comparison.labels
    found = []
    called = told[told[f"{lead.name}_call"].isin(["up", "down"])]
    rows = [
        (say("group.overall"), overall),
        *((names.group(row, 48), row) for row in called.to_dict("records")),
    ]
    for name, row in rows[:_SAID]:
        change, low, high = estimate(row, column)
        if change is None:
            continue
        sure = low is not None and high is not None and (low > 0 or high < 0)
        title = lead.title.lower() if lead.name == "index" else lead.title
        key = "changes.said" if sure else "changes.said_chance"
        words = say(key, what=title, size=lead.show_change(change), ends=interval(low, high))
        found.append({"lead": name, "words": words, "tone": charts.tone_of(low, high) or "mid"})
    parts = comparison.parts
    moved = parts[(parts["grouping"] == "overall") & parts["theme"].notna()]
    moved = moved[(moved["part_low"] > 0) | (moved["part_high"] < 0)]
    for row in moved.head(_MOVED).to_dict("records"):
        ends = interval(row["part_low"], row["part_high"], 1)
        words = say("changes.moved", kind=_kind(row), size=signed(row["part"], 1), ends=ends)
        tone = charts.tone_of(row["part_low"], row["part_high"])
        found.append({"lead": names.theme(row, labels), "words": words, "tone": tone or "mid"})
    return found


def _changes(told: pd.DataFrame, kinds: list[Series]) -> dict[str, Any]:
    rows, column = told.head(_LINES).to_dict("records"), f"{kinds[0].name}_change"
    axis = charts.axis_for((value for row in rows for value in estimate(row, column)), 200.0)
    lines = []
    for row in rows:
        name, cells = names.group(row, 48), [kind.cell(row) for kind in kinds]
        tone = cells[0].tone or "mid"
        plot = charts.whisker_svg(
            axis, *estimate(row, column), label=say("since.change_of", name=name), tone=tone
        )
        lines.append({"name": name, "row": row, "plot": plot, "cells": cells})
    return {"lines": lines, "axis": charts.axis_svg(axis), "hidden": len(told) - len(lines)}


def _alone(comparison: Comparison, reading: Reading, side: str) -> dict[str, Any]:
    """List the groups that stand in one run only, the largest first."""
    groups, size = comparison.groups, f"n_reviews_{side}"
    here = groups[groups["in_runs"] == side].sort_values(size, ascending=False, kind="stable")
    shown = [(names.group(row, 48), int(row[size])) for row in here.head(_ALONE).to_dict("records")]
    name = names.short(reading.name, 60)
    return {"run": name, "groups": shown, "hidden": len(here) - len(shown), "n": len(here)}


def _themes(comparison: Comparison) -> dict[str, Any]:
    themes = comparison.themes
    assert themes is not None
    overall = themes[themes["grouping"] == "overall"]
    called = themes[(themes["grouping"] != "overall") & themes["call"].isin(["up", "down"])]
    tables = [_drawn(theme_lines(part.head(_THEMES), comparison.labels)) for part in (overall, called)]
    return {
        "overall": tables[0],
        "groups": tables[1],
        "hidden": len(overall) - len(tables[0]["lines"]),
        "hidden_groups": len(called) - len(tables[1]["lines"]),
        "tested": len(themes),
    }


def _kind(row: Mapping[Any, Any]) -> str:
    return say(f"since.{'complaints' if row['polarity'] == 'negative' else 'praise'}")


def theme_lines(
    themes: pd.DataFrame, labels: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Write how often themes are told of in either run, and how that changed."""
    return [
        {
            "name": names.theme(row, labels),
            "group": names.group(row, 48),
            "kind": _kind(row),
            "row": row,
            "before": percent(row["share_before"]),
            "after": percent(row["share_after"]),
            "change": signed(row["change"], 1),
            "reach": interval(row["change_low"], row["change_high"], 1),
            "tone": _GLAD.get((row["polarity"], row["call"]), ""),
        }
        for row in themes.to_dict("records")
    ]


def _drawn(lines: list[dict[str, Any]]) -> dict[str, Any]:
    axis = _axis([line["row"] for line in lines], "change", 100.0)
    for line in lines:
        label = say("since.change_of", name=f"{line['name']}, {line['kind']}")
        change, tone = estimate(line["row"], "change"), line["tone"] or "mid"
        line["plot"] = charts.whisker_svg(axis, *change, label=label, tone=tone)
    return {"lines": lines, "axis": charts.axis_svg(axis)}


def _parts(comparison: Comparison) -> dict[str, Any]:
    """List what the change of the whole index is made of: the largest parts, the others, the rest."""
    assert comparison.parts is not None
    overall = comparison.parts[comparison.parts["grouping"] == "overall"]
    told = overall[overall["theme"].notna()]
    shown, others = told.head(_PARTS), told.iloc[_PARTS:]
    rows = shown.to_dict("records")
    axis = _axis(rows, "part", 200.0)
    lines = []
    for row in rows:
        name, part = names.theme(row, comparison.labels), estimate(row, "part")
        tone = charts.tone_of(*part[1:])
        lines.append(
            {
                "name": name,
                "kind": _kind(row),
                "plot": charts.whisker_svg(axis, *part, label=say("changes.part_of", name=name), tone=tone),
                "part": signed(row["part"], 1),
                "reach": interval(row["part_low"], row["part_high"], 1),
                "mix": signed(row["mix"], 1),
                "severity": signed(row["severity"], 1),
            }
        )
    rest = overall[overall["theme"].isna()]["part"]
    return {
        "lines": lines,
        "axis": charts.axis_svg(axis),
        "others": signed(others["part"].sum(), 1) if len(others) else "",
        "n_others": len(others),
        "rest": signed(rest.iloc[0], 1) if len(rest) else "",
        "total": signed(overall["part"].sum(), 1) if len(overall) else "",
    }


def _axis(rows: list[dict[Any, Any]], name: str, most: float) -> charts.Axis:
    """Choose an axis that holds zero and the intervals of a column, within ``most`` either way."""
    values = (value for row in rows for value in estimate(row, name))
    return axis_near([0.0, *values], (-most, most), points)
