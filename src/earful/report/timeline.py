"""Over time: the index by period, where its level changed, and the themes on the rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earful.pages import charts, names
from earful.pages.numbers import finite, month
from earful.pages.tables import Row, Tables, as_dict

__all__ = ["timeline"]

#: How much one page shows; the run folder holds the rest.
_CHANGES, _RISING = 12, 10


def timeline(tables: Tables, periods: Sequence[Row], labels: dict[str, str]) -> dict[str, Any] | None:
    """Collect what the section shows; ``None`` where there are fewer than two periods with an index.

    Parameters
    ----------
    periods
        Rows of the loyalty table by period, in order of time.
    labels
        Names of the themes.
    """
    if len(periods) < 2:
        return None
    trend = tables.trend()
    series = [_point(row, trend.get(row["period"], {})) for row in periods]
    if not any(point.value is not None for point in series):
        return None
    span = f"{month(series[0].period)} to {month(series[-1].period)}"
    changes, n, looked = tables.changes(_CHANGES), *tables.n_changes()
    analyses = as_dict(tables.manifest.get("analyses"))
    return {
        "plot": charts.timeline_svg(series, label=f"Index from {span}; the values are in the table below"),
        "lines": [
            (point, finite(row["mean_score"]), row) for point, row in zip(series, periods, strict=True)
        ],
        "calm": any(point.level is not None for point in series),
        "rated": any(row["n_rated"] for row in periods),
        "kind": str(as_dict(analyses.get("trends")).get("period") or "period"),
        "changes": [_change(row) for row in changes],
        "hidden": n - len(changes),
        "looked": looked,
        "no_changes": as_dict(analyses.get("trends")).get("note"),
        "rising": [_rise(row, labels) for row in tables.rising(_RISING)],
        "rising_in": tables.emerging_period(),
        "no_rising": as_dict(analyses.get("emerging")).get("note"),
    }


def _point(row: Row, calm: Row) -> charts.Point:
    return charts.Point(
        str(row["period"]),
        finite(row["index"]),
        finite(row["index_low"]),
        finite(row["index_high"]),
        int(row["n_reviews"] or 0),
        finite(calm.get("level")),
        finite(calm.get("level_low")),
        finite(calm.get("level_high")),
        finite(calm.get("change")) if calm.get("change_point") else None,
    )


def _change(row: Row) -> dict[str, Any]:
    return {"row": row, "who": _who(row), "tone": "neg" if row["change"] < 0 else "pos"}


def _rise(row: Row, labels: dict[str, str]) -> dict[str, Any]:
    name = names.short(labels.get(row["theme"]) or row["theme"])
    return {
        "row": row,
        "name": name,
        "who": _who(row),
        "tone": "neg" if row["polarity"] == "negative" else "pos",
    }


def _who(row: Row) -> str:
    if row["grouping"] == "overall":
        return "Everything"
    if row["grouping"] == "touchpoint":
        return names.touchpoint(row["touchpoint"])
    return names.short(row["product"], 60)
