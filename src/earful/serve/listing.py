"""Reviews found by filters: how many, and one page of them, with their mentions."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

from earful.serve.filters import Filters, Order
from earful.serve.house import Served
from earful.serve.query import Query
from earful.serve.search import Row

__all__ = ["Listing", "listing", "mentions_of", "one_review"]

#: Of more finds than this none is better than the others to speak of, and ranking them takes long.
_RANKED = 20_000
#: So many rows of an order are found and kept together: forty pages.
_HELD = 1_000
#: One in so many are few.
_FEW = 20
_SUMMED = """count(*) AS n, sum(sentiment = 'negative') AS negative, sum(sentiment = 'neutral') AS neutral,
    sum(sentiment = 'positive') AS positive"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of what was found.

    Attributes
    ----------
    total
        How many reviews hold to the filters; ``moods`` says how they read.
    rows
        Those of this page, with ``title`` and ``text``.
    mentions
        Row -> its mentions.
    query
        The search that was among the filters.
    """

    total: int
    moods: dict[str, int]
    rows: list[Row]
    mentions: dict[int, list[Row]]
    query: Query


def listing(served: Served, filters: Filters, order: Order, limit: int, offset: int) -> Listing:
    """Find the reviews that hold to filters.

    Parameters
    ----------
    order
        ``relevant`` is ``newest`` where no words are searched for, or most reviews have them.
    limit, offset
        Which of them.
    """
    query = filters.query(served.langs)
    where, values = filters.where(query, served.derived, served.columns)
    summed = served.kept(
        ("summed", where, *values),
        lambda: served.search.ask(f"SELECT {_SUMMED} FROM reviews WHERE {where}", values)[0],
    )
    if order == "relevant" and query.wanted and summed["n"] <= _RANKED:
        # The plus keeps the database from asking the index for each row again.
        sql = f"""SELECT fts.rowid AS row, bm25(fts) AS rank FROM fts WHERE fts MATCH ?
            AND +fts.rowid IN (SELECT row FROM reviews WHERE {where}) ORDER BY rank, row"""
        values = [query.wanted, *values]
    else:
        # Few are sorted: the order's own index would be walked far until a thousand of them are met.
        few = summed["n"] * _FEW < served.total
        sql = f"SELECT row FROM reviews WHERE {where} ORDER BY {'+' * few}{filters.order_by(order)}"
    rows = _whole(served, _page(served, sql, values, limit, offset)) if summed["n"] else []
    moods = {mood: summed[mood] or 0 for mood in ("negative", "neutral", "positive")}
    return Listing(summed["n"], moods, rows, mentions_of(served, [row["row"] for row in rows]), query)


def _page(served: Served, sql: str, values: list[Any], limit: int, offset: int) -> list[int]:
    """Give the rows of a page; stretches of an order are kept, so that turning a page costs no search."""
    first, last = offset // _HELD, (offset + limit - 1) // _HELD
    held = [row for part in range(first, last + 1) for row in _stretch(served, sql, values, part)]
    return held[offset - first * _HELD :][:limit]


def _stretch(served: Served, sql: str, values: list[Any], part: int) -> array[int]:
    """Give the rows of an order's nth stretch."""

    def ask() -> array[int]:
        found = served.search.ask(f"{sql} LIMIT ? OFFSET ?", [*values, _HELD, part * _HELD])
        return array("q", (row["row"] for row in found))

    return served.kept(("order", sql, *values, part), ask)


def mentions_of(served: Served, rows: list[int]) -> dict[int, list[Row]]:
    """Give the mentions of some reviews, in the order of their words."""
    found: dict[int, list[Row]] = {row: [] for row in rows}
    for mention in served.search.ask(
        f"SELECT * FROM mentions WHERE row IN ({_marks(rows)}) ORDER BY row, start, stop, theme", rows
    ):
        found[mention["row"]].append(mention)
    return found


def one_review(served: Served, row: int) -> Row | None:
    """Give a review by its row; ``None`` where there is none."""
    return next(iter(_whole(served, [row])), None)


def _whole(served: Served, rows: list[int]) -> list[Row]:
    """Give reviews with their words, in the order of the rows given."""
    found = {
        row["row"]: row
        for row in served.search.ask(
            f"""SELECT r.*, t.title, t.text FROM reviews r JOIN texts t ON t.row = r.row
            WHERE r.row IN ({_marks(rows)})""",
            rows,
        )
    }
    return [found[row] for row in rows if row in found]


def _marks(values: list[Any]) -> str:
    return ", ".join("?" * len(values))
