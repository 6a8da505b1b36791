"""A page of its own: which languages a run speaks."""

from __future__ import annotations

from pathlib import Path

from earful.pages.html import write_page
from earful.runs.store import Store


def write_spoken(run: Path) -> Path:
    """Write the page."""
    with Store.of(run) as store:
        rows = store.top("languages", "true", "n DESC, lang")
    return write_page(
        run / "spoken.html",
        "earful.spoken",
        "spoken.html.j2",
        {"title": "Spoken", "kind": "spoken", "rows": rows},
    )
