"""The page of a comparison: in the report's room, with its styles, charts and quotes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.comparison.changes_view import changes_view
from earful.comparison.sides_view import sides_view
from earful.pages import html, names
from earful.pages.making import making

if TYPE_CHECKING:
    from earful.comparison.comparison import Comparison
    from earful.comparison.reading import Reading

__all__ = ["write_page"]


def write_page(comparison: Comparison, path: Path) -> Path:
    """Write ``compare.html``: self-contained, no script, the same bytes for the same runs.

    Raises
    ------
    EarfulError
        It cannot be written there.
    """
    template = "compare_changes.html.j2" if comparison.other else "compare_sides.html.j2"
    view = changes_view(comparison) if comparison.other else sides_view(comparison)
    runs = [reading for reading in (comparison.reading, comparison.other) if reading]
    view |= {
        "noun": comparison.noun,
        "level": f"{100 * comparison.reading.level:g}",
        "runs": [_made(reading) for reading in runs],
    }
    html.write_page(path, html.render(template, view))
    return path


def _made(reading: Reading) -> dict[str, Any]:
    made = making(reading.run.manifest)
    overall = reading.overall["n_reviews"]
    return {
        "name": names.short(reading.run.path.resolve().name, 60),
        "n": int(overall.iloc[0]) if len(overall) else 0,
        "when": made["when"],
        "sources": made["sources"],
        "facts": made["facts"],
    }
