"""What a full first pass sees in one of their columns; the same for any order of the rows.

Cells come in with how often they came up among some rows: columns say the same again and again, and a cell
that is looked at once costs what one cell costs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from earful.input_columns import Kind
from earful.readers.cuts import Values
from earful.readers.date_profile import DateProfile
from earful.readers.dates import is_plain_date
from earful.readers.distinct import Distinct, Within
from earful.readers.numbers import NumberProfile
from earful.readers.tally import Tally
from earful.readers.values import HALF_PAIR, as_flag, as_text, is_lost, is_missing, or_none
from earful.readers.words import choice
from earful.schema import SIGNALS

__all__ = ["READABLE", "Column"]

#: A column of texts is told by its content: this mean length in characters, half the cells of several words.
_TEXT_LENGTH = 12
#: Shorter cells (-, NA) tell nothing of a column.
_WORD_LENGTH = 3
#: Names, addresses and job titles are long too; what somebody wrote has this many spaces on average.
_SPACES = 3
#: A scale has so many answers at most, and none is longer.
_MOST_ANSWERS, _LONGEST_ANSWER = 11, 60
#: No cell of this length or longer stands for nothing, or is a number like 1.03E+13.
_LONG_CELL = 25
#: What the cells of a column have to be, by its kind; a label can be anything.
READABLE: dict[Kind, str] = {
    **dict.fromkeys(("score", "weight", "amount"), "numbers"),
    **dict.fromkeys(("flag", "outcome"), "yes or no"),
    **dict.fromkeys(("received", "stage"), "dates, or yes or no"),
    "date": "dates",
    "words": "words",
}
_LETTER, _DIGIT = re.compile("[A-Za-z]"), re.compile("[0-9]")
_ANSWERS = frozenset([*range(11), *map(str, range(11))])
_LINKS = ("http://", "https://")
#: How links, and objects and lists that a program wrote, begin.
_NO_TEXT = (*_LINKS, "{", "[")


@dataclass(slots=True)
class Column:
    """What the pass saw in one of their columns; what it looks for depends on what its header could mean."""

    signal: str | None = None
    numbers: NumberProfile | None = None
    dates: DateProfile | None = None
    flags: bool = False
    #: Of labels: the different values.
    distinct: Distinct | None = None
    #: The different cells and how many there are of each, as long as they are few.
    few: dict[str, int] | None = field(default_factory=dict)
    #: Where the rows may be cut by it.
    cut: Values | None = None
    filled: int = 0
    #: How many cells are numbers, dates and so on, as ``READABLE`` puts it.
    readable: Counter[str] = field(default_factory=Counter)
    #: How many cells are on no scale to 5, 10 or 100, how many hold no letter, how many are bare numbers.
    beyond: int = 0
    bare: int = 0
    fractions: int = 0
    #: The scores by what a column of survey types says of their rows, and within each product.
    by_type: dict[str, NumberProfile] = field(default_factory=dict)
    within: dict[str, Within] = field(default_factory=dict)
    #: Of cells that could be words: how many, their length, their spaces, how many are of several words,
    #: how many no text.
    n: int = 0
    chars: int = 0
    spaces: int = 0
    spaced: int = 0
    foreign: int = 0
    half_pairs: int = 0
    rounded: int = 0
    #: All cells so far are dates.
    plain_dates: bool = True
    #: Cells that a spreadsheet lost, and those of a choice that say neither yes nor no.
    lost: int = 0
    choices: dict[bool | None, Tally] = field(
        default_factory=lambda: {s: Tally() for s in (True, False, None)}
    )

    def add_all(self, cells: Iterable[tuple[Any, int]]) -> None:
        """Take in cells that are not empty, each with how often it came up."""
        cells = list(cells)
        # A list at a time, and not a cell at a time: there are as many cells as rows, or several times that.
        filled = [one for one in cells if _is_long(one[0]) or not is_missing(one[0])]
        self.lost += sum(
            [n for cell, n in cells if isinstance(cell, str) and cell[0] == "#" and is_lost(cell)]
        )
        if self.dates is not None or self.flags:
            for cell, times in cells:
                self._add_dated(cell, not _is_long(cell) and is_missing(cell), times)
        if self.cut is not None:
            for cell, times in cells:
                self.cut.add(cell, times)
        self.filled += sum([times for _, times in filled])
        # One cell that is no date is enough: a column of words costs a single look.
        self.plain_dates = self.plain_dates and all(is_plain_date(cell) for cell, _ in filled)
        if self.distinct is not None:
            self.distinct.add_all([_as_said(cell) for cell, _ in filled])
        if self.few is not None:
            self._add_few(filled)
        self._add_words([(cell, times) for cell, times in filled if isinstance(cell, str)])
        for cell, times in filled:
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                self.bare += times
                self.readable["answers"] += times * (cell in _ANSWERS)

    def _add_dated(self, cell: Any, missing: bool, times: int) -> None:
        dated = self.dates is not None and self.dates.add(cell, times)
        self.readable["dates"] += times * dated
        if self.flags:
            self._add_choice(cell, missing, dated, times)

    def _add_choice(self, cell: Any, missing: bool, dated: bool, times: int) -> None:
        flag = or_none(as_flag, cell) is not None
        said = flag or missing or (isinstance(cell, str) and choice(cell) is not None)
        self.readable["yes or no"] += times * (said and not missing)
        if not missing:
            side = as_flag(cell) if flag else None
            self.choices[side].add(str(cell).strip()[:60], times)
        self.readable["dates, or yes or no"] += times * (not missing and (flag or dated))

    def _add_few(self, filled: Iterable[tuple[Any, int]]) -> None:
        few: dict[str, int] = dict(self.few or {})
        for cell, times in filled:
            said = _as_said(cell)
            if said not in few and (len(few) >= _MOST_ANSWERS or len(said) > _LONGEST_ANSWER):
                self.few = None
                return
            few[said] = few.get(said, 0) + times
        self.few = few

    def readable_as(self, ours: str, what: str) -> int:
        """Count the cells that one of our columns could take."""
        if what == "numbers" and self.numbers is not None:
            return self.numbers.readable(ours) if ours in SIGNALS else self.numbers.read
        return self.readable[what]

    def _add_words(self, said: list[tuple[str, int]]) -> None:
        bare = [one for one in said if not one[0][0].isalpha() or one[0].startswith(_LINKS)]
        bare = [one for one in bare if _is_bare(one[0])]
        n_bare = sum([times for _, times in bare])
        self.bare += n_bare
        self.readable["answers"] += sum([times for cell, times in bare if cell in _ANSWERS])
        self.readable["words"] += sum([times for _, times in said]) - n_bare
        words = [one for one in said if len(one[0]) >= _WORD_LENGTH]
        spaces = [times * cell.count(" ") for cell, times in words]
        self.n += sum([times for _, times in words])
        self.chars += sum([times * len(cell) for cell, times in words])
        self.spaces += sum(spaces)
        self.spaced += sum([one[1] for one, parted in zip(words, spaces, strict=True) if parted])
        self.foreign += sum([n for cell, n in words if cell[0].isdigit() or cell.startswith(_NO_TEXT)])
        self.rounded += sum([n for cell, n in words if len(cell) < _LONG_CELL and "E+" in cell])
        self.half_pairs += sum([n for cell, n in words if not cell.isascii() and HALF_PAIR.search(cell)])

    @property
    def wordy(self) -> bool:
        """Whether the cells look like sentences."""
        return (
            self.n > 0
            and self.chars >= _TEXT_LENGTH * self.n
            and self.spaced * 2 >= self.n > self.foreign * 2
        )

    @property
    def written(self) -> bool:
        """Whether the cells look like what somebody wrote, and not like names or addresses."""
        return self.wordy and self.spaces >= _SPACES * self.n

    @property
    def length(self) -> float:
        """The mean length of what could be words."""
        return self.chars / self.n if self.n else 0.0


def _as_said(cell: Any) -> str:
    return cell if isinstance(cell, str) else as_text(cell) or ""


def _is_long(cell: Any) -> bool:
    return isinstance(cell, str) and len(cell) >= _LONG_CELL


def _is_bare(cell: str) -> bool:
    """Tell digits and links from words; signs without a digit (``:)``, ``👍``) may be words."""
    if cell.startswith(_LINKS) and " " not in cell:
        return True
    if cell.isascii():
        return _LETTER.search(cell) is None and _DIGIT.search(cell) is not None
    digits = False
    for letter in cell:
        if letter.isalpha():
            return False
        digits = digits or letter.isdigit()
    return digits
