"""Exports of known programs, each a file of data beside this one.

A file says how the export is recognised (headers that stand together in no other), which of its columns is
which of ours, which are never to be read, and how its rows are mended before they are read. ``earful
formats`` lists them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from earful.readers.columns import fold
from earful.readers.rejects import count
from earful.readers.values import as_text

__all__ = ["Export", "exports", "find_export", "roles"]

#: A header of so many words asks something.
_QUESTION_WORDS = 4
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True)
class Extract:
    """A part of a cell that makes a column of its own."""

    column: str
    pattern: re.Pattern[str]
    into: str


@dataclass(frozen=True)
class Refuse:
    """Cells that show that a row is no customer's answer."""

    column: str
    cells: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Export:
    """A known export.

    Attributes
    ----------
    name
        What ``--format`` calls it.
    title
        Whose it is, and what.
    requires
        Headers that must all be there; of alternatives, parted by a bar, one; a star stands for any ending.
    first
        Whether the first of them is the first column, and questions follow.
    absent
        Headers of which none may be there.
    columns
        Ours -> theirs, best first.
    ignore
        Their columns that are never read: averages, replies.
    parts
        Their columns that each hold a part of the text.
    score
        Their columns of scores whose question another column names in each row.
    extracts, refusals
        How a row is mended.
    unproven
        Which of the headers were never seen in a file of the program itself; empty where all were.
    """

    name: str
    title: str
    requires: tuple[str, ...]
    first: bool
    absent: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    ignore: tuple[str, ...]
    parts: tuple[str, ...]
    score: tuple[str, ...]
    extracts: tuple[Extract, ...]
    refusals: tuple[Refuse, ...]
    unproven: str = ""

    def matched(self, names: Sequence[str]) -> list[str] | None:
        """Give the headers that it is recognised by; ``None`` where it is another's."""
        known = _folded(names)
        if any(_find(known, name) for name in self.absent):
            return None
        by: list[str] = []
        for alternatives in self.requires:
            found = next(filter(None, (_find(known, name) for name in alternatives.split("|"))), None)
            if found is None:
                return None
            by.append(found)
        if self.first and not (by[0] == names[0] and any(map(_is_question, names[1:]))):
            return None
        return by

    def mapping(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Give ours -> those of their columns that are there, best first."""
        known = _folded([*names, *(extract.into for extract in self.extracts)])
        return {
            ours: found
            for ours, theirs in self.columns.items()
            if (found := [name for one in theirs if (name := _find(known, one))])
        }

    def ignored(self, names: Iterable[str]) -> set[str]:
        """Give their columns that are never read."""
        return self._among(self.ignore, names)

    def is_part(self, name: str) -> bool:
        """Say whether a column holds a part of the text."""
        return bool(self._among(self.parts, [name]))

    def typed(self, names: Iterable[str]) -> list[str]:
        """Give the columns of scores whose question another column names."""
        return sorted(self._among(self.score, names))

    @staticmethod
    def _among(listed: Iterable[str], names: Iterable[str]) -> set[str]:
        known = _folded(names)
        return {name for one in listed if (name := _find(known, one))}

    def mended(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Give a row's cells as they are to be read, and why the row is no answer: empty where it is one."""
        for refusal in self.refusals:
            cell = (as_text(values.get(refusal.column)) or "").strip()
            if cell.casefold() in refusal.cells:
                return dict(values), f"{refusal.reason} ({refusal.column!r} is {cell!r})"
        mended = dict(values)
        for extract in self.extracts:
            found = extract.pattern.search(as_text(mended.get(extract.column)) or "")
            mended[extract.into] = found.group(1) if found else None
        return mended, ""

    @property
    def mends(self) -> bool:
        """Whether rows are mended at all."""
        return bool(self.extracts or self.refusals)

    def describe(self, by: list[str]) -> str:
        """Say why it was recognised."""
        shown = ", ".join(repr(name) for name in by[:4])
        more = f" and {count(len(by) - 4, 'other', 'others')}" if len(by) > 4 else ""
        return f"by export {self.name!r} ({self.title}), for its headers {shown}{more}"


def _key(name: str) -> str:
    return fold(name) or name.strip()


def _folded(names: Iterable[str]) -> dict[str, str]:
    """Give headers by their folded form, and by that less what stands in brackets."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(_key(name), name)
    for name in list(known.values()):
        known.setdefault(_key(_BRACKETS.sub(" ", name)), name)
    known.pop("", None)
    return known


def _find(known: Mapping[str, str], name: str) -> str | None:
    """Give the header that goes by a name; one that ends in a star stands for all that begin so."""
    if not name.endswith("*"):
        return known.get(_key(name))
    beginning = _key(name)
    return next((theirs for key, theirs in known.items() if key.startswith(beginning)), None)


def _is_question(header: str) -> bool:
    return header.rstrip(" *").endswith("?") or len(header.split()) >= _QUESTION_WORDS


@lru_cache(maxsize=1)
def exports() -> dict[str, Export]:
    """Give all known exports by name."""
    found = [
        _export(file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8")))
        for file in files(__name__).iterdir()
        if file.name.endswith(".toml")
    ]
    return {export.name: export for export in sorted(found, key=lambda one: one.name)}


def _export(name: str, data: dict[str, Any]) -> Export:
    return Export(
        name=name,
        title=data["title"],
        requires=tuple(data["requires"]),
        first=bool(data.get("first", False)),
        absent=tuple(data.get("absent", ())),
        columns={ours: tuple(theirs) for ours, theirs in data.get("columns", {}).items()},
        ignore=tuple(data.get("ignore", ())),
        parts=tuple(data.get("parts", ())),
        score=tuple(data.get("score", ())),
        extracts=tuple(
            Extract(one["column"], re.compile(one["pattern"]), one["into"]) for one in data.get("extract", ())
        ),
        refusals=tuple(
            Refuse(one["column"], frozenset(map(str.casefold, one["cells"])), one["reason"])
            for one in data.get("refuse", ())
        ),
        unproven=data.get("unproven", ""),
    )


def find_export(names: Iterable[str]) -> tuple[Export, list[str]] | None:
    """Recognise an export by its headers: the one with the most that it is recognised by."""
    listed = list(names)
    found = [(one, by) for one in exports().values() if (by := one.matched(listed)) is not None]
    return max(found, key=lambda one: (len(one[1]), one[0].name), default=None)


@lru_cache(maxsize=4096)
def roles(header: str) -> tuple[str, ...]:
    """Give what a header means in any known export; for a source whose headers are known only at its end."""
    keys = {_key(header), _key(_BRACKETS.sub(" ", header))}
    return tuple(dict.fromkeys(ours for key in sorted(keys) for ours in _roles().get(key, ())))


@lru_cache(maxsize=1)
def _roles() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for export in exports().values():
        for ours, theirs in export.columns.items():
            for name in theirs:
                found.setdefault(_key(name), []).append(ours)
        for name in export.score:
            found.setdefault(_key(name), []).append("rating")
    return found
