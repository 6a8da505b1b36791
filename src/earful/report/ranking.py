"""Rankings: the groups of one cut in order, each with its interval and the places that the interval allows.

Groups are ranked by the index. Runs from before the index had an anchor may hold nothing but wide ranges;
their groups are ranked by what was measured of them, the mean rating or the sentiment of their words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from earful.pages import charts, names
from earful.pages.numbers import estimate, finite, percent, plain, points, reach, signed
from earful.pages.words import say
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["better_grade", "ranking", "rating"]

#: How many groups one page shows; ``loyalty.csv`` holds the rest.
_GROUPS, _RANGES = 40, 12

#: The grade after each, upwards.
_BETTER = {"D": "C", "C": "B", "B": "A"}

_Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Measure:
    """What stands beside the index: what was measured by its anchor, else the words."""

    column: str
    stars: Row | None = None

    @property
    def title(self) -> str:
        """What stands at the head of its column."""
        return say(f"measure.{self.column}")

    @classmethod
    def of(cls, rows: Sequence[Row], stars: Row | None) -> _Measure:
        anchors = {row["anchor"] for row in rows if row["n_rated"]}
        if anchors & {"nps", None}:
            return cls("nps")
        if "recommend" in anchors:
            return cls("recommend")
        if "csat" in anchors:
            return cls("csat")
        if any(finite(row["mean_rating"]) is not None for row in rows):
            return cls("mean_rating", stars)
        return cls("mean_score")

    def show(self, value: Any) -> str:
        if self.column == "mean_rating":
            return rating(finite(value), self.stars)
        if self.column in ("recommend", "csat"):
            return percent(value)
        return signed(value, 2) if self.column == "mean_score" else points(value)

    def axis(self) -> charts.Axis:
        # Two steps where the ticks read in percent: they would run into each other.
        low = -1.0 if self.column == "mean_score" else 0.0
        return charts.axis_between(low, 1.0, self.show, 4 if self.stars or low else 2)

    def written(self, row: Row) -> tuple[str, str]:
        """Write the value of a group, and its interval where it has one."""
        value, low, high = estimate(row, self.column)
        if self.column == "nps" and (not row["n_rated"] or value is None):
            return say("measure.none"), ""
        return self.show(value), reach(low, high, self.show)


def better_grade(row: Row) -> str:
    """Say what the next better grade would take; empty where the grade is A or nothing tells."""
    needed, grade = finite(row["answers_needed"]), row["grade"]
    if needed is None or grade not in _BETTER:
        return ""
    return say("grade.better", n=round(needed), grade=_BETTER[grade])


def rating(mean: float | None, stars: Row | None) -> str:
    """Write a mean rating, given on 0..1: on the run's own scale where it has one, else in percent."""
    if mean is None or stars is None:
        return percent(None if mean is None else 100 * mean)
    return plain(stars["low"] + mean * (stars["high"] - stars["low"]))


def ranking(tables: Tables, by: str, overall: Row | None, stars: Row | None) -> dict[str, Any]:
    """Rank the groups of one cut: by the index, or by what was measured where the index ranks none.

    Parameters
    ----------
    by
        ``product`` or ``touchpoint``.
    overall
        The loyalty row of everything.
    stars
        The scale of the ratings, where there is one.
    """
    ranked = tables.ranked(by)
    ranges = tables.ranges(by, _RANGES if ranked else _GROUPS)
    measure = _Measure.of([*ranked, *ranges], stars)
    standings = [] if ranked or measure.column == "nps" else tables.standings(by, measure.column)
    if standings:
        placed = {row[by] for row in standings}
        ranges = [row for row in ranges if row[by] not in placed][:_RANGES]
    rows, column = (standings, measure.column) if standings else (ranked, "index")
    shown, gap = _shown(rows)
    n = tables.n_groups(by)
    if standings:
        axis = measure.axis()
    else:
        drawn = [row for _, row in shown] + ranges
        axis = charts.axis_for(value for row in drawn for value in estimate(row, "index"))
    line = _Line(column, axis, finite(overall[column]) if overall else None, measure)
    places = _places([_ends(row, column) for row in rows])
    return {
        "by": by,
        "measure": say(f"measure.by.{measure.column}") if standings else "",
        "beside": measure.title,
        "n_wide": sum(row["n_reviews"] >= tables.min_reviews for row in ranges),
        "rows": ranked,
        "groups": [line.group(row, places[k]) for k, row in shown],
        "ranges": [line.group(row) for row in ranges],
        "hidden": len(rows) - len(shown),
        "hidden_ranges": n - len(rows) - len(ranges),
        "gap_after": gap,
        "legend": _legend(),
        "axis": charts.axis_svg(axis),
        "n": n,
    }


def _legend() -> Any:
    """Draw what a line of the ranking looks like: dot, thick and thin line."""
    axis = charts.axis_between(0.0, 1.0, points, 1)
    return charts.whisker_svg(
        axis, 0.5, 0.06, 0.94, inner=(0.28, 0.72), label=say("groups.sample"), tone="sample"
    )


def _shown(rows: Sequence[Row]) -> tuple[list[tuple[int, Row]], int | None]:
    """Choose the lines that fit the page, both ends of a long ranking, and where the gap between them is."""
    if len(rows) <= _GROUPS:
        return list(enumerate(rows)), None
    half = _GROUPS // 2
    return [*enumerate(rows[:half]), *enumerate(rows[-half:], len(rows) - half)], half


@dataclass(frozen=True, slots=True)
class _Line:
    """How the groups of one ranking are drawn."""

    column: str
    axis: charts.Axis
    reference: float | None
    measure: _Measure

    def group(self, row: Row, place: str = "") -> dict[str, Any]:
        """Draw a group; without a place only its range."""
        name = names.group(row, 80)
        value, low, high = estimate(row, self.column)
        plot = charts.whisker_svg(
            self.axis,
            value if place else None,
            low,
            high,
            inner=estimate(row, "rank")[1:] if place and self.column == "index" else (None, None),
            label=name,
            reference=self.reference,
            tone="" if place else "range",
        )
        return {
            "name": name,
            "place": place,
            "row": row,
            "plot": plot,
            "measured": self.measure.written(row),
            "value": finite(row.get(self.measure.column)),
            "better": better_grade(row),
        }


def _ends(row: Row, column: str) -> _Ends:
    """Give the interval that a group's place goes by: of the index the ranking interval, if it has one."""
    for name in ("rank", "index") if column == "index" else (column,):
        _, low, high = estimate(row, name)
        if low is not None and high is not None:
            return low, high
    return -1.0, 1.0


def _places(ends: Sequence[_Ends]) -> list[str]:
    """Say between which places each group lies: only an interval clear of its own parts two groups."""
    lows, highs = sorted(low for low, _ in ends), sorted(high for _, high in ends)
    places = []
    for low, high in ends:
        best = 1 + len(lows) - bisect_right(lows, high)
        worst = len(highs) - bisect_left(highs, low)
        places.append(f"{best}" if best >= worst else f"{best}\N{EN DASH}{worst}")
    return places
