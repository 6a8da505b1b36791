"""The phrase notation: what a taxonomy file writes, taken apart into patterns of words.

=====================  ==================================================================================
``late delivery``      the words side by side, in any case, inflection or spelling without diacritics
``deliver*``           any word that begins so
``late|slow``          either word; ``on_time|late`` where one of them is several words
``=late``              this form only, no inflection (``later`` does not count)
``parcel ... late``    up to four other words in between
``parcel & late``      in any order, up to five other words in between; up to three parts
``@parcel``            the word list ``parcel`` of the file's ``[words.<language>]``
``cold -drink|beer``   not where one of these words stands in the same sentence
``?service``           a weak sign: found with a low confidence
``^broken``            only where the sentence says no more, but for a word before it ("totally broken")
=====================  ==================================================================================

A comma, colon, dash or bracket between words counts as two words: words side by side never reach over it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earful.errors import TaxonomyError
from earful.text.words import split_words

if TYPE_CHECKING:
    from earful.themes.taxonomy import Theme

__all__ = ["Pattern", "PhraseError", "Word", "check_phrases", "parse_phrase"]

_GAP = 4
_NEAR = 5
_MOST_PARTS = 3
_MOST_PATTERNS = 64
_SHORTEST_STEM = 3


class PhraseError(ValueError):
    """A phrase that breaks the notation; the message is one clause."""


@dataclass(frozen=True, slots=True, order=True)
class Word:
    """One word a slot accepts: ``kind`` is ``lemma``, ``stem`` (a beginning) or ``form`` (exactly this)."""

    text: str
    kind: str = "lemma"


#: The words one place of a pattern accepts, sorted.
Slot = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase in one order: places with the most words allowed before each.

    Attributes
    ----------
    slots
        What each place accepts.
    gaps
        For each place the number of other words allowed between it and the one before; 0 for the first.
    without
        Words that must not stand in the segment.
    weak
        The phrase was marked as a weak sign.
    alone
        The phrase stands for the whole segment.
    """

    slots: tuple[Slot, ...]
    gaps: tuple[int, ...]
    without: Slot = ()
    weak: bool = False
    alone: bool = False


def parse_phrase(phrase: str, lists: Mapping[str, str] | None = None) -> tuple[Pattern, ...]:
    """Take a phrase apart into patterns, one per order and per alternative of several words.

    Parameters
    ----------
    phrase
        The phrase, in the notation of this module.
    lists
        Word lists of the phrase's language by name.

    Raises
    ------
    PhraseError
        The phrase breaks the notation, names an unknown list, or opens into more than 64 patterns.
    """
    lists = lists or {}
    text = phrase.strip()
    weak, alone = text.startswith("?"), text.startswith("^")
    parts: list[list[str]] = [[]]
    without: list[Word] = []
    for item in text.removeprefix("?").removeprefix("^").split():
        if item == "&" and not without:
            parts.append([])
        elif item.startswith("-") and len(item) > 1:
            without.extend(_excluded(item[1:], lists))
        elif without:
            raise PhraseError(f"{item!r} stands after a -word; ruled out words come last")
        else:
            parts[-1].append(item)
    if len(parts) > _MOST_PARTS:
        raise PhraseError(f"more than {_MOST_PARTS} parts joined by &")
    options = [_options(part, lists) for part in parts]
    excluded = tuple(sorted(set(without)))
    patterns: dict[Pattern, None] = {}
    for order in itertools.permutations(options):
        for chosen in itertools.product(*order):
            patterns[Pattern(*_join(chosen), excluded, weak, alone)] = None
            _bound(patterns)
    return tuple(patterns)


def check_phrases(theme: Theme, words: Mapping[str, Mapping[str, str]], where: str) -> None:
    """Refuse a theme with a phrase that breaks the notation.

    Raises
    ------
    TaxonomyError
        One line with the file, the theme, the language and the phrase.
    """
    for lang, phrases in theme.phrases.items():
        for phrase in phrases:
            try:
                parse_phrase(phrase, words.get(lang))
            except PhraseError as error:
                raise TaxonomyError(
                    f"phrase {phrase!r} ({lang}): {error}", where=f"{where}, theme {theme.id!r}"
                ) from None


_Sequence = tuple[tuple[Slot, int], ...]


def _options(items: Sequence[str], lists: Mapping[str, str]) -> list[_Sequence]:
    """Every way a run of items can stand in a text: alternatives of several words open into several ways."""
    ways: list[_Sequence] = [()]
    gap = 0
    for item in items:
        if item == "...":
            if ways == [()] or gap:
                raise PhraseError("... must stand between two words")
            gap = _GAP
            continue
        runs = [_words(alternative) for alternative in _expand(item, lists)]
        singles, longer = {run[0] for run in runs if len(run) == 1}, [run for run in runs if len(run) > 1]
        choices: list[_Sequence] = [((tuple(sorted(singles)), gap),)] if singles else []
        choices += [tuple(((word,), gap if at == 0 else 0) for at, word in enumerate(run)) for run in longer]
        ways = [(*way, *choice) for way in ways for choice in choices]
        gap = 0
        _bound(ways)
    if ways == [()]:
        raise PhraseError("has a part with no word in it")
    if gap:
        raise PhraseError("... must stand between two words")
    return ways


def _bound(found: Sized) -> None:
    if len(found) > _MOST_PATTERNS:
        raise PhraseError(f"opens into more than {_MOST_PATTERNS} patterns")


def _join(chosen: Sequence[_Sequence]) -> tuple[tuple[Slot, ...], tuple[int, ...]]:
    slots: list[Slot] = []
    gaps: list[int] = []
    for number, run in enumerate(chosen):
        for at, (slot, gap) in enumerate(run):
            slots.append(slot)
            gaps.append(_NEAR if number and at == 0 else gap)
    return tuple(slots), tuple(gaps)


def _expand(item: str, lists: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for alternative in item.split("|"):
        if not alternative.startswith("@"):
            found.append(alternative)
            continue
        name = alternative[1:]
        if name not in lists:
            raise PhraseError(f"there is no word list {name!r} for the language")
        members = lists[name].split("|")
        if any("@" in member for member in members):
            raise PhraseError(f"word list {name!r} refers to another list")
        found.extend(member.strip() for member in members)
    return found


def _words(alternative: str) -> tuple[Word, ...]:
    words = tuple(word for piece in alternative.replace("_", " ").split() for word in _one_word(piece))
    if not words:
        raise PhraseError(f"{alternative!r} is not a word")
    return words


def _one_word(text: str) -> list[Word]:
    exact = text.startswith("=")
    stem = text.endswith("*")
    pieces = [word for _, _, word in split_words(text)]
    if not pieces or (exact and stem) or "*" in text[:-1] or "=" in text[1:]:
        raise PhraseError(f"{text!r} is not a word")
    words = [Word(piece, "form" if exact else "lemma") for piece in pieces]
    if stem:
        if len(pieces[-1]) < _SHORTEST_STEM:
            raise PhraseError(f"{text!r} is too short for *; give at least {_SHORTEST_STEM} letters")
        words[-1] = Word(pieces[-1], "stem")
    return words


def _excluded(text: str, lists: Mapping[str, str]) -> list[Word]:
    found = []
    for alternative in _expand(text, lists):
        words = _words(alternative)
        if len(words) > 1:
            raise PhraseError(f"-{alternative}: only single words can be ruled out")
        found.append(words[0])
    return found
