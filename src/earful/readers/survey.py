"""What a full first pass over a source finds out: columns, scales, dates, number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from earful.config import COLUMNS, InputConfig, ScalesConfig
from earful.errors import InputError
from earful.readers.columns import candidates, check_given, fold, match_names, scale_columns
from earful.readers.dates import DateProfile
from earful.readers.rejects import Reader, Record, count
from earful.readers.scales import NumberProfile, Scale, ScaleRule, configured_scale, make_rule
from earful.readers.values import HALF_PAIR, as_flag, as_number, is_missing
from earful.schema import SIGNALS, STAGES

_How = Literal["given", "name", "content"]

__all__ = ["Plan", "Survey", "survey_source"]

_MOST_COLUMNS = 10_000
#: A column of texts is told by its content: this mean length in characters, half the cells of several words.
_TEXT_LENGTH = 12
#: Columns that a time fills, or yes and no; columns of yes and no; columns of amounts.
_MOMENTS = ("received", *STAGES)
_FLAGS = ("recommended", "retained", "churned")
_AMOUNTS = ("weight", "orders", "order_value", "annual_value")
#: Names under which a weight is often kept; none is taken unless it is given.
_WEIGHTS = frozenset(("weight", "weights", "weighting", "sampleweight", "surveyweight", "respondentweight"))
#: Shorter cells (-, NA) tell nothing of a column.
_WORD_LENGTH = 3
#: With fewer cells than this a name is believed whatever stands in the column.
_FEW = 5


@dataclass(frozen=True)
class Survey:
    """What is known of one source after a full pass.

    Attributes
    ----------
    source
        The name rows of this source carry.
    path
        The path as given; ``None`` for a DataFrame.
    format
        The reader's name: csv, jsonl, json, parquet, excel, frame.
    encoding, delimiter
        Of text formats; ``None`` elsewhere (no delimiter: a file of one column).
    n_rows
        Rows read, rejects counted in.
    mapping, mapped_by
        Our column -> theirs, and -> ``given``, ``name`` or ``content``.
    scales
        Signal -> its scale.
    ignored
        Their columns that are not used.
    notes
        Plain sentences on what had to be assumed.
    """

    source: str
    path: str | None
    format: str
    encoding: str | None
    delimiter: str | None
    n_rows: int
    mapping: dict[str, str]
    mapped_by: dict[str, _How]
    scales: dict[str, Scale]
    ignored: list[str]
    notes: list[str]

    def describe(self) -> list[str]:
        """Say in plain lines what was read and how, for the user to check."""
        traits = [count(self.n_rows, "row", "rows"), self.format]
        if self.encoding:
            traits.append(self.encoding)
        if self.delimiter:
            traits.append("tab-delimited" if self.delimiter == "\t" else f"delimiter {self.delimiter!r}")
        lines = [f"{self.source}: {', '.join(traits)}"]
        margin = max([11, *map(len, self.mapping)])
        width = max((len(theirs) for theirs in self.mapping.values()), default=0) + 2
        width = min(width, 42)
        how = {"given": "as given", "name": "by name", "content": "by content"}
        for ours, theirs in self.mapping.items():
            quoted = f'"{_short(theirs)}"'
            scale = f", scale {self.scales[ours]}" if ours in self.scales else ""
            lines.append(f"  {ours:<{margin}} <- {quoted:<{width}}  {how[self.mapped_by[ours]]}{scale}")
        if self.ignored:
            more = f" and {len(self.ignored) - 20} more" if len(self.ignored) > 20 else ""
            lines.append(f"  not used: {', '.join(_short(name) for name in self.ignored[:20])}{more}")
        lines += [f"  note: {note}" for note in self.notes]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Give the survey as plain values, for the manifest."""
        return asdict(self)


def _short(text: str, limit: int = 38) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True)
class Plan:
    """How the rows of a source are read, settled by its survey."""

    mapping: dict[str, str]
    rules: dict[str, ScaleRule]
    month_first: bool
    #: Of the columns of complaint stages: ours -> whether the month comes first in their dates.
    stage_orders: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class _Column:
    """What the pass saw in one of their columns."""

    n: int = 0
    chars: int = 0
    spaced: int = 0
    foreign: int = 0
    numbers: NumberProfile | None = None
    dates: DateProfile | None = None
    signal: str | None = None
    half_pairs: int = 0
    rounded: int = 0
    filled: int = 0
    scored: int = 0
    flagged: int | None = None
    moments: int = 0

    def add(self, cell: Any) -> None:
        """Take in a cell that is not empty."""
        self.filled += not is_missing(cell)
        if not isinstance(cell, str) or len(cell) < _WORD_LENGTH:
            return
        self.n += 1
        self.chars += len(cell)
        self.spaced += " " in cell
        self.foreign += cell.startswith(("http://", "https://", "{", "[")) or cell[:1].isdigit()
        self.rounded += len(cell) < 25 and "E+" in cell
        if not cell.isascii():
            self.half_pairs += HALF_PAIR.search(cell) is not None

    def judge(self, cell: Any) -> None:
        """See whether a cell is a date or a flag, where the column could hold such."""
        if self.dates is not None:
            self.dates.add(cell)
        if self.flagged is not None:
            flag = _is_flag(cell)
            self.flagged += flag
            if self.dates is not None and not is_missing(cell):
                self.moments += flag or self.dates.readable(cell)

    @property
    def wordy(self) -> bool:
        """Whether the cells look like sentences."""
        return (
            self.n > 0
            and self.chars >= _TEXT_LENGTH * self.n
            and self.spaced * 2 >= self.n > self.foreign * 2
        )


class _Pass:
    """The first pass over one source."""

    def __init__(self, config: InputConfig, given: Iterable[str]) -> None:
        self._given = {fold(theirs): ours for ours, theirs in config.columns.items() if theirs}
        self._companions: dict[str, dict[str, str]] = {}
        self.columns: dict[str, _Column] = {}
        for name in given:
            self._new_column(name)
        self.n_rows = 0
        self.first_problem = ""

    def add(self, record: Record) -> None:
        """Take in a record."""
        self.n_rows += 1
        if record.values is None:
            if not self.first_problem:
                self.first_problem = (
                    f"line {record.line}: {record.problem}" if record.line else str(record.problem)
                )
            return
        for name, cell in record.values.items():
            column = self.columns.get(name)
            if column is None:
                column = self._new_column(name)
            if cell is None or cell == "":
                continue
            column.add(cell)
            column.judge(cell)
        for name, cell in record.values.items():
            numbers = self.columns[name].numbers
            if numbers is not None:
                self._add_number(name, numbers, cell, record.values)

    def _add_number(self, name: str, numbers: NumberProfile, cell: Any, values: Mapping[str, Any]) -> None:
        number = _try_number(cell)
        if number is not None:
            self.columns[name].scored += 1
            companion = self.companions(name).get("max")
            best = _try_number(values.get(companion)) if companion else None
            numbers.add(number, best[0] if best else None)

    def companions(self, name: str) -> dict[str, str]:
        """Give the columns that hold the ends of the scale of a column of scores: end -> column."""
        return self._companions.get(self.columns[name].signal or "", {})

    def misfit(self, ours: str, theirs: str) -> str | None:
        """Say why a column cannot be one of ours, going by its cells: fewer than half can be read as such."""
        column = self.columns[theirs]
        readable, kind = column.filled, ""
        if ours in SIGNALS or ours in _AMOUNTS:
            readable, kind = column.scored, "numbers"
        elif ours in _FLAGS:
            readable, kind = column.flagged or 0, "yes or no"
        elif ours in _MOMENTS:
            readable, kind = column.moments, "dates, or yes or no"
        elif ours == "created_at" and column.dates is not None:
            readable, kind = column.filled - column.dates.unread, "dates"
        if column.filled < _FEW or 2 * readable >= column.filled:
            return None
        return f"{readable:,} of its {count(column.filled, 'cell', 'cells')} are {kind}"

    def _new_column(self, name: str) -> _Column:
        if len(self.columns) >= _MOST_COLUMNS:
            raise InputError(
                f"the rows have more than {_MOST_COLUMNS:,} different columns between them",
                fix="use the same column names in every row",
            )
        column = self.columns[name] = _Column()
        given = self._given.get(fold(name))
        for role in [given] if given else [offer.ours for offer in candidates(name)]:
            if role in SIGNALS or role in _AMOUNTS:
                column.numbers = NumberProfile()
            if role in SIGNALS:
                column.signal = column.signal or role
            if role == "created_at" or role in _MOMENTS:
                column.dates = DateProfile()
            if role in _FLAGS or role in _MOMENTS:
                column.flagged = 0
        end = None if given else scale_columns(name)
        if end is not None:
            ends = self._companions.setdefault(end[0], {})
            ends[end[1]] = min(ends.get(end[1], name), name)
        return column


def _try_number(cell: Any) -> tuple[float, float | None] | None:
    try:
        return as_number(cell)
    except ValueError:
        return None


def _is_flag(cell: Any) -> bool:
    try:
        return as_flag(cell) is not None
    except ValueError:
        return False


def survey_source(
    name: str, path: str | None, format_: str, reader: Reader, config: InputConfig, scales: ScalesConfig
) -> tuple[Survey, Plan]:
    """Go over a whole source once and settle how its rows are read.

    Raises
    ------
    InputError
        No row can be read, a given column does not exist, or no column holds words or scores.
    """
    where = path or name
    seen = _Pass(config, reader.columns or [])
    for record in reader.records():
        seen.add(record)
    if seen.n_rows and not seen.columns:
        raise InputError(f"none of its {seen.n_rows} rows can be read ({seen.first_problem})", where=where)
    names = list(reader.columns) if reader.columns is not None else sorted(seen.columns)
    mapping, mapped_by, notes = _map(names, seen, config, where)
    rules: dict[str, ScaleRule] = {}
    for signal in SIGNALS:
        if signal in mapping:
            numbers = seen.columns[mapping[signal]].numbers or NumberProfile()
            rules[signal], doubts = make_rule(
                signal,
                mapping[signal],
                numbers,
                seen.companions(mapping[signal]),
                configured_scale(signal, scales),
            )
            notes += doubts
    dates = seen.columns[mapping["created_at"]].dates if "created_at" in mapping else None
    if dates is not None:
        notes += dates.describe(mapping["created_at"])
    stages = {ours: seen.columns[mapping[ours]].dates for ours in _MOMENTS if ours in mapping}
    notes += _text_notes(seen, mapping) + _extra_notes(seen, mapping, names)
    used = {
        *mapping.values(),
        *(c for rule in rules.values() for c in (rule.min_column, rule.max_column) if c),
    }
    if not seen.n_rows:
        notes.append("holds a header and no rows")
    survey = Survey(
        source=name,
        path=path,
        format=format_,
        encoding=reader.encoding,
        delimiter=reader.delimiter,
        n_rows=seen.n_rows,
        mapping=mapping,
        mapped_by=mapped_by,
        scales={signal: rule.scale for signal, rule in rules.items()},
        ignored=[name for name in names if name not in used],
        notes=[*reader.notes, *notes],
    )
    orders = {ours: profile.order for ours, profile in stages.items() if profile is not None}
    return survey, Plan(mapping, rules, dates.order if dates is not None else True, orders)


def _map(
    names: list[str], seen: _Pass, config: InputConfig, where: str
) -> tuple[dict[str, str], dict[str, _How], list[str]]:
    given = check_given(config.columns, names, where)
    unused = {ours: "" for ours, theirs in config.columns.items() if not theirs}
    offered = [name for name in names if not scale_columns(name)]
    by_name, notes = match_names(offered, {**given, **unused}, seen.misfit)
    how: dict[str, _How] = {**dict.fromkeys(given, "given"), **dict.fromkeys(by_name, "name")}
    found = {**given, **by_name}
    if "text" not in found and "text" not in unused:
        theirs = _text_by_content([name for name in names if name not in found.values()], seen)
        if theirs is not None:
            found["text"], how["text"] = theirs, "content"
            if not by_name and not given:
                notes.append(
                    f"no header was recognised; the first row was taken as the header: {_shown(names)}"
                )
    mapping = {ours: found[ours] for ours in COLUMNS if ours in found}
    if not any(ours in mapping for ours in ("text", "title", "recommended", *SIGNALS)):
        raise InputError(
            f"no column with words or scores was recognised among: {_shown(names)}",
            where=where,
            fix="name it, for instance --map text=COLUMN",
        )
    return mapping, {ours: how[ours] for ours in mapping}, notes


def _text_by_content(names: list[str], seen: _Pass) -> str | None:
    """Find the column of the longest free texts; ties go to the first name in alphabetical order."""
    columns = [(name, seen.columns[name]) for name in sorted(names) if not scale_columns(name)]
    wordy = [(name, column) for name, column in columns if column.wordy]
    if not wordy and len(seen.columns) == 1:
        wordy = [(name, column) for name, column in columns if column.n > column.foreign * 2]
    if not wordy:
        return None
    return max(wordy, key=lambda one: one[1].chars / one[1].n)[0]


def _shown(names: list[str], limit: int = 30) -> str:
    more = f", and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(_short(name)) for name in names[:limit]) + more


def _text_notes(seen: _Pass, mapping: dict[str, str]) -> list[str]:
    notes = []
    ids = mapping.get("review_id")
    if ids is not None and seen.columns[ids].rounded:
        rounded = count(seen.columns[ids].rounded, "id is", "ids are")
        notes.append(f"{rounded} written like 1.03E+13 in {ids!r}: a spreadsheet cut them short")
    halves = sum(seen.columns[theirs].half_pairs for theirs in mapping.values())
    if not halves:
        return notes
    cells = count(halves, "cell holds", "cells hold")
    return [*notes, f"{cells} half of a surrogate pair (a cut emoji, as a rule); it stands as U+FFFD"]


def _extra_notes(seen: _Pass, mapping: dict[str, str], names: list[str]) -> list[str]:
    """Say what could not be read in the columns of stages, flags and amounts, and of a weight not taken."""
    notes = []
    for ours, theirs in mapping.items():
        column = seen.columns[theirs]
        kinds = ((_MOMENTS, column.moments), (_FLAGS[1:], column.flagged), (_AMOUNTS[1:], column.scored))
        lost = sum(column.filled - (readable or 0) for some, readable in kinds if ours in some)
        if lost > 0:
            notes.append(f"{count(lost, 'cell', 'cells')} of {theirs!r} cannot be read and became null")
    if "weight" not in mapping:
        notes += [
            f"{name!r} is not taken as a weight unless it is given: --map weight={name}"
            for name in names
            if fold(name) in _WEIGHTS and name not in mapping.values()
        ]
    return notes
