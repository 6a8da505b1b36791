"""The three things to do next: a theme of a product each, what its repair is worth, and who says so."""

from __future__ import annotations

from typing import Any

from earful.pages import charts, names
from earful.pages.numbers import estimate, interval, percent, plain
from earful.pages.quotes import theme_quotes
from earful.pages.words import say
from earful.report.maps import COMPLAINTS
from earful.report.sections import WHOLE, Part
from earful.report.tables import MAX_Q, Tables
from earful.runs.store import Row

__all__ = ["chosen", "todo"]

_MOST, _QUOTES = 3, 2
#: Stands for the group where all reviews are one.
_NOBODY = "CAST(NULL AS VARCHAR)"


def todo(tables: Tables, labels: dict[str, str], anchors: dict[str, str]) -> dict[str, Any]:
    """Give what to do next.

    What a repair is worth are the points that a product's index would gain if nobody complained of the theme,
    the other themes held equal. Ordered by what the index of everything would gain. Where too few are
    sure, those follow that most reviews of a product complain of, and no points are said of them.

    Parameters
    ----------
    labels
        Names of the themes.
    anchors
        Where on the page each theme is read of.
    """
    rows = chosen(tables)
    lines = [_line(tables, row, labels, anchors) for row in rows]
    axis = charts.axis_for(value for line in lines for value in line["worth"])
    for line in lines:
        if line["worth"][0] is not None:
            label = say("todo.plot", theme=line["name"])
            line["plot"] = charts.whisker_svg(axis, *line["worth"], label=label, tone="pos")
    return {
        "lines": lines,
        "worth": any(row.get("worth") is not None for row in rows),
        "axis": charts.axis_svg(axis),
    }


def chosen(tables: Tables, part: Part = WHOLE, most: int = _MOST) -> list[Row]:
    """Choose what to do next, in all of the run or for one product: themes, their products, their worth.

    Parameters
    ----------
    part
        All of the run, or one of its products.
    most
        How many.
    """
    costly = _costly(tables, part, most)
    return [*costly, *_others(costly, _frequent(tables, part, most))][:most]


def _costly(tables: Tables, part: Part, most: int) -> list[Row]:
    """Give the repairs that are worth most: of products, then of everything where those are too few."""
    total = tables.one("SELECT max(n_reviews) AS n FROM repairs WHERE grouping = 'overall'")["n"]
    own = "AND product = $name" if part.by == "product" else ""
    found: list[Row] = []
    for grouping in ("product",) if own else ("product", "overall"):
        rows = tables.ask(
            f"""
            SELECT *, worth * n_reviews / $total AS whole FROM repairs
            WHERE grouping = $by AND isfinite(worth) AND isfinite(worth_low) AND isfinite(worth_high)
                AND worth > 0 AND q_value <= {MAX_Q} {own}
            -- What may be worth nothing comes after what is surely worth something.
            ORDER BY worth_low <= 0, whole DESC, theme, product LIMIT {most}
            """,
            total=total or 1,
            **part.parameters | {"by": grouping},
        )
        found += _others(found, rows)
    return found[:most]


def _others(told: list[Row], rows: list[Row]) -> list[Row]:
    """Leave out what is of a theme that has been told of."""
    themes = {row["theme"] for row in told}
    return [row for row in rows if row["theme"] not in themes]


def _frequent(tables: Tables, part: Part, most: int) -> list[Row]:
    """Give the themes of products that most reviews complain of."""
    own = "AND told.of_name = $name" if part.by == "product" else ""
    name = {"name": part.name} if own else {}
    order = f"WHERE negative > 0 {own} ORDER BY negative DESC, theme, of_name LIMIT {most}"
    rows = tables.ask(f"{COMPLAINTS.format(by='product')} {order}", **name)
    rows = rows or ([] if own else tables.ask(f"{COMPLAINTS.format(by=_NOBODY)} {order}"))
    return [{"theme": row["theme"], "product": row["of_name"]} for row in rows]


def _line(tables: Tables, row: Row, labels: dict[str, str], anchors: dict[str, str]) -> dict[str, Any]:
    name, product = names.theme(row, labels), row["product"]
    within = ("product", product) if product else None
    quotes = theme_quotes(tables, [row["theme"]], _QUOTES, within=within, polarity="negative")
    return {
        "theme": row["theme"],
        "name": name,
        "product": names.short(product, 60) if product else "",
        "anchor": anchors.get(row["theme"], ""),
        "words": _words(tables, row, product),
        "worth": estimate(row, "worth"),
        "plot": "",
        "quotes": quotes[row["theme"]],
        "row": row,
    }


def _complaining(tables: Tables, theme: str, product: str | None) -> Row:
    """Count the reviews that complain of a theme, as the maps do."""
    where = "told.theme = $theme AND told.of_name IS NOT DISTINCT FROM $product"
    rows = tables.ask(
        f"{COMPLAINTS.format(by='product' if product else _NOBODY)} WHERE {where}",
        theme=theme,
        product=product or None,
    )
    return rows[0] if rows else {"negative": 0, "of_n": 0}


def _words(tables: Tables, row: Row, product: str | None) -> str:
    """Say how many complain, and what it would be worth if they had no cause to."""
    told = _complaining(tables, row["theme"], product)
    share = percent(100 * told["negative"] / told["of_n"]) if told["of_n"] else ""
    words = say("todo.complain", n=told["negative"], all=told["of_n"], share=share)
    worth, low, high = estimate(row, "worth")
    if worth is None:
        return f"{words} {say('todo.unknown')}"
    ends = interval(low, high, 1)
    if product:
        key = "todo.worth" if round(row["whole"], 1) else "todo.worth_alone"
        words += " " + say(key, worth=plain(worth), ends=ends, whole=plain(row["whole"]))
    else:
        words += " " + say("todo.worth_all", worth=plain(worth), ends=ends)
    return words if low is not None and low > 0 else f"{words} {say('todo.unsure')}"
