"""What stands on the page of two runs: what changed overall, group by group and theme by theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from earful.comparison.naming import group_name
from earful.comparison.shifts import leading
from earful.pages import charts, names
from earful.pages.numbers import finite, interval, percent, points, signed
from earful.pages.scatter import axis_near

if TYPE_CHECKING:
    from earful.comparison.comparison import Comparison

__all__ = ["changes_view", "series"]

#: How much one page shows; the tables hold the rest.
_LINES, _THEMES, _ALONE, _PARTS = 40, 20, 30, 12
_TONES = {"up": "pos", "down": "neg"}
#: Whether more mentions are better news: of praise, not of complaints.
_GLAD = {
    ("negative", "up"): "neg",
    ("negative", "down"): "pos",
    ("positive", "up"): "pos",
    ("positive", "down"): "neg",
}


def changes_view(comparison: Comparison) -> dict[str, Any]:
    """Collect what the page needs, as the template's variables."""
    assert comparison.other is not None
    table, groups = comparison.table, comparison.groups
    lead = leading(comparison.reading, comparison.other)
    kinds = series(comparison)
    both = groups[groups["in_runs"] == "both"]
    told = both[both[f"{lead}_change"].notna()]
    few = both[both[f"{lead}_change"].isna()]
    return {
        "title": "What changed between two runs",
        "lead": lead,
        "notes": comparison.notes,
        "cards": [_card(table.iloc[0].to_dict(), *kind) for kind in kinds],
        "changes": _changes(comparison, told.to_dict("records"), lead, kinds),
        "n_told": len(told),
        "n_called": int(told[[f"{kind[0]}_call" for kind in kinds]].isin(["up", "down"]).any(axis=1).sum()),
        "few": [_few(row, comparison.by) for row in few.head(_ALONE).to_dict("records")],
        "n_few": len(few),
        "parts": _parts(comparison),
        "alone": [_alone(comparison, side) for side in ("before", "after")],
        "themes": _themes(comparison),
    }


_Show = Callable[[Any], str]


def series(comparison: Comparison) -> list[tuple[str, str, _Show, _Show]]:
    """Give what is compared: its name in the table, its title, and how values and changes are written.

    The leading one comes first.
    """
    assert comparison.other is not None
    found: list[tuple[str, str, _Show, _Show]] = [
        ("index", "Index", points, points),
        ("words", "NPS from words", points, points),
    ]
    if leading(comparison.reading, comparison.other) == "words":
        found.reverse()
    if comparison.measure is not None:
        measure = comparison.measure
        found.insert(1, ("measured", measure.heading, measure.show, measure.show_change))
    return found


def _card(row: dict[Any, Any], name: str, title: str, show: _Show, show_change: _Show) -> dict[str, Any]:
    """Write the change over everything as a card."""
    change = finite(row[f"{name}_change"])
    values = f"{show(row[f'{name}_before'])} before, {show(row[f'{name}_after'])} after"
    if change is None:
        return {"name": title, "value": "–", "note": values, "tone": "mid"}
    reach = f"{show_change(row[f'{name}_change_low'])} to {show_change(row[f'{name}_change_high'])}"
    return {"name": title, "value": show_change(change), "note": f"{reach}; {values}"}


def _changes(
    comparison: Comparison, rows: list[dict[Any, Any]], lead: str, kinds: list[tuple[str, str, _Show, _Show]]
) -> dict[str, Any]:
    shown = rows[:_LINES]
    ends = ("", "_low", "_high")
    axis = charts.axis_for((finite(row[f"{lead}_change{end}"]) for row in shown for end in ends), 200.0)
    lines = []
    for row in shown:
        name = group_name(row, comparison.by)
        tone = _TONES.get(row[f"{lead}_call"] or "", "mid")
        plot = _whisker(axis, row, f"{lead}_change", f"{name}, change", tone)
        cells = [_cell(row, *kind) for kind in kinds]
        lines.append({"name": name, "row": row, "plot": plot, "cells": cells})
    title = next(kind[1] for kind in kinds if kind[0] == lead)
    return {"lines": lines, "axis": charts.axis_svg(axis), "hidden": len(rows) - len(shown), "title": title}


def _cell(row: dict[Any, Any], kind: str, title: str, show: _Show, show_change: _Show) -> dict[str, str]:
    """Write one number's change: its call, its interval, and the values it lies between."""
    change, low, high = (finite(row[f"{kind}_change{end}"]) for end in ("", "_low", "_high"))
    called = row[f"{kind}_call"] or "" if change is not None else ""
    return {
        "of": title,
        "value": "–" if change is None else show_change(change),
        "reach": "" if low is None else f"{show_change(low)} to {show_change(high)}",
        "between": f"{show(row[f'{kind}_before'])} → {show(row[f'{kind}_after'])}",
        "call": called,
        "tone": _TONES.get(called, ""),
    }


def _few(row: dict[Any, Any], by: str) -> tuple[str, int, int]:
    return group_name(row, by), int(row["n_reviews_before"]), int(row["n_reviews_after"])


def _alone(comparison: Comparison, side: str) -> dict[str, Any]:
    """List the groups that stand in one run only, the largest first."""
    groups = comparison.groups
    here = groups[groups["in_runs"] == side].sort_values(f"n_reviews_{side}", ascending=False, kind="stable")
    shown = [
        (group_name(row, comparison.by), int(row[f"n_reviews_{side}"]))
        for row in here.head(_ALONE).to_dict("records")
    ]
    run = comparison.reading if side == "before" else comparison.other
    assert run is not None
    name = names.short(run.run.path.resolve().name, 60)
    return {"run": name, "groups": shown, "hidden": len(here) - len(shown), "n": len(here)}


def _themes(comparison: Comparison) -> dict[str, Any]:
    themes = comparison.themes
    assert themes is not None
    overall = themes[themes["grouping"] == "overall"]
    called = themes[(themes["grouping"] != "overall") & themes["call"].isin(["up", "down"])]
    lines = [_theme_lines(part.head(_THEMES).to_dict("records"), comparison.by) for part in (overall, called)]
    return {
        "overall": lines[0],
        "groups": lines[1],
        "hidden": len(overall) - len(lines[0]["lines"]),
        "hidden_groups": len(called) - len(lines[1]["lines"]),
        "tested": len(themes),
    }


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
        name = names.short(row["label"] or row["theme"])
        tone = "pos" if row["part_low"] > 0 else "neg" if row["part_high"] < 0 else "mid"
        lines.append(
            {
                "name": name,
                "row": row,
                "plot": _whisker(axis, row, "part", f"{name}, part", tone),
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


def _theme_lines(rows: list[dict[Any, Any]], by: str) -> dict[str, Any]:
    axis = _axis(rows, "change", 100.0)
    lines = []
    for row in rows:
        name = names.short(row["label"] or row["theme"])
        tone = _GLAD.get((row["polarity"], row["call"]), "mid")
        plot = _whisker(axis, row, "change", f"{name}, {row['polarity']}, change of share", tone)
        lines.append(
            {
                "name": name,
                "group": group_name(row, by),
                "row": row,
                "plot": plot,
                "shares": f"{percent(row['share_before'])} → {percent(row['share_after'])}",
                "change": signed(row["change"], 1),
                "reach": interval(row["change_low"], row["change_high"], 1),
                "tone": tone if row["call"] else "",
            }
        )
    return {"lines": lines, "axis": charts.axis_svg(axis)}


def _axis(rows: list[dict[Any, Any]], name: str, most: float) -> charts.Axis:
    """Choose an axis that holds zero and the intervals of a column, within ``most`` either way."""
    values = (finite(row[f"{name}{end}"]) for row in rows for end in ("", "_low", "_high"))
    return axis_near([0.0, *values], (-most, most), points)


def _whisker(axis: charts.Axis, row: dict[Any, Any], name: str, label: str, tone: str) -> Any:
    """Draw a column's value with its interval."""
    value, low, high = (finite(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return charts.whisker_svg(axis, value, low, high, label=label, tone=tone)
