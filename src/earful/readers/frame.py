"""A pandas DataFrame as a source."""

from __future__ import annotations

from collections.abc import Iterator

from earful.config import InputConfig
from earful.readers.reader import Reader, flatten, unique_names
from earful.readers.rejects import Record
from earful.readers.sources import FrameSource

__all__ = ["FrameReader"]

_CHUNK = 1024


class FrameReader(Reader):
    """Reads a DataFrame (format ``frame``).

    The index is not read; missing values of any kind become ``None``.
    """

    columns: list[str]

    def __init__(self, source: FrameSource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._frame = source.frame
        self.columns = unique_names(self._frame.columns)

    def records(self) -> Iterator[Record]:
        """Give the rows in the frame's order."""
        for start in range(0, len(self._frame), _CHUNK):
            part = self._frame.iloc[start : start + _CHUNK]
            columns = [part.iloc[:, number] for number in range(len(self.columns))]
            cells = [
                [None if gone else cell for cell, gone in zip(column.tolist(), column.isna(), strict=True)]
                for column in columns
            ]
            for row in zip(*cells, strict=True) if cells else [()] * len(part):
                yield Record(None, flatten(dict(zip(self.columns, row, strict=True))))
