"""Word vectors of the frequent words: what stands around a word, learned from reviews without labels."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earful.text.words import is_cyrillic, lemma, lowered

__all__ = ["Vectors", "key"]

#: Whose vectors a language without its own borrows, by the script of the word.
_BORROWED = {"Cyrl": ("bg", "ru"), "Latn": ("en",)}


def key(lang: str, word: str) -> int:
    """Return the number under which a lowered word of a language is kept (CRC-32)."""
    return zlib.crc32(f"{lang}\x1f{word}".encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Vectors:
    """A table of unit vectors in one space for several languages, in 8 bits a number.

    Attributes
    ----------
    keys
        Sorted, of shape (n,): see :func:`key`.
    table
        Shape (n, dimensions).
    scales
        What each row is multiplied with, of shape (n,).
    langs
        Languages that have words in it.
    """

    keys: NDArray[np.uint32]
    table: NDArray[np.int8]
    scales: NDArray[np.float32]
    langs: tuple[str, ...]

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self.table.shape[1])

    def find(self, word: str, lang: str) -> NDArray[np.float32] | None:
        """Return the vector of a word, or of its lemma, or ``None``.

        A language that has none of its own, or an unknown one, is read with the vectors of English where the
        word is in Latin letters, of Bulgarian and Russian where it is in Cyrillic.
        """
        form = lowered(word)
        for own in self._read_as(form, lang):
            for way in _ways(form, own):
                place = int(np.searchsorted(self.keys, np.uint32(key(own, way))))
                if place < len(self.keys) and int(self.keys[place]) == key(own, way):
                    vector: NDArray[np.float32] = self.table[place] * self.scales[place]
                    return vector
        return None

    def _read_as(self, form: str, lang: str) -> Sequence[str]:
        if lang in self.langs:
            return (lang,)
        if not form[:1].isalpha():
            return ("en",)
        if is_cyrillic(form[0]):
            return _BORROWED["Cyrl"]
        return _BORROWED["Latn"] if lang == "und" else ()


def _ways(form: str, lang: str) -> list[str]:
    dictionary = lemma(form, lang)
    return [form] if dictionary == form else [form, dictionary]
