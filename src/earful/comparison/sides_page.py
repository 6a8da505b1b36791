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
from earful.pages.numbers import estimate, finite, points, reach, several, signed
from earful.pages.quotes import Quote, given, mismatched, typical
from earful.pages.scatter import NAMED, Dot, axis_near, scatter_svg

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
        "title": f"Words against {measure.title}",
        "toc": [
            ("summary", "Summary"),
            *([("scatter", "Side by side")] if scatter else []),
            ("gaps", "Where they part"),
            *([("voices", "The words behind it")] if apart else []),
            ("making", "How it was made"),
        ],
        "measure": measure,
        "cards": _cards(sides, measure, comparison.noun),
        "n_compared": len(compared),
        "n_parts": int(groups["parts"].notna().sum()),
        "circular": circular(measure.title),
        "notes": [note for note in comparison.notes if note != circular(measure.title)],
        "through_groups": sides.gaps.through_groups,
        "scatter": scatter,
        "gaps": _gaps(compared, measure),
        "small": _small(groups[~groups["compared"]], measure),
        "voices": [_voice(comparison, at, sides, measure) for at in apart],
    }


def _cards(sides: Sides, measure: Measure, noun: str) -> list[dict[str, Any]]:
    axis = charts.axis_between(-1.0, 1.0, lambda value: signed(value, 1))
    independent, mood, index = (sides.agreements[name] for name in ("words_nps", "mean_score", "index"))
    cards = [
        _card(f"NPS from words and {measure.title}", independent, axis, noun),
        _card(f"Sentiment of words and {measure.title}", mood, axis, noun),
        _card(f"Index and {measure.title}, partly circular", index, axis, noun),
    ]
    if independent.k:
        note = f"of the {independent.k} best by words are among the {independent.k} best as measured"
        cards.append({"name": "The best", "value": f"{independent.best}", "note": note})
        note = f"of the {independent.k} worst by words are among the {independent.k} worst as measured"
        cards.append({"name": "The worst", "value": f"{independent.worst}", "note": note})
    return cards


def _card(name: str, found: Agreement, axis: charts.Axis, noun: str) -> dict[str, Any]:
    rank = found.spearman
    if finite(rank.value) is None:
        return {"name": name, "value": "–", "note": "too few to correlate"}
    card = {"name": name, "value": _two(rank.value)}
    others = f"Kendall {written(found.kendall)}; Pearson {written(found.pearson)}"
    told = "; ".join(filter(None, (reach(rank.low, rank.high, _two), several(found.n, noun))))
    if finite(rank.low) is not None:
        card["plot"] = charts.whisker_svg(axis, rank.value, rank.low, rank.high, label=name)
    return card | {"note": f"Spearman, {told}. {others}"}


def written(coefficient: Coefficient) -> str:
    """Write a correlation with its interval."""
    ends = reach(coefficient.low, coefficient.high, _two)
    return _two(coefficient.value) + (f" ({ends})" if ends else "")


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


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
                f"{name}: NPS from words {said}, {measure.title} {got}",
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
        label=f"NPS from words against {measure.title}; the values are in the table below",
        x_name="NPS from words",
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
        cell(row, "mean_score", "Sentiment of words", lambda value: signed(value, 2)),
        cell(row, "words_nps", "NPS from words", points),
        cell(row, "index", "Index", points),
        cell(row, "measured", measure.heading, measure.show),
        cell(row, "gap", "Gap", measure.show_change, row["parts"]),
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
        plot = charts.whisker_svg(axis, gap, low, high, label=f"{name}, gap", tone=own[-1].tone or "mid")
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
        "gap": gap.value,
        "reach": gap.reach,
        "better": better,
        "typical": [(quote, names.theme(quote.review, reading.labels)) for quote in typically if quote],
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
