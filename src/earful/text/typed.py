"""Russian and Bulgarian typed in Latin letters ("uzhasnoe kachestvo"), told for sure and read back.

Who reads such a text as it stands reads little of it. It is read back into Cyrillic only where two locks
open, since to read Croatian as Bulgarian would be worse than to leave a Bulgarian text as it is:

* a linear classifier over strings of two to five letters (``data/typed.npz``, which
  ``scripts/text/fit_typed.py`` fits and measures) is sure of a sentence, or of the text as a whole;
* the dictionary knows most of its words, once they are spelt in Cyrillic.

A Latin letter beyond a to z shuts both: nobody types these two with one, and most languages have some.
Sentences beside a sure one are read too where more speaks for it than against. English words stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earful.text.spelling import FITTED, spelt
from earful.text.words import is_known

__all__ = ["BUCKETS", "Edit", "edits", "features", "odds"]

#: Strings of letters are told apart into so many groups.
BUCKETS = 1 << 15
#: Log odds from which it is sure that a text is typed so, and share of its words that the dictionary has to
#: know: chosen on the dev splits, measured by the script that fits.
SURE, KNOWN = 4.0, 0.6
#: No fewer words and letters are sure, and no more are looked at to tell.
_FEWEST_WORDS, _FEWEST_LETTERS, _READ = 2, 8, 1000
#: Log odds of a text below which none of its sentences is looked at.
_HOPELESS = -20.0
#: Shorter words are known by chance.
_TELLING = 3
_LENGTHS = range(2, 6)
_FACTOR, _SPREAD, _WORD_BITS = 37, 2_654_435_761, 32
_ALPHABET = b" abcdefghijklmnopqrstuvwxyz'46"
_NUMBERS = np.zeros(256, np.int64)
_NUMBERS[list(_ALPHABET)] = np.arange(1, len(_ALPHABET) + 1)
#: Every quantifier begins where no other could, so that no text is looked at more than twice.
_NOISE = re.compile(
    r"(?:https?:?|www\.)\S*|(?<![\w.+-])[\w.+-]++@[\w-]+\.\S+|[@#]\w+"
    r"|(?<![\w-])[\w-]{1,60}\.(?:com|net|org|ru|bg|io)\b"
)
_FOREIGN = re.compile("[\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u1e00-\u1eff]")
_WORDS = re.compile(
    r"(?<![\w'])(?=[46]*[a-z])[a-z46]+(?:'[a-z46]+)*(?:'(?=[\s.,!?;:)]|$))?(?!\w)", re.IGNORECASE
)
_SENTENCES = re.compile(r"[^.!?\n]+(?:[.!?\n]+|$)")

Edit = tuple[int, int, str]
"""A stretch of a text, half-open code points, and the letters that are to stand for it."""


class _Odds(NamedTuple):
    """Log odds that a text is typed so, and that it is Bulgarian if it is."""

    typed: float
    bulgarian: float

    @property
    def lang(self) -> str:
        return "bg" if self.bulgarian > 0 else "ru"


def edits(text: str) -> list[Edit]:
    """Return what has to be put for the letters of a text to read it back, in order; nothing where unsure."""
    blank = _NOISE.sub(lambda match: " " * len(match[0]), text).replace("’", "'")
    parts = [(match[0], match.start()) for match in _SENTENCES.finditer(blank)]
    lang = _language_of(blank, [part for part, begin in parts if begin < _READ])
    if lang is None:
        return []
    return [edit for part, begin in parts if odds(part).typed > 0 for edit in _edits(part, begin, lang)]


def odds(text: str) -> _Odds:
    """Return what the classifier says of a text."""
    weights, steps, offsets = _weights()
    typed, bulgarian = (weights[features(text)].sum(axis=0) * steps + offsets).tolist()
    return _Odds(typed, bulgarian)


def features(text: str) -> NDArray[np.int64]:
    """Return the groups of the strings of letters in a text, each once; what is no letter parts words."""
    words = " ".join(match[0].lower() for match in _WORDS.finditer(text))
    numbers = _NUMBERS[np.frombuffer(f" {words} ".encode("ascii", "replace"), np.uint8)]
    found, strings = [], numbers
    for length in _LENGTHS:
        if len(numbers) < length:
            break
        strings = strings[:-1] * _FACTOR + numbers[length - 1 :]
        mixed = (strings * _SPREAD + length) & ((1 << _WORD_BITS) - 1)
        found.append(mixed >> (_WORD_BITS - BUCKETS.bit_length() + 1))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _language_of(text: str, parts: Sequence[str]) -> str | None:
    """Return the language that a text or a sentence of it is surely typed in."""
    if odds(text[:_READ]).typed < _HOPELESS:
        return None
    return next(filter(None, map(_sure, [text[:_READ], *parts])), None)


def _sure(text: str) -> str | None:
    """Return the language of a text for which both locks open."""
    words = [match[0].lower() for match in _WORDS.finditer(text)]
    if len(words) < _FEWEST_WORDS or sum(map(len, words)) < _FEWEST_LETTERS or _FOREIGN.search(text):
        return None
    told = odds(text)
    if told.typed < SURE:
        return None
    telling = [word for word in words if len(word) >= _TELLING]
    known = sum(1 for word in telling if (read := spelt(word, told.lang)) and read.known)
    return told.lang if known >= max(KNOWN * len(telling), 1) else None


def _edits(text: str, begin: int, lang: str) -> Iterator[Edit]:
    """Give the edits of the words of a sentence that begins there."""
    for match in _WORDS.finditer(text):
        word, at = match[0], begin + match.start()
        read = spelt(word.lower(), lang)
        if read is None or not (read.known or _is_readable(word)):
            continue
        for length, letters in read.pieces:
            own = text[at - begin : at - begin + length]
            yield at, at + length, _in_case(own, letters, shouted=word.isupper() and len(word) > 1)
            at += length


def _is_readable(word: str) -> bool:
    """Say whether a word that the dictionary does not know may be one: no code, no name, no English word."""
    return word.isalpha() and (word.isupper() or word[1:].islower()) and not is_known(word.lower(), "en")


def _in_case(typed: str, letters: str, *, shouted: bool) -> str:
    if shouted:
        return letters.upper()
    return letters[0].upper() + letters[1:] if typed[0].isupper() else letters


@cache
def _weights() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights by group, in steps, with the steps and the offsets."""
    with np.load(FITTED) as fitted:
        return fitted["weights"].astype(np.int64), fitted["steps"], fitted["offsets"]
