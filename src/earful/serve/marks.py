"""Texts as they are shown: cut to what is worth reading, with the words marked that a page is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Mark", "Piece", "cut", "pieces"]

#: Of a text in a list so much is shown, and so much of it before the first mark.
_SHOWN, _BEFORE = 900, 180
_SPACES = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text, half-open code points; ``kind`` says why it is marked and how it is drawn."""

    start: int
    end: int
    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text as it is drawn; without a kind it is plain."""

    text: str
    kind: str = ""
    title: str = ""


def pieces(text: str, marks: Iterable[Mark], start: int = 0, end: int | None = None) -> list[Piece]:
    """Cut a text at its marks; of marks that overlap the one that begins first counts, then the longer."""
    end = len(text) if end is None else end
    found, at = [], start
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.kind)):
        begin, stop = max(mark.start, start), min(mark.end, end)
        if begin < at or begin >= stop:
            continue
        if begin > at:
            found.append(Piece(text[at:begin]))
        found.append(Piece(text[begin:stop], mark.kind, mark.title))
        at = stop
    if at < end:
        found.append(Piece(text[at:end]))
    return found


def cut(text: str, marks: Sequence[Mark], most: int = _SHOWN) -> tuple[int, int]:
    """Choose the stretch of a text that is shown: all of it, or what lies around its first mark."""
    if len(text) <= most:
        return 0, len(text)
    first = min((mark.start for mark in marks), default=0)
    start = max(0, min(first - _BEFORE, len(text) - most))
    stop = min(len(text), start + most)
    if start:
        space = text.find(" ", start, start + _SPACES)
        start = space + 1 if space >= 0 else start
    if stop < len(text):
        space = text.rfind(" ", stop - _SPACES, stop)
        stop = space if space > start else stop
    return start, stop
