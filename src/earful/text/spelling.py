"""How a word typed in Latin letters is spelt in Cyrillic.

A letter is typed in several ways, and one way may mean several letters, so the likeliest word is looked for:
by how usual each way is (``habits`` in ``data/languages.toml``), by how letters follow each other in
the language (``data/typed.npz``, which ``scripts/text/fit_typed.py`` fits), and by whether the dictionary
knows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from earful.text.languages import WORDS, by_language
from earful.text.words import is_known

__all__ = ["FITTED", "HABITS", "LETTERS", "Spelt", "spelt"]

#: What was fitted to tell and to read typed words.
FITTED = Path(__file__).parent / "data" / "typed.npz"
#: By language, each Cyrillic letter with the ways in which it is typed, the most usual first.
HABITS: dict[str, dict[str, list[str]]] = {
    lang: {pair[0]: pair[2:].split(",") for pair in pairs.split()}
    for lang, pairs in by_language("habits").items()
}
#: A word's border, then the letters, in the order of the table of what follows what.
LETTERS = "|абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
#: Share of the most usual way among those in which a letter is typed.
USUAL = 0.6
_NUMBERS = {letter: number for number, letter in enumerate(LETTERS)}
_LONGEST_WAY = 4
#: Readings that are followed at a time, and of which the dictionary is asked.
_WIDTH, _ASKED = 12, 6
#: What it is worth, in log odds, that the dictionary knows a word, and that it is a frequent one.
_KNOWN, _FREQUENT = 4.0, 3.0
#: Longer "words" are no words.
_LONGEST = 40

Pieces = tuple[tuple[int, str], ...]


class Spelt(NamedTuple):
    """A word in Cyrillic.

    Attributes
    ----------
    pieces
        What was typed, cut: letters typed and the small letters that they mean, in order.
    known
        Whether the dictionary knows the word.
    """

    pieces: Pieces
    known: bool


class _Path(NamedTuple):
    """A reading of a word's beginning: its log odds, the place of its last two letters, its pieces."""

    odds: float
    last: int
    pieces: Pieces


@lru_cache(maxsize=50_000)
def spelt(typed: str, lang: str) -> Spelt | None:
    """Return how a word of small Latin letters is spelt in a language; ``None`` where it cannot be read."""
    if len(typed) > _LONGEST:
        return None
    ways = _ways(lang)
    reached: list[list[_Path]] = [[] for _ in range(len(typed) + 1)]
    reached[0] = [_Path(0.0, 0, ())]
    for at, paths in enumerate(reached):
        best = _best(paths)
        if at:
            best = _best([*best, *_with_silent(best, lang)])
        reached[at] = best
        for end in range(at + 1, min(at + _LONGEST_WAY, len(typed)) + 1):
            for letter, odds in ways.get(typed[at:end], ()):
                reached[end] += [_then(path, end - at, letter, odds, lang) for path in best]
    ended = _ended(reached[-1], lang)
    if not ended:
        return None
    found = max(ended, key=lambda path: path.odds + _worth(_word(path), lang))
    return Spelt(found.pieces, is_known(_word(found), lang))


def _worth(word: str, lang: str) -> float:
    return _KNOWN * is_known(word, lang) + _FREQUENT * (word in _frequent(lang))


@cache
def _frequent(lang: str) -> frozenset[str]:
    return frozenset(WORDS[lang])


def _with_silent(paths: Iterable[_Path], lang: str) -> list[_Path]:
    """Return the paths with a letter more that was not typed, as the soft sign often is not."""
    silent = _ways(lang).get("", ())
    return [
        _then(path, 0, letter, odds, lang)
        for path in paths
        for letter, odds in silent
        if path.pieces[-1][1][-1] not in dict(silent)
    ]


def _then(path: _Path, typed: int, letter: str, odds: float, lang: str) -> _Path:
    """Return a path with a letter more; one that is not typed belongs to the piece before it."""
    number, size = _NUMBERS[letter], len(LETTERS)
    odds += path.odds + _follows(lang)[path.last * size + number]
    last = path.last % size * size + number
    if typed:
        return _Path(odds, last, (*path.pieces, (typed, letter)))
    length, letters = path.pieces[-1]
    return _Path(odds, last, (*path.pieces[:-1], (length, letters + letter)))


def _ended(paths: Iterable[_Path], lang: str) -> list[_Path]:
    """Return the likeliest paths as whole words."""
    size, follows = len(LETTERS), _follows(lang)
    return _best([path._replace(odds=path.odds + follows[path.last * size]) for path in paths])[:_ASKED]


def _best(paths: Iterable[_Path]) -> list[_Path]:
    """Return the likeliest paths; those that are as likely go by their letters, so that any order is one."""
    return sorted(paths, key=lambda path: (-path.odds, path.pieces))[:_WIDTH]


def _word(path: _Path) -> str:
    return "".join(letters for _, letters in path.pieces)


@cache
def _ways(lang: str) -> Mapping[str, list[tuple[str, float]]]:
    """Map each way of typing to the letters that it may mean, with the log odds of it."""
    found: dict[str, list[tuple[str, float]]] = {}
    for letter, ways in HABITS[lang].items():
        for rank, way in enumerate(ways):
            share = 1.0 if len(ways) == 1 else USUAL if not rank else (1 - USUAL) / (len(ways) - 1)
            found.setdefault(way, []).append((letter, math.log(share)))
    return found


@cache
def _follows(lang: str) -> list[float]:
    """Return the log odds of each letter behind each two, as one list."""
    with np.load(FITTED) as fitted:
        odds: list[float] = (fitted[f"follows_{lang}"] * -fitted["follows_step"]).tolist()
    return odds
