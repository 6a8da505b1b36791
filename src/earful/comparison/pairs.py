"""Two parts of one run side by side: products, touchpoints or periods, and what the gap is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.comparison.shifts import MIN_REVIEWS, share_change
from earful.loyalty.intervals import false_discovery, normal_quantile
from earful.runs.store import Row, Store, members, quoted

__all__ = ["Cut", "Pair", "compare_cuts"]

Floats = NDArray[np.float64]

#: What a mention of each polarity moves, in the table of drivers.
_SLOPES = {"negative": "penalty", "positive": "reward"}


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a run: the reviews of a product, a touchpoint, a period or a group of a further column.

    Attributes
    ----------
    by
        ``product``, ``touchpoint``, ``period``, or another column that the run is cut by.
    name
        Which one; of a period its first day.
    until
        Of a period the first day after it.
    derived
        Whether touchpoints are those that the words speak of, as no review has one of its own.
    inside
        The part that it is taken from: of a period a group, of a group a period; by default all of the run.
    """

    by: str
    name: str
    until: str = ""
    derived: bool = False
    inside: Cut | None = None

    def where(self, end: str) -> str:
        """Give the condition on reviews, whose parameters end in ``end``."""
        within = f" AND {self.inside.where(f'{end}_inside')}" if self.inside else ""
        if self.by == "period":
            return (
                f"epoch_us(created_at) >= epoch_us($name_{end}::TIMESTAMP) "
                f"AND epoch_us(created_at) < epoch_us($until_{end}::TIMESTAMP)"
            ) + within
        return members(self.by, self.derived, f"name_{end}") + within

    def parameters(self, end: str) -> dict[str, str]:
        """Give the parameters of the condition."""
        within = self.inside.parameters(f"{end}_inside") if self.inside else {}
        until = {f"until_{end}": self.until} if self.by == "period" else {}
        return {f"name_{end}": self.name} | until | within

    def row(self, store: Store) -> Row | None:
        """Give its row of the loyalty table, of a group in a period that of the trends; ``None`` without."""
        if self.inside is None:
            where = f"grouping = $by AND {quoted(self.by)} = $name"
            found = store.top("loyalty", where, "scale", 1, by=self.by, name=self.name)
        else:
            group, period = (self.inside, self) if self.by == "period" else (self, self.inside)
            where = f"grouping = $by AND {quoted(group.by)} = $name AND period = $period"
            found = store.top("trends", where, "period", 1, by=group.by, name=group.name, period=period.name)
        return next(iter(found), None)


@dataclass(frozen=True)
class Pair:
    """What two parts differ in.

    Attributes
    ----------
    first, second
        Their rows of the loyalty table; ``None`` where the run has none.
    change, low, high
        Index of the second less that of the first, with its interval; ``None`` where it is not known.
    themes
        One row per theme and polarity, the largest part first: ``n_first``, ``n_second`` reviews,
        ``share_*`` in percent, ``change`` of the share with ``low``, ``high`` and ``q_value``, and ``part``
        with ``part_low``, ``part_high``: points of the gap that go with it; ``None`` where not known.
    few
        Themes and polarities that fewer than twenty reviews of the two carry, the most frequent first:
        ``n_first``, ``n_second`` and nothing more.
    rest
        What the parts leave of the gap; ``None`` where no part is known.
    """

    first: Row | None
    second: Row | None
    change: float | None
    low: float | None
    high: float | None
    themes: list[Row]
    few: list[Row]
    rest: float | None


def compare_cuts(store: Store, first: Cut, second: Cut, level: float) -> Pair:
    """Set two parts of a run side by side.

    The gap of the index is that of the difference estimates, which are not shrunken, and takes the parts as
    independent. Of each theme it takes the change of the share of reviews that carry it, times what one such
    mention moves a review's value in the whole run (penalty or reward, other themes held equal). So a
    theme's part says that it is mentioned more or less often, not that it weighs more in one of the two.

    Parameters
    ----------
    store
        The run's tables.
    level
        Of the intervals.
    """
    rows = [cut.row(store) for cut in (first, second)]
    change, half = _gap(rows[0], rows[1], level)
    themes, few = _themes(store, first, second, level)
    parts = [row["part"] for row in themes if row["part"] is not None]
    return Pair(
        rows[0],
        rows[1],
        change,
        None if change is None else change - half,
        None if change is None else change + half,
        themes,
        few,
        change - sum(parts) if change is not None and parts else None,
    )


def _gap(first: Row | None, second: Row | None, level: float) -> tuple[float | None, float]:
    if first is None or second is None:
        return None, 0.0
    told = [row[name] for row in (first, second) for name in ("claim", "claim_error")]
    if any(value is None for value in told):
        return None, 0.0
    # Of one run, the rows of its trends have one definition.
    if any(first.get(name) != second.get(name) for name in ("anchor", "scale")):
        return None, 0.0
    half = normal_quantile(level) * float(np.hypot(told[1], told[3]))
    return told[2] - told[0], half


def _themes(store: Store, first: Cut, second: Cut, level: float) -> tuple[list[Row], list[Row]]:
    """Set the themes side by side; those of too few reviews to be tested come by themselves."""
    given: dict[str, Any] = first.parameters("a") | second.parameters("b")
    inside = f"({first.where('a')}) AS a, ({second.where('b')}) AS b"
    spoken = store.one(
        f"""
        SELECT count(*) FILTER (a) AS a, count(*) FILTER (b) AS b
        FROM (SELECT {inside} FROM reviews WHERE p_negative IS NOT NULL)
        """,
        **given,
    )
    rows = store.ask(
        f"""
        WITH cut AS (SELECT row, {inside} FROM reviews),
        told AS (
            SELECT DISTINCT row, theme, polarity FROM mentions WHERE polarity IN ('negative', 'positive'))
        SELECT theme, polarity, count(*) FILTER (a) AS n_first, count(*) FILTER (b) AS n_second
        FROM told JOIN cut USING (row) WHERE a OR b GROUP BY ALL
        ORDER BY n_first + n_second DESC, theme, polarity
        """,
        **given,
    )
    labels = store.labels()
    rows = [row | {"label": labels.get(row["theme"])} for row in rows]
    few = [row for row in rows if row["n_first"] + row["n_second"] < MIN_REVIEWS]
    rows = rows[: len(rows) - len(few)]
    if not rows or not spoken["a"] or not spoken["b"]:
        return [], few
    n = [np.array([row[name] for row in rows], dtype=np.float64) for name in ("n_first", "n_second")]
    of = [np.full(len(rows), float(spoken[name])) for name in ("a", "b")]
    change, low, high, p = share_change(n[0], of[0], n[1], of[1], level)
    error = np.sqrt(sum(k / m * (1 - k / m) / m for k, m in zip(n, of, strict=True)))
    slope, slope_error = _slopes(store, rows, level)
    part, half = change * slope, normal_quantile(level) * np.hypot(change * slope_error, slope * error)
    q = false_discovery(p)
    found = [
        row
        | {
            f"share_{name}": 100 * k[at] / m[at]
            for name, k, m in zip(("first", "second"), n, of, strict=True)
        }
        | {"change": 100 * change[at], "low": 100 * low[at], "high": 100 * high[at], "q_value": float(q[at])}
        | dict(zip(("part", "part_low", "part_high"), _ends(part[at], half[at]), strict=True))
        for at, row in enumerate(rows)
    ]
    return sorted(found, key=lambda row: (-abs(row["part"] or 0.0), -abs(row["change"]), row["theme"])), few


def _slopes(store: Store, rows: list[Row], level: float) -> tuple[Floats, Floats]:
    """Give what a mention of each theme moves a review's value by, and its standard error; else NaN."""
    told = {
        (row["theme"], polarity): (row[name], row[f"{name}_low"], row[f"{name}_high"])
        for row in store.top("drivers", "grouping = 'overall'", "theme, polarity")
        for polarity, name in _SLOPES.items()
        if all(row[f"{name}{end}"] is not None for end in ("", "_low", "_high"))
    }
    found = [told.get((row["theme"], row["polarity"]), (np.nan,) * 3) for row in rows]
    values = np.array(found, dtype=np.float64).reshape(len(rows), 3)
    return values[:, 0], (values[:, 2] - values[:, 1]) / 2 / normal_quantile(level)


def _ends(value: float, half: float) -> tuple[float | None, float | None, float | None]:
    if not np.isfinite(value):
        return None, None, None
    return float(value), float(value - half), float(value + half)
