"""What changed since the run before: everything, the groups and themes of which a change is called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from earful.errors import RunError
from earful.pages import charts, names
from earful.pages.making import making
from earful.pages.numbers import estimate, interval, percent, points, reach, signed
from earful.pages.scatter import axis_near
from earful.pages.words import say, stated
from earful.report.tables import Tables

if TYPE_CHECKING:
    from earful.comparison import Comparison

__all__ = ["since"]

_LINES, _PARTS = 12, 8
#: Cuts that two runs are compared by, the first that both have.
_CUTS = ("product", "touchpoint", "period")


class _Kind(NamedTuple):
    """What is compared: the name of its columns, and how its values and changes are written."""

    name: str
    title: str
    show: Callable[[Any], str]
    show_change: Callable[[Any], str]


def since(tables: Tables, before: Path, labels: dict[str, str]) -> dict[str, Any]:
    """Compare a run with the one before it.

    Parameters
    ----------
    before
        The folder of the run before.
    labels
        Names of the themes.

    Raises
    ------
    RunError
        There is no such run, it was made otherwise, or the two have no groups in common.
    """
    comparison = _compared(before, tables.folder)
    kinds = _kinds(comparison)
    overall = comparison.table.iloc[0].to_dict()
    changed = [_groups(comparison, kinds[0]), _themes(comparison, labels), _parts(comparison, labels)]
    return {
        "name": names.short(comparison.reading.name, 60),
        "when": making(comparison.reading.run.manifest)["when"],
        "cards": [card for kind in kinds if (card := _card(overall, kind))],
        "tables": changed,
        "notes": [stated(note) for note in comparison.notes],
    }


def _compared(before: Path, run: Path) -> Comparison:
    from earful.comparison import compare  # few reports look back

    for by in _CUTS[:-1]:
        try:
            return compare(before, run, by)
        except RunError as error:
            if "has no groups by" not in str(error):
                raise
    return compare(before, run, _CUTS[-1])


def _kinds(comparison: Comparison) -> list[_Kind]:
    kinds = [
        _Kind("index", say("summary.index"), points, points),
        _Kind("words", say("since.words"), points, points),
    ]
    if comparison.measure is not None:
        measure = comparison.measure
        title = say(f"measure.{'mean_rating' if measure.name == 'rating' else measure.name}")
        kinds.insert(1, _Kind("measured", title, measure.show, measure.show_change))
    told = comparison.table.iloc[0]
    return [kind for kind in kinds if pd.notna(told[f"{kind.name}_change"])] or kinds[:1]


def _card(row: dict[Any, Any], kind: _Kind) -> dict[str, Any] | None:
    change, low, high = estimate(row, f"{kind.name}_change")
    if change is None:
        return None
    sides = say(
        "since.sides",
        before=kind.show(row[f"{kind.name}_before"]),
        after=kind.show(row[f"{kind.name}_after"]),
    )
    tone = charts.tone_of(low, high)
    told = [reach(low, high, kind.show_change), sides]
    if tone == "mid" and low is not None:
        told.append(say("since.chance"))
    return {
        "name": kind.title,
        "value": kind.show_change(change),
        "note": "; ".join(filter(None, told)),
        "tone": f"key {tone}",
    }


def _groups(comparison: Comparison, lead: _Kind) -> dict[str, Any]:
    """List the groups with a call, the largest change first."""
    groups = comparison.groups
    called = groups[groups[f"{lead.name}_call"].isin(["up", "down"])]
    rows = called.head(_LINES).to_dict("records")
    lines = [
        {
            "name": names.group(row, 48),
            "kind": "",
            "estimate": estimate(row, f"{lead.name}_change"),
            "change": lead.show_change(row[f"{lead.name}_change"]),
            "reach": interval(row[f"{lead.name}_change_low"], row[f"{lead.name}_change_high"]),
            "before": lead.show(row[f"{lead.name}_before"]),
            "after": lead.show(row[f"{lead.name}_after"]),
        }
        for row in rows
    ]
    n = int((groups["in_runs"] == "both").sum())
    lead_words = say("since.groups_lead", n=n) if lines else ""
    noun = comparison.by if comparison.by in ("product", "touchpoint") else "group"
    hidden = len(called) - len(rows)
    table = _table(say("since.groups"), say(f"noun.{noun}.col"), lead_words, lines)
    return table | {"hidden": say("since.more", n=hidden) if hidden else ""}


def _themes(comparison: Comparison, labels: dict[str, str]) -> dict[str, Any]:
    """List how much more or less often themes are told of, where that is called."""
    themes = comparison.themes
    assert themes is not None
    called = themes[(themes["grouping"] == "overall") & themes["call"].isin(["up", "down"])]
    lines = [_line(row, "change", row, labels) for row in called.head(_LINES).to_dict("records")]
    return _table(say("since.themes"), say("col.theme"), say("since.themes_lead"), lines)


def _parts(comparison: Comparison, labels: dict[str, str]) -> dict[str, Any]:
    """List what moved the index: how much of its change each theme makes up."""
    parts = comparison.parts
    assert parts is not None
    told = parts[(parts["grouping"] == "overall") & parts["theme"].notna()]
    told = told[(told["part_low"] > 0) | (told["part_high"] < 0)]
    themes = comparison.themes
    assert themes is not None
    shares = {
        (row["theme"], row["polarity"]): row
        for row in themes[themes["grouping"] == "overall"].to_dict("records")
    }
    lines = [
        _line(row, "part", shares.get((row["theme"], row["polarity"]), {}), labels)
        for row in told.head(_PARTS).to_dict("records")
    ]
    return _table(say("since.parts"), say("col.theme"), say("since.parts_lead"), lines)


def _line(row: dict[Any, Any], value: str, shares: dict[Any, Any], labels: dict[str, str]) -> dict[str, Any]:
    """Tell of a theme's complaints or praise: a change, and how many told of them before and after."""
    return {
        "name": names.theme(row, labels),
        "kind": say(f"since.{'complaints' if row['polarity'] == 'negative' else 'praise'}"),
        "estimate": estimate(row, value),
        "change": signed(row[value], 1),
        "reach": interval(row[f"{value}_low"], row[f"{value}_high"], 1),
        "before": percent(shares.get("share_before")),
        "after": percent(shares.get("share_after")),
    }


def _table(title: str, first: str, lead: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    values = [value for line in lines for value in line["estimate"]]
    axis = axis_near([0.0, *values], (-200.0, 200.0), points)
    for line in lines:
        tone = charts.tone_of(*line["estimate"][1:])
        label = say("since.change_of", name=line["name"])
        line["plot"] = charts.whisker_svg(axis, *line["estimate"], label=label, tone=tone)
        line["size"] = line["estimate"][0]
    return {
        "title": title,
        "first": first,
        "lead": lead,
        "lines": lines,
        "axis": charts.axis_svg(axis),
        "hidden": "",
    }
