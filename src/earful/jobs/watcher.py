"""Who is told how a job gets on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earful.readers import Feed

__all__ = ["Watcher"]


class Watcher:
    """What a job tells whoever watches it; as it stands, one that does not listen."""

    def surveyed(self, feed: Feed) -> None:
        """Hear that the input was looked through: what it holds and how its columns are mapped."""

    def reading_with(self, model: str) -> None:
        """Hear which sentiment model is loaded."""

    def progressed(self, done: int, total: int) -> None:
        """Hear how many rows are done, of how many."""

    def doing(self, what: str) -> None:
        """Hear that a step has begun that is not counted in rows."""
