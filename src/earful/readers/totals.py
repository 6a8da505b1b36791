"""Rows of a table that are no answers: totals, the header again, lines between rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from earful.input_columns import of_kind
from earful.readers.columns import candidates, fold
from earful.readers.header import is_empty, is_value
from earful.readers.rejects import Record

__all__ = ["is_total", "no_row", "without_totals"]

#: Why a row of totals is refused.
TOTAL = "a row of totals, and no answer"
#: What the first cell of a row of totals says.
_AVERAGE_WORDS = """
    average|mean|overall average|median|среднее|среднее значение|средняя оценка|средно|средна стойност|vidēji
    |vidējais|durchschnitt|moyenne|promedio|média
"""
_TOTAL_WORDS = """
    total|totals|grand total|sum|subtotal|итого|всего|итог|общий итог|сумма|общо|всичко|сума|kopā|pavisam
    |summa|gesamt|gesamtsumme|summe|suma|iš viso|razem
"""
_AVERAGES = frozenset(map(fold, _AVERAGE_WORDS.split("|")))
_TOTALS = frozenset(map(fold, _TOTAL_WORDS.split("|"))) | _AVERAGES


_LONGEST_TOTAL, _LONGEST_PART = 20, 80
#: Stands for the word of a line that totals a part.
_OF_A_PART = "of a part"
#: "Total for Riga", "Итого по магазину Центр": of a part of the table.
_TOTAL_OF = re.compile(
    r"(?:sub-?\s?)?(?:totals?|sum|average|mean|итого|всего|среднее|сумма|общо|всичко|средно|kopā|pavisam|vidēji)\s"
    r"(?:for|of|by|in|по|за|в|на|par|pa|no|uz)\s.{1,60}",
    re.IGNORECASE,
)
#: "Total: 10".
_AMOUNT = re.compile(r"\s*[:=]\s*[\d\s.,]+$")
_DIGIT, _MARK = re.compile(r"\d"), re.compile("[:=]")
_UNNAMED = frozenset(of_kind("date", "score", "flag", "amount", "weight"))
#: What a table in a text is ruled with.
_RULED = frozenset(":+-=_|")
_RULE = re.compile(r"\s*[:+]?[-=_+|:]{2,}[:+]?\s*")


def is_total(cells: Sequence[Any], named: bool = True) -> bool:
    """Say whether a row is one of totals: it says so first, half of it is blank, the rest is numbers.

    Parameters
    ----------
    cells
        All of the row.
    named
        Whether its first cell may be a name.

    Notes
    -----
    A product may be called Total, but hardly Average: such a row need only have a blank cell.
    """
    # Nearly every row is none: its first cell tells.
    word = _total_word(_first(cells))
    if not word:
        return False
    filled = [cell for cell in cells if not is_empty(cell)]
    most = len(cells) - 1 if word in _AVERAGES or word == _OF_A_PART or not named else len(cells) // 2
    return len(filled) <= most and all(is_value(cell) for cell in filled[1:])


def _first(cells: Iterable[Any]) -> Any:
    """Give the first cell that is not blank."""
    for cell in cells:
        if not is_empty(cell):
            return cell
    return None


def _total_word(first: Any) -> str:
    """Give the word of totals that a row's first cell says; empty where it says none."""
    if not isinstance(first, str) or len(first) > _LONGEST_PART:
        return ""
    return _folded_total(first)


@lru_cache(maxsize=4096)
def _folded_total(first: str) -> str:
    if not first.lstrip()[:1].isalpha():
        return ""
    if _TOTAL_OF.fullmatch(first.strip()):
        return _OF_A_PART
    # A number in it stands behind a mark, or the cell is an id such as r1043 and no word.
    if len(first) > _LONGEST_TOTAL or (_DIGIT.search(first) and not _MARK.search(first)):
        return ""
    word = fold(_AMOUNT.sub("", first))
    return word if word in _TOTALS else ""


def without_totals(
    records: Iterable[Record], start: int = 0, said: Counter[str] | None = None
) -> Iterator[Record]:
    """Refuse the rows of totals that a table begins or ends with, though a product might be called so.

    "Total" before numbers alone, in the first or the last rows and in no other, is no product: its sum would
    be taken for a score, and the scale for one that reaches so far.

    Parameters
    ----------
    records
        The rows, from one on that none is held back before.
    start
        How many rows come before these.
    said
        How often those said each word of totals; these are counted in.
    """
    said = Counter() if said is None else said
    held: list[Record] = []
    for place, record in enumerate(records, start):
        word = _total_word(_first((record.values or {}).values()))
        if word:
            said[word] += 1
            cells = list((record.values or {}).values())
            if record.problem == TOTAL or (not record.problem and is_total(cells, named=False)):
                held.append(record)
                continue
        if len(held) == place == 1:
            held = [replace(held[0], problem=TOTAL)]
        if held:
            yield from held
            held = []
        yield record
    for record in held:
        word = _total_word(_first((record.values or {}).values()))
        yield record if said[word] > 1 else replace(record, problem=TOTAL)


def no_row(values: Mapping[str, Any]) -> str | None:
    """Say why a record is no row of the table: totals, the header again, a rule; nothing where it is one."""
    name, first = "", None
    for name, first in values.items():  # noqa: B007  # the first that is not blank, used below
        if not is_empty(first):
            break
    if is_empty(first) or not isinstance(first, str):
        return None
    start = first.lstrip()[:1]
    # Nearly every row ends here: no word of totals, no name of a column, no line.
    if _total_word(first):
        # Under a date or a number nothing is called Total.
        roles = {one.ours for one in candidates(name)}
        if is_total(list(values.values()), named=not roles or not roles <= _UNNAMED):
            return TOTAL
    if _is_name(name, first):
        filled = {name: cell for name, cell in values.items() if not is_empty(cell)}
        if len(filled) > 1 and all(_is_name(name, cell) for name, cell in filled.items()):
            return "the header again, and no answer"
    elif start in _RULED:
        filled = {name: cell for name, cell in values.items() if not is_empty(cell)}
        if all(isinstance(cell, str) and _RULE.fullmatch(cell) for cell in filled.values()):
            return "a line between rows, and no answer"
    return None


def _is_name(name: str, cell: Any) -> bool:
    return cell == name or (isinstance(cell, str) and " ".join(cell.split()) == name)
