"""Objects that hold their reviews as a list: a product and, inside it, what was said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from earful.readers.columns import candidates
from earful.readers.reader import Reader, flatten
from earful.readers.rejects import Record

__all__ = ["holds_rows"]

#: How many objects are looked at, and what share of them must hold such a list.
_LOOKED_AT, _SHARE = 100, 0.5
#: What somebody wrote himself is longer, and so is no name of what holds the list.
_LONGEST_NAME = 200


class NestedReader(Reader):
    """Hands on a row for each item of a list inside the objects, with what the object says besides.

    An object without items stays one row.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.encoding, self.delimiter, self.notes = reader.encoding, reader.delimiter, reader.notes
        self.questions = reader.questions
        first = [record.values for record in islice(reader.records(), _LOOKED_AT) if record.values]
        self.inside = _list_of_reviews(first)
        if self.inside:
            self.notes.append(f"the rows are the items of {self.inside!r} inside each object")

    def records(self) -> Iterator[Record]:
        """Give the rows, those of an object behind each other."""
        for record in self._reader.records():
            items = _items((record.values or {}).get(self.inside)) if not record.problem else []
            if not items:
                yield record
                continue
            around = {name: cell for name, cell in (record.values or {}).items() if name != self.inside}
            for number, item in enumerate(items, 1):
                if not isinstance(item, dict):
                    raw = json.dumps(item, ensure_ascii=False)[:10_000]
                    yield Record(record.line, None, f"item {number} of {self.inside!r} is no object", raw)
                    continue
                try:
                    own = {f"{self.inside}.{name}": cell for name, cell in flatten(item).items()}
                except RecursionError:
                    problem = f"item {number} of {self.inside!r} is nested too deeply"
                    yield Record(record.line, None, problem)
                    continue
                yield Record(record.line, around | own)


def holds_rows(reader: Reader) -> Reader:
    """Give a reader of the rows inside a source's objects, or the same one where there are none."""
    nested = NestedReader(reader)
    return nested if nested.inside else reader


def _list_of_reviews(objects: list[dict[str, Any]]) -> str:
    """Name the list whose items hold words or scores where the objects themselves hold no words."""
    counts: dict[str, int] = {}
    for values in objects:
        if any(_is_text(name) and isinstance(cell, str) and cell.strip() for name, cell in values.items()):
            return ""
        for name, cell in values.items():
            items = [item for item in _items(cell) if isinstance(item, dict)]
            if items and any(_says(inner) for item in items[:_LOOKED_AT] for inner in item):
                counts[name] = counts.get(name, 0) + 1
    best = max(counts, key=lambda name: (counts[name], name), default="")
    return best if best and counts[best] >= _SHARE * len(objects) else ""


def _is_text(name: str) -> bool:
    return any(one.ours == "text" for one in candidates(name)) and not _is_description(name)


def _is_description(name: str) -> bool:
    """Say whether a header is of what a shop says of its goods, or of the list itself."""
    return name.rpartition(".")[2].casefold() in {"description", "reviews", "note", "notes", "описание"}


def _says(name: str) -> bool:
    return any(one.ours in {"text", "rating", "nps", "csat"} for one in candidates(name))


def _items(cell: Any) -> list[Any]:
    """Give the items of a list that stands in a cell as JSON."""
    if not isinstance(cell, str) or not cell.startswith("[{"):
        return []
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []
