"""Their columns to ours: as given, else by name, else (the text alone) by content.

Priority, where several of their columns could serve: a given column; then a header that is one of those
known, in the order of ``input_columns``; then the same for the last part of a dotted name and for a header
less its bracketed part; then a header that asks the question in full; then the weak names. Ties go to the
header that comes first in alphabetical order. One of their columns never serves two of ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from earful.errors import InputError, nearest
from earful.input_columns import INPUT_COLUMNS, QUESTIONS, SCALE_NAMES
from earful.readers.rejects import listed
from earful.schema import SIGNALS

__all__ = ["Candidate", "candidates", "check_given", "fold", "match_names", "scale_columns"]

_TIER_NAME, _TIER_PART, _TIER_QUESTION, _TIER_WEAK = range(4)
_QUESTION_LENGTH = 500
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOT_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")
_QUESTIONS = tuple((ours, re.compile(pattern)) for ours, pattern in QUESTIONS)


def fold(header: str) -> str:
    """Fold a header for comparison: no case, diacritics, spaces, punctuation or byte order mark."""
    return _NOT_WORD.sub("", _plain(header))


def _plain(header: str) -> str:
    letters = unicodedata.normalize("NFKD", header)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _ranks(headers: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Give folded header -> our column -> rank."""
    ranks: dict[str, dict[str, int]] = {}
    for ours, names in headers.items():
        for rank, name in enumerate(names.split(",")):
            ranks.setdefault(fold(name), {}).setdefault(ours, rank)
    return ranks


_NAMES = _ranks({name: column.headers for name, column in INPUT_COLUMNS.items() if column.by_name})
_WEAK = _ranks({name: column.weak for name, column in INPUT_COLUMNS.items() if column.weak})


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One of their columns that could be one of ours; the lower it sorts, the better it fits."""

    tier: int
    rank: int
    theirs: str
    ours: str


@lru_cache(maxsize=4096)
def candidates(header: str) -> tuple[Candidate, ...]:
    """Give what a header could mean, best first."""
    bare = _BRACKETS.sub(" ", header)
    parts = bare.split(".")
    names = [(_TIER_NAME, header), (_TIER_NAME, "".join(parts[-2:])), (_TIER_PART, bare)]
    if fold(parts[-1]) != "id":
        # The id of a nested object is that object's and not the review's.
        names.append((_TIER_PART, parts[-1]))
    offers = [(tier, _NAMES.get(fold(name), {})) for tier, name in names]
    offers += [(_TIER_QUESTION, _asked(header)), (_TIER_WEAK, _WEAK.get(fold(bare), {}))]
    found: dict[str, Candidate] = {}
    for tier, ranks in offers:
        for ours, rank in ranks.items():
            candidate = Candidate(tier, rank, header, ours)
            found[ours] = min(found.get(ours, candidate), candidate)
    return tuple(sorted(found.values()))


def _asked(header: str) -> dict[str, int]:
    """Give our column that a header asks for in full, with the question's rank."""
    question = " ".join(_NOT_WORD.sub(" ", _plain(_CAMEL.sub(" ", header[:_QUESTION_LENGTH]))).split())
    ranked = enumerate(_QUESTIONS if " " in question else ())
    return next(({ours: rank} for rank, (ours, pattern) in ranked if pattern.search(question)), {})


def check_given(given: Mapping[str, str], columns: Iterable[str], where: str) -> dict[str, str]:
    """Find the given columns in a source; a name that differs in case or spaces only is taken.

    One of ours that is given an empty name has no column, and is left out.

    Raises
    ------
    InputError
        The source has no such column, or one column is given for two of ours.
    """
    known = list(columns)
    folded = {fold(name): name for name in sorted(known, reverse=True)}
    mapping: dict[str, str] = {}
    for ours in INPUT_COLUMNS:
        if not given.get(ours):
            continue
        theirs = given[ours] if given[ours] in known else folded.get(fold(given[ours]) or given[ours])
        if theirs is None:
            raise InputError(
                f"there is no column {given[ours]!r}{nearest(given[ours], known)}",
                where=where,
                allowed=listed(known, 60),
                fix=f"mend --map {ours}=... or [input] columns",
            )
        twice = next((other for other, column in mapping.items() if column == theirs), None)
        if twice is not None:
            raise InputError(
                f"column {theirs!r} is given for both {twice} and {ours}",
                where=where,
                fix="one of their columns can be one of ours only",
            )
        mapping[ours] = theirs
    return mapping


def match_names(
    columns: Iterable[str], taken: Mapping[str, str], fits: Callable[[str, str], str | None]
) -> tuple[dict[str, str], list[str]]:
    """Match headers to our columns by name.

    Parameters
    ----------
    columns
        Their headers.
    taken
        Ours -> theirs, as given (empty: no column); none of either is matched again.
    fits
        Says why (ours, theirs) cannot be, by what stands in the column; ``None`` where it can.

    Returns
    -------
    mapping
        Ours -> theirs, without those taken.
    notes
        A sentence for each of their columns that lost to another or did not fit.
    """
    used = set(taken.values())
    mapping: dict[str, str] = {}
    notes: list[str] = []
    offers = sorted(one for header in columns for one in candidates(header))
    for offer in offers:
        if offer.theirs in used or offer.ours in taken:
            continue
        if offer.ours not in mapping:
            against = fits(offer.ours, offer.theirs)
            if against is not None:
                notes.append(f"{offer.theirs!r} is not taken as {offer.ours}: {against}")
                continue
            mapping[offer.ours] = offer.theirs
            used.add(offer.theirs)
    for offer in offers:
        if offer.theirs not in used and offer.ours in mapping and offer.tier < _TIER_WEAK:
            notes.append(f"{offer.theirs!r} could be {offer.ours} too; {mapping[offer.ours]!r} was taken")
            used.add(offer.theirs)
    return mapping, notes


@lru_cache(maxsize=4096)
def scale_columns(header: str) -> tuple[str, str] | None:
    """Tell a column that holds one end of a scale: ``rating_max`` gives ``("rating", "max")``."""
    return _SCALE_COLUMNS.get(fold(header)) or _SCALE_COLUMNS.get(fold(header.rpartition(".")[2]))


def _scale_column_names() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for signal in SIGNALS:
        for end, names in SCALE_NAMES.items():
            for name in names.split(","):
                for header in INPUT_COLUMNS[signal].headers.split(","):
                    found.setdefault(fold(name.format(header)), (signal, end))
    for name in ("out of", "rated out of", "scale max"):
        found.setdefault(fold(name), ("rating", "max"))
    return found


_SCALE_COLUMNS = _scale_column_names()
