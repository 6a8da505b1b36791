"""What a reader is, and what our own readers share."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from earful.config import InputConfig
from earful.readers.encoding import LineReader, find_encoding
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["UNNAMED", "Reader", "TextReader", "flatten", "printed", "unique_names"]

#: Objects inside objects become columns with dotted names down to this depth; deeper ones stay JSON text.
_DEPTH = 8
#: What Python printed is taken apart up to this length: its parser needs many times the memory.
_LONGEST_PRINTED = 100_000
#: How DynamoDB says of what type a value is.
_TYPES = frozenset({"S", "N", "BOOL"})
#: What a column without a header is called, before its number.
UNNAMED = "column "


class Reader(Protocol):
    """Takes one source apart into records. Each pass is a new call of :meth:`records`.

    A reader is made as ``ReaderClass(source, config)`` with a ``sources.Source`` and the input settings, and
    raises ``InputError`` there or in the pass when the source as a whole cannot be used. What it has none of
    (an encoding, a header) it leaves as it is here.
    """

    encoding: str | None = None
    delimiter: str | None = None
    #: The header, where the format has one; ``None`` where columns are only known after a full pass.
    columns: list[str] | None = None
    #: What a column asks in full, where a row of the header says it beside the name.
    questions: Mapping[str, str] = MappingProxyType({})
    #: Plain sentences on what the reader saw, complete after a full pass.
    notes: list[str]

    @property
    def divisible(self) -> bool:
        """Whether reading can begin in the middle, by any copy of the reader, once a full pass was made."""
        return False

    def __init__(self, source: Any, config: InputConfig) -> None: ...

    def records(self) -> Iterator[Record]:
        """Give the records in the source's order, in bounded memory where the format allows it."""
        ...

    def records_from(self, row: int) -> tuple[int, Iterator[Record]]:
        """Give the records from a place at or before a row, and the row of the first of them."""
        return 0, self.records()


class TextReader(Reader):
    """What is in some encoding and read line by line."""

    encoding: str

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self._source = source
        self.encoding, notes = find_encoding(source, config.encoding)
        self.notes = list(notes)

    def _lines(self) -> LineReader:
        return LineReader(self._source, self.encoding)

    def _lost(self, lines: LineReader) -> Iterator[Record]:
        """After the last line: note where the source broke off, and give the reject for what is lost."""
        if broken := lines.end():
            note = f"{broken} at line {lines.number}; what followed is lost"
            if note not in self.notes:
                self.notes.append(note)
            if not lines.cut():
                yield Record(lines.number + 1, None, f"{broken}; what followed is lost")


def unique_names(cells: Iterable[Any]) -> list[str]:
    """Give each header cell a name of its own: white space collapsed, blanks and repeats numbered."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        name = " ".join(str("" if cell is None else cell).replace("\ufeff", "").replace("\0", "").split())
        name = name or f"{UNNAMED}{number}"
        unique, repeat = name, 1
        while unique in names:
            repeat += 1
            unique = f"{name} ({repeat})"
        names[unique] = None
    return list(names)


def flatten(value: dict[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """Lift the fields of nested objects to the top: ``{"a": {"b": 1}}`` becomes ``{"a.b": 1}``.

    Lists, and objects nested too deeply, become JSON text. A name that comes up twice keeps its first value.
    What MongoDB and DynamoDB wrap to keep its type (``{"$numberInt": "5"}``, ``{"N": "5"}``) is unwrapped,
    and so is what Elasticsearch found (``_source``), without its mark for the search.
    """
    if isinstance(source := value.get("_source"), dict):
        value = {name: item for name, item in value.items() if name not in {"_source", "_score"}} | source
    if not any(isinstance(item, dict | list) for item in value.values()):
        return value
    flat: dict[str, Any] = {}
    for name, item in value.items():
        item = _unwrapped(item)
        if isinstance(item, dict) and item and depth > 0:
            for inner, leaf in flatten(item, depth - 1).items():
                flat.setdefault(f"{name}.{inner}", leaf)
        elif isinstance(item, dict | list):
            flat.setdefault(name, json.dumps(item, ensure_ascii=False) if item else None)
        else:
            flat[name] = item
    return flat


def _unwrapped(item: Any) -> Any:
    """Give what stands in an object whose only field says of what type it is."""
    for _ in range(_DEPTH):
        if not isinstance(item, dict) or len(item) != 1:
            break
        ((name, inner),) = item.items()
        if not name.startswith("$") and not (name in _TYPES and isinstance(inner, str | bool)):
            break
        item = inner
    return item


def printed(text: str) -> dict[Any, Any] | list[Any] | None:
    """Read what Python prints of a dictionary or a list; ``None`` where the text is something else."""
    if text[:1] + text[-1:] not in {"{}", "[]"} or len(text) > _LONGEST_PRINTED:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None
    return value if isinstance(value, dict | list) else None
