"""Parquet, one record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.reader import Reader, flatten, unique_names
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["ParquetReader"]

_BATCH = 1024


class ParquetReader(Reader):
    """Reads Parquet (format ``parquet``). Fields of structs become columns with dotted names.

    Raises
    ------
    InputError
        The file is cut short or damaged.
    """

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._source = source
        with source.open() as stream:
            try:
                schema = pq.ParquetFile(stream).schema_arrow
            except (pa.ArrowException, OSError) as error:
                raise self._damaged(error, 0) from None
        self._names = unique_names(schema.names)
        if not any(pa.types.is_nested(kind) for kind in schema.types):
            self.columns = self._names

    def records(self) -> Iterator[Record]:
        """Give the rows in order; memory is bounded by the row groups' pages."""
        row = 0
        with self._source.open() as stream:
            try:
                batches = pq.ParquetFile(stream, pre_buffer=False).iter_batches(
                    batch_size=_BATCH, use_threads=False
                )
                for batch in batches:
                    for cells in zip(*(_cells(column) for column in batch.columns), strict=True):
                        row += 1
                        yield Record(None, flatten(dict(zip(self._names, cells, strict=True))))
            except (pa.ArrowException, OSError, OverflowError) as error:
                raise self._damaged(error, row) from None

    def _damaged(self, error: Exception, row: int) -> InputError:
        after = f" after row {row}" if row else ""
        reason = " ".join(str(error).split())[:160]
        return InputError(
            f"is no sound Parquet file{after}: it is cut short or damaged ({reason})",
            where=self._source.given,
            fix="export or copy it again",
        )


def _cells(column: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        # Python's datetime has no nanoseconds, and no review needs them.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    cells: list[Any] = column.to_pylist()
    return cells
