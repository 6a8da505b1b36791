"""What a header could mean, and which of several columns is taken.

Priority, where several of their columns could serve: what stands in the cells (:mod:`.mapping` weighs it);
then a header that is one of those known, a review's own (``review_rating``) first, in the order of
``input_columns``; then the same for the last part of a dotted name and for a header less its bracketed part;
then a header that asks the question in full; then the weak names. Ties go to the header that comes first in
alphabetical order. One of their columns never serves two of ours.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from earful.errors import InputError, nearest
from earful.input_columns import (
    FIELDS,
    INPUT_COLUMNS,
    QUALIFIED,
    QUESTIONS,
    READ_BY_OTHERS,
    REPLIES,
    SCALE_NAMES,
    WHEN_EVENTS,
    WHEN_WORDS,
)
from earful.readers.rejects import listed
from earful.schema import SIGNALS

__all__ = [
    "Candidate",
    "Doubt",
    "asks_for",
    "candidates",
    "check_given",
    "fold",
    "is_field",
    "is_read_by_others",
    "is_reply",
    "match_names",
    "offers",
    "option",
    "qualified",
    "scale_columns",
]

_TIER_NAME, _TIER_PART, _TIER_QUESTION, _TIER_WEAK = range(4)
_QUESTION_LENGTH = 500
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
#: A scale that a header names besides: "Rating 1-5", "Оценка от 1 до 6", "score_out_of_100".
_SCALE_TOLD = re.compile(
    r"[\s_,:]*(?<![^\W_])(?:(?:on a )?scale(?: of)?|from|по шкале|от|no|von|de|skala)?[\s_]*"
    r"(?:\d{1,3}[\s_]*(?:-|–|to|до|līdz|lidz|bis|à)[\s_]*\d{1,3}"
    r"|(?:out[\s_]of|/|из|от|no|von|sur)[\s_]*\d{1,3})(?![^\W_])",
    re.IGNORECASE,
)
#: The last part of a dotted name that says how the one before it is written.
_WRAPPINGS = frozenset({"seconds", "value", "iso", "iso8601", "raw", "utc", "epoch"})
_NOT_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")
_REPLIES, _READ_BY_OTHERS = re.compile(REPLIES), re.compile(READ_BY_OTHERS)
_OF_A_REVIEW = re.compile(
    r"(reviews?|reviewer)([^a-zа-я]*[a-zа-я]{3}|[^a-zа-я]+[a-zа-я]{2})|.*(отзыва|отзива|atsauksmes)$"
)
#: What parts the names of a question and of what it is asked of: "ratings.overall", "Rate us >> Overall".
_INSIDE = re.compile(r"\.|\s*(?:>>|→|»)\s*")
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
_FIELDS = frozenset(fold(name) for names in FIELDS for name in names.split(","))
_WHEN_WORDS, _WHEN_EVENTS = ({fold(word) for word in words.split(",")} for words in (WHEN_WORDS, WHEN_EVENTS))
#: What is said beside "comment" of no subject: whose it is, or how it is written.
_NO_SUBJECT = frozenset({"content", "text", "body", "message", "public", "html", "raw"})
_QUALIFIED = {fold(word): ours for ours, words in QUALIFIED.items() for word in words.split(",")}


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """One of their columns that could be one of ours; the lower it sorts, the better it fits."""

    tier: int
    bare: bool
    rank: int
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What could be read otherwise, and how to say so.

    Attributes
    ----------
    ours
        Our column; empty where the doubt is of the source as a whole.
    theirs
        Their columns that are in doubt.
    what
        What was done, and why.
    choose
        The option that does otherwise; empty where none does.
    """

    ours: str
    theirs: tuple[str, ...]
    what: str
    choose: str = ""

    def __str__(self) -> str:
        return f"{self.what}; {self.choose}" if self.choose else self.what


def option(ours: str, *theirs: str) -> str:
    """Write the option that takes their columns as ours."""
    return " ".join(f"--map {shlex.quote(f'{ours}={name}')}" for name in theirs)


@lru_cache(maxsize=4096)
def candidates(header: str) -> tuple[Candidate, ...]:
    """Give what a header could mean, best first."""
    bare = _BRACKETS.sub(" ", header)
    bare = _SCALE_TOLD.sub(" ", bare) if fold(_SCALE_TOLD.sub(" ", bare)) else bare
    parts = _INSIDE.split(bare)
    names = [(_TIER_NAME, header), (_TIER_NAME, "".join(parts[-2:])), (_TIER_PART, bare)]
    if fold(parts[-1]) != "id":
        # The id of a nested object is that object's and not the review's.
        names.append((_TIER_PART, parts[-1]))
    if len(parts) > 1 and fold(parts[-1]) in _WRAPPINGS:
        names.append((_TIER_PART, parts[-2]))
    known = [(tier, _NAMES.get(fold(name), {})) for tier, name in names]
    known += [(_TIER_QUESTION, _asked(header) or _when(header)), (_TIER_WEAK, _WEAK.get(fold(bare), {}))]
    found: dict[str, Candidate] = {}
    own = _OF_A_REVIEW.match(_plain(bare)) is not None
    for tier, ranks in known:
        for ours, rank in ranks.items():
            candidate = Candidate(tier, not own, rank, header, ours)
            found[ours] = min(found.get(ours, candidate), candidate)
    if is_reply(header):
        # When the business answered is a stage of a complaint; what it said is nothing of the customer's.
        return tuple(sorted(one for one in found.values() if INPUT_COLUMNS[one.ours].kind == "stage"))
    return tuple(sorted(found.values()))


def _asked(header: str) -> dict[str, int]:
    """Give our column that a header asks for in full, with the question's rank."""
    question = _words_of(header)
    ranked = enumerate(_QUESTIONS if " " in question else ())
    return next(({ours: rank} for rank, (ours, pattern) in ranked if pattern.search(question)), {})


def _when(header: str) -> dict[str, int]:
    """Give ``created_at`` where all words of a header say when a review was written."""
    words = {fold(word) for word in _words_of(header).split()}
    named = len(words) > 1 and words & _WHEN_EVENTS and words <= _WHEN_WORDS | _WHEN_EVENTS
    return {"created_at": len(_QUESTIONS)} if named and words & _WHEN_WORDS - _WHEN_EVENTS else {}


def offers(header: str, question: str | None) -> list[Candidate]:
    """Give what a column could be by its header, or by the question that stands with it, best first."""
    found = {one.ours: one for one in candidates(header)}
    for one in candidates(question) if question else ():
        other = replace(one, theirs=header)
        found[one.ours] = min(found.get(one.ours, other), other)
    return sorted(found.values())


def is_reply(header: str) -> bool:
    """Say whether a header names what the business answered."""
    return _REPLIES.search(_words_of(header)) is not None


def is_read_by_others(header: str) -> bool:
    """Say whether a header names what another program read in the words: ``predicted_emotion``."""
    words = _words_of(header)
    # A longer one is a question of a survey's.
    return words.count(" ") < 4 and _READ_BY_OTHERS.search(words) is not None


def is_field(header: str) -> bool:
    """Say whether a header names a field of praise or of complaint: ``pros``, ``Недостатки``."""
    bare = _BRACKETS.sub(" ", header)
    return not _FIELDS.isdisjoint((fold(bare), fold(bare.rpartition(".")[2])))


def asks_for(header: str) -> str | None:
    """Give our column that a header asks for in full, if it does."""
    return next(iter(_asked(header)), None)


def qualified(header: str) -> str | None:
    """Give our column of which a header names a special case: ``Comment delivery``, ``NPS store``."""
    words = [fold(word) for word in _words_of(header).split()]
    if not 2 <= len(words) <= 5 or is_reply(header) or candidates(header) or _NO_SUBJECT & {*words}:
        return None
    return _QUALIFIED.get(words[0]) or _QUALIFIED.get(words[-1])


def _words_of(header: str) -> str:
    return " ".join(_NOT_WORD.sub(" ", _plain(_CAMEL.sub(" ", header[:_QUESTION_LENGTH]))).split())


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
    columns: Iterable[str],
    taken: Mapping[str, str],
    fits: Callable[[str, str], str | None],
    *,
    offered: Callable[[str], Iterable[Candidate]] = candidates,
    weigh: Callable[[str, str], int] = lambda ours, theirs: 0,
) -> tuple[dict[str, str], list[Doubt]]:
    """Match headers to our columns by name.

    Parameters
    ----------
    columns
        Their headers.
    taken
        Ours -> theirs, as given (empty: no column); none of either is matched again.
    fits
        Says why (ours, theirs) cannot be, by what stands in the column; ``None`` where it can.
    offered
        What a header could mean.
    weigh
        What speaks against (ours, theirs) in the cells: the less the better, before any name.

    Returns
    -------
    mapping
        Ours -> theirs, without those taken.
    doubts
        One for each of their columns that lost to another or did not fit.
    """
    used = set(taken.values())
    mapping: dict[str, str] = {}
    doubts: list[Doubt] = []
    ranked = sorted((weigh(one.ours, one.theirs), one) for header in columns for one in offered(header))
    for _, offer in ranked:
        if offer.theirs in used or offer.ours in taken:
            continue
        if offer.ours not in mapping:
            against = fits(offer.ours, offer.theirs)
            if against is not None:
                what = f"{offer.theirs!r} is not taken as {offer.ours}: {against}"
                doubts.append(Doubt(offer.ours, (offer.theirs,), what))
                continue
            mapping[offer.ours] = offer.theirs
            used.add(offer.theirs)
    for _, offer in ranked:
        if offer.theirs not in used and offer.ours in mapping and offer.tier < _TIER_WEAK:
            if fits(offer.ours, offer.theirs) is not None:
                continue
            what = f"{offer.theirs!r} could be {offer.ours} too; {mapping[offer.ours]!r} was taken"
            choose = f"to take it: {option(offer.ours, offer.theirs)}"
            doubts.append(Doubt(offer.ours, (offer.theirs, mapping[offer.ours]), what, choose))
            used.add(offer.theirs)
    return mapping, doubts


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
