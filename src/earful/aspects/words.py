"""What the tagger sees of a word: hashed forms and character n-grams in one alphabet, and its shape.

Cyrillic is written in Latin letters and diacritics are taken off before n-grams are cut, so that kindred
words of different languages share their stems (Bulgarian ``храна`` and Croatian ``hrana``). The word as it is
written stands beside them.
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earful.text.words import LATIN, lowered

__all__ = ["SHAPES", "WordFeatures"]

_LONGEST = 40  # characters of a word that are looked at: what is longer is no word

#: What a word looks like; the places in this list are the rows of the model's table of shapes.
SHAPES = ("lower", "capital", "upper", "mixed", "number", "letters and digits", "mark", "emoji", "space")

_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцыэіјљњћђѓќѕџ",
        "a b v g d e z i j k l m n o p r s t u f h c i e i j l n c d g k z d".split(),  # noqa: SIM905
        strict=True,
    )
)
_TO_LATIN = str.maketrans(
    {
        **_CYRILLIC,
        **{"ж": "z", "ч": "c", "ш": "s", "щ": "st", "ъ": "a", "ь": "", "ю": "ju", "я": "ja", "ё": "e"},
        **LATIN,
        "’": "'",
    }
)


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """Which rows of the model's tables a word reads.

    Attributes
    ----------
    bits
        The table of hashed features has 2**bits rows.
    shortest, longest
        Lengths of the character n-grams, word borders counted in.
    """

    bits: int = 16
    shortest: int = 3
    longest: int = 5

    def row(self, kind: str, text: str) -> int:
        """Return the row of one feature (CRC-32, the same on every machine)."""
        return zlib.crc32(f"{kind}\x1f{text}".encode("utf-8", "surrogatepass")) & ((1 << self.bits) - 1)

    def rows(self, word: str) -> NDArray[np.int64]:
        """Return the rows of a word: the form, the form in Latin letters, and the latter's n-grams.

        The first two are always there; more of one feature counts once.
        """
        low = lowered(word)
        latin = _latin(low)
        found = [self.row("f", low), self.row("w", latin)]
        if latin[:1].isalpha():
            bordered = f"<{latin}>"
            grams = [
                bordered[start : start + length]
                for length in range(self.shortest, self.longest + 1)
                for start in range(len(bordered) - length + 1)
            ]
            found.extend(self.row("c", gram) for gram in dict.fromkeys(grams))
        return np.array(found, dtype=np.int64)

    def shape(self, word: str) -> int:
        """Return the place of the word's shape in :data:`SHAPES`."""
        return SHAPES.index(_shape(word[:_LONGEST]))


def _latin(low: str) -> str:
    if low.isascii():
        return low
    folded = unicodedata.normalize("NFKD", low.translate(_TO_LATIN))
    # A second pass: marks may have stood on Cyrillic letters (й, ї).
    return "".join(c for c in folded if not unicodedata.combining(c)).translate(_TO_LATIN)


def _shape(word: str) -> str:
    if not word or word.isspace():
        return "space"
    if word.isalpha():
        if word.islower():
            return "lower"
        if word.isupper():
            return "upper" if len(word) > 1 else "capital"
        return "capital" if word[0].isupper() and not any(c.isupper() for c in word[1:]) else "mixed"
    if any(c.isdigit() for c in word):
        return "letters and digits" if any(c.isalpha() for c in word) else "number"
    if any(c.isalpha() for c in word):
        return "mixed"
    return "emoji" if any(ord(c) >= 0x2190 for c in word) else "mark"
