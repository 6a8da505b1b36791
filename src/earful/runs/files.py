"""Files of a run: written whole or not at all, and safe to open in a spreadsheet."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from earful.errors import RunError

__all__ = [
    "checksum",
    "copy_as_csv",
    "link",
    "spreadsheet_safe",
    "told",
    "whole",
    "write_json",
    "write_private",
    "write_table",
    "write_text",
]

#: Why the system may refuse to write, and what helps.
_ROOM = "make room, then repeat the command (earful analyze: with --resume)"
_RIGHTS = "choose a place that may be written to"
_REFUSALS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR), _RIGHTS),
}


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
    """Give a temporary name to write under; it becomes ``path`` when all went well.

    Raises
    ------
    RunError
        There is no room, or no right to write there.
    """
    temporary = path.with_name(path.name + ".tmp")
    with told(path):
        try:
            yield temporary
            temporary.replace(path)
        except BaseException:
            # Half a file is worth nothing, and where the disk is full its room is needed.
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell in one line why the system refuses to write.

    Raises
    ------
    RunError
        There is no room, or no right to write there.
    """
    try:
        yield
    except OSError as error:
        fix = _REFUSALS.get(error.errno or 0)
        if fix is None:
            raise
        what = f"cannot be written ({error.strerror or error})"
        raise RunError(what, where=str(path), fix=fix) from None


def link(source: Path, target: Path) -> None:
    """Put a file in a second place: as a link, which costs no room, where the disk has them."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def checksum(path: Path) -> str:
    """Give the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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


def write_private(path: Path, text: str) -> None:
    """Write a text that only its owner can read, at no moment anybody else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as target:
        target.unlink(missing_ok=True)
        begun = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(begun, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, whole or not at all, its line ends as they are."""
    with whole(path) as target:
        target.write_text(text, encoding="utf-8", newline="\n")
