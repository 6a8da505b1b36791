"""Texts written another way, under the same labels: what the encoder should read alike.

Hurried people leave out diacritics and capitals, type Bulgarian and Russian in Latin letters, and slip. Marks
in a text move with it: it is cut where marks begin and end, and each piece is altered by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from scripts.encoder.examples import Mark

BARE = 0.14  # of the Latvian texts, without diacritics
DOUBLED = 0.03  # of the Latvian texts, typed as in the days of telegrams: aa, sh
LATIN = 0.11  # of the Bulgarian and Russian texts, in Latin letters
LOWER, SLIPS, BALD = 0.12, 0.12, 0.06

_CYRILLIC = "абвгдезийклмнопрстуфхцъьы"
_COMMON = dict(zip(_CYRILLIC, [*"abvgdeziyklmnoprstufhc", "a", "", "y"], strict=True))
_COMMON |= {"ё": "e", "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya", "э": "e"}
#: Other ways to type a letter, of which a writer picks one and keeps it.
_OTHERS = {
    "ж": ["zh", "j", "g"],
    "ч": ["ch", "4"],
    "ш": ["sh", "6"],
    "щ": ["sht", "sch", "6t", "shch"],
    "ю": ["yu", "iu", "u"],
    "я": ["ya", "ia", "q"],
    "й": ["y", "i", "j"],
    "ъ": ["a", "u", "y"],
    "ц": ["c", "ts", "tz"],
    "в": ["v", "v", "w"],
    "х": ["h", "h", "x", "kh"],
    "ь": ["", "'", "i"],
    "ы": ["y", "i"],
}
_DOUBLES = dict(
    zip("āēīūšžčņļģķ", ["aa", "ee", "ii", "uu", "sh", "zh", "ch", "nj", "lj", "gj", "kj"], strict=True)
)

Change = Callable[[str], str]


def change_for(lang: str, rng: np.random.Generator) -> Change | None:
    """Draw a way to write a text of the language, or none."""
    steps = _letters(lang, rng)
    if rng.random() < LOWER:
        steps.append(str.lower)
    if rng.random() < BALD:
        steps.append(lambda text: re.sub(r"[.,;:–—-]+(?=\s|$)", "", text))
    if rng.random() < SLIPS:
        steps.append(lambda text: slipped(text, rng))

    def change(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return change if steps else None


def _letters(lang: str, rng: np.random.Generator) -> list[Change]:
    """Draw how the letters of a language are typed."""
    chance = rng.random()
    if lang == "lv" and chance < BARE:
        return [bare]
    if lang == "lv" and chance < BARE + DOUBLED:
        return [lambda text: _typed(text, _DOUBLES)]
    if lang not in {"bg", "ru"} or chance >= LATIN:
        return []
    table = {letter: str(rng.choice(_OTHERS.get(letter, [usual]))) for letter, usual in _COMMON.items()}
    if rng.random() < 0.4:
        table = _COMMON
    return [lambda text: _typed(text, table)]


def altered(text: str, marks: list[Mark], change: Change) -> tuple[str, list[Mark]]:
    """Return the text after the change, and its marks where they stand now."""
    cuts = sorted({0, len(text), *(mark.begin for mark in marks), *(mark.end for mark in marks)})
    at, out = {0: 0}, ""
    for begin, end in pairwise(cuts):
        out += change(text[begin:end])
        at[end] = len(out)
    return out, [replace(mark, begin=at[mark.begin], end=at[mark.end]) for mark in marks]


def bare(text: str) -> str:
    """Return a text without diacritics."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def slipped(text: str, rng: np.random.Generator) -> str:
    """Return a text with a slip of the finger in every sixty letters or so, in words of four or more."""
    for _ in range(1 + len(text) // 60 if len(text) > 8 else 0):
        words = list(re.finditer(r"[^\W\d_]{4,}", text))
        if not words:
            break
        word = words[int(rng.integers(len(words)))]
        at = word.start() + int(rng.integers(1, len(word[0]) - 1))
        kind = rng.random()
        if kind < 0.4:
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        elif kind < 0.75:
            text = text[:at] + text[at + 1 :]
        else:
            text = text[:at] + text[at] + text[at:]
    return text


def _typed(text: str, table: dict[str, str]) -> str:
    out = []
    for letter in text:
        small = letter.lower()
        new = table.get(small)
        out.append(letter if new is None else new.capitalize() if letter != small else new)
    return "".join(out)
