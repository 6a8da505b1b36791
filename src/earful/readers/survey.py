"""What a full first pass over a source finds out: columns, scales, dates, number of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.input_columns import INPUT_COLUMNS, Kind, of_kind
from earful.readers.columns import candidates, check_given, fold, match_names, scale_columns
from earful.readers.dates import DateForm, DateProfile, is_plain_date, zone_in_header
from earful.readers.reader import Reader
from earful.readers.rejects import Record, count, listed, shortened
from earful.readers.scales import NumberProfile, Scale, ScaleRule, as_end, make_rule
from earful.readers.tally import Tally
from earful.readers.values import HALF_PAIR, as_flag, is_lost, is_missing, or_none
from earful.readers.words import choice
from earful.schema import SIGNALS

_How = Literal["given", "name", "content"]

__all__ = ["Plan", "Survey", "survey_source"]

_MOST_COLUMNS = 10_000
#: A column of texts is told by its content: this mean length in characters, half the cells of several words.
_TEXT_LENGTH = 12
#: Shorter cells (-, NA) tell nothing of a column.
_WORD_LENGTH = 3
#: With fewer cells than this a name is believed whatever stands in the column.
_FEW = 5
#: What the cells of a column have to be, by its kind; strings can be anything.
_READABLE: dict[Kind, str] = {
    **dict.fromkeys(("score", "weight", "amount"), "numbers"),
    **dict.fromkeys(("flag", "outcome"), "yes or no"),
    **dict.fromkeys(("received", "stage"), "dates, or yes or no"),
    "date": "dates",
}
#: Of these, a cell that cannot be read becomes null and is noted here; scores, flags and dates speak for
#: themselves, and a weight that is none refuses its row.
_LENIENT = of_kind("received", "stage", "outcome", "amount")
#: A source without any of these has nothing to say.
_HAS_WORDS_OR_SCORES = frozenset(of_kind("words", "score", "flag"))
#: Headers under which a weight is often kept; none is taken unless it is given.
_WEIGHTS = frozenset(map(fold, INPUT_COLUMNS["weight"].headers.split(",")))


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
            quoted = f'"{shortened(theirs)}"'
            scale = f", scale {self.scales[ours]}" if ours in self.scales else ""
            lines.append(f"  {ours:<{margin}} <- {quoted:<{width}}  {how[self.mapped_by[ours]]}{scale}")
        if self.ignored:
            more = f" and {len(self.ignored) - 20} more" if len(self.ignored) > 20 else ""
            lines.append(f"  not used: {', '.join(shortened(name) for name in self.ignored[:20])}{more}")
        lines += [f"  note: {note}" for note in self.notes]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Give the survey as plain values, for the manifest."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """How the rows of a source are read, settled by its survey."""

    mapping: dict[str, str]
    rules: dict[str, ScaleRule]
    #: Of the columns that dates may stand in: ours -> how they are written.
    dates: dict[str, DateForm]


@dataclass(slots=True)
class _Column:
    """What the pass saw in one of their columns; what it looks for depends on what its header could mean."""

    signal: str | None = None
    numbers: NumberProfile | None = None
    dates: DateProfile | None = None
    flags: bool = False
    filled: int = 0
    #: How many cells are numbers, dates and so on, as ``_READABLE`` puts it.
    readable: Counter[str] = field(default_factory=Counter)
    #: Of cells that could be words: how many, their length, how many are of several words, no text, ...
    n: int = 0
    chars: int = 0
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
        dated = self.dates is not None and self.dates.add(cell)
        # One cell that is no date is enough: a column of words costs a single look.
        self.plain_dates = self.plain_dates and (missing or is_plain_date(cell))
        self.readable["dates"] += dated
        if self.flags:
            flag = or_none(as_flag, cell) is not None
            said = flag or missing or (isinstance(cell, str) and choice(cell) is not None)
            self.readable["yes or no"] += said and not missing
            if not missing:
                side = as_flag(cell) if flag else None
                self.choices[side].add(str(cell).strip()[:60])
            self.readable["dates, or yes or no"] += not missing and (flag or dated)
        if not isinstance(cell, str) or len(cell) < _WORD_LENGTH:
            return
        self.lost += is_lost(cell)
        self.n += 1
        self.chars += len(cell)
        self.spaced += " " in cell
        self.foreign += cell.startswith(("http://", "https://", "{", "[")) or cell[:1].isdigit()
        self.rounded += len(cell) < 25 and "E+" in cell
        if not cell.isascii():
            self.half_pairs += HALF_PAIR.search(cell) is not None

    def readable_as(self, ours: str, what: str) -> int:
        """Count the cells that one of our columns could take."""
        if what == "numbers" and self.numbers is not None:
            return self.numbers.readable(ours) if ours in SIGNALS else self.numbers.read
        return self.readable[what]

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
            where = f"line {record.line}: " if record.line else ""
            self.first_problem = self.first_problem or f"{where}{record.problem}"
            return
        for name, cell in record.values.items():
            column = self.columns.get(name) or self._new_column(name)
            if cell is not None and cell != "":
                column.add(cell)
        for name, cell in record.values.items():
            numbers = self.columns[name].numbers
            if numbers is not None and cell is not None and cell != "":
                companion = self.companions(name).get("max")
                numbers.add_cell(cell, as_end(record.values.get(companion), "max") if companion else None)

    def companions(self, name: str) -> dict[str, str]:
        """Give the columns that hold the ends of the scale of a column of scores: end -> column."""
        return self._companions.get(self.columns[name].signal or "", {})

    def misfit(self, ours: str, theirs: str) -> str | None:
        """Say why a column cannot be one of ours, going by its cells: fewer than half can be read as such."""
        column = self.columns[theirs]
        what = _READABLE.get(INPUT_COLUMNS[ours].kind)
        if what is None:
            return None
        readable, filled = column.readable_as(ours, what), column.filled
        if what == "numbers" and column.numbers is not None:
            filled -= column.numbers.unanswered.total
        if filled < _FEW or 2 * readable >= filled:
            return None
        said = f"{readable:,} of its {count(filled, 'cell', 'cells')} are {what}"
        if column.numbers is not None and 2 * sum(column.numbers.dates.values()) > filled:
            said += "; they are dates, as a spreadsheet makes of answers such as 4/5: export it as text"
        return said

    def _new_column(self, name: str) -> _Column:
        if len(self.columns) >= _MOST_COLUMNS:
            raise InputError(
                f"the rows have more than {_MOST_COLUMNS:,} different columns between them",
                fix="use the same column names in every row",
            )
        given = self._given.get(fold(name))
        roles = [given] if given else [offer.ours for offer in candidates(name)]
        looks = {_READABLE.get(INPUT_COLUMNS[role].kind, "") for role in roles}
        column = self.columns[name] = _Column(
            signal=next((role for role in roles if role in SIGNALS), None),
            numbers=NumberProfile() if "numbers" in looks else None,
            dates=DateProfile(zone_in_header(name)) if any("dates" in look for look in looks) else None,
            flags=any("yes or no" in look for look in looks),
        )
        end = None if given else scale_columns(name)
        if end is not None:
            ends = self._companions.setdefault(end[0], {})
            ends[end[1]] = min(ends.get(end[1], name), name)
        return column


def survey_source(
    name: str,
    path: str | None,
    format_: str,
    reader: Reader,
    records: Iterable[Record],
    config: InputConfig,
    scales: ScalesConfig,
) -> tuple[Survey, Plan]:
    """Go over a whole source once, record by record, and settle how its rows are read.

    Raises
    ------
    InputError
        No row can be read, a given column does not exist, or no column holds words or scores.
    """
    where = path or name
    seen = _Pass(config, reader.columns or [])
    for record in records:
        seen.add(record)
    if seen.n_rows and not seen.columns:
        raise InputError(f"none of its {seen.n_rows} rows can be read ({seen.first_problem})", where=where)
    names = list(reader.columns) if reader.columns is not None else sorted(seen.columns)
    mapping, mapped_by, notes = _map(names, seen, config, where)
    columns = {ours: seen.columns[theirs] for ours, theirs in mapping.items()}
    rules: dict[str, ScaleRule] = {}
    for signal in SIGNALS:
        if signal in mapping:
            theirs = mapping[signal]
            numbers = columns[signal].numbers or NumberProfile()
            rules[signal], doubts = make_rule(signal, theirs, numbers, seen.companions(theirs), scales)
            notes += doubts
    dates = {ours: column.dates for ours, column in columns.items() if column.dates is not None}
    if "created_at" in dates:
        notes += dates["created_at"].describe(mapping["created_at"])
    else:
        notes += _undated(seen.columns, set(mapping.values()))
    notes += _cell_notes(columns, mapping)
    used = {*mapping.values(), *(column for rule in rules.values() for column in rule.companions)}
    if "weight" not in mapping:
        notes += [
            f"{name!r} is not taken as a weight unless it is given: --map weight={name}"
            for name in names
            if fold(name) in _WEIGHTS and name not in mapping.values()
        ]
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
    return survey, Plan(mapping, rules, {ours: profile.form for ours, profile in dates.items()})


def _map(
    names: list[str], seen: _Pass, config: InputConfig, where: str
) -> tuple[dict[str, str], dict[str, _How], list[str]]:
    given = check_given(config.columns, names, where)
    unused = {ours: "" for ours, theirs in config.columns.items() if not theirs}
    offered = [name for name in names if not scale_columns(name)]
    by_name, notes = match_names(offered, {**given, **unused}, seen.misfit)
    how: dict[str, _How] = {**dict.fromkeys(given, "given"), **dict.fromkeys(by_name, "name")}
    found = {**given, **by_name}
    shown = listed([shortened(name) for name in names], 30)
    if "text" not in found and "text" not in unused:
        theirs = _text_by_content([name for name in names if name not in found.values()], seen)
        if theirs is not None:
            found["text"], how["text"] = theirs, "content"
            if not by_name and not given:
                notes.append(f"no header was recognised; the first row was taken as the header: {shown}")
    mapping = {ours: found[ours] for ours in INPUT_COLUMNS if ours in found}
    if _HAS_WORDS_OR_SCORES.isdisjoint(mapping):
        raise InputError(
            f"no column with words or scores was recognised among: {shown}",
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


def _undated(columns: Mapping[str, _Column], used: set[str]) -> list[str]:
    """Name the columns of dates that nothing was made of, and those whose header speaks of dates."""
    notes = []
    for name in sorted(columns):
        column = columns[name]
        if name not in used and column.plain_dates and column.filled >= _FEW:
            notes.append(
                f"{name!r} holds dates and is not used; if they say when the words were written: "
                f"--map created_at={name}"
            )
        elif name not in used and column.dates is not None and column.dates.relative >= _FEW:
            notes += column.dates.describe(name)
    return notes


def _choice_notes(theirs: str, choices: Mapping[bool | None, Tally]) -> list[str]:
    """Say which words were read as yes and no, where they are several, and which as neither."""
    notes = []
    if any(len(choices[side].counts) > 1 for side in (True, False)):
        notes.append(f"{theirs!r}: read as yes: {choices[True]}; as no: {choices[False]}")
    if undecided := choices[None].total:
        cells = count(undecided, "cell says", "cells say")
        notes.append(f"{theirs!r}: {cells} neither yes nor no and count as no answer: {choices[None]}")
    return notes


def _cell_notes(columns: Mapping[str, _Column], mapping: Mapping[str, str]) -> list[str]:
    """Say what is wrong with the cells: ids cut short, halves of characters, what cannot be read."""
    notes = []
    if "review_id" in columns and (n := columns["review_id"].rounded):
        rounded = count(n, "id is", "ids are")
        notes.append(
            f"{rounded} written like 1.03E+13 in {mapping['review_id']!r}: a spreadsheet cut them short"
        )
    if halves := sum(column.half_pairs for column in columns.values()):
        cells = count(halves, "cell holds", "cells hold")
        notes.append(f"{cells} half of a surrogate pair (a cut emoji, as a rule); it stands as U+FFFD")
    for ours, column in columns.items():
        kind = INPUT_COLUMNS[ours].kind
        if kind == "words" and column.lost:
            cells = count(column.lost, "cell of", "cells of")
            notes.append(
                f"{cells} {mapping[ours]!r} hold an error of the spreadsheet such as #NAME? and count as "
                "empty: the words were lost before the export"
            )
        if kind == "flag":
            notes += _choice_notes(mapping[ours], column.choices)
    for ours in _LENIENT:
        if ours in columns:
            what = _READABLE[INPUT_COLUMNS[ours].kind]
            lost = columns[ours].filled - columns[ours].readable_as(ours, what)
            if lost > 0:
                cells = count(lost, "cell", "cells")
                notes.append(f"{cells} of {mapping[ours]!r} cannot be read and became null")
    return notes
