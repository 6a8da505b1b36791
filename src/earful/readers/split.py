"""One line with answers about several things (``NPS delivery``, ``Comment store``) read as a row for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from earful.errors import InputError
from earful.input_columns import of_kind
from earful.readers.columns import candidates, qualified
from earful.readers.reader import Reader, unique_names
from earful.readers.rejects import Record, count, listed

__all__ = ["SplitReader"]

#: What a column says as a whole: of a line it is said once, and not of each thing anew.
_SAID = frozenset(of_kind("words", "score", "flag"))
#: Under which header a thing's answers and words are handed on.
_HEADERS = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "text": "Comment"}


class SplitReader(Reader):
    """Hands on a row for each thing that a line speaks of, with its name as ``touchpoint``.

    What a line says as a whole (an overall comment or score) is a row of its own; what it says of its writer
    (ids, dates, products) stands in each. A line that says nothing stays one row.

    Raises
    ------
    InputError
        The source has no such columns.
    """

    columns: list[str]

    def __init__(self, reader: Reader, where: str) -> None:
        self._reader = reader
        self.encoding, self.delimiter, self.notes = reader.encoding, reader.delimiter, reader.notes
        names = reader.columns or []
        self._things: dict[str, dict[str, str]] = {}
        for name in names:
            ours = qualified(name)
            if ours is not None:
                self._things.setdefault(_thing(name, ours), {}).setdefault(ours, name)
        self._things = {thing: own for thing, own in self._things.items() if own.keys() - {"text"}}
        if len(self._things) < 2:
            raise InputError(
                "has no answers about several things",
                where=where,
                allowed="columns such as 'NPS delivery' and 'NPS store'",
                fix="leave input.per_touchpoint out",
            )
        taken = {name for own in self._things.values() for name in own.values()}
        self._shared = [name for name in names if name not in taken]
        found = {ours for own in self._things.values() for ours in own}
        # Words about the whole stand in one column with those about the things, in a row of their own.
        self._overall = [name for name in self._shared if "text" in found and _is_text(name)]
        self._shared = [name for name in self._shared if name not in self._overall]
        self._whole = [name for name in self._shared if any(one.ours in _SAID for one in candidates(name))]
        made = [_HEADERS[ours] for ours in _HEADERS if ours in found]
        self.columns = unique_names([*self._shared, "touchpoint", *made])
        self._ids = [
            name for name in self._shared if any(one.ours == "review_id" for one in candidates(name))
        ]
        place = len(self._shared)
        self._touchpoint = self.columns[place]
        self._made = dict(zip((o for o in _HEADERS if o in found), self.columns[place + 1 :], strict=True))
        things = listed(list(self._things), 10)
        n = count(len(self._things), "thing", "things")
        self.notes.append(f"each line is a row for each of {n}: {things}")

    def records(self) -> Iterator[Record]:
        """Give the rows, those of a line behind each other."""
        for record in self._reader.records():
            if record.values is None or record.problem:
                yield record
                continue
            rows = list(self._rows(record.values))
            for values in rows or [{name: record.values.get(name) for name in self._shared}]:
                yield Record(record.line, {name: values.get(name) for name in self.columns})

    def _rows(self, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        whole = {name: values.get(name) for name in self._shared}
        words = [str(values[name]) for name in self._overall if _filled(values.get(name))]
        if words or any(_filled(values.get(name)) for name in self._whole):
            yield {**whole, self._made.get("text", ""): "\n".join(words) or None}
        known = {name: cell for name, cell in whole.items() if name not in self._whole}
        for thing, own in self._things.items():
            said = {self._made[ours]: values.get(name) for ours, name in own.items()}
            if any(map(_filled, said.values())):
                # Each row needs an id of its own, to be corrected or replaced by.
                ids = {name: f"{known[name]} {thing}" for name in self._ids if _filled(known[name])}
                yield {**known, **ids, self._touchpoint: thing, **said}


def _thing(header: str, ours: str) -> str:
    """Give what a header speaks of: ``NPS delivery`` and ``Comment delivery`` of ``delivery``."""
    words = header.replace("_", " ").replace(":", " ").split()
    first = qualified(f"{words[0]} anything") == ours
    return " ".join(words[1:] if first else words[:-1]).casefold()


def _is_text(header: str) -> bool:
    return qualified(header) == "text" or any(one.ours == "text" for one in candidates(header))


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""
