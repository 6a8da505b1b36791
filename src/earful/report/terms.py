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
_MOST_MENTIONED = f"""
    WITH told AS (
        SELECT a.lemma, r.lang, a.row, a.segment, min(a.polarity) AS polarity
        FROM aspects a JOIN reviews r ON r.row = a.row
        WHERE a.lemma <> '' AND r.duplicate_of IS NULL
        GROUP BY a.lemma, r.lang, a.row, a.segment)
    SELECT lemma, lang, count(*) AS n, count(*) FILTER (polarity = 'negative') AS negative,
        count(*) FILTER (polarity = 'positive') AS positive, count(*) OVER () AS total
    FROM told GROUP BY lemma, lang HAVING count(*) >= {_FEWEST}
    ORDER BY n DESC, negative DESC, lemma, lang LIMIT {_SHOWN}
"""


def terms(tables: Tables) -> dict[str, Any]:
    """Give the most mentioned terms with the share of negative mentions and its Wilson interval."""
    rows = tables.ask(_MOST_MENTIONED)
    hidden = rows[0]["total"] - len(rows) if rows else 0
    return {"lines": [_line(row, tables.level) for row in rows], "hidden": hidden, "fewest": _FEWEST}


def _line(row: Row, level: float) -> dict[str, Any]:
    share, low, high = (100 * float(value[0]) for value in wilson([row["negative"]], [row["n"]], level))
    return {"row": row, "share": share, "low": low, "high": high}
