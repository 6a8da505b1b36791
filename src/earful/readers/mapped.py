"""What is found of one source: which of their columns is which of ours, how, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from earful.readers.columns import Doubt

__all__ = ["How", "Mapped", "Typed"]

How = Literal["given", "export", "name", "content", "type"]


@dataclass(frozen=True)
class Typed:
    """A column of scores that answer the question which another column names, row by row."""

    theirs: str
    by: str
    kinds: dict[str, str]

    def signal(self, cell: object) -> str | None:
        """Give the question that a row answers."""
        return self.kinds.get(cell) if isinstance(cell, str) else None


@dataclass
class Mapped:
    """What was found: ours -> theirs, how, the parts of the text, a column of survey types, doubts, notes."""

    columns: dict[str, str]
    how: dict[str, How]
    parts: dict[str, str] = field(default_factory=dict)
    typed: Typed | None = None
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
