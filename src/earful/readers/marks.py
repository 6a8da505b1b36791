"""Text of rows that can be read from the middle: marks that a pass leaves, and how reading begins at one.

Where a row begins cannot be told from a place in the file: a line may stand in a quoted cell, and a byte in
the middle of a letter. So a pass that reads the rows in order notes where some of them begin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from earful.config import InputConfig
from earful.readers.encoding import LineReader
from earful.readers.reader import TextReader
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["START", "Mark", "MarkedReader"]

#: Rows between two marks, at least: to pass over so many costs little beside a part's work.
_STRIDE = 1024


@dataclass(frozen=True, slots=True)
class Mark:
    """A row that reading can begin at.

    Attributes
    ----------
    row
        Rows before it.
    line
        Lines before it.
    place
        Where it begins, as the decoder says it.
    said
        Of tables, how often the rows before it said a word of totals.
    """

    row: int
    line: int
    place: int
    said: Mapping[str, int] = field(default_factory=dict)


START = Mark(0, 0, 0)


class MarkedReader(TextReader):
    """What is read row by row, and from any mark of a pass before."""

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        super().__init__(source, config)
        self._marks: list[Mark] = [START]

    @property
    def divisible(self) -> bool:
        """Whether reading can begin in the middle: what is packed is unpacked from its beginning."""
        return not self._source.gzipped

    def records(self) -> Iterator[Record]:
        """Give the rows in file order; memory is bounded by the longest row."""
        return self._read(START)

    def records_from(self, row: int) -> tuple[int, Iterator[Record]]:
        """Give the records from the last mark before a row, and the row of the first of them."""
        mark = self._marks[bisect_right(self._marks, row, key=lambda mark: mark.row) - 1]
        return mark.row, self._read(mark)

    def _read(self, start: Mark) -> Iterator[Record]:
        raise NotImplementedError

    def _lines_from(self, start: Mark) -> LineReader:
        lines = self._lines()
        if start.row:
            lines.go(start.line, start.place)
        return lines

    def _mark(self, row: int, lines: LineReader, said: Mapping[str, int] | None = None) -> None:
        """Note that a row begins where the lines stand, if the last mark is far enough behind."""
        if row < self._marks[-1].row + _STRIDE or not self.divisible:
            return
        place = lines.place()
        if place is not None:
            self._marks.append(Mark(row, lines.number, place, dict(said or {})))
