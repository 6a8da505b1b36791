"""What people said of a run, as rows to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from earful.runs.run import open_run
from earful.runs.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["judged_texts", "judged_themes"]

#: What a correction is about: the words of a segment, or of the whole review.
_WORDS = """
    c.row, c.segment, r.lang,
    CASE WHEN s.row IS NOT NULL THEN substring(r.text, s.start + 1, s."end" - s.start) ELSE r.text END AS text
    FROM corrections c JOIN reviews r ON r.row = c.row
    LEFT JOIN segments s ON s.row = c.row AND s.segment = c.segment
    WHERE c.applied"""


def judged_themes(run: str | Path) -> tuple[list[str], list[list[str]]]:
    """Give what people said of the themes of a run's reviews: texts, and for each its themes.

    A review of which a theme was added or taken away counts with all the themes that it has now: who looked
    at it let the others stand. Where people spoke of a segment, its own words and themes count.
    """
    with Store.of(open_run(run).path) as store:
        found = store.ask(
            f"""
            WITH told AS (SELECT DISTINCT {_WORDS} AND c.field IN ('add_theme', 'remove_theme'))
            SELECT t.row, t.segment, t.text, list_sort(list_distinct(list(m.theme))) AS themes
            FROM told t LEFT JOIN mentions m
                ON m.row = t.row AND (t.segment IS NULL OR m.segment = t.segment)
            GROUP BY ALL ORDER BY t.row, t.segment NULLS FIRST
            """
        )
    return [row["text"] for row in found], [[one for one in row["themes"] if one] for row in found]


def judged_texts(run: str | Path) -> pd.DataFrame:
    """Give what people said of the sentiment of reviews and segments, beside what the model had said.

    Returns
    -------
    DataFrame
        ``text``, ``lang``, ``sentiment`` (a person's) and ``before`` (the model's), a row for each text.
    """
    with Store.of(open_run(run).path) as store:
        return store.frame(
            f"""
            SELECT text, lang, sentiment, before FROM (
                SELECT DISTINCT c.value AS sentiment, c.before, {_WORDS} AND c.field = 'sentiment')
            ORDER BY row, segment NULLS FIRST
            """
        )
