"""One JSON document: an array of objects, or an object with such an array inside."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from earful.errors import InputError
from earful.readers.reader import TextReader, flatten
from earful.readers.rejects import Record
from earful.readers.sources import break_of

__all__ = ["JsonReader"]

#: A document is parsed whole, so its size is bounded; JSON Lines has no such limit.
_LIMIT = 512 << 20
_DEPTH = 6


class JsonReader(TextReader):
    """Reads a JSON document (format ``json``).

    The rows are the items of the top-level array, or else of the longest array of objects inside. A document
    without one is a single row. Items that are no objects are rejected rows.

    Raises
    ------
    InputError
        The document is over the size limit, or is not JSON (cut short, for instance).
    """

    def records(self) -> Iterator[Record]:
        """Give the items in order."""
        for number, item in enumerate(self._items, 1):
            if not isinstance(item, dict):
                raw = json.dumps(item)[:10_000]
                yield Record(None, None, f"item {number} of the array is no object", raw)
                continue
            try:
                yield Record(None, flatten(item))
            except RecursionError:
                yield Record(None, None, f"item {number} of the array is nested too deeply")

    @cached_property
    def _items(self) -> list[Any]:
        path, items = _find_items(self._parse())
        if path:
            self.notes.append(f"the rows are the items of {path!r}")
        return items

    def _parse(self) -> Any:
        where = self._source.given
        with self._source.open() as stream:
            data = stream.read(_LIMIT + 1)
            broken = break_of(stream)
        if len(data) > _LIMIT:
            raise InputError(
                "is a JSON document that is too large to be parsed whole",
                where=where,
                allowed=f"up to {_LIMIT >> 20} MiB",
                fix="write it as JSON Lines, one object a line",
            )
        try:
            text = codecs.decode(data, self.encoding)
            return json.loads(text.removeprefix("\ufeff"), strict=False)
        except json.JSONDecodeError as error:
            what = f"is not JSON at line {error.lineno}, column {error.colno} ({error.msg})"
            cut = broken or ("the file seems cut short" if _is_cut(error, text) else "")
            fix = "export it again, or write it as JSON Lines"
            raise InputError(what, where=where, fix=f"{cut}; {fix}" if cut else fix) from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"byte 0x{data[error.start]:02X} at position {error.start} is not {self.encoding}",
                where=where,
                fix="name its encoding",
            ) from None
        except RecursionError:
            raise InputError("is nested too deeply", where=where) from None
        except ValueError as error:
            raise InputError(f"is not JSON ({error})", where=where) from None


def _is_cut(error: json.JSONDecodeError, text: str) -> bool:
    return error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()) - 1


def _find_items(document: Any) -> tuple[str, list[Any]]:
    """Find the rows: ``(dotted path, items)``."""
    if isinstance(document, list):
        return "", document
    arrays = sorted(_arrays(document, "", _DEPTH), key=lambda one: (-len(one[1]), one[0]))
    return arrays[0] if arrays else ("", [document])


def _arrays(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield path, value
    elif isinstance(value, dict) and depth:
        for name, item in value.items():
            yield from _arrays(item, f"{path}.{name}" if path else name, depth - 1)
