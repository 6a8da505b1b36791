"""Counts of distinct values, bounded, and the same for any order of the rows."""

from __future__ import annotations

from collections.abc import Iterator

from earful.readers.rejects import shortened

__all__ = ["Tally", "show_counts"]

_MOST = 1000
_SHOWN = 5


class Tally:
    """How often each value came up, of the values that sort first; and how many came up in all.

    A value that is dropped for smaller ones can never come back, so what is kept does not depend on order.
    """

    def __init__(self) -> None:
        self.total = 0
        self.counts: dict[str, int] = {}
        self.dropped = False

    def add(self, value: str, times: int = 1) -> None:
        """Take in a value, and how often it came up."""
        self.total += times
        if value in self.counts:
            self.counts[value] += times
            return
        self.counts[value] = times
        if len(self.counts) > _MOST:
            self.dropped = True
            del self.counts[max(self.counts)]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Give values and counts, the most frequent first."""
        return iter(sorted(self.counts.items(), key=lambda one: (-one[1], one[0])))

    def __str__(self) -> str:
        return show_counts(dict(self), self.dropped)


def show_counts(counts: dict[str, int], more: bool = False) -> str:
    """Show values with their counts for a note: ``'Offered' 9, 'Maybe' 4 and 2 more values``."""
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shown = ", ".join(f"{shortened(value)!r} {n:,}" for value, n in ranked[:_SHOWN])
    left = len(ranked) - _SHOWN
    if more:
        return f"{shown} and many more values"
    return f"{shown} and {left} more" if left > 0 else shown
