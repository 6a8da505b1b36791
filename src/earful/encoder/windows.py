"""Cut a line that is longer than the model reads into windows that overlap.

Every piece is taken from one window, its own; what a window reads beyond its own pieces is there so that they
are read in context.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Window", "windows"]


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces that are read together, ``begin`` to ``end``, and those that are taken from it.

    All half-open; ``begin <= first <= last <= end``.
    """

    begin: int
    end: int
    first: int
    last: int


def windows(count: int, room: int, margin: int) -> list[Window]:
    """Cut so many pieces into windows of like size.

    Parameters
    ----------
    count
        How many pieces there are.
    room
        How many may be read together.
    margin
        How many are read before and after a window's own, where there are so many; less than half the room.

    Returns
    -------
    list of Window
        At least one, in order; their own pieces make up all.
    """
    if count <= room:
        return [Window(0, count, 0, count)]
    own = room - 2 * margin
    number = -(-count // own)
    borders = [count * at // number for at in range(number + 1)]
    return [
        Window(max(first - margin, 0), min(last + margin, count), first, last)
        for first, last in pairwise(borders)
    ]
