"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from earful.readers.encoding import RECORD_LIMIT, TOO_LONG, undecodable
from earful.readers.marks import Mark, MarkedReader
from earful.readers.reader import flatten, printed
from earful.readers.rejects import Record

__all__ = ["JsonLinesReader"]

#: Takes raw control characters inside strings, which strict JSON forbids: a row is worth more than a rule.
_DECODER = json.JSONDecoder(strict=False)
_KINDS: dict[type, str] = {list: "list", str: "string", int: "number", float: "number", bool: "truth value"}


class JsonLinesReader(MarkedReader):
    """Reads JSON Lines (format ``jsonl``).

    A line that is no JSON object, nor what Python prints of one, is a rejected row; blank lines are no rows.
    """

    def _read(self, start: Mark) -> Iterator[Record]:
        row = start.row
        with closing(self._lines_from(start)) as lines:
            for line in lines:
                text = line.strip(" \t\r\n\ufeff")
                if text:
                    yield self._record(lines.number, text, lines.cut())
                    row += 1
                    self._mark(row, lines)
            yield from self._lost(lines)

    def _record(self, number: int, text: str, cut: str | None) -> Record:
        if len(text) > RECORD_LIMIT:
            return Record(number, None, f"the line {TOO_LONG}", text[:RECORD_LIMIT])
        problem = cut or undecodable(text, self.encoding)
        if problem:
            return Record(number, None, problem, text)
        try:
            value = _decoded(text)
            if isinstance(value, dict):
                return Record(number, flatten(value))
            problem = f"is JSON, but a {_KINDS.get(type(value), 'value')} and not an object"
        except RecursionError:
            problem = "is nested too deeply"
        except ValueError as error:
            problem = f"is not JSON ({error})"
        return Record(number, None, f"the line {problem}", text)


def _decoded(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except ValueError:
        value = printed(text)
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise
        return value
