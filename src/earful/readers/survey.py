"""What a full first pass over a source finds out: columns, scales, dates, number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.input_columns import INPUT_COLUMNS, of_kind
from earful.readers.columns import Doubt, fold
from earful.readers.cuts import Cut, find_cuts
from earful.readers.dates import DateForm
from earful.readers.exports import Export, exports, find_export
from earful.readers.mapping import How, Mapped, Typed, map_columns
from earful.readers.profile import FEW, READABLE, Column, Pass
from earful.readers.reader import Reader
from earful.readers.rejects import Record, count, shortened
from earful.readers.scales import NumberProfile, Scale, ScaleRule, make_rule
from earful.readers.tally import Tally
from earful.schema import SIGNALS

__all__ = ["Plan", "Survey", "survey_source"]

#: Of these, a cell that cannot be read becomes null and is noted here; scores, flags and dates speak for
#: themselves, and a weight that is none refuses its row.
_LENIENT = of_kind("received", "stage", "outcome", "amount")
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
        Our column -> theirs, and -> ``given``, ``export``, ``name``, ``content``, or ``type`` where another
        column says which question a score answers.
    parts
        Where the text is made of several columns: theirs -> the name of the field, in their order.
    export
        The known export that it is, and why; empty where it is none.
    doubts
        What could be read otherwise, and how to say so; each is a note too.
    cuts
        What the rows are cut by besides: its name -> their column.
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
    mapped_by: dict[str, How]
    scales: dict[str, Scale]
    ignored: list[str]
    notes: list[str]
    parts: dict[str, str] = field(default_factory=dict)
    export: str = ""
    doubts: list[Doubt] = field(default_factory=list)
    cuts: dict[str, str] = field(default_factory=dict)

    def describe(self) -> list[str]:
        """Say in plain lines what was read and how, for the user to check."""
        traits = [count(self.n_rows, "row", "rows"), self.format]
        if self.encoding:
            traits.append(self.encoding)
        if self.delimiter:
            traits.append("tab-delimited" if self.delimiter == "\t" else f"delimiter {self.delimiter!r}")
        lines = [f"{self.source}: {', '.join(traits)}"]
        if self.export:
            lines.append(f"  {self.export}")
        margin = max([11, *map(len, self.mapping)])
        width = max(map(len, [*self.mapping.values(), *self.parts]), default=0) + 2
        width = min(width, 42)
        for ours, theirs in self.mapping.items():
            several = self.parts if ours == "text" and self.parts else {theirs: ""}
            for place, (column, label) in enumerate(several.items()):
                quoted = f'"{shortened(column)}"'
                scale = f", scale {self.scales[ours]}" if ours in self.scales else ""
                as_field = f", as {shortened(label)!r}" if label else ""
                how = _SAID[self.mapped_by[ours]]
                name = "" if place else ours
                lines.append(f"  {name:<{margin}} <- {quoted:<{width}}  {how}{as_field}{scale}")
        for name, theirs in self.cuts.items():
            lines.append(f'  by {name} <- "{shortened(theirs)}"')
        if self.ignored:
            more = f" and {len(self.ignored) - 20} more" if len(self.ignored) > 20 else ""
            lines.append(f"  not used: {', '.join(shortened(name) for name in self.ignored[:20])}{more}")
        lines += [f"  note: {note}" for note in self.notes]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Give the survey as plain values, for the manifest."""
        return asdict(self)


_SAID: dict[How, str] = {
    "given": "as given",
    "export": "by export",
    "name": "by name",
    "content": "by content",
    "type": "by survey type",
}


@dataclass(frozen=True)
class Plan:
    """How the rows of a source are read, settled by its survey."""

    mapping: dict[str, str]
    rules: dict[str, ScaleRule]
    #: Of the columns that dates may stand in: ours -> how they are written.
    dates: dict[str, DateForm]
    #: Where the text is made of several columns: theirs -> the name of the field.
    parts: dict[str, str] = field(default_factory=dict)
    #: The column of scores whose question another column names in each row.
    typed: Typed | None = None
    #: The known export, where its rows need mending.
    export: Export | None = None
    #: What the rows are cut by besides.
    cuts: dict[str, Cut] = field(default_factory=dict)

    def reads_as(self, other: Plan) -> bool:
        """Say whether every row is read the same by another plan; which values a cut has reads none."""
        mine, theirs = (
            replace(plan, cuts={name: replace(cut, values=()) for name, cut in plan.cuts.items()})
            for plan in (self, other)
        )
        return mine == theirs


def survey_source(
    name: str,
    path: str | None,
    format_: str,
    reader: Reader,
    records: Iterable[Record],
    config: InputConfig,
    scales: ScalesConfig,
    cuts: Mapping[str, str] | None = None,
) -> tuple[Survey, Plan]:
    """Go over a whole source once, record by record, and settle how its rows are read.

    Raises
    ------
    InputError
        No row can be read, a given column does not exist, or no column holds words or scores.
    """
    where = path or name
    export, why = _known_export(reader.columns, config, where) if reader.columns is not None else (None, "")
    cuts = cuts or {}
    seen = Pass(config, reader.columns or [], reader.questions, cuts.values())
    for record in records:
        values = record.values
        if export is not None and export.mends and values is not None:
            values, _ = export.mended(values)
        seen.add(record, values)
    seen.settle()
    if seen.n_rows and not seen.columns:
        why = seen.first_problem or "there is no field in them"
        raise InputError(f"none of its {seen.n_rows} rows can be read ({why})", where=where)
    names = list(reader.columns) if reader.columns is not None else sorted(seen.columns)
    names += [name for name in seen.columns if name not in names]
    if reader.columns is None:
        export, why = _known_export(names, config, where)
    mapped = map_columns(names, seen, config, where, export)
    columns = {ours: seen.columns[theirs] for ours, theirs in mapped.columns.items()}
    rules, notes = _rules(mapped, seen, scales)
    dates = {ours: column.dates for ours, column in columns.items() if column.dates is not None}
    abroad = _is_abroad(reader.delimiter, names)
    for profile in dates.values():
        profile.abroad = abroad
    if "created_at" in dates:
        notes += dates["created_at"].describe(mapped.columns["created_at"])
    else:
        notes += _undated(seen.columns, set(mapped.columns.values()))
    notes += _cell_notes(columns, mapped.columns)
    valued = {name: column.cut for name, column in seen.columns.items() if column.cut is not None}
    further, told = find_cuts(cuts, valued, where)
    notes += told
    used = {*mapped.columns.values(), *mapped.parts, *(cut.theirs for cut in further.values())}
    used |= {column for rule in rules.values() for column in rule.companions}
    used |= {mapped.typed.by} if mapped.typed else set()
    ignored = [name for name in names if name not in used]
    if "weight" not in mapped.columns:
        notes += [
            f"{name!r} is not taken as a weight unless it is given: --map weight={name}"
            for name in ignored
            if fold(name) in _WEIGHTS
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
        mapping=mapped.columns,
        mapped_by=mapped.how,
        scales={signal: rule.scale for signal, rule in rules.items()},
        ignored=ignored,
        notes=[*reader.notes, *map(str, mapped.doubts), *mapped.notes, *notes],
        parts=mapped.parts,
        export=why,
        doubts=mapped.doubts,
        cuts={name: cut.theirs for name, cut in further.items()},
    )
    forms = {ours: profile.form for ours, profile in dates.items()}
    mends = export if export is not None and export.mends else None
    return survey, Plan(mapped.columns, rules, forms, mapped.parts, mapped.typed, mends, further)


def _is_abroad(delimiter: str | None, names: Iterable[str]) -> bool:
    """Say whether a file is not in English: by letters of its headers, or a comma within its numbers."""
    return delimiter == ";" or any(letter.isalpha() and not letter.isascii() for letter in "".join(names))


def _known_export(names: Iterable[str], config: InputConfig, where: str) -> tuple[Export | None, str]:
    """Give the export that is set, or that the headers show; and why, in words."""
    named = exports().get((config.format or "").strip().lower())
    if named is not None:
        if not named.mapping(names) and not any(map(named.is_part, names)):
            raise InputError(
                f"has none of the columns of export {named.name!r} ({named.title})",
                where=where,
                fix="leave --format out, or see earful formats",
            )
        return named, f"by export {named.name!r} ({named.title}), as given"
    found = find_export(names)
    return (found[0], found[0].describe(found[1])) if found is not None else (None, "")


def _rules(mapped: Mapped, seen: Pass, scales: ScalesConfig) -> tuple[dict[str, ScaleRule], list[str]]:
    """Settle the scale of each score."""
    rules: dict[str, ScaleRule] = {}
    notes: list[str] = []
    for signal in SIGNALS:
        theirs = mapped.columns.get(signal)
        if theirs is None:
            continue
        numbers = seen.columns[theirs].numbers or NumberProfile()
        if mapped.typed is not None and mapped.typed.theirs == theirs:
            numbers = seen.of_type(theirs, signal)
        rules[signal], doubts = make_rule(signal, theirs, numbers, seen.companions(theirs), scales)
        notes += doubts
    return rules, notes


def _undated(columns: Mapping[str, Column], used: set[str]) -> list[str]:
    """Name the columns of dates that nothing was made of, and those whose header speaks of dates."""
    notes = []
    for name in sorted(columns):
        column = columns[name]
        if name not in used and column.plain_dates and column.filled >= FEW:
            notes.append(
                f"{name!r} holds dates and is not used; if they say when the words were written: "
                f"--map created_at={name}"
            )
        elif name not in used and column.dates is not None and column.dates.relative >= FEW:
            notes += column.dates.describe(name)
    return notes


def _choice_notes(theirs: str, choices: Mapping[bool | None, Tally]) -> list[str]:
    """Say which words were read as yes and no, where they are several, and which as neither."""
    notes = []
    if any(len(choices[side].counts) > 1 for side in (True, False)):
        notes.append(f"{theirs!r}: read as yes: {choices[True]}; as no: {choices[False]}")
    if undecided := choices[None].total:
        said = "neither yes nor no and count"
        cells = count(undecided, f"cell says {said}s", f"cells say {said}")
        notes.append(f"{theirs!r}: {cells} as no answer: {choices[None]}")
    return notes


def _cell_notes(columns: Mapping[str, Column], mapping: Mapping[str, str]) -> list[str]:
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
            what = READABLE[INPUT_COLUMNS[ours].kind]
            lost = columns[ours].filled - columns[ours].readable_as(ours, what)
            if lost > 0:
                cells = count(lost, "cell", "cells")
                notes.append(f"{cells} of {mapping[ours]!r} cannot be read and became null")
    return notes
