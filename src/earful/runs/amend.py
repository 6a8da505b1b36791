"""Rows of a finished run's tables put in the place of others, a row group at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from earful.runs.files import copy_as_csv, whole
from earful.runs.parts import ROW_GROUP, regroup
from earful.schema import TABLES, conform, with_fields

__all__ = ["change_rows", "replace_rows", "rows_of"]


def rows_of(file: Path, rows: Collection[int]) -> pa.Table:
    """Give what a table, ordered by ``row``, holds of some reviews; its documented columns are all there."""
    wanted = np.array(sorted(rows), dtype=np.int64)
    found = [group.filter(np.isin(group.column("row"), wanted)) for group in _groups(file)]
    return pa.concat_tables([_schema(file).empty_table(), *found])


def replace_rows(file: Path, gone: Collection[int], new: pa.Table) -> None:
    """Take some reviews' rows out of a table and put others in, each at the place its ``row`` says.

    Parameters
    ----------
    file
        The table's Parquet file, ordered by ``row``. It is replaced whole or not at all.
    gone
        Reviews whose rows go, those of ``new`` among them.
    new
        What comes in, of any reviews.
    """
    schema = _schema(file)
    new = conform(new, schema).sort_by("row")
    without = np.array(sorted({*gone, *new.column("row").to_pylist()}), dtype=np.int64)

    def changed() -> Iterator[pa.Table]:
        rows, done = new.column("row").to_numpy(), 0
        for group in _groups(file):
            last = group.column("row")[-1].as_py()
            upto = int(rows.searchsorted(last, "right"))
            kept = group.filter(np.isin(group.column("row"), without, invert=True))
            # Sorting is stable: what a review had in order stays in order.
            yield pa.concat_tables([kept, new.slice(done, upto - done)]).sort_by("row")
            done = upto
        yield new.slice(done)

    _write(file, changed(), schema)


def change_rows(file: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a table a row group at a time; the rows stay the same rows in the same order."""
    _write(file, (change(group) for group in _groups(file)), _schema(file))


def _groups(file: Path) -> Iterator[pa.Table]:
    source, schema = pq.ParquetFile(file), _schema(file)
    for group in range(source.num_row_groups):
        if source.metadata.row_group(group).num_rows:
            yield conform(source.read_row_group(group), schema)


def _schema(file: Path) -> pa.Schema:
    """Give the documented columns of a table, and what its file holds besides or in other types."""
    return with_fields(TABLES[file.stem].schema, list(pq.read_schema(file)))


def _write(file: Path, tables: Iterator[pa.Table], schema: pa.Schema) -> None:
    with whole(file) as path, pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in regroup(tables):
            writer.write_table(group, row_group_size=ROW_GROUP)
    if TABLES[file.stem].csv:
        copy_as_csv(file)
