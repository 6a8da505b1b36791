"""What a full pass saw in a column of scores; the same for any order of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from earful.readers.misdated import Role, day_and_month, rating_in_dates
from earful.readers.tally import Tally
from earful.readers.values import Number, as_number
from earful.readers.words import WordScale, fold, is_unanswered, match_scale

__all__ = ["NumberProfile", "Said"]

_MOST_COMPANIONS = 64
#: A column with more different values than this is on no scale; its values are not told one by one.
_MOST_VALUES = 10_000

#: On a scale around nought so many answers are below it, and it ends at one of these.
_BALANCED, _BALANCED_ENDS = 0.05, frozenset({1.0, 2.0, 3.0, 4.0, 5.0, 10.0})

#: What means nothing, except among answers of yes.
_NO_OR_NOTHING, _YES = frozenset({"нет"}), frozenset({"да"})

Said = tuple[float, float | None, float | None]
"""A value, the best value that its cell names, the best value that a companion column names."""


@dataclass
class NumberProfile:
    """What a full pass saw in a column of scores.

    Attributes
    ----------
    n, zeros, fractions, halves
        Values on a scale that neither cell nor companion names; of those 0, between 0 and 1, and 0.5.
    over
        Of those, how many are above a limit.
    tens
        Of those, how many are 10, 15, 20 ... 50.
    read
        Cells that are numbers.
    values
        What was said how often, while there are few different values.
    unanswered, words
        Cells that say there is no answer, and cells that say something else, as they stand.
    dates
        Cells that read as dates: (day, month) -> how many.
    nays
        Cells that say "no", or nothing at all.
    """

    n: int = 0
    zeros: int = 0
    fractions: int = 0
    halves: int = 0
    tens: int = 0
    over: dict[int, int] = field(default_factory=lambda: dict.fromkeys((1, 5, 7, 10, 50, 100), 0))
    zeros_by_best: dict[float, int] = field(default_factory=dict)
    companions: set[float] = field(default_factory=set)
    cells: set[float] = field(default_factory=set)
    read: int = 0
    values: Counter[Said] = field(default_factory=Counter)
    unanswered: Tally = field(default_factory=Tally)
    words: Tally = field(default_factory=Tally)
    dates: Counter[tuple[int, int]] = field(default_factory=Counter)
    nays: int = 0

    def add_cell(self, cell: Any, companion: float | None, times: int = 1) -> None:
        """Take in a cell as often as it came with the best value that a companion column names for it."""
        try:
            number = as_number(cell)
        except ValueError:
            self._add_words(cell, times)
            return
        if number is not None:
            self.read += times
            self.add(number, companion, times)
        elif isinstance(cell, str) and fold(cell) in _NO_OR_NOTHING:
            self.nays += times

    def add(self, number: Number, companion: float | None, times: int = 1) -> None:
        """Take in a value as often as it came with the best value that a companion column names for it."""
        value, best = number
        said = (value, best, companion)
        if said in self.values or len(self.values) <= _MOST_VALUES:
            self.values[said] += times
        source = self.cells if companion is None else self.companions
        best = best if companion is None else companion
        if best is not None:
            if best in self.zeros_by_best or len(self.zeros_by_best) < _MOST_COMPANIONS:
                self.zeros_by_best[best] = self.zeros_by_best.get(best, 0) + times * (value == 0)
                source.add(best)
            return
        if value < 0:
            return
        self.n += times
        self.zeros += times * (value == 0)
        self.fractions += times * (0 < value < 1)
        self.halves += times * (value == 0.5)
        self.tens += times * (10 <= value <= 50 and value % 5 == 0)
        for limit in self.over:
            self.over[limit] += times * (value > limit)

    def _add_words(self, cell: Any, times: int) -> None:
        date = day_and_month(cell)
        if date is not None:
            self.dates[date] += times
        text = cell if isinstance(cell, str) else str(cell)
        (self.unanswered if is_unanswered(text) else self.words).add(text.strip()[:60], times)

    @property
    def answered_as(self) -> dict[str, int]:
        """Give the folded cells that say something else than a number, with their counts."""
        folded: Counter[str] = Counter()
        for cell, n in self.words:
            folded[fold(cell)] += n
        if self.nays and _YES & folded.keys():
            folded.update(dict.fromkeys(_NO_OR_NOTHING, self.nays))
        return dict(folded)

    @property
    def spelled(self) -> dict[str, str]:
        """Give for each folded cell how it is spelled, the most frequent spelling first."""
        spelled: dict[str, str] = {}
        for cell, _ in self.words:
            spelled.setdefault(fold(cell), cell)
        return spelled

    def scales(self, signal: str) -> list[tuple[WordScale, dict[str, int]]]:
        """Give the scales that the words of the column are on, for one question."""
        return match_scale(self.answered_as, signal) if self.words.total else []

    @cached_property
    def dated(self) -> tuple[Role, int] | None:
        """Tell where the answer and the best answer are in cells that a spreadsheet made dates of."""
        n = sum(self.dates.values())
        return rating_in_dates(self.dates) if n and n >= 0.9 * self.words.total else None

    @cached_property
    def balanced(self) -> float | None:
        """Give the end of a scale that reaches as far below nought as above, where the answers are on one.

        A lone -1 among 1 to 5 stands for no answer: the lowest has to be as far from nought as the highest.
        """
        plain = {value: n for (value, best, companion), n in self.values.items() if best is companion is None}
        below = sum(n for value, n in plain.items() if value < 0)
        if below < max(2, _BALANCED * sum(plain.values())):
            return None
        end = max(abs(value) for value in plain)
        whole = all(value.is_integer() for value in plain)
        return end if whole and end in _BALANCED_ENDS and {-end, end} <= plain.keys() else None

    def readable(self, signal: str) -> int:
        """Count the cells that are an answer to a question: numbers, words on a scale, answers made dates."""
        if self.dated is not None:
            return self.read + sum(self.dates.values())
        cells = self.answered_as if self.words.total else {}
        return self.read + sum(cells[cell] for _, steps in self.scales(signal) for cell in steps)
