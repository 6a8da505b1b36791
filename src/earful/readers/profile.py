"""What a full first pass sees in their columns: how full they are, what the cells read as, how values repeat.

Everything counted here is the same for any order of the rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.input_columns import GENERIC_SCORES, INPUT_COLUMNS, SURVEY_TYPES, TYPE_COLUMNS, Kind
from earful.readers import exports
from earful.readers.columns import candidates, fold, offers, qualified, scale_columns
from earful.readers.cuts import Values
from earful.readers.date_profile import DateProfile
from earful.readers.dates import is_plain_date, zone_in_header
from earful.readers.distinct import ONE, Distinct, Within
from earful.readers.rejects import Record, count
from earful.readers.scales import NumberProfile, as_end
from earful.readers.tally import Tally
from earful.readers.values import HALF_PAIR, as_flag, as_number, as_text, is_lost, is_missing, or_none
from earful.readers.words import choice
from earful.schema import SIGNALS

__all__ = ["FEW", "GENERIC", "READABLE", "SURE", "Column", "Pass"]

_MOST_COLUMNS = 10_000
#: A column of texts is told by its content: this mean length in characters, half the cells of several words.
_TEXT_LENGTH = 12
#: Shorter cells (-, NA) tell nothing of a column.
_WORD_LENGTH = 3
#: Names, addresses and job titles are long too; what somebody wrote has this many spaces on average.
_SPACES = 3
#: With fewer cells than this a name is believed whatever stands in the column.
FEW = 5
#: A scale has so many answers at most, and none is longer.
_MOST_ANSWERS, _LONGEST_ANSWER = 11, 60
#: What the cells of a column have to be, by its kind; a label can be anything.
READABLE: dict[Kind, str] = {
    **dict.fromkeys(("score", "weight", "amount"), "numbers"),
    **dict.fromkeys(("flag", "outcome"), "yes or no"),
    **dict.fromkeys(("received", "stage"), "dates, or yes or no"),
    "date": "dates",
    "words": "words",
}
#: An answer lies in these; a column of scores beyond them counts something else.
_MOST = 100
#: A product's average is told by so many rows beyond the first of each product, none of which differs.
SURE = 10
_LETTER, _DIGIT = re.compile("[A-Za-z]"), re.compile("[0-9]")
_ANSWERS = frozenset([*range(11), *map(str, range(11))])
_TYPES = {fold(value): kind for kind, values in SURVEY_TYPES.items() for value in values.split(",")}
#: Headers that do not say what the score answers.
GENERIC = frozenset(map(fold, GENERIC_SCORES.split(",")))
#: A bare name beside one of these is somebody's.
_EMAILS = frozenset({"email", "emailaddress", "useremail", "customeremail", "почта", "epasts", "имейл"})
_TYPE_HEADERS = frozenset(map(fold, TYPE_COLUMNS.split(",")))


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

    def add(self, cell: Any) -> None:
        """Take in a cell that is not empty."""
        missing = is_missing(cell)
        self.filled += not missing
        self.lost += isinstance(cell, str) and is_lost(cell)
        dated = self.dates is not None and self.dates.add(cell)
        # One cell that is no date is enough: a column of words costs a single look.
        self.plain_dates = self.plain_dates and (missing or is_plain_date(cell))
        self.readable["dates"] += dated
        if self.flags:
            self._add_choice(cell, missing, dated)
        if self.distinct is not None and not missing:
            self.distinct.add(cell if isinstance(cell, str) else as_text(cell) or "")
        few = self.few
        if few is not None and not missing:
            said = cell if isinstance(cell, str) else as_text(cell) or ""
            if said in few:
                few[said] += 1
            elif len(few) < _MOST_ANSWERS and len(said) <= _LONGEST_ANSWER:
                few[said] = 1
            else:
                self.few = None
        if self.cut is not None:
            self.cut.add(cell)
        if not missing and not isinstance(cell, bool):
            self._add_words(cell)

    def _add_choice(self, cell: Any, missing: bool, dated: bool) -> None:
        flag = or_none(as_flag, cell) is not None
        said = flag or missing or (isinstance(cell, str) and choice(cell) is not None)
        self.readable["yes or no"] += said and not missing
        if not missing:
            side = as_flag(cell) if flag else None
            self.choices[side].add(str(cell).strip()[:60])
        self.readable["dates, or yes or no"] += not missing and (flag or dated)

    def readable_as(self, ours: str, what: str) -> int:
        """Count the cells that one of our columns could take."""
        if what == "numbers" and self.numbers is not None:
            return self.numbers.readable(ours) if ours in SIGNALS else self.numbers.read
        return self.readable[what]

    def _add_words(self, cell: Any) -> None:
        if not isinstance(cell, str):
            self.bare += isinstance(cell, int | float)
            self.readable["answers"] += isinstance(cell, int | float) and cell in _ANSWERS
            return
        bare = _is_bare(cell)
        self.bare += bare
        self.readable["answers"] += bare and cell in _ANSWERS
        self.readable["words"] += not bare
        if len(cell) < _WORD_LENGTH:
            return
        self.n += 1
        self.chars += len(cell)
        spaces = cell.count(" ")
        self.spaces += spaces
        self.spaced += spaces > 0
        self.foreign += cell.startswith(("http://", "https://", "{", "[")) or cell[:1].isdigit()
        self.rounded += len(cell) < 25 and "E+" in cell
        if not cell.isascii():
            self.half_pairs += HALF_PAIR.search(cell) is not None

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


def _is_bare(cell: str) -> bool:
    """Tell digits and links from words; signs without a digit (``:)``, ``👍``) may be words."""
    if cell.startswith(("http://", "https://")) and " " not in cell:
        return True
    if cell.isascii():
        return _LETTER.search(cell) is None and _DIGIT.search(cell) is not None
    digits = False
    for letter in cell:
        if letter.isalpha():
            return False
        digits = digits or letter.isdigit()
    return digits


class Pass:
    """The first pass over one source.

    Parameters
    ----------
    config
        The input settings; what is given there is not looked for.
    given
        The header, where the format has one.
    questions
        What a column asks in full, where the header says it in a row of its own.
    cuts
        Headers of columns that the rows are cut by besides.
    """

    def __init__(
        self,
        config: InputConfig,
        given: Iterable[str],
        questions: Mapping[str, str] | None = None,
        cuts: Iterable[str] = (),
    ) -> None:
        self._cuts = {fold(header) or header for header in cuts}
        self._given = {
            fold(column): ours for ours in config.columns for column in config.columns_of(ours) if column
        }
        self._companions: dict[str, dict[str, str]] = {}
        self._labels: list[str] = []
        self._scored: list[str] = []
        self.questions = dict(questions or {})
        #: Columns that name the kind of survey, and the kinds they name: their value -> ours.
        self.types: dict[str, dict[str, str]] = {}
        self.columns: dict[str, Column] = {}
        for name in given:
            self._new_column(name)
        self.n_rows = 0
        self.first_problem = ""

    def add(self, record: Record, values: Mapping[str, Any] | None) -> None:
        """Take in a record; ``values`` are its cells as they are to be read."""
        self.n_rows += 1
        if record.problem is not None or values is None:
            where = f"line {record.line}: " if record.line else ""
            self.first_problem = self.first_problem or f"{where}{record.problem}"
            return
        for name, cell in values.items():
            column = self.columns.get(name) or self._new_column(name)
            if cell is not None and cell != "":
                column.add(cell)
        self._add_scores(values)

    def _add_scores(self, values: Mapping[str, Any]) -> None:
        types = [kind for name in self.types if (kind := self._type(name, values)) is not None]
        for name in self._scored:
            cell, column = values.get(name), self.columns[name]
            if cell is None or cell == "" or column.numbers is None:
                continue
            companion = self.companions(name).get("max")
            best = as_end(values.get(companion), "max") if companion else None
            column.numbers.add_cell(cell, best)
            for kind in types:
                column.by_type.setdefault(kind, NumberProfile()).add_cell(cell, best)
            number = or_none(as_number, cell)
            if number is not None:
                column.readable["numbers"] += 1
                column.beyond += number[1] is None and not 0 <= number[0] <= _MOST
                column.fractions += number[1] is None and number[0] % 1 != 0
                if column.signal:
                    self._add_within(column, number[0], values)

    def of_type(self, name: str, kind: str) -> NumberProfile:
        """Give the scores of the rows of one survey type."""
        return self.columns[name].by_type.get(kind, NumberProfile())

    def _add_within(self, column: Column, value: float, values: Mapping[str, Any]) -> None:
        column.within.setdefault("", Within(ONE)).add("", value)
        for label in self._labels:
            cell = values.get(label)
            if is_missing(cell):
                continue
            within = column.within.get(label)
            if within is None:
                within = column.within[label] = Within(self.columns[label].distinct or Distinct())
            within.add(as_text(cell) or "", value)

    def _type(self, name: str, values: Mapping[str, Any]) -> str | None:
        cell = values.get(name)
        kind = _TYPES.get(fold(cell)) if isinstance(cell, str) else None
        if kind is not None and isinstance(cell, str):
            self.types[name][cell] = kind
        return kind

    def companions(self, name: str) -> dict[str, str]:
        """Give the columns that hold the ends of the scale of a column of scores: end -> column."""
        return self._companions.get(self.columns[name].signal or "", {})

    def offers(self, name: str) -> list[Any]:
        """Give what a column could be, by its header and by the question that stands with it."""
        return offers(name, self.questions.get(name))

    def misfit(self, ours: str, theirs: str) -> str | None:
        """Say why a column cannot be one of ours, going by its cells."""
        column, kind = self.columns[theirs], INPUT_COLUMNS[ours].kind
        what = READABLE.get(kind)
        if what is None:
            return self._no_label(ours, theirs) if ours == "product" else None
        readable, filled = column.readable_as(ours, what), column.filled
        if what == "numbers" and column.numbers is not None:
            filled -= column.numbers.unanswered.total
        if filled < FEW:
            return None
        if 2 * readable < filled:
            return self._unreadable(column, what, readable, filled)
        beyond = column.beyond
        if column.numbers is not None and column.numbers.balanced:
            beyond = 0
        if ours in SIGNALS and 2 * beyond > column.readable["numbers"]:
            numbers = f"{beyond:,} of its {column.readable['numbers']:,} numbers"
            return f"{numbers} are on no scale up to {_MOST}"
        return None

    @staticmethod
    def _unreadable(column: Column, what: str, readable: int, filled: int) -> str:
        if what == "words":
            return f"{column.bare:,} of its {count(filled, 'cell', 'cells')} are numbers or links"
        said = f"{readable:,} of its {count(filled, 'cell', 'cells')} are {what}"
        if column.numbers is not None and 2 * sum(column.numbers.dates.values()) > filled:
            said += "; they are dates, as a spreadsheet makes of answers such as 4/5: export it as text"
        return said

    def _no_label(self, ours: str, theirs: str) -> str | None:
        """Say why a column names no product: answers, or a name for each row under a weak header."""
        column = self.columns[theirs]
        different = len(column.distinct) if column.distinct is not None else 0
        if column.filled < FEW or not different:
            return None
        answers = column.bare == column.readable["answers"] == column.filled
        if answers and not _names_an_id(theirs):
            return "its cells are answers from 0 to 10 (a rating of its own, as it seems)"
        if fold(theirs) == "name" and any(fold(name) in _EMAILS for name in self.columns):
            return "it stands beside an e-mail address, and so names a person"
        weak = all(offer.tier == 3 for offer in candidates(theirs) if offer.ours == ours)
        if weak and column.filled >= 2 * FEW and 2 * different > column.filled:
            return f"it has {different:,} different values in {column.filled:,} rows"
        return None

    def varied(self, name: str, product: str | None) -> float | None:
        """Give the share of products within which a column of scores varies; ``None`` where too few tell."""
        for label in (product or "", ""):
            within = self.columns[name].within.get(label)
            varied, several, spare = within.varied() if within else (0, 0, 0)
            if spare >= SURE:
                return varied / several
        return None

    def _new_column(self, name: str) -> Column:
        if len(self.columns) >= _MOST_COLUMNS:
            raise InputError(
                f"the rows have more than {_MOST_COLUMNS:,} different columns between them",
                fix="use the same column names in every row",
            )
        given = self._given.get(fold(name))
        roles = [given] if given else [offer.ours for offer in self.offers(name)]
        part = None if given else qualified(name)
        roles += [part] if part else []
        roles += [] if given else [role for role in exports.roles(name) if role not in roles]
        looks = {READABLE.get(INPUT_COLUMNS[role].kind, "") for role in roles}
        label = any(INPUT_COLUMNS[role].kind == "label" for role in roles) or not roles
        column = self.columns[name] = Column(
            signal=next((role for role in roles if role in SIGNALS), None),
            numbers=NumberProfile() if "numbers" in looks else None,
            dates=DateProfile(zone_in_header(name)) if any("dates" in look for look in looks) else None,
            flags=any("yes or no" in look for look in looks),
            distinct=Distinct() if label or "words" in looks else None,
        )
        if self._cuts and (fold(name) or name) in self._cuts:
            column.cut = Values()
        if column.numbers is None and not given and fold(name) in GENERIC:
            column.numbers = NumberProfile()
        if column.numbers is not None:
            self._scored.append(name)
        if "product" in roles:
            self._labels.append(name)
        if fold(name) in _TYPE_HEADERS or fold(name.rpartition(".")[2]) in _TYPE_HEADERS:
            self.types[name] = {}
        end = None if given else scale_columns(name)
        if end is not None:
            ends = self._companions.setdefault(end[0], {})
            ends[end[1]] = min(ends.get(end[1], name), name)
        return column


def _names_an_id(header: str) -> bool:
    folded = fold(header)
    return any(part in folded for part in ("id", "sku", "asin", "code", "nr", "номер", "артикул", "код"))
