"""Parquet, one record batch at a time; a folder of files is one table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.lakes import FolderSource
from earful.readers.reader import Reader, flatten, unique_names
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["ParquetReader"]

_BATCH = 1024


class ParquetReader(Reader):
    """Reads Parquet (format ``parquet``). Fields of structs become columns with dotted names.

    Of a folder the files are read one after another. A column that a file lacks is empty in its rows; what
    the path of a file says (``country=LV``) is a column where the file has none of that name.

    Raises
    ------
    InputError
        A file is cut short or damaged.
    """

    def __init__(self, source: FileSource | FolderSource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._files: list[tuple[FileSource, Mapping[str, str | None]]] = (
            list(zip(source.files, source.partitions, strict=True))
            if isinstance(source, FolderSource)
            else [(source, {})]
        )
        names: dict[str, None] = {}
        nested = False
        #: Of each row group the rows before it, its file and its number there.
        self._groups: list[tuple[int, int, int]] = []
        rows = 0
        for place, (file, partition) in enumerate(self._files):
            with file.open() as stream:
                try:
                    opened = pq.ParquetFile(stream)
                    schema = opened.schema_arrow
                    for group in range(opened.num_row_groups):
                        self._groups.append((rows, place, group))
                        rows += opened.metadata.row_group(group).num_rows
                except (pa.ArrowException, OSError) as error:
                    raise _damaged(file, error, 0) from None
            names |= dict.fromkeys([*unique_names(schema.names), *partition])
            nested = nested or any(pa.types.is_nested(kind) for kind in schema.types)
        if not nested:
            self.columns = list(names)

    @property
    def divisible(self) -> bool:
        """Whether reading can begin in the middle: at any row group."""
        return True

    def records(self) -> Iterator[Record]:
        """Give the rows in order; memory is bounded by the row groups' pages."""
        return self._read(0, 0, 0)

    def records_from(self, row: int) -> tuple[int, Iterator[Record]]:
        """Give the rows from this one on, and its number; rows before it are not made records."""
        at = bisect_right(self._groups, row, key=lambda group: group[0]) - 1
        if at < 0:
            return 0, self.records()
        first, place, group = self._groups[at]
        return row, self._read(place, group, row - first)

    def _read(self, place: int, first: int, skipped: int) -> Iterator[Record]:
        """Give the rows from a row group of a file on, but the first of them."""
        for file, partition in self._files[place:]:
            row = 0
            with file.open() as stream:
                try:
                    opened = pq.ParquetFile(stream, pre_buffer=False)
                    names = unique_names(opened.schema_arrow.names)
                    groups, first = range(first, opened.num_row_groups), 0
                    for found in opened.iter_batches(_BATCH, groups, use_threads=False):
                        batch = found.slice(skipped)
                        row, skipped = row + min(skipped, found.num_rows), max(0, skipped - found.num_rows)
                        for cells in zip(*(_cells(column) for column in batch.columns), strict=True):
                            row += 1
                            yield Record(None, flatten({**partition, **dict(zip(names, cells, strict=True))}))
                except (pa.ArrowException, OSError, OverflowError) as error:
                    raise _damaged(file, error, row) from None


def _damaged(file: FileSource, error: Exception, row: int) -> InputError:
    after = f" after row {row}" if row else ""
    reason = " ".join(str(error).split())[:160]
    return InputError(
        f"is no sound Parquet file{after}: it is cut short or damaged ({reason})",
        where=file.given,
        fix="export or copy it again",
    )


def _cells(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's datetime has no nanoseconds, and no review needs them.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    cells: list[Any] = column.to_pylist()
    return cells
