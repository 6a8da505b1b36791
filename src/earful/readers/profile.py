"""What a full first pass sees in their columns: how full they are, what the cells read as, how values repeat.

Everything counted here is the same for any order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.input_columns import GENERIC_SCORES, INPUT_COLUMNS, SURVEY_TYPES, TYPE_COLUMNS
from earful.readers import exports
from earful.readers.columns import candidates, fold, offers, qualified, scale_columns
from earful.readers.content import READABLE, Column
from earful.readers.cuts import Values
from earful.readers.date_profile import DateProfile
from earful.readers.dates import zone_in_header
from earful.readers.distinct import ONE, Distinct, Within, tallied
from earful.readers.rejects import Record, count
from earful.readers.scales import NumberProfile, as_end
from earful.readers.values import as_number, as_text, is_missing, or_none
from earful.schema import SIGNALS

__all__ = ["FEW", "GENERIC", "READABLE", "SURE", "Column", "Pass"]

_MOST_COLUMNS = 10_000
#: So many records are looked at together: a column says the same again and again.
_HELD = 1024
#: With fewer cells than this a name is believed whatever stands in the column.
FEW = 5
#: An answer lies in these; a column of scores beyond them counts something else.
_MOST = 100
#: Of a score that most rows lack, so many different words say so at most.
_STATUSES = 4
#: A product's average is told by so many rows beyond the first of each product, none of which differs.
SURE = 10
_TYPES = {fold(value): kind for kind, values in SURVEY_TYPES.items() for value in values.split(",")}
#: Headers that do not say what the score answers.
GENERIC = frozenset(map(fold, GENERIC_SCORES.split(",")))
#: A bare name beside one of these is somebody's.
_EMAILS = frozenset({"email", "emailaddress", "useremail", "customeremail", "почта", "epasts", "имейл"})
_TYPE_HEADERS = frozenset(map(fold, TYPE_COLUMNS.split(",")))


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
        self._held: list[Mapping[str, Any]] = []

    def add(self, record: Record, values: Mapping[str, Any] | None) -> None:
        """Take in a record; ``values`` are its cells as they are to be read."""
        self.n_rows += 1
        if record.problem is not None or values is None:
            where = f"line {record.line}: " if record.line else ""
            self.first_problem = self.first_problem or f"{where}{record.problem}"
            return
        self._held.append(values)
        if len(self._held) >= _HELD:
            self.settle()

    def settle(self) -> None:
        """Look at the records that were taken in and not looked at yet."""
        rows, self._held = self._held, []
        for name, cells in _by_column(rows).items():
            column = self.columns.get(name) or self._new_column(name)
            column.add_all(
                [(cell, times) for (cell,), times in tallied(cells) if cell is not None and cell != ""]
            )
        if rows:
            self._add_scores(rows)

    def _add_scores(self, rows: Sequence[Mapping[str, Any]]) -> None:
        kinds = self._kinds(rows)
        labels = {label: [_label(row.get(label)) for row in rows] for label in self._labels}
        for name in self._scored:
            column, companion = self.columns[name], self.companions(name).get("max")
            if column.numbers is None:
                continue
            cells = [row.get(name) for row in rows]
            ends = [row.get(companion) if companion else None for row in rows]
            for (cell, end, said), times in tallied(cells, ends, kinds):
                if cell is None or cell == "":
                    continue
                best = as_end(end, "max")
                column.numbers.add_cell(cell, best, times)
                for kind in said.split():
                    column.by_type.setdefault(kind, NumberProfile()).add_cell(cell, best, times)
            values = [self._number(column, cell) for cell in cells]
            if column.signal:
                self._add_within(column, values, labels)

    def _number(self, column: Column, cell: Any) -> float | None:
        """Read a score, and count what it tells of its column."""
        number = None if cell is None or cell == "" else or_none(as_number, cell)
        if number is None:
            return None
        column.readable["numbers"] += 1
        column.beyond += number[1] is None and not 0 <= number[0] <= _MOST
        column.fractions += number[1] is None and number[0] % 1 != 0
        return number[0]

    def _kinds(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Give the survey types that each row names, parted by spaces."""
        kinds = [""] * len(rows)
        for name in self.types:
            for place, row in enumerate(rows):
                kind = self._type(name, row)
                if kind is not None:
                    kinds[place] += f" {kind}"
        return kinds

    def _add_within(
        self, column: Column, values: Sequence[float | None], labels: Mapping[str, Sequence[str | None]]
    ) -> None:
        for label, products in {"": [""] * len(values), **labels}.items():
            for (product, value), times in tallied(products, values):
                if product is None or value is None:
                    continue
                within = column.within.get(label)
                if within is None:
                    different = self.columns[label].distinct if label else ONE
                    within = column.within[label] = Within(different or Distinct())
                within.add(product, value, times)

    def of_type(self, name: str, kind: str) -> NumberProfile:
        """Give the scores of the rows of one survey type."""
        return self.columns[name].by_type.get(kind, NumberProfile())

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
        if 2 * readable < filled and not self._says_status(ours, column):
            return self._unreadable(column, what, readable, filled)
        beyond = column.beyond
        if column.numbers is not None and column.numbers.balanced:
            beyond = 0
        if ours in SIGNALS and 2 * beyond > column.readable["numbers"]:
            numbers = f"{beyond:,} of its {column.readable['numbers']:,} numbers"
            return f"{numbers} are on no scale up to {_MOST}"
        return None

    @staticmethod
    def _says_status(ours: str, column: Column) -> bool:
        """Say whether a score is left blank by a few words that come again and again: "Timed out"."""
        numbers = column.numbers
        if ours not in SIGNALS or numbers is None or numbers.dates or numbers.words.dropped:
            return False
        said = len(numbers.words.counts)
        return numbers.read >= FEW and said <= _STATUSES and numbers.words.total >= 2 * said

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


def _by_column(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[Any]]:
    """Give the cells of records by column, the columns in the order that they come up."""
    names = list(rows[0]) if rows else []
    if len(names) > 1 and all(len(row) == len(names) for row in rows):
        try:
            # Nearly always: all records have the same columns.
            return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))
        except KeyError:
            pass
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, cell in row.items():
            columns.setdefault(name, []).append(cell)
    return columns


def _label(cell: Any) -> str | None:
    return None if is_missing(cell) else as_text(cell) or ""


def _names_an_id(header: str) -> bool:
    folded = fold(header)
    return any(part in folded for part in ("id", "sku", "asin", "code", "nr", "номер", "артикул", "код"))
