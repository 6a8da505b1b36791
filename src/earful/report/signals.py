"""What stands beside the index: what became of complaints, and what customers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earful.pages import charts, names
from earful.pages.making import part_of
from earful.pages.numbers import estimate, finite, percent, plain, reach
from earful.pages.words import named, say
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["behaviour", "complaints"]

#: How many groups one page shows, and complaints a group needs to be shown.
_GROUPS, _COMPLAINTS = 12, 10
_STAGES = ("received", "acknowledged", "apologised", "resolved", "followed_up")
_MEASURES = ("repeat", "frequency", "order_value", "retention", "churn", "response")
_ORDER = f"origin, list_position({[*_MEASURES, 'auc']}, measure), value DESC, score"
_AUC = charts.axis_between(0.0, 1.0, lambda value: plain(value, 0 if value in (0, 1) else 2))


def complaints(tables: Tables) -> dict[str, Any] | None:
    """Collect what became of complaints; ``None`` where no column told."""
    rows = tables.top("complaints", "grouping = 'overall'", f"list_position({list(_STAGES)}, stage)")
    if not rows:
        return None
    received = rows[0] if rows[0]["stage"] == "received" else None
    promise = next((row for row in rows if row["target_days"] is not None), None)
    axis = charts.axis_between(0.0, 100.0, percent)
    settings = part_of(tables.manifest, "config", "complaints")
    return {
        "received": received,
        "promise": promise,
        "business": settings.get("calendar") == "business",
        "repeat_days": finite(settings.get("repeat_days")) or 90.0,
        "stages": [
            _line(row, axis, named("stage", row["stage"])) for row in rows if row["stage"] != "received"
        ],
        "groups": [_line(row, axis, names.group(row, led=True)) for row in _promises(tables, promise)],
        "axis": charts.axis_svg(axis),
    }


def _promises(tables: Tables, promise: Row | None) -> list[Row]:
    """Give how the promise is kept by product and touchpoint, the worst first."""
    if promise is None:
        return []
    return tables.top(
        "complaints",
        f"grouping <> 'overall' AND stage = $stage AND n >= {_COMPLAINTS} AND isfinite(in_time)",
        f"in_time, n DESC, {tables.group_order}",
        _GROUPS,
        stage=promise["stage"],
    )


def _line(row: Row, axis: charts.Axis, name: str) -> dict[str, Any]:
    """Draw the share in time of a stage or a group, beside what is promised of it."""
    value, low, high = estimate(row, "in_time")
    tone = {"met": "pos", "missed": "neg"}.get(row["verdict"] or "", "mid")
    label, promised = say("loop.plot", name=name), finite(row["target_share"])
    plot = charts.whisker_svg(axis, value, low, high, label=label, reference=promised, tone=tone)
    return {"row": row, "name": name, "plot": "" if value is None else plot}


def behaviour(tables: Tables) -> dict[str, Any] | None:
    """Collect what customers do, and how well scores foretell it; ``None`` where nothing is known."""
    rows = tables.top("behaviour", "grouping = 'overall' AND isfinite(value)", _ORDER, 60)
    if not rows:
        return None
    return {
        "measures": [
            (origin, [_measure(row) for row in own])
            for origin in ("columns", "orders", "settings")
            if (own := [row for row in rows if row["origin"] == origin and row["measure"] in _MEASURES])
        ],
        "scores": _foretold([row for row in rows if row["measure"] == "auc"]),
        "axis": charts.axis_svg(_AUC),
        "days": finite(part_of(tables.manifest, "config", "behaviour").get("days")),
        "ordered": any(row["origin"] == "orders" for row in rows),
    }


def _measure(row: Row) -> dict[str, Any]:
    show = percent if row["unit"] == "percent" else _amount
    ends = reach(row["low"], row["high"], show)
    return {
        "row": row,
        "name": say(f"behaviour.measure.{row['measure']}"),
        "value": show(row["value"]),
        "reach": ends,
    }


def _amount(value: Any) -> str:
    number = finite(value)
    return plain(number, 2 if number is not None and abs(number) < 100 else 0)


def _foretold(rows: Sequence[Row]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        low, high = finite(row["low"]), finite(row["high"])
        tone = charts.tone_of(low, high, 0.5)
        name = names.short(named("behaviour.score", row["score"]))
        if row["origin"] == "orders":
            name = say("behaviour.further", name=name)
        plot = charts.whisker_svg(
            _AUC,
            finite(row["value"]),
            low,
            high,
            label=say("behaviour.auc_of", name=name),
            tone=tone,
            reference=0.5,
        )
        found.append({"row": row, "name": name, "plot": plot})
    return found
