"""Over time: the index by period, where its level changed, and the themes on the rise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from earful.pages import charts, names
from earful.pages.making import part_of
from earful.pages.numbers import estimate, finite, month
from earful.pages.words import say, stated
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["merged", "timeline"]

#: How much one page shows; the run folder holds the rest.
_CHANGES, _RISING = 12, 10
#: Reviews that a period needs to be drawn, and days that those drawn as one may span for each of a month.
_ENOUGH, _SPAN = 10, 370
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
    drawn = merged(series)
    if not any(point.value is not None for point in drawn):
        return None
    told = tables.one(
        "SELECT count(*) FILTER (change_point) AS n, "
        f"count(DISTINCT ({tables.group_order})) FILTER (change_point IS NOT NULL) AS looked FROM trends"
    )
    changes = tables.top("trends", "change_point", f"{_CHANGES_FIRST}, {tables.group_order}", _CHANGES)
    rising = tables.top("emerging", "rising", f"{_RISING_FIRST}, {tables.group_order}", _RISING)
    looked_in = tables.one("SELECT max(period) AS period FROM emerging WHERE grouping = 'overall'")["period"]
    trends, emerging = (part_of(tables.manifest, "analyses", name) for name in ("trends", "emerging"))
    label = say("time.plot", first=month(series[0].period), last=month(series[-1].period))
    return {
        "plot": charts.timeline_svg(drawn, label=label, calm=series),
        "lines": [
            (point, finite(row["mean_score"]), row) for point, row in zip(series, periods, strict=True)
        ],
        "merged": any(point.last for point in drawn),
        "thin": _ENOUGH,
        "calm": any(point.level is not None for point in series),
        "rated": any(row["n_rated"] for row in periods),
        "kind": str(trends.get("period") or "period"),
        "changes": [_change(row) for row in changes],
        "hidden": told["n"] - len(changes),
        "looked": told["looked"],
        "no_changes": stated(trends.get("note") or ""),
        "rising": [_rise(row, labels) for row in rising],
        "rising_in": looked_in,
        "no_rising": stated(emerging.get("note") or ""),
    }


def merged(series: Sequence[charts.Point]) -> list[charts.Point]:
    """Put periods of fewer than ten reviews together with those that follow them.

    A handful of reviews puts a month anywhere from end to end of the scale. Several are drawn as one until
    they have ten reviews together, a year at most and never over a change of level: the mean of their values
    by reviews, with an interval as wide as if all of them erred the same way, for the doubt about the level
    is common to them. What stays below ten is not drawn; its numbers stand in the table.
    """
    groups: list[list[charts.Point]] = []
    for point in series:
        group = groups[-1] if groups else []
        if (
            group
            and sum(one.n for one in group) < _ENOUGH
            and point.change is None
            and _near(group[0], point)
        ):
            group.append(point)
        else:
            groups.append([point])
    if len(groups) > 1 and sum(one.n for one in groups[-1]) < _ENOUGH:
        *_, before, last = groups
        if last[0].change is None and _near(before[0], last[-1]):
            groups[-2:] = [[*before, *last]]
    return [_as_one(group) for group in groups]


def _near(first: charts.Point, point: charts.Point) -> bool:
    try:
        return (date.fromisoformat(point.period[:10]) - date.fromisoformat(first.period[:10])).days < _SPAN
    except ValueError:
        return False


def _as_one(group: Sequence[charts.Point]) -> charts.Point:
    n = sum(point.n for point in group)
    known = [point for point in group if point.value is not None and point.n]
    value, low, high = (_mean(known, name) for name in ("value", "low", "high"))
    if n < _ENOUGH:
        value = low = high = None
    last = group[-1].period if len(group) > 1 else ""
    return charts.Point(group[0].period, value, low, high, n, change=group[0].change, last=last)


def _mean(points: Sequence[charts.Point], name: str) -> float | None:
    values = [(getattr(point, name), point.n) for point in points]
    if not values or any(value is None for value, _ in values):
        return None
    return float(sum(value * n for value, n in values) / sum(n for _, n in values))


def _point(row: Row, calm: Row) -> charts.Point:
    change = finite(calm.get("change")) if calm.get("change_point") else None
    return charts.Point(
        str(row["period"]),
        *estimate(row, "index"),
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
