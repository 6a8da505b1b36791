"""One JSON document: an array of objects, or an object with such an array inside."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from earful.errors import InputError
from earful.readers.reader import TextReader, flatten, unique_names
from earful.readers.rejects import Record
from earful.readers.sources import break_of

__all__ = ["ASSIGNED", "JsonReader"]

#: A document is parsed whole, so its size is bounded; JSON Lines has no such limit.
_LIMIT = 512 << 20
_DEPTH = 6
#: What a page's script or an archive has before its JSON: "window.reviews = [".
ASSIGNED = re.compile(r"(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$]{0,100}\s*=\s*(?=[\[{])")
#: A string, which stays as it is, or a comma behind the last item.
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.S)
#: What stands between objects that follow each other.
_NEXT = re.compile(r"[\s,]*(?=\{)")


class JsonReader(TextReader):
    """Reads a JSON document (format ``json``).

    The rows are the items of the top-level array, or else of the longest array of objects inside; or those of
    a table as pandas writes it by columns, by rows or split. A document with none of these is a single row.
    Objects that follow each other, each laid out over several lines, are rows too.
    Items that are no objects are rejected rows.

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
        document = self._parse()
        table = _table(document)
        if table is not None:
            return table
        path, items = _find_items(document)
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
            text = codecs.decode(data, self.encoding).removeprefix("\ufeff")
            return json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            if error.msg.startswith("Extra data") and (several := _one_after_another(text)):
                return several
            if (mended := _mended(text)) is not None:
                return mended
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


def _one_after_another(text: str) -> list[Any]:
    """Give the objects of a file that holds one after another over several lines; none where it does not."""
    decoder, found, at = json.JSONDecoder(strict=False), [], 0
    try:
        while match := _NEXT.match(text, at):
            value, at = decoder.raw_decode(text, match.end())
            if not isinstance(value, dict):
                return []
            found.append(value)
    except (ValueError, RecursionError):
        return []
    return found if not text[at:].strip() else []


def _mended(text: str) -> Any:
    """Give what a script assigns, or a document with a comma behind a last item; else ``None``."""
    bare = ASSIGNED.sub("", text.strip(), count=1).rstrip("; \n")
    try:
        return json.loads(_LAST_COMMA.sub(lambda found: found[1] or "", bare), strict=False)
    except (ValueError, RecursionError):
        return None


def _is_cut(error: json.JSONDecodeError, text: str) -> bool:
    return error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip()) - 1


def _table(document: Any) -> list[Any] | None:
    """Give the rows of a table that is written by columns, by rows or split, as pandas does."""
    if isinstance(document, list):
        names, *rows = document if document and _is_header(document[0]) else [[]]
        return _joined(names, rows)
    if not isinstance(document, dict) or not document:
        return None
    if {"columns", "data"} <= document.keys() <= {"columns", "index", "data"}:
        return _joined(document["columns"], document["data"])
    parts = list(document.values())
    if all(isinstance(part, list) for part in parts):
        return _by_column(document, [range(len(part)) for part in parts], parts)
    if not all(isinstance(part, dict) and part for part in parts):
        return None
    if any(isinstance(cell, dict | list) for part in parts for cell in part.values()):
        return None
    numbered = all(key.isdecimal() for part in parts for key in part)
    if numbered or (len(parts) > 1 and len(parts[0]) > len(parts) and not _are_numbers(document)):
        return _by_column(document, [part.keys() for part in parts], parts)
    return parts if len(parts) > 1 and all(part.keys() == parts[0].keys() for part in parts) else None


def _is_header(item: Any) -> bool:
    return isinstance(item, list) and len(item) > 1 and all(isinstance(name, str) for name in item)


def _are_numbers(document: dict[str, Any]) -> bool:
    return all(name.isdecimal() for name in document)


def _joined(names: Any, rows: Any) -> list[Any] | None:
    """Put names to the cells of each row; a row of another length stays a list, and is rejected as one."""
    if not (names and isinstance(names, list) and isinstance(rows, list)):
        return None
    names = unique_names(names)
    return [
        dict(zip(names, row, strict=True)) if isinstance(row, list) and len(row) == len(names) else row
        for row in rows
    ]


def _by_column(document: dict[str, Any], places: list[Any], parts: list[Any]) -> list[Any] | None:
    """Turn columns into rows; only where all columns have the same rows, and single values for cells."""
    if len(parts) < 2 or any(keys != places[0] for keys in places) or not places[0]:
        return None
    cells = (part[key] for part in parts for key in places[0])
    if any(isinstance(cell, dict | list) for cell in cells):
        return None
    return [{name: part[key] for name, part in document.items()} for key in places[0]]


def _find_items(document: Any) -> tuple[str, list[Any]]:
    """Find the rows: ``(dotted path, items)``."""
    if isinstance(document, list):
        return "", document
    arrays = sorted(_arrays(document, "", _DEPTH), key=lambda one: (-len(one[1]), one[0]))
    arrays = arrays or list(_by_key(document, "", _DEPTH))
    return arrays[0] if arrays else ("", [document])


def _by_key(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Find objects of the same fields that stand under a key each: ``(dotted path, objects)``."""
    if not isinstance(value, dict) or not depth:
        return
    items = list(value.values())
    if len(items) > 1 and all(isinstance(item, dict) and item.keys() == items[0].keys() for item in items):
        if path:
            yield path, items
        return
    for name, item in value.items():
        yield from _by_key(item, f"{path}.{name}" if path else name, depth - 1)


def _arrays(value: Any, path: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        if any(isinstance(item, dict) for item in value):
            yield path, value
    elif isinstance(value, dict) and depth:
        for name, item in value.items():
            yield from _arrays(item, f"{path}.{name}" if path else name, depth - 1)
