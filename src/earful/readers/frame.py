"""A pandas DataFrame as a source."""

from __future__ import annotations

from collections.abc import Iterator

from earful.config import InputConfig
from earful.readers.delimited import unique_names
from earful.readers.jsonl import flatten
from earful.readers.rejects import Record
from earful.readers.sources import FrameSource

__all__ = ["FrameReader"]

_CHUNK = 1024


class FrameReader:
    """Reads a DataFrame (format ``frame``).

    The index is not read; missing values of any kind become ``None``.
    """

    encoding: str | None = None
    delimiter: str | None = None

    def __init__(self, source: FrameSource, config: InputConfig) -> None:
        self._frame = source.frame
        self.columns: list[str] | None = unique_names(list(self._frame.columns))
        self.notes: list[str] = []

    def records(self) -> Iterator[Record]:
        """Give the rows in the frame's order."""
        names = self.columns or []
        for start in range(0, len(self._frame), _CHUNK):
            part = self._frame.iloc[start : start + _CHUNK]
            cells = []
            for number in range(len(names)):
                column = part.iloc[:, number]
                missing = column.isna().tolist()
                cells.append(
                    [None if gone else cell for cell, gone in zip(column.tolist(), missing, strict=True)]
                )
            if not cells:
                yield from (Record(None, {}) for _ in range(len(part)))
                continue
            for row in zip(*cells, strict=True):
                yield Record(None, flatten(dict(zip(names, row, strict=True))))
