"""Parquet, one record batch at a time; a folder of files is one table."""

from __future__ import annotations

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
        for file, partition in self._files:
            with file.open() as stream:
                try:
                    schema = pq.ParquetFile(stream).schema_arrow
                except (pa.ArrowException, OSError) as error:
                    raise _damaged(file, error, 0) from None
            names |= dict.fromkeys([*unique_names(schema.names), *partition])
            nested = nested or any(pa.types.is_nested(kind) for kind in schema.types)
        if not nested:
            self.columns = list(names)

    def records(self) -> Iterator[Record]:
        """Give the rows in order; memory is bounded by the row groups' pages."""
        for file, partition in self._files:
            row = 0
            with file.open() as stream:
                try:
                    opened = pq.ParquetFile(stream, pre_buffer=False)
                    names = unique_names(opened.schema_arrow.names)
                    for batch in opened.iter_batches(batch_size=_BATCH, use_threads=False):
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
