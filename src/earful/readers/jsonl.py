"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from earful.config import InputConfig
from earful.readers.encoding import RECORD_LIMIT, LineReader, find_encoding, undecodable
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["JsonLinesReader", "flatten"]

#: Objects inside objects become columns with dotted names down to this depth; deeper ones stay JSON text.
_DEPTH = 8
#: Takes raw control characters inside strings, which strict JSON forbids: a row is worth more than a rule.
_DECODER = json.JSONDecoder(strict=False)


class JsonLinesReader:
    """Reads JSON Lines (format ``jsonl``).

    A line that is not a JSON object is a rejected row; blank lines are no rows.
    """

    delimiter: str | None = None
    columns: list[str] | None = None

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self._source = source
        self.encoding: str | None
        self.encoding, notes = find_encoding(source, config.encoding)
        self.notes = list(notes)

    def records(self) -> Iterator[Record]:
        """Give the rows in file order; memory is bounded by the longest line."""
        assert self.encoding is not None
        lines = LineReader(self._source, self.encoding)
        try:
            while line := lines.read():
                text = line.strip(" \t\r\n\ufeff")
                if text:
                    yield self._record(lines.number, text, lines.cut())
            if broken := lines.end():
                self._note(f"{broken} at line {lines.number}; what followed is lost")
                if not lines.cut():
                    yield Record(lines.number + 1, None, f"{broken}; what followed is lost")
        finally:
            lines.close()

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _record(self, number: int, text: str, cut: str | None) -> Record:
        if len(text) > RECORD_LIMIT:
            return Record(
                number, None, f"the line is longer than {RECORD_LIMIT:,} characters", text[:RECORD_LIMIT]
            )
        problem = cut or undecodable(text, str(self.encoding))
        if problem:
            return Record(number, None, problem, text)
        try:
            value = _DECODER.decode(text)
            if isinstance(value, dict):
                return Record(number, flatten(value))
            problem = f"is JSON, but a {_KINDS.get(type(value), 'value')} and not an object"
        except RecursionError:
            problem = "is nested too deeply"
        except ValueError as error:
            problem = f"is not JSON ({error})"
        return Record(number, None, f"the line {problem}", text)


_KINDS: dict[type, str] = {list: "list", str: "string", int: "number", float: "number", bool: "truth value"}


def flatten(value: dict[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """Lift the fields of nested objects to the top: ``{"a": {"b": 1}}`` becomes ``{"a.b": 1}``.

    Lists, and objects nested too deeply, become JSON text. A name that comes up twice keeps its first value.
    """
    if not any(isinstance(item, dict | list) for item in value.values()):
        return value
    flat: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict) and item and depth > 0:
            for inner, leaf in flatten(item, depth - 1).items():
                flat.setdefault(f"{name}.{inner}", leaf)
        elif isinstance(item, dict | list):
            flat.setdefault(name, json.dumps(item, ensure_ascii=False) if item else None)
        else:
            flat[name] = item
    return flat
