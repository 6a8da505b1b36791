"""Cells of a table that hold JSON, or what Python prints of it, taken apart into columns."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from earful.readers.reader import Reader, flatten, printed
from earful.readers.rejects import Record, listed

__all__ = ["CellsReader", "holds_json"]

#: How many rows are looked at, what share of the cells of a column must be such, and how long one may be.
_LOOKED_AT, _SHARE, _LONGEST = 100, 0.8, 100_000


class CellsReader(Reader):
    """Hands on rows whose cells of JSON are columns of their own.

    An object's fields become columns with dotted names beside the column that held it; a list of words
    becomes a text, a line for each. A cell that cannot be taken apart stays as it is.
    """

    def __init__(self, reader: Reader, whole: Collection[str] = ()) -> None:
        self._reader = reader
        self.encoding, self.delimiter, self.notes = reader.encoding, reader.delimiter, reader.notes
        self.questions = reader.questions
        self.columns = reader.columns
        found: dict[str, list[Any]] = {}
        names = dict.fromkeys(reader.columns or [])
        for record in islice(reader.records(), _LOOKED_AT):
            for name, cell in (record.values or {}).items():
                if isinstance(cell, str) and cell.strip():
                    found.setdefault(name, []).append(_parsed(cell))
        self._packed = {name for name, cells in found.items() if name not in whole and _are_packed(cells)}
        if not self._packed:
            return
        for name in self._packed:
            for cell in found[name]:
                names |= dict.fromkeys(f"{name}.{inner}" for inner in _fields(cell))
        self.columns = None if reader.columns is None else list(names)
        self.notes.append(f"cells of {listed(sorted(self._packed), 5)} hold JSON, whose fields are columns")

    @property
    def unpacks(self) -> bool:
        """Whether any column is taken apart at all."""
        return bool(self._packed)

    @property
    def divisible(self) -> bool:
        """Whether what it reads is."""
        return self._reader.divisible

    def records(self) -> Iterator[Record]:
        """Give the rows with what their cells hold."""
        return self._opened(self._reader.records())

    def records_from(self, row: int) -> tuple[int, Iterator[Record]]:
        """Give the rows from a place at or before a row, and the row of the first of them."""
        first, records = self._reader.records_from(row)
        return first, self._opened(records)

    def _opened(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            if record.values is None or record.problem:
                yield record
            else:
                yield Record(record.line, self._unpacked(record.values))

    def _unpacked(self, values: dict[str, Any]) -> dict[str, Any]:
        row = dict(values)
        for name in self._packed & values.keys():
            cell = _parsed(values[name])
            if isinstance(cell, list) and _is_words(cell):
                row[name] = "\n".join(cell)
            elif isinstance(cell, dict):
                row[name] = None
                for inner, leaf in _fields(cell).items():
                    row.setdefault(f"{name}.{inner}", leaf)
        if self.columns is not None:
            row |= {name: None for name in self.columns if name not in row}
            known = set(self.columns)
            # A field that no row of the first has goes back where it came from: nothing is lost in silence.
            if any(name not in known for name in row):
                return {**dict.fromkeys(self.columns), **values}
        return row


def holds_json(reader: Reader, whole: Collection[str]) -> Reader:
    """Give a reader that takes cells of JSON apart, or the same one where there are none.

    ``whole`` are columns that somebody asked for as they are.
    """
    unpacking = CellsReader(reader, whole)
    return unpacking if unpacking.unpacks else reader


def _parsed(cell: Any) -> Any:
    """Give the list or dictionary that a cell holds, or the cell."""
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return cell
    text = cell.strip()
    if text[:1] + text[-1:] not in {"{}", "[]"}:
        return cell
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = printed(text)
    return value if isinstance(value, list | dict) else cell


def _are_packed(cells: list[Any]) -> bool:
    dictionaries = sum(isinstance(cell, dict) and bool(cell) for cell in cells)
    lists = sum(isinstance(cell, list) and _is_words(cell) for cell in cells)
    return max(dictionaries, lists) >= max(1, _SHARE * len(cells))


def _is_words(cell: list[Any]) -> bool:
    return bool(cell) and all(isinstance(item, str) for item in cell)


def _fields(cell: Any) -> dict[str, Any]:
    if not isinstance(cell, dict) or not all(isinstance(name, str) for name in cell):
        return {}
    return {name: leaf for name, leaf in flatten(cell).items() if name}
