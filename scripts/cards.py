"""A model's card: its head says what the model is; what was measured stands below a marker."""

from __future__ import annotations

from pathlib import Path

MARKER = "<!-- measured -->"


def write_head(folder: Path, head: str) -> None:
    """Write a card's head anew; what was measured stays."""
    card = folder / "README.md"
    old = card.read_text(encoding="utf-8") if card.exists() else ""
    measured = old[old.index(MARKER) :] if MARKER in old else f"{MARKER}\n"
    card.write_text(f"{head}\n\n{measured}", encoding="utf-8")


def write_measured(folder: Path, tables: str) -> None:
    """Write what was measured anew; the head stays."""
    card = folder / "README.md"
    head = card.read_text(encoding="utf-8").split(MARKER)[0] if card.exists() else f"# {folder.name}\n\n"
    card.write_text(f"{head}{MARKER}\n\n{tables}", encoding="utf-8")
