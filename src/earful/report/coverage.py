"""Coverage: of how many complaints a theme is known, in all, by product and by language."""

from __future__ import annotations

from typing import Any

from earful.pages import names
from earful.pages.making import part_of
from earful.pages.numbers import finite
from earful.report.tables import Tables
from earful.runs.store import Row

__all__ = ["coverage"]

#: Of fewer complaints no share is said; and how many groups of a cut are shown, coverage.csv holds the rest.
_LEAST, _GROUPS = 20, 8


def coverage(tables: Tables) -> dict[str, Any] | None:
    """Give the share of complaints that a theme names, where the run counted it, and by what it differs."""
    given = part_of(tables.manifest, "complaints")
    segments, covered = finite(given.get("segments")), finite(given.get("with_theme"))
    if not segments or covered is None:
        return None
    cuts = (_cut(tables, by) for by in ("product", "language"))
    return {
        "segments": segments,
        "share": 100 * covered / segments,
        "least": _LEAST,
        "cuts": [cut for cut in cuts if cut is not None],
    }


def _cut(tables: Tables, by: str) -> dict[str, Any] | None:
    """Give the groups of a cut, the lowest share first; ``None`` where there is but one."""
    enough = f"grouping = $by AND n_complaints >= {_LEAST} AND isfinite(share)"
    n = tables.count("coverage", enough, by=by)
    if n < 2:
        return None
    rows = tables.top("coverage", enough, "share, n_complaints DESC, value", _GROUPS, by=by)
    return {"by": by, "lines": [(_name(row, by), row) for row in rows], "hidden": n - len(rows)}


def _name(row: Row, by: str) -> str:
    return names.language(row["value"]) if by == "language" else names.short(row["value"], 60)
