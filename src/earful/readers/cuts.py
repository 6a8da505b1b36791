"""Further columns that the rows are cut by: found by their header, their values counted, missing ones kept.

A cell becomes a value as a label does: white space at its ends is nothing, capitals are kept. Everything
counted here is the same for any order of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earful.errors import InputError, nearest
from earful.readers.columns import fold
from earful.readers.rejects import count, listed, shortened
from earful.readers.values import as_text, is_missing

__all__ = ["MOST_VALUES", "Cut", "Values", "check_cuts", "find_cuts"]

#: So many different values a column may have that the rows are cut by: the stores of a large chain.
MOST_VALUES = 1000
#: What the other values look like where NA is one of them: North America, Namibia.
_CODE = re.compile(r"[A-Z]{2,5}")
_SHOWN = 3


def _label(cell: Any) -> str:
    return (as_text(cell) or "").strip()


@dataclass(slots=True)
class Values:
    """The different values of a column, up to one more than are allowed."""

    counts: dict[str, int] = field(default_factory=dict)
    not_available: int = 0

    def add(self, cell: Any, times: int) -> None:
        """Take in a cell that is not empty, and how often it came up."""
        label = _label(cell)
        if is_missing(cell) or not label:
            self.not_available += times * (label == "NA")
        elif label in self.counts:
            self.counts[label] += times
        elif len(self.counts) <= MOST_VALUES:
            self.counts[label] = times

    @property
    def codes(self) -> bool:
        """Whether NA stands among codes like itself, and so is one of them and no missing answer."""
        return len(self.counts) > 1 and all(_CODE.fullmatch(value) for value in self.counts)


@dataclass(frozen=True, slots=True)
class Cut:
    """A column of one source that its rows are cut by.

    Attributes
    ----------
    theirs
        Their column.
    codes
        Whether NA is a value.
    values
        The values of the source.
    """

    theirs: str
    codes: bool
    values: tuple[str, ...]

    def value(self, cell: Any) -> str | None:
        """Give the value of a cell, ``None`` where it is missing."""
        label = _label(cell)
        if not label or (is_missing(cell) and not (self.codes and label == "NA")):
            return None
        return label


def find_cuts(
    wanted: Mapping[str, str], seen: Mapping[str, Values], where: str
) -> tuple[dict[str, Cut], list[str]]:
    """Find the columns of one source, and say what a reader of the groups should know.

    Parameters
    ----------
    wanted
        Name of the cut -> the header it goes by; one that the source does not have is left out.
    seen
        Their columns that could be wanted, with their values.
    where
        The source, for messages.

    Raises
    ------
    InputError
        A column has too many values.
    """
    folded = {fold(name): name for name in sorted(seen, reverse=True)}
    cuts: dict[str, Cut] = {}
    notes: list[str] = []
    for name, header in wanted.items():
        theirs = header if header in seen else folded.get(fold(header) or header)
        if theirs is None:
            continue
        values = seen[theirs]
        _check_number(theirs, values.counts, where)
        known = [*values.counts, *(["NA"] if values.codes and values.not_available else [])]
        cuts[name] = Cut(theirs, values.codes, tuple(sorted(known)))
        notes += _notes(theirs, values)
    return cuts, notes


def check_cuts(
    wanted: Mapping[str, str], found: Iterable[Mapping[str, Cut]], names: Iterable[str], where: str
) -> None:
    """Check the columns over all sources: each is in one at least, and has few enough values in all.

    Raises
    ------
    InputError
        One is nowhere, or has too many values.
    """
    sources, columns = list(found), list(dict.fromkeys(names))
    for name, header in wanted.items():
        here = [cuts[name] for cuts in sources if name in cuts]
        if not here:
            raise InputError(
                f"there is no column {header!r} to cut by{nearest(header, columns)}",
                where=where,
                allowed=listed(columns, 60),
                fix=f"mend --by {name}, or name its column: --by '{name}=COLUMN'",
            )
        _check_number(header, {value for cut in here for value in cut.values}, where)


def _check_number(theirs: str, values: Iterable[str], where: str) -> None:
    several = list(values)
    if len(several) > MOST_VALUES:
        raise InputError(
            f"column {theirs!r} has more than {MOST_VALUES:,} different values and cannot be cut by "
            f"({', '.join(repr(shortened(value, 20)) for value in several[:_SHOWN])}, ...)",
            where=where,
            allowed=f"up to {MOST_VALUES:,}",
            fix="name a column of groups, such as a country, a channel or a store",
        )


def _notes(theirs: str, values: Values) -> list[str]:
    """Say what NA was taken for, and which values differ in capitals or spaces only."""
    notes = []
    if n := values.not_available:
        cells = count(n, "cell", "cells")
        read = "a value, as the others are codes too" if values.codes else "not given"
        notes.append(
            f"'NA' in {theirs!r} ({cells}) is read as {read}; write it out in the input where it is "
            f"{'not given' if values.codes else 'North America or Namibia'}"
        )
    alike: dict[str, list[str]] = {}
    for value in sorted(values.counts):
        alike.setdefault(fold(value) or value, []).append(value)
    apart = [several for several in alike.values() if len(several) > 1]
    if apart:
        shown = "; ".join(listed(several, _SHOWN) for several in apart[:_SHOWN])
        notes.append(f"{theirs!r} spells a value in several ways, which are groups of their own: {shown}")
    return notes
