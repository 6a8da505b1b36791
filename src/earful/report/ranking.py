"""Rankings: the groups of one cut in order, each with its interval and the places that the interval allows.

Groups are ranked by the index. Where nobody answered the NPS question the index of a group is a wide range;
groups are then ranked by what was measured of them, the mean rating or the sentiment of their words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from earful.pages import charts, names
from earful.pages.numbers import finite, interval, percent, points, signed
from earful.pages.tables import Row, Tables

__all__ = ["Group", "ranking", "rating"]

#: How many groups one page shows; ``loyalty.csv`` holds the rest.
_GROUPS, _RANGES = 40, 12

_Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a ranking."""

    name: str
    place: str
    row: Row
    plot: Markup
    measured: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Measure:
    """What stands beside the index: the measured NPS, else the ratings, else the words."""

    title: str
    column: str
    stars: Row | None = None

    @classmethod
    def of(cls, rows: Sequence[Row], stars: Row | None) -> _Measure:
        if any(row["n_rated"] for row in rows):
            return cls("Measured NPS", "nps")
        if any(finite(row["mean_rating"]) is not None for row in rows):
            return cls("Mean rating", "mean_rating", stars)
        return cls("Mean sentiment", "mean_score")

    def show(self, value: Any) -> str:
        if self.column == "mean_rating":
            return rating(finite(value), self.stars)
        return signed(value, 2) if self.column == "mean_score" else points(value)

    def axis(self) -> charts.Axis:
        # Two steps where the ticks read in percent: they would run into each other.
        low = -1.0 if self.column == "mean_score" else 0.0
        return charts.axis_between(low, 1.0, self.show, 4 if self.stars or low else 2)

    def written(self, row: Row) -> tuple[str, str]:
        """Write the value of a group, and its interval where it has one."""
        if self.column == "nps" and (not row["n_rated"] or finite(row["nps"]) is None):
            return "none asked", ""
        ends = self.ends(row)
        if ends is None:
            return self.show(row[self.column]), ""
        if self.column == "nps":
            return points(row["nps"]), interval(*ends)
        return self.show(row[self.column]), f"{self.show(ends[0])} to {self.show(ends[1])}"

    def ends(self, row: Row) -> _Ends | None:
        low, high = finite(row[f"{self.column}_low"]), finite(row[f"{self.column}_high"])
        return None if low is None or high is None else (low, high)


def rating(mean: float | None, stars: Row | None) -> str:
    """Write a mean rating, given on 0..1: on the run's own scale where it has one, else in percent."""
    if mean is None or stars is None:
        return percent(None if mean is None else 100 * mean)
    return f"{stars['low'] + mean * (stars['high'] - stars['low']):.1f}"


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
        return _by_measure(tables, by, overall, measure, standings, ranges)
    shown, gap = _shown(ranked)
    drawn = [row for _, row in shown] + ranges
    axis = charts.axis_for(finite(row[end]) for row in drawn for end in ("index", "index_low", "index_high"))
    reference = finite(overall["index"]) if overall else None
    places = _places([_rank_ends(row) for row in ranked])
    return {
        "by": by,
        "measure": "",
        "beside": measure.title,
        "n_wide": sum(row["n_reviews"] >= tables.min_reviews for row in ranges),
        "rows": ranked,
        "groups": [_group(row, by, places[k], axis, reference, measure) for k, row in shown],
        "ranges": [_group(row, by, "", axis, reference, measure) for row in ranges],
        "hidden": len(ranked) - len(shown),
        "hidden_ranges": tables.n_groups(by) - len(ranked) - len(ranges),
        "gap_after": gap,
        "axis": charts.axis_svg(axis),
        "n": tables.n_groups(by),
    }


def _by_measure(
    tables: Tables,
    by: str,
    overall: Row | None,
    measure: _Measure,
    standings: Sequence[Row],
    ranges: Sequence[Row],
) -> dict[str, Any]:
    shown, gap = _shown(standings)
    axis = measure.axis()
    places = _places([measure.ends(row) or (-1.0, 1.0) for row in standings])
    reference = finite(overall[measure.column]) if overall else None
    placed = {row[by] for row in standings}
    ranges = [row for row in ranges if row[by] not in placed][:_RANGES]
    n = tables.n_groups(by)

    def line(row: Row, place: str) -> Group:
        value, (low, high) = finite(row[measure.column]), measure.ends(row) or (None, None)
        tone = "" if place else "range"
        name = _name(row, by)
        plot = charts.whisker_svg(
            axis, value if place else None, low, high, label=name, reference=reference, tone=tone
        )
        return Group(name, place, row, plot, measure.written(row))

    return {
        "by": by,
        "measure": measure.title.lower(),
        "beside": measure.title,
        "n_wide": sum(row["n_reviews"] >= tables.min_reviews for row in ranges),
        "rows": [],
        "groups": [line(row, places[k]) for k, row in shown],
        "ranges": [line(row, "") for row in ranges],
        "hidden": len(standings) - len(shown),
        "hidden_ranges": n - len(standings) - len(ranges),
        "gap_after": gap,
        "axis": charts.axis_svg(axis),
        "n": n,
    }


def _shown(rows: Sequence[Row]) -> tuple[list[tuple[int, Row]], int | None]:
    """Choose the lines that fit the page, both ends of a long ranking, and where the gap between them is."""
    if len(rows) <= _GROUPS:
        return list(enumerate(rows)), None
    half = _GROUPS // 2
    return [*enumerate(rows[:half]), *enumerate(rows[-half:], len(rows) - half)], half


def _group(
    row: Row, by: str, place: str, axis: charts.Axis, reference: float | None, measure: _Measure
) -> Group:
    name = _name(row, by)
    plot = charts.whisker_svg(
        axis,
        finite(row["index"]) if place else None,
        finite(row["index_low"]),
        finite(row["index_high"]),
        inner=(finite(row["rank_low"]), finite(row["rank_high"])) if place else (None, None),
        label=name,
        reference=reference,
        tone="" if place else "range",
    )
    return Group(name, place, row, plot, measure.written(row))


def _name(row: Row, by: str) -> str:
    return names.touchpoint(row[by]) if by == "touchpoint" else names.short(row[by])


def _rank_ends(row: Row) -> _Ends:
    low, high = finite(row["rank_low"]), finite(row["rank_high"])
    return (row["index_low"], row["index_high"]) if low is None or high is None else (low, high)


def _places(ends: Sequence[_Ends]) -> list[str]:
    """Say between which places each group lies: only an interval clear of its own parts two groups."""
    lows, highs = sorted(low for low, _ in ends), sorted(high for _, high in ends)
    places = []
    for low, high in ends:
        best = 1 + len(lows) - bisect_right(lows, high)
        worst = len(highs) - bisect_left(highs, low)
        places.append(f"{best}" if best >= worst else f"{best}\N{EN DASH}{worst}")
    return places
