"""What stands on the page of one run's comparison: agreement, scatter, gaps, and the words behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earful.comparison.measures import Cell, cell
from earful.comparison.notes import circular
from earful.comparison.sides import most_apart
from earful.pages import charts, names
from earful.pages.numbers import estimate, finite, points, reach, signed
from earful.pages.quotes import Quote, given, mismatched, typical
from earful.pages.scatter import NAMED, Dot, axis_near, scatter_svg
from earful.pages.words import decimal, say, stated

if TYPE_CHECKING:
    from earful.comparison.agreement import Agreement, Coefficient
    from earful.comparison.comparison import Comparison
    from earful.comparison.measures import Measure
    from earful.comparison.sides import Sides

__all__ = ["cells", "sides_page", "written"]

#: How much one page shows; ``compare.csv`` holds the rest.
_LINES, _SMALL, _DOTS, _ODD = 40, 12, 300, 2


def sides_page(comparison: Comparison) -> dict[str, Any]:
    """Collect what the page needs, as the template's variables."""
    sides, measure, groups = comparison.sides, comparison.measure, comparison.groups
    assert sides is not None
    assert measure is not None
    compared = groups[groups["compared"]].sort_values("gap", kind="stable", na_position="last")
    apart = most_apart(groups)
    scatter = _scatter(compared, apart, sides, measure) if len(compared) else None
    return {
        "title": say("sides.title", measure=measure.title),
        "toc": [
            ("summary", say("section.summary")),
            *([("scatter", say("sides.side"))] if scatter else []),
            ("gaps", say("sides.gaps")),
            *([("voices", say("sides.voices"))] if apart else []),
            ("making", say("section.making")),
        ],
        "measure": measure,
        "cards": _cards(sides, measure, comparison.kind),
        "n_compared": len(compared),
        "n_parts": int(groups["parts"].notna().sum()),
        "notes": [stated(note) for note in comparison.notes if note not in circular()],
        "through_groups": sides.gaps.through_groups,
        "scatter": scatter,
        "gaps": _gaps(compared, measure),
        "small": _small(groups[~groups["compared"]], measure),
        "voices": [_voice(comparison, at, sides, measure) for at in apart],
    }


def _cards(sides: Sides, measure: Measure, kind: str) -> list[dict[str, Any]]:
    axis = charts.axis_between(-1.0, 1.0, lambda value: signed(value, 1))
    independent, mood, index = (sides.agreements[name] for name in ("words_nps", "mean_score", "index"))
    cards = [
        _card(say("sides.words_card", measure=measure.title), independent, axis, kind),
        _card(say("sides.mood_card", measure=measure.title), mood, axis, kind),
        _card(say("sides.index_card", measure=measure.title), index, axis, kind),
    ]
    if independent.k:
        for side, shared in (("best", independent.best), ("worst", independent.worst)):
            note = say(f"sides.{side}_note", n=independent.k)
            cards.append({"name": say(f"sides.{side}"), "value": f"{shared}", "note": note})
    return cards


def _card(name: str, found: Agreement, axis: charts.Axis, kind: str) -> dict[str, Any]:
    rank = found.spearman
    if finite(rank.value) is None:
        return {"name": name, "value": "–", "note": say("sides.few")}
    card = {"name": name, "value": _two(rank.value)}
    told = "; ".join(filter(None, (reach(rank.low, rank.high, _two), say(f"noun.{kind}.n", n=found.n))))
    if finite(rank.low) is not None:
        card["plot"] = charts.whisker_svg(axis, rank.value, rank.low, rank.high, label=name)
    kendall, pearson = written(found.kendall), written(found.pearson)
    return card | {"note": say("sides.rank", told=told, kendall=kendall, pearson=pearson)}


def written(coefficient: Coefficient) -> str:
    """Write a correlation with its interval."""
    ends = reach(coefficient.low, coefficient.high, _two)
    return _two(coefficient.value) + (f" ({ends})" if ends else "")


def _two(value: float) -> str:
    return decimal(value, 2)


def _scatter(compared: pd.DataFrame, apart: Sequence[int], sides: Sides, measure: Measure) -> dict[str, Any]:
    drawn = compared.sort_values("n_reviews", ascending=False, kind="stable").head(_DOTS)
    dots = []
    for at, row in drawn.iterrows():
        name, own = names.group(row, 48), cells(row, measure)
        said, got = (f"{cell.value} ({cell.reach})" for cell in (own[1], own[3]))
        value, low, high = (measure.counted(number) for number in estimate(row, "measured"))
        dots.append(
            Dot(
                (row["words_nps"], *estimate(row, "words_nps")[1:]),
                (value or 0.0, low, high),
                say("sides.dot", name=name, said=said, measure=measure.title, got=got),
                tone=own[-1].tone,
                name=name if at in apart or len(drawn) <= NAMED else "",
                name_left=row["gap"] > 0,
                minor=at not in apart,
            )
        )
    x_values = [value for dot in dots for value in dot.x]
    y_values = [value for dot in dots for value in dot.y]
    same = measure.name == "nps"
    if same:
        # Where both are points, one axis for both shows the line of agreement as it is.
        x_values = y_values = x_values + y_values
    x = axis_near(x_values, (-100.0, 100.0), points)
    y = axis_near(y_values, measure.span, measure.write)
    plot = scatter_svg(
        dots,
        x,
        y,
        label=say("sides.plot", measure=measure.title),
        x_name=say("since.words"),
        y_name=measure.heading,
        line=_line(sides, measure),
        identity=same,
    )
    return {"plot": plot, "identity": same, "hidden": len(compared) - len(drawn)}


def _line(sides: Sides, measure: Measure) -> tuple[float, float] | None:
    """Give the line of what words go with, its heights as people count them."""
    start, slope = measure.counted(sides.gaps.intercept), measure.counted_change(sides.gaps.slope)
    return None if start is None or slope is None else (start, slope)


def cells(row: Any, measure: Measure) -> list[Cell]:
    """Write the numbers of a group, the gap last."""
    return [
        cell(row, "mean_score", say("compared.sentiment"), lambda value: signed(value, 2)),
        cell(row, "words_nps", say("since.words"), points),
        cell(row, "index", say("col.index"), points),
        cell(row, "measured", measure.heading, measure.show),
        cell(row, "gap", say("sides.gap"), measure.show_change, row["parts"]),
    ]


def _gaps(compared: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    half = _LINES // 2
    shown = compared if len(compared) <= _LINES else pd.concat([compared.head(half), compared.tail(half)])
    rows, width = shown.to_dict("records"), measure.span[1] - measure.span[0]
    gaps = [[measure.counted_change(value) for value in estimate(row, "gap")] for row in rows]
    ends = (value for gap in gaps for value in gap)
    axis = axis_near([0.0, *ends], (-width, width), measure.write_change)
    lines = []
    for row, (gap, low, high) in zip(rows, gaps, strict=True):
        name, own = names.group(row, 48), cells(row, measure)
        plot = charts.whisker_svg(
            axis, gap, low, high, label=say("sides.gap_of", name=name), tone=own[-1].tone or "mid"
        )
        lines.append({"name": name, "row": row, "plot": plot, "cells": own})
    hidden = len(compared) - len(shown)
    gap_after = half if hidden else None
    return {"lines": lines, "axis": charts.axis_svg(axis), "hidden": hidden, "gap_after": gap_after}


def _small(groups: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    order = groups.sort_values("n_reviews", ascending=False, kind="stable")
    shown = [
        {"name": names.group(row, 48), "row": row, "cells": cells(row, measure)[:-1]}
        for row in order.head(_SMALL).to_dict("records")
    ]
    return {"lines": shown, "hidden": len(groups) - len(shown)}


def _voice(comparison: Comparison, at: int, sides: Sides, measure: Measure) -> dict[str, Any]:
    """Quote the customers of a group whose words and answers part."""
    reading, row = comparison.reading, comparison.groups.iloc[at]
    among, better = reading.members(at), "answers" if row["gap"] > 0 else "words"
    within = f"{row['touchpoint']}." if reading.derived and row["touchpoint"] else ""
    typically = (typical(reading.store, among, polarity, within) for polarity in ("negative", "positive"))
    gap = cells(row, measure)[-1]
    return {
        "name": names.group(row, 48),
        "told": say(f"sides.{better}_better", gap=gap.value, ends=gap.reach),
        "better": say(f"sides.odd_{better}"),
        "typical": [(quote, names.theme(quote.review, comparison.labels)) for quote in typically if quote],
        "odd": _odd(comparison, at, better, sides, measure),
    }


def _odd(comparison: Comparison, group: int, better: str, sides: Sides, measure: Measure) -> list[Quote]:
    """Give reviews whose words and answer disagree: those the run flagged, then the furthest apart."""
    reading = comparison.reading
    side = "score_above_text" if better == "answers" else "text_above_score"
    found = mismatched(reading.store, _ODD, among=reading.members(group), side=side)
    apart = measure.values - (sides.gaps.intercept + sides.gaps.slope * reading.words)
    at = reading.grouping.row[reading.grouping.code == group]
    at = at[~np.isnan(apart[at])]
    # What is off the line the way the group is.
    toward = apart[at] if better == "answers" else -apart[at]
    order = np.argsort(-toward, kind="stable")[: 4 * _ODD]
    rows = reading.rows["row"].to_numpy()[at[order[toward[order] > 0]]]
    shown = {quote.review["row"] for quote in found}
    more = given(reading.store, [int(row) for row in rows if int(row) not in shown], _ODD)
    return [*found, *more][:_ODD]
