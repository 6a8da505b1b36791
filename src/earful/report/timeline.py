"""Over time: the index by period, where its level changed, and the themes on the rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from earful.pages import charts, names
from earful.pages.making import part_of
from earful.pages.numbers import estimate, finite, month
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["timeline"]

#: How much one page shows; the run folder holds the rest.
_CHANGES, _RISING = 12, 10
#: Reviews that a period needs to be drawn.
_ENOUGH = 10
#: Changes of everything come first, then the latest, the largest; of themes on the rise the surest.
_CHANGES_FIRST = "grouping <> 'overall', period DESC, abs(change) DESC"
_RISING_FIRST = "q_value, ratio DESC, grouping, product NULLS FIRST, theme, polarity"


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
    trend = {row["period"]: row for row in tables.top("trends", "grouping = 'overall'", "period")}
    series = [_point(row, trend.get(row["period"], {})) for row in periods]
    if not any(point.value is not None for point in series):
        return None
    span = f"{month(series[0].period)} to {month(series[-1].period)}"
    told = tables.one(
        "SELECT count(*) FILTER (change_point) AS n, "
        f"count(DISTINCT ({tables.group_order})) FILTER (change_point IS NOT NULL) AS looked FROM trends"
    )
    changes = tables.top("trends", "change_point", f"{_CHANGES_FIRST}, {tables.group_order}", _CHANGES)
    rising = tables.top("emerging", "rising", f"{_RISING_FIRST}, {tables.group_order}", _RISING)
    looked_in = tables.one("SELECT max(period) AS period FROM emerging WHERE grouping = 'overall'")["period"]
    trends, emerging = (part_of(tables.manifest, "analyses", name) for name in ("trends", "emerging"))
    return {
        "plot": charts.timeline_svg(series, label=f"Index from {span}; the values are in the table below"),
        "lines": [
            (point, finite(row["mean_score"]), row) for point, row in zip(series, periods, strict=True)
        ],
        "calm": any(point.level is not None for point in series),
        "rated": any(row["n_rated"] for row in periods),
        "kind": str(trends.get("period") or "period"),
        "changes": [_change(row) for row in changes],
        "hidden": told["n"] - len(changes),
        "looked": told["looked"],
        "no_changes": trends.get("note"),
        "rising": [_rise(row, labels) for row in rising],
        "rising_in": looked_in,
        "no_rising": emerging.get("note"),
    }


def _point(row: Row, calm: Row) -> charts.Point:
    change = finite(calm.get("change")) if calm.get("change_point") else None
    # A handful of reviews puts a month anywhere from end to end of the scale; its number stands in the table.
    enough = int(row["n_reviews"] or 0) >= _ENOUGH
    return charts.Point(
        str(row["period"]),
        *(estimate(row, "index") if enough else (None, None, None)),
        int(row["n_reviews"] or 0),
        *estimate(calm, "level"),
        change,
    )


def _change(row: Row) -> dict[str, Any]:
    return {"row": row, "who": names.group(row, led=True), "tone": "neg" if row["change"] < 0 else "pos"}


def _rise(row: Row, labels: dict[str, str]) -> dict[str, Any]:
    name = names.theme(row, labels)
    return {
        "row": row,
        "name": name,
        "who": names.group(row, led=True),
        "tone": "neg" if row["polarity"] == "negative" else "pos",
    }
