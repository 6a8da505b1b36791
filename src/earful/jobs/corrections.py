"""What people corrected of a run: the file they stand in, and what may stand in it.

``corrections.csv`` is only ever added to, so that it tells who said what and when. Of what was said twice of
the same thing the later holds; ``undo`` takes back what holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earful.errors import InputError, nearest
from earful.polarity import LABELS
from earful.runs.files import write_text

__all__ = ["FIELDS", "Correction", "effective", "read_corrections", "write_corrections"]

#: Columns of a review whose right value is any label, and those that hold a score.
LABELLED = ("product", "touchpoint", "channel")
SCORED = ("rating", "nps", "csat", "ces")
#: Fields that may be about a segment; the others are the whole review's.
_OF_SEGMENTS = ("sentiment", "add_theme", "remove_theme", "polarity", "undo")
#: What can be corrected. ``polarity`` is followed by a colon and the theme's id.
FIELDS = (*_OF_SEGMENTS[:4], *LABELLED, "lang", *SCORED, "recommended", "undo")
#: What people call them besides.
_NAMES = {
    "id": "review_id",
    "review": "review_id",
    "language": "lang",
    "by": "who",
    "author": "who",
    "date": "when",
    "at": "when",
}
_LEAST = ("review_id", "field", "value")
_LONGEST = 500
_FORMULA = re.compile(r"'[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a person put right.

    Attributes
    ----------
    review_id
        The review.
    field
        One of :data:`FIELDS`; ``polarity:THEME`` for what is thought of a theme.
    value
        The right value; empty for none. Of ``undo`` what is taken back: ``sentiment``, ``theme:THEME``,
        ``polarity:THEME`` or a column.
    segment
        The segment it is about; ``None`` for the review.
    who, when
        Who said so, and when (ISO 8601).
    source
        The input the review came from, where several have reviews of this id.
    """

    review_id: str
    field: str
    value: str = ""
    segment: int | None = None
    who: str = ""
    when: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """The field without its theme."""
        return self.field.partition(":")[0]

    @property
    def theme(self) -> str:
        """The theme that it is about; empty where it is about none."""
        if self.name in {"add_theme", "remove_theme"}:
            return self.value
        return self.field.partition(":")[2] if self.name == "polarity" else ""

    @property
    def slot(self) -> str:
        """What of the review it decides: of several for one slot the last holds."""
        return f"theme:{self.value}" if self.name.endswith("_theme") else self.field

    def renamed(self, themes: Mapping[str, str]) -> Correction:
        """Give it with its theme under another name, old ids -> new ones."""
        if self.name.endswith("_theme"):
            return replace(self, value=themes.get(self.value, self.value))
        if self.name == "undo":
            kind, colon, theme = self.value.partition(":")
            return replace(self, value=kind + colon + themes.get(theme, theme))
        if self.name == "polarity":
            return replace(self, field=f"polarity:{themes.get(self.theme, self.theme)}")
        return self

    def checked(self) -> Correction:
        """Give it in plain spelling.

        Raises
        ------
        InputError
            The field or the value is none that there is.
        """
        field = ":".join(part.strip() for part in self.field.strip().split(":", 1))
        head, colon, theme = field.partition(":")
        head = _NAMES.get(head.lower(), head.lower())
        told = replace(self, field=head + colon + theme, value=self.value.strip())
        told._check_field()
        if head in {"sentiment", "polarity"}:
            told = replace(told, value=told.value.lower())
            told._check(told.value in LABELS, f"value {self.value!r}", ", ".join(LABELS))
        elif head.endswith("_theme") or head == "undo":
            what = "what is taken back: sentiment, theme:ID, polarity:ID or a column"
            told._check(bool(told.value), "value ''", what if head == "undo" else "a theme's id")
        elif head == "lang":
            told = replace(told, value=told.value.lower())
            code = re.fullmatch(r"[a-z]{2}|und", told.value) is not None
            told._check(code, f"value {self.value!r}", "an ISO 639-1 code such as en, ru, bg, lv; und")
        told._check(len(told.value) <= _LONGEST, f"value {told.value[:40]!r}...", f"{_LONGEST} characters")
        return told

    def _check_field(self) -> None:
        name = self.name
        told = f"field {self.field!r}{nearest(name, FIELDS)}"
        self._check(name in FIELDS, told, ", ".join(FIELDS).replace("polarity", "polarity:THEME"))
        themed = bool(self.field.partition(":")[2])
        self._check(themed == (name == "polarity"), f"field {self.field!r}", f"{name}:THEME" * (not themed))
        at_home = self.segment is None or name in _OF_SEGMENTS
        self._check(at_home, f"field {name!r} of segment {self.segment}", "the whole review: no segment")

    def _check(self, fine: bool, what: str, allowed: str) -> None:
        if not fine:
            raise self.error(f"unknown {what}" if what.startswith("field") else what, allowed)

    def error(self, what: str, allowed: str = "", fix: str = "") -> InputError:
        """Make the error that says what is wrong with it."""
        return InputError(what, where=f"correction of review {self.review_id!r}", allowed=allowed, fix=fix)


_COLUMNS = ("review_id", "segment", "field", "value", "who", "when", "source")
assert set(_COLUMNS) == {field.name for field in fields(Correction)}


def effective(corrections: Iterable[Correction]) -> list[Correction]:
    """Give those that hold: of several about the same thing the last, none that was taken back."""
    held: dict[tuple[str, str, int | None, str], Correction] = {}
    for one in corrections:
        place = (one.review_id, one.source, one.segment)
        if one.name == "undo":
            held.pop((*place, one.value), None)
            continue
        # Said anew it is the latest word, in its order too.
        held.pop((*place, one.slot), None)
        held[(*place, one.slot)] = one
    return list(held.values())


def read_corrections(path: Path, who: str = "") -> list[Correction]:
    """Read a file of corrections, as a spreadsheet may have saved it.

    Parameters
    ----------
    path
        CSV with the columns ``review_id``, ``field``, ``value``, and if it has them ``segment``, ``who``,
        ``when`` and ``source``; comma, semicolon or tab; in any encoding.
    who
        Who says so where a row does not tell.

    Raises
    ------
    InputError
        The file or a row of it cannot be used: a line for each row that is wrong.
    """
    from earful.readers.encoding import find_encoding
    from earful.readers.sources import FileSource, find_sources

    source = find_sources([path], [])[0]
    assert isinstance(source, FileSource)
    encoding, _ = find_encoding(source, None)
    with source.open() as stream:
        text = stream.read().decode(encoding, "replace").removeprefix("\ufeff")
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    names = {theirs: _ours(theirs) for theirs in rows.fieldnames or () if theirs}
    if lacking := [name for name in _LEAST if name not in names.values()]:
        raise InputError(f"has no column {', '.join(lacking)}", where=str(path), allowed=", ".join(_COLUMNS))
    return _each(
        lambda row: _of_cells({names[at]: cell or "" for at, cell in row.items() if at in names}, who),
        [row for row in rows if any(cell for cell in row.values())],
        lambda number: f"{path} line {number + 1}",
    )


def corrections_of(told: Iterable[Correction | Mapping[str, Any]], who: str) -> list[Correction]:
    """Give corrections that a caller passed, checked, each with who and when.

    Raises
    ------
    InputError
        One of them cannot be: a line for each.
    """
    return _each(
        lambda one: _of_cells(asdict(one) if isinstance(one, Correction) else _spelled(one), who),
        list(told),
        lambda number: f"correction {number}",
    )


def write_corrections(path: Path, corrections: Sequence[Correction]) -> None:
    """Write the file of a run whole, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in corrections:
        cells = ["" if cell is None else str(cell) for cell in (getattr(one, name) for name in _COLUMNS)]
        writer.writerow([f"'{cell}" if _FORMULA.match(f"'{cell}") else cell for cell in cells])
    write_text(path, out.getvalue())


def _each(make: Any, told: Sequence[Any], place: Any) -> list[Correction]:
    """Make a correction of each; all that are wrong are told together."""
    made, wrong = [], []
    for number, one in enumerate(told, 1):
        try:
            made.append(make(one))
        except InputError as error:
            wrong.append(f"{place(number)}: {error}" if len(told) > 1 else str(error))
    if wrong:
        raise RefusedError(wrong, made)
    return made


class RefusedError(InputError):
    """Corrections that cannot be: a line for each, and nothing is changed; beside them those that can."""

    def __init__(self, lines: Sequence[str], others: Sequence[Correction] = ()) -> None:
        super().__init__(f"{len(lines)} corrections cannot be used, and nothing was changed")
        self.lines, self.others = tuple(lines), list(others)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def _spelled(one: Mapping[str, Any]) -> dict[str, Any]:
    told = {_ours(name): value for name, value in one.items()}
    if strangers := sorted(told.keys() - set(_COLUMNS)):
        raise InputError(f"unknown key {strangers[0]!r}", where="correction", allowed=", ".join(_COLUMNS))
    return told


def _ours(theirs: str) -> str:
    name = theirs.strip().lower().replace(" ", "_")
    return _NAMES.get(name, name)


def _of_cells(cells: Mapping[str, Any], who: str) -> Correction:
    told = {name: "" if cells.get(name) is None else str(cells[name]).strip() for name in _COLUMNS}
    for name, cell in told.items():
        told[name] = cell[1:] if _FORMULA.match(cell) else cell
    segment = told.pop("segment")
    if segment and not re.fullmatch(r"\d{1,9}(\.0)?", segment):
        raise InputError(
            f"segment {segment!r}", where=f"correction of review {told['review_id']!r}", allowed="a number"
        )
    if not told["review_id"]:
        raise InputError("names no review", where="correction", fix="give review_id")
    told["who"] = told["who"] or who
    told["when"] = told["when"] or datetime.now(UTC).isoformat(timespec="seconds")
    return Correction(**told, segment=int(float(segment)) if segment else None).checked()
