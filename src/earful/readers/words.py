"""What cells say in words: nothing, yes or no, a number, a step of a scale. The words stand in ``data``.

Words become a scale for a whole column, never cell by cell: "satisfied" is the best of three steps in one
survey and the fourth of five in another.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

__all__ = ["WordScale", "choice", "fold", "is_unanswered", "match_scale", "word_number"]

#: No cell that says a step of a scale is longer.
_LONGEST = 60
#: A further scale in the same column has to read this share of its cells, and two different steps.
_SECOND_SHARE = 0.1
_MOST_SCALES = 3
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_BETWEEN = re.compile(r"[\s_\-–—/\\.,;:!?\"“”«»()\[\]*&+]+")
#: "promoter (9-10)".
_NUMBERS_AFTER = re.compile(r"(?<=[^\W\d_])(?: \d{1,2}){1,2}$")
#: Letters with a stroke, which no decomposition takes off.
_STROKES = str.maketrans("łŁøØđĐ", "lLoOdD")
#: Variation selectors, and the tones of skin.
_SHADES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


@lru_cache(maxsize=8192)
def fold(cell: str) -> str:
    """Fold a cell for comparison: no case, diacritics or punctuation; white space collapsed."""
    letters = unicodedata.normalize("NFKD", _SHADES.sub("", cell.translate(_STROKES))).casefold()
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _BETWEEN.sub(" ", _APOSTROPHES.sub("", plain)).strip()


@dataclass(frozen=True, slots=True)
class WordScale:
    """A scale whose steps are words.

    Attributes
    ----------
    name
        What it is called in notes.
    signals
        The questions it may answer.
    steps
        For each step, worst first, what a folded cell has to match.
    bands
        The steps are NPS classes, not answers.
    """

    name: str
    signals: frozenset[str]
    steps: tuple[re.Pattern[str], ...]
    bands: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """Worst and best value: two steps are 0 and 1, more are counted from 1."""
        return (0.0, 1.0) if len(self.steps) == 2 else (1.0, float(len(self.steps)))

    def step(self, folded: str) -> int | None:
        """Give the step, from 0, that a folded cell says."""
        folded = _NUMBERS_AFTER.sub("", folded)
        return next((n for n, words in enumerate(self.steps) if words.fullmatch(folded)), None)


@cache
def _data() -> Mapping[str, Any]:
    path = Path(__file__).parent / "data" / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _listed(table: str) -> dict[str, frozenset[str]]:
    return {
        key: frozenset(fold(word) or word for word in words.split("|"))
        for key, words in _data()[table].items()
    }


@cache
def _unanswered() -> frozenset[str]:
    return frozenset().union(*_listed("unanswered").values())


@cache
def _numbers() -> dict[str, float]:
    found: dict[str, float] = {}
    for words in _data()["numbers"].values():
        for number, word in enumerate(words.split()):
            found.setdefault(fold(word), float(number))
    return found


@cache
def _scales() -> tuple[WordScale, ...]:
    return tuple(
        WordScale(
            facts["name"],
            frozenset(facts["signals"].split()),
            tuple(
                re.compile("|".join(patterns))
                for patterns in zip(*(facts[lang] for lang in facts if len(lang) == 2), strict=True)
            ),
            facts.get("bands", False),
        )
        for facts in _data()["scales"]
    )


def is_unanswered(cell: str) -> bool:
    """Say whether a cell says that a question was not answered (or not even asked)."""
    return len(cell) <= _LONGEST and fold(cell) in _unanswered()


def word_number(word: str) -> float | None:
    """Give the number a word stands for, from nought to ten."""
    return _numbers().get(fold(word))


def choice(cell: str) -> bool | str | None:
    """Read a cell as a choice: yes, no, ``"unsure"``, or ``None`` where it says none of these."""
    if len(cell) > _LONGEST:
        return None
    folded = fold(cell) or cell.strip()
    said = _said(folded)
    # "Probably I would recommend": what is left without the degree.
    return said if said is not None else _said(_degree().sub("", folded))


def _said(folded: str) -> bool | str | None:
    words = _listed("choices")
    if folded in words["yes"]:
        return True
    if folded in words["no"]:
        return False
    return "unsure" if folded in words["unsure"] else None


@cache
def _degree() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, _listed("choices")["degrees"]), key=len, reverse=True))
    return re.compile(rf"^(?:{words}) | (?:{words})$")


def match_scale(cells: Mapping[str, int], signal: str) -> list[tuple[WordScale, dict[str, int]]]:
    """Find the scales that a column's words are on.

    Parameters
    ----------
    cells
        Folded cell -> how many there are.
    signal
        The question they answer.

    Returns
    -------
    list
        Scale, and step (from 0) of each folded cell it reads; the scale of most cells first. Further ones
        read what those before left over.
    """
    left = {cell: n for cell, n in cells.items() if len(cell) <= _LONGEST}
    total = sum(left.values())
    found: list[tuple[WordScale, dict[str, int]]] = []
    while left and len(found) < _MOST_SCALES:
        best = max(
            (_reading(scale, left) for scale in _scales() if signal in scale.signals),
            key=lambda one: one[0],
            default=None,
        )
        if best is None or not best[2]:
            break
        (covered, *_), scale, steps = best
        if found and (covered < _SECOND_SHARE * total or len(set(steps.values())) < 2):
            break
        found.append((scale, steps))
        left = {cell: n for cell, n in left.items() if cell not in steps}
    return found


_Rank = tuple[int, int, int]


def _reading(scale: WordScale, cells: Mapping[str, int]) -> tuple[_Rank, WordScale, dict[str, int]]:
    """Read cells by a scale; the rank is higher for more cells, fewer clashes, fewer steps."""
    steps = {cell: step for cell in cells if (step := scale.step(cell)) is not None}
    covered = sum(cells[cell] for cell in steps)
    return (covered, len(set(steps.values())) - len(steps), -len(scale.steps)), scale, steps
