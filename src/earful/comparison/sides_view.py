"""What stands on the page of one run's comparison: agreement, scatter, gaps, and the words behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earful.comparison.naming import group_name
from earful.comparison.notes import circular
from earful.pages import charts
from earful.pages.numbers import finite, interval, points, several, signed
from earful.pages.quotes import Quote, given, mismatched, typical
from earful.pages.scatter import Dot, axis_near, scatter_svg
from earful.pages.tables import Tables

if TYPE_CHECKING:
    from earful.comparison.agreement import Agreement, Coefficient
    from earful.comparison.comparison import Comparison
    from earful.comparison.measures import Measure
    from earful.comparison.sides import Sides

__all__ = ["most_apart", "sides_view", "written"]

#: How much one page shows; ``compare.csv`` holds the rest.
_LINES, _SMALL, _DOTS, _VOICES, _ODD = 40, 12, 300, 4, 2
_TONES = {"above": "pos", "below": "neg"}


def sides_view(comparison: Comparison) -> dict[str, Any]:
    """Collect what the page needs, as the template's variables."""
    sides, measure = comparison.sides, comparison.measure
    assert sides is not None
    assert measure is not None
    groups = comparison.groups
    compared = groups[groups["compared"]].sort_values("gap", kind="stable", na_position="last")
    apart = most_apart(groups)
    return {
        "title": f"Words against {measure.title}",
        "measure": measure,
        "overall": comparison.table.iloc[0].to_dict(),
        "cards": _cards(sides, measure, comparison.noun),
        "n_compared": len(compared),
        "n_parts": int(groups["parts"].notna().sum()),
        "circular": circular(measure.title),
        "notes": [note for note in comparison.notes if note != circular(measure.title)],
        "through_groups": sides.gaps.through_groups,
        "scatter": _scatter(compared, apart, sides, measure, comparison.by) if len(compared) else None,
        "gaps": _lines(compared, measure, comparison.by),
        "small": _small(groups[~groups["compared"]], measure, comparison.by),
        "voices": _voices(comparison, apart),
    }


def most_apart(groups: pd.DataFrame) -> list[int]:
    """Give the groups (by position) that part most: the surest first, else the widest gaps."""
    known = groups[groups["gap"].notna()]
    if known["parts"].notna().any():
        known = known[known["parts"].notna()]
        return known.sort_values(["q_value", "gap"], kind="stable").index.tolist()[:_VOICES]
    order = known["gap"].abs().sort_values(ascending=False, kind="stable")
    return [int(at) for at in order.index[:_VOICES]]


def _cards(sides: Sides, measure: Measure, noun: str) -> list[dict[str, Any]]:
    axis = charts.Axis(-1.0, 1.0, (-1.0, -0.5, 0.0, 0.5, 1.0), lambda value: signed(value, 1))
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
    others = f"Kendall {written(found.kendall)}; Pearson {written(found.pearson)}"
    low, high = finite(rank.low), finite(rank.high)
    plot = charts.whisker_svg(axis, rank.value, low, high, label=name) if low is not None else None
    reach = f"{_two(low)} to {_two(high)}; " if low is not None and high is not None else ""
    return {
        "name": name,
        "value": _two(rank.value),
        "note": f"Spearman, {reach}{several(found.n, noun)}. {others}",
        **({"plot": plot} if plot is not None else {}),
    }


def written(coefficient: Coefficient) -> str:
    """Write a correlation with its interval."""
    value, low, high = (_two(number) for number in (coefficient.value, coefficient.low, coefficient.high))
    return value if finite(coefficient.low) is None else f"{value} ({low} to {high})"


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _scatter(
    compared: pd.DataFrame, apart: Sequence[int], sides: Sides, measure: Measure, by: str
) -> dict[str, Any]:
    drawn = compared.sort_values("n_reviews", ascending=False, kind="stable").head(_DOTS)
    dots = []
    for at, row in drawn.iterrows():
        name = group_name(row, by)
        said = f"{points(row['words_nps'])} ({interval(row['words_nps_low'], row['words_nps_high'])})"
        got = f"{measure.show(row['measured'])} ({_reach(measure, row, 'measured')})"
        dots.append(
            Dot(
                (row["words_nps"], finite(row["words_nps_low"]), finite(row["words_nps_high"])),
                (
                    measure.counted(row["measured"]) or 0.0,
                    measure.counted(row["measured_low"]),
                    measure.counted(row["measured_high"]),
                ),
                f"{name}: NPS from words {said}, {measure.title} {got}",
                tone=_TONES.get(row["parts"] or "", ""),
                name=name if at in apart else "",
                name_left=row["gap"] > 0,
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


def _lines(compared: pd.DataFrame, measure: Measure, by: str) -> dict[str, Any]:
    half = _LINES // 2
    shown = compared if len(compared) <= _LINES else pd.concat([compared.head(half), compared.tail(half)])
    axis = _gap_axis(shown, measure)
    lines = []
    for row in shown.to_dict("records"):
        name = group_name(row, by)
        tone = _TONES.get(row["parts"] or "", "mid")
        plot = charts.whisker_svg(
            axis,
            *(measure.counted_change(row[f"gap{end}"]) for end in ("", "_low", "_high")),
            label=f"{name}, gap",
            tone=tone,
        )
        lines.append({"name": name, "row": row, "plot": plot, "cells": _cells(row, measure)})
    hidden = len(compared) - len(shown)
    gap_after = half if hidden else None
    return {"lines": lines, "axis": charts.axis_svg(axis), "hidden": hidden, "gap_after": gap_after}


def _gap_axis(shown: pd.DataFrame, measure: Measure) -> charts.Axis:
    width = measure.span[1] - measure.span[0]
    ends = [value for name in ("gap", "gap_low", "gap_high") for value in shown[name].tolist()]
    return axis_near([0.0, *map(measure.counted_change, ends)], (-width, width), measure.write_change)


def _cells(row: dict[Any, Any], measure: Measure) -> list[dict[str, str]]:
    """Write the numbers of a line: name of the column, value, interval."""
    mood = interval(row["mean_score_low"], row["mean_score_high"], 2)
    cells = [
        ("Sentiment of words", signed(row["mean_score"], 2), mood),
        ("NPS from words", points(row["words_nps"]), interval(row["words_nps_low"], row["words_nps_high"])),
        ("Index", points(row["index"]), interval(row["index_low"], row["index_high"])),
        (measure.heading, measure.show(row["measured"]), _reach(measure, row, "measured")),
        ("Gap", measure.show_change(row["gap"]), _reach(measure, row, "gap", change=True)),
    ]
    return [{"of": name, "value": value, "reach": reach} for name, value, reach in cells]


def _small(groups: pd.DataFrame, measure: Measure, by: str) -> dict[str, Any]:
    order = groups.sort_values("n_reviews", ascending=False, kind="stable")
    shown = [
        {"name": group_name(row, by), "row": row, "cells": _cells(row, measure)[:-1]}
        for row in order.head(_SMALL).to_dict("records")
    ]
    return {"lines": shown, "hidden": len(groups) - len(shown)}


def _voices(comparison: Comparison, apart: Sequence[int]) -> list[dict[str, Any]]:
    """Quote the customers of the groups that part most."""
    if not apart:
        return []
    reading, measure, groups = comparison.reading, comparison.measure, comparison.groups
    assert measure is not None
    found = []
    with Tables(reading.run.path) as tables:
        labels = tables.labels()
        for at in apart:
            row = groups.iloc[at]
            among = reading.members(at)
            within = f"{row['touchpoint']}." if reading.derived and row["touchpoint"] else ""
            side = "score_above_text" if row["gap"] > 0 else "text_above_score"
            typically = [typical(tables, among, polarity, within) for polarity in ("negative", "positive")]
            found.append(
                {
                    "name": group_name(row, comparison.by),
                    "parts": row["parts"],
                    "gap": measure.show_change(row["gap"]),
                    "reach": _reach(measure, row, "gap", change=True),
                    "better": "answers" if row["gap"] > 0 else "words",
                    "typical": [
                        (quote, labels.get(quote.review["theme"]) or quote.review["theme"])
                        for quote in typically
                        if quote
                    ],
                    "odd": _odd(comparison, tables, at, side),
                }
            )
    return found


def _odd(comparison: Comparison, tables: Tables, group: int, side: str) -> list[Quote]:
    """Give reviews whose words and answer disagree: those the run flagged, then the furthest apart."""
    reading, measure, sides = comparison.reading, comparison.measure, comparison.sides
    assert measure is not None
    assert sides is not None
    found = mismatched(tables, _ODD, among=reading.members(group), side=side)
    words = reading.rows["words_nps"].to_numpy(dtype=np.float64)
    apart = measure.values - (sides.gaps.intercept + sides.gaps.slope * words)
    at = reading.grouping.row[reading.grouping.code == group]
    at = at[~np.isnan(apart[at])]
    # What is off the line the way the group is.
    toward = apart[at] if side == "score_above_text" else -apart[at]
    order = np.argsort(-toward, kind="stable")[: 4 * _ODD]
    rows = reading.rows["row"].to_numpy()[at[order[toward[order] > 0]]]
    shown = {quote.review["row"] for quote in found}
    more = given(tables, [int(row) for row in rows if int(row) not in shown], _ODD)
    return [*found, *more][:_ODD]


def _reach(measure: Measure, row: Any, name: str, *, change: bool = False) -> str:
    low, high = finite(row[f"{name}_low"]), finite(row[f"{name}_high"])
    if low is None or high is None:
        return ""
    show = measure.show_change if change else measure.show
    return f"{show(low)} to {show(high)}"
