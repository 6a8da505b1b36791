"""Files of a run: written whole or not at all, and safe to open in a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["copy_as_csv", "spreadsheet_safe", "whole", "write_json", "write_table", "write_text"]


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table of aggregates as Parquet, and beside it as CSV."""
    from pyarrow import csv

    with whole(path.with_suffix(".parquet")) as target:
        pq.write_table(table, target, compression="zstd")
    with whole(path.with_suffix(".csv")) as target:
        csv.write_csv(spreadsheet_safe(table), target)


def copy_as_csv(path: Path) -> None:
    """Write a Parquet file as CSV too, beside it, one row group at a time."""
    from pyarrow import csv

    source = pq.ParquetFile(path)
    schema = source.schema_arrow
    with whole(path.with_suffix(".csv")) as target, csv.CSVWriter(target, schema) as writer:
        for group in range(source.num_row_groups):
            writer.write_table(spreadsheet_safe(source.read_row_group(group)).cast(schema))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary name to write under; it becomes ``path`` when all went well."""
    temporary = path.with_name(path.name + ".tmp")
    yield temporary
    temporary.replace(path)


def spreadsheet_safe(table: pa.Table) -> pa.Table:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    import pyarrow.compute as pc

    for index, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(index)
            risky = pc.match_substring_regex(column, r"^[=+\-@\t\r]")
            safe = pc.if_else(
                pc.fill_null(risky, False), pc.binary_join_element_wise("'", column, ""), column
            )
            table = table.set_column(index, field, safe)
    return table


def write_json(path: Path, value: dict[str, Any], *, sort_keys: bool = True) -> None:
    """Write a JSON object, whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=sort_keys) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all, its line ends as they are."""
    with whole(path) as target:
        target.write_text(text, encoding="utf-8", newline="\n")
