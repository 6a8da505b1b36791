"""Where the header of a table is: below a title, in several rows, or nowhere.

What can be told is told from the first rows; ``[input] header_rows`` and ``skip_rows`` say it where that
fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.columns import candidates, fold
from earful.readers.dates import read_date
from earful.readers.rejects import count
from earful.readers.values import as_number, or_none

__all__ = [
    "FIRST_ROWS",
    "TITLE_ROWS",
    "Header",
    "Row",
    "find_header",
    "is_empty",
    "is_filled",
    "is_header",
    "is_value",
    "n_filled",
]

Row = tuple[int, Sequence[Any]]
"""A row that is not blank: its line, and its cells."""

#: How many rows are looked at.
FIRST_ROWS = 40
TITLE_ROWS = 20
#: A line of a title has so many cells at most, where a table is text.
_TITLE_CELLS = 2
#: So many rows of a title may be as wide as the table, by a comma in it.
_TITLE_LINES = 6
#: In the second row of a header: what stands under a question that has one column.
_SUB_LABELS = frozenset(
    map(
        fold,
        (
            *("Response", "Open-Ended Response", "Open Ended Response", "Answer", "Ответ", "Свободный ответ"),
            *("Произвольный ответ", "Отговор", "Свободен отговор", "Atbilde", "Brīva atbilde", "Antwort"),
            *("Offene Antwort", "Réponse", "Réponse ouverte", "Respuesta", "Respuesta abierta"),
        ),
    )
)
_IMPORT_ID = "ImportId"
#: "1 = bad, 5 = good".
_SCALE_SHOWN = re.compile(r"[(\[]?\d{1,2} ?[=–—:-] ?[^\W\d_][^\d]*\b\d{1,3} ?[=–—:-] ?[^\W\d_]")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass
class Header:
    """The header of a table.

    Attributes
    ----------
    cells
        One for each column; they may be empty or alike.
    questions
        What a column asks, where a row of its own says so: by place.
    line
        The last line of the header; rows after it are data.
    notes
        Plain sentences on what was passed over.
    """

    cells: list[Any]
    line: int
    questions: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def is_empty(cell: Any) -> bool:
    """Say whether a cell of a table is blank."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\0\ufeff\u00a0"))


def is_filled(cell: Any) -> bool:
    """Say whether a cell of a table holds something."""
    return not is_empty(cell)


def n_filled(cells: Sequence[Any]) -> int:
    """Count the cells of a row that are not blank."""
    return sum(not is_empty(cell) for cell in cells)


def find_header(rows: Sequence[Row], config: InputConfig, where: str, *, text: bool) -> Header:
    """Find the header among the first rows that are not blank.

    Parameters
    ----------
    rows
        Up to :data:`FIRST_ROWS` of them.
    config
        ``skip_rows`` and ``header_rows``, where they are set.
    where
        The source, for messages.
    text
        Whether cells are text only, so that a line of commas may look like a row.

    Raises
    ------
    InputError
        Nothing is left below the rows that are to be skipped.
    """
    rows = [row for row in rows if row[0] > config.skip_rows]
    if not rows:
        raise InputError(
            f"holds no rows below the first {config.skip_rows}" if config.skip_rows else "holds no rows",
            where=where,
            fix="mend --skip-rows" if config.skip_rows else "check that the export finished",
        )
    if config.header_rows == 0:
        width = max(len(cells) for _, cells in rows)
        return Header([None] * width, rows[0][0] - 1)
    start = 0
    if config.header_rows is None and not config.skip_rows:
        start = _below_title(rows, text)
    n = config.header_rows or _header_rows(rows[start:])
    head = rows[start : start + n]
    header = _joined([cells for _, cells in head])
    header.line = head[-1][0]
    if start:
        header.notes.append(
            f"{count(start, 'row', 'rows')} above the header ({_shown(rows[start][1])}) are not read;"
            " --skip-rows and --header-rows say otherwise"
        )
    if n > 1:
        header.notes.append(f"the header takes {n} rows; --header-rows says otherwise")
    return header


def _below_title(rows: Sequence[Row], text: bool) -> int:
    """Give the place of the header: the first row at least half as full as the fullest of the first."""
    first = rows[:TITLE_ROWS]
    for below in (_below_notes, _named_below):
        if (named := below(first)) is not None:
            return named
    top = max(n_filled(cells) for _, cells in first)
    full = [place for place, (_, cells) in enumerate(first) if 2 * n_filled(cells) >= top]
    if not full[0] or not text:
        return full[0]
    # In text a short first line is as likely a header above lines with stray delimiters.
    for start in full:
        names, above = rows[start][1], [cells for _, cells in rows[:start]]
        titled = all(n_filled(cells) <= min(_TITLE_CELLS, n_filled(names) - 1) for cells in above)
        known = _n_known(names)
        if titled and known and _is_names(names) and all(_n_known(cells) < known for cells in above):
            return start
    return 0


def _below_notes(rows: Sequence[Row]) -> int | None:
    """Give the place of a header below lines that say what the report is ("Period: January", "# by X")."""
    for place, (_, cells) in enumerate(rows):
        if is_header(cells) and not _is_note(cells):
            return place or None
        if not _is_note(cells):
            return None
    return None


def _is_note(cells: Sequence[Any]) -> bool:
    first = str(next((cell for cell in cells if not is_empty(cell)), "")).strip()
    if first.startswith("#"):
        return len(first) > 1
    return n_filled(cells) <= _TITLE_CELLS and first.endswith(":")


def _named_below(rows: Sequence[Row]) -> int | None:
    """Give the place of a row that can only be a header, below a title as wide as the table."""
    if any(_IMPORT_ID in str(cell) for _, cells in rows[:3] for cell in cells):
        return None
    for place, (_, cells) in enumerate(rows[: _TITLE_LINES + 1]):
        if is_header(cells):
            return place if place and n_filled(rows[0][1]) == n_filled(cells) else None
        if _n_known(cells) or n_filled(cells) > n_filled(rows[0][1]):
            return None
    return None


def is_header(cells: Sequence[Any], questions: Sequence[str] = ()) -> bool:
    """Say whether a row can only be a header: names, all different, two of them (or one question) known."""
    return _is_names(cells) and _n_known(cells) + 2 * bool(_n_known(questions)) >= 2


def _header_rows(rows: Sequence[Row]) -> int:
    """Say how many rows the header takes, from its first on."""
    for place, (_, cells) in enumerate(rows[1:3], 1):
        if 2 * sum(isinstance(cell, str) and _IMPORT_ID in cell for cell in cells) > n_filled(cells):
            return place + 1
    if len(rows) > 1 and _says_forms(rows[1][1]) and _n_known(rows[0][1]):
        return 2
    return 2 if len(rows) > 1 and _is_second(rows[0][1], [cells for _, cells in rows[1:]]) else 1


def _says_forms(cells: Sequence[Any]) -> bool:
    """Say whether a row tells what the columns hold: "(1-5)" and "(free text)", "1 = bad, 5 = good"."""
    said = [str(cell).strip() for cell in cells if not is_empty(cell)]
    if len(said) > 1 and all(_BRACKETED.fullmatch(cell) for cell in said):
        return True
    return _is_labels(cells) and any(map(_SCALE_SHOWN.match, said))


def _is_second(first: Sequence[Any], rows: Sequence[Sequence[Any]]) -> bool:
    """Say whether the row below a header belongs to it: labels under groups or questions."""
    second, rest = rows[0], rows[1:]
    if not _is_labels(second) or not any(not is_empty(cell) for cell in second):
        return False
    if sum(fold(cell) in _SUB_LABELS for cell in second if isinstance(cell, str)) and any(
        is_empty(above) != is_empty(below) for above, below in zip(first, second, strict=False)
    ):
        return True
    grouped = any(
        not is_empty(below) and (is_empty(above) or above == before)
        for (before, above), below in zip(pairwise(first), second[1:], strict=False)
    )
    return grouped and _n_known(second) >= max(1, _n_known(first)) and _differs(second, rest)


def _differs(labels: Sequence[Any], rows: Sequence[Sequence[Any]]) -> bool:
    """Say whether numbers or dates stand below labels."""
    for place, label in enumerate(labels):
        below = [row[place] for row in rows if place < len(row) and not is_empty(row[place])]
        if not is_empty(label) and below and 2 * sum(map(is_value, below)) > len(below):
            return True
    return False


def _joined(rows: Sequence[Sequence[Any]]) -> Header:
    """Make one header of its rows."""
    names, *below = rows
    if not below:
        return Header(list(names), 0)
    last = below[-1]
    if len(below) == 1 and _says_forms(last):
        told = {
            place: f"{names[place]} {cell}"
            for place, cell in enumerate(last[: len(names)])
            if not is_empty(cell)
        }
        return Header(list(names), 0, told)
    if any(isinstance(cell, str) and _IMPORT_ID in cell for cell in last):
        return Header(list(names), 0, _questions(below[0]) if len(below) > 1 else {})
    width = max(len(row) for row in rows)
    above = [_spread(row, width, below[0]) for row in rows[:-1]]
    labels = [*last, *[None] * (width - len(last))]
    again = Counter(fold(str(cell)) for cell in labels if not is_empty(cell))
    asked = any(fold(str(cell)) in _SUB_LABELS for cell in labels if not is_empty(cell))
    cells: list[Any] = []
    questions: dict[int, str] = {}
    for place, label in enumerate(labels):
        group = " ".join(str(row[place]) for row in above if not is_empty(row[place]))
        if is_empty(label) or (group and fold(str(label)) in _SUB_LABELS):
            cells.append(group)
        elif asked or again[fold(str(label))] > 1:
            cells.append(f"{group} [{label}]" if group else label)
        else:
            cells.append(label)
            if group:
                questions[place] = f"{group} [{label}]"
    return Header(cells, 0, questions)


def _spread(groups: Sequence[Any], width: int, below: Sequence[Any]) -> list[Any]:
    """Let a group stand over the blank cells after it that have a label of their own."""
    spread: list[Any] = []
    for place in range(width):
        cell = groups[place] if place < len(groups) else None
        labelled = place < len(below) and not is_empty(below[place])
        spread.append(spread[-1] if is_empty(cell) and labelled and spread else cell)
    return spread


def _questions(cells: Sequence[Any]) -> dict[int, str]:
    return {place: " ".join(str(cell).split()) for place, cell in enumerate(cells) if not is_empty(cell)}


def _is_labels(cells: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) and not is_value(cell) for cell in cells if not is_empty(cell))


def _is_names(cells: Sequence[Any]) -> bool:
    names = [fold(str(cell)) for cell in cells if not is_empty(cell)]
    return len(names) > 1 and len(set(names)) == len(names) and _is_labels(cells)


def _n_known(cells: Sequence[Any]) -> int:
    return sum(bool(candidates(str(cell))) for cell in cells if not is_empty(cell))


def is_value(cell: Any) -> bool:
    """Say whether a cell is a number or a date."""
    if not isinstance(cell, str):
        return not is_empty(cell)
    try:
        return or_none(as_number, cell) is not None or read_date(cell, True) is not None
    except ValueError:
        return False


def _shown(cells: Sequence[Any]) -> str:
    names = [str(cell) for cell in cells if not is_empty(cell)]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
