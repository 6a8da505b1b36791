"""The terms that opinions are about: the most mentioned ones, and how often they are blamed."""

from __future__ import annotations

from typing import Any

from earful.loyalty.intervals import wilson
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["terms"]

_SHOWN = 25
_FEWEST = 3  # mentions of a term that is shown
#: A term counts once a segment, as negative where it is both. Repeats of a review are left out, and languages
#: stay apart.
_COUNTED = """
    WITH told AS (
        SELECT a.lemma, r.lang, a.row, a.segment, min(a.polarity) AS polarity
        FROM aspects a JOIN reviews r ON r.row = a.row
        WHERE a.lemma <> '' AND r.duplicate_of IS NULL
        GROUP BY a.lemma, r.lang, a.row, a.segment),
    counted AS (
        SELECT lemma, lang, count(*) AS n, count(DISTINCT row) AS reviews,
            count(*) FILTER (polarity = 'negative') AS negative,
            count(*) FILTER (polarity = 'positive') AS positive
        FROM told GROUP BY lemma, lang HAVING count(*) >= $fewest)
"""


def terms(tables: Tables) -> dict[str, Any]:
    """Give the most mentioned terms with the share of negative mentions and its Wilson interval."""
    rows = tables.ask(
        f"{_COUNTED} SELECT * FROM counted ORDER BY n DESC, negative DESC, lemma, lang LIMIT $shown",
        fewest=_FEWEST,
        shown=_SHOWN,
    )
    total = tables.one(f"{_COUNTED} SELECT count(*) AS n FROM counted", fewest=_FEWEST)
    return {
        "lines": [_line(row, tables.level) for row in rows],
        "hidden": int(total["n"]) - len(rows),
        "fewest": _FEWEST,
    }


def _line(row: Row, level: float) -> dict[str, Any]:
    share, low, high = (100 * float(value[0]) for value in wilson([row["negative"]], [row["n"]], level))
    return {"row": row, "share": share, "low": low, "high": high}
