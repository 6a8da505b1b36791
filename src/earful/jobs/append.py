"""Adding to a finished run: its rows become the first part, and what is unseen or edited the further ones.

The finished run stays as it is until all of the new one is there but the final tables; until then it can be
read. What it held is kept beside the parts, so that a job that is killed later still goes on.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from earful import __version__
from earful.config import Config, merged
from earful.errors import RunError
from earful.jobs.overlay import uncorrected
from earful.jobs.redaction import entering
from earful.runs.files import checksum, link, told
from earful.runs.parts import ROW_GROUP, Receipt
from earful.runs.run import (
    MANIFEST,
    PARTS,
    REJECTS,
    UNCORRECTED,
    Run,
    open_run,
    read_plan,
    unfinished,
)
from earful.runs.store import Store
from earful.schema import INPUT, SIGNALS, STAGES, TABLES, input_of

if TYPE_CHECKING:
    from earful.engines.worker import Work
    from earful.jobs.assembly import Assembly
    from earful.jobs.redaction import Redactor
    from earful.readers import Feed, Reject, Survey
    from earful.runs.parts import Parts

__all__ = ["Addition"]

_BEFORE = "before"
#: Rows that are compared with the run at once.
_CHUNK = 65_536
#: An id that was made from the row's content: the same id says the same words.
_CONTENT_ID = re.compile(r"h[0-9a-f]{16}")
#: So long a text is not written twice by chance.
_TELLING = 30
#: What is no sign of an edit: where a row came from, and what other rows of its file decide.
_UNCOMPARED = {
    "row",
    "source",
    "review_id",
    "fields",
    *(f"{name}_{end}" for name in SIGNALS for end in ("min", "max")),
}
_ANEW = "analyze all files together, without --append"


@dataclass
class _Edit:
    """A row of the input that replaces one of the run."""

    old: int
    by: int = -1


class Addition:
    """What is added to a finished run.

    Parameters
    ----------
    folder
        The run.
    given
        Settings as given for the addition: those of how its input is read count, others must be the run's.

    Attributes
    ----------
    base
        The checksum of the manifest that the addition began from.
    settings
        The run's settings, with the input's.

    Raises
    ------
    RunError
        There is no finished run, something else was begun in it, or the settings differ.
    """

    def __init__(self, folder: Path, given: Config) -> None:
        self._folder = folder
        if unfinished(folder):
            if not read_plan(folder).get("append"):
                raise RunError(
                    "is not finished, so nothing can be added to it",
                    where=str(folder),
                    fix="repeat its own command with --resume first",
                )
            self._run = Run(folder / PARTS / _BEFORE) if self._before.is_dir() else open_run(folder)
        else:
            self._run = open_run(folder)
        self.manifest = self._run.manifest
        self.base = checksum(self._run.path / MANIFEST)
        self.settings = _settings(self._run, given)
        self._seen: set[int] = set()
        self._used: set[int] = set()
        self._edits: dict[int, _Edit] = {}
        self._counts: Counter[str] = Counter()
        self._given: dict[str, frozenset[str]] = {}
        self._unsure = 0

    @property
    def _before(self) -> Path:
        return self._folder / PARTS / _BEFORE

    def check(self, assembly: Assembly) -> None:
        """Refuse to mix what two versions, models or taxonomies made.

        Raises
        ------
        RunError
            The run was made with others.
        """
        made = {"earful": self.manifest["earful"]}
        now = {"earful": __version__}
        for role, part in assembly.identity().items():
            made[role], now[role] = self.manifest.get(role, {}).get("checksum"), part["checksum"]
        other = [role for role in now if made[role] != now[role]]
        if other:
            raise RunError(f"was made with another {', '.join(other)}", where=str(self._folder), fix=_ANEW)

    def lay(self, parts: Parts, feed: Feed, redactor: Redactor | None, limit: int | None) -> None:
        """Set the run's files aside, find what is new, and make the first part of what stays.

        Raises
        ------
        RunError
            It cannot be told which row an edited one replaces.
        """
        if not self._before.is_dir():
            self._set_aside()
        self._given = {survey.source: _given(survey) for survey in feed.surveys}
        with Store.of(self._before) as store:
            for table, rejects in entering(feed, feed.batches(_CHUNK, limit=limit), redactor):
                self._counts["read"] += table.num_rows + len(rejects)
                for source in pc.unique(table.column("source")).to_pylist():
                    own = table.filter(pc.equal(table.column("source"), source))
                    columns = [
                        name for name in self._input.names if name in self._given[source] - _UNCOMPARED
                    ]
                    self._compare(own, store.alike(own, columns))
                self._compare_rejects(rejects)
        self._number()
        if parts.receipt(0) is None:
            self._lay_first(parts)

    def work(self, batches: Iterator[tuple[pa.Table, Sequence[Reject]]]) -> Iterator[Work]:
        """Give the work of further parts: rows that are new or edited, numbered on from the run's last."""
        row = self._rows["read"]
        for part, (table, rejects) in enumerate(batches, 1):
            kept = [
                place for place, own in enumerate(table.column("row").to_pylist()) if own not in self._seen
            ]
            fresh = table.take(pa.array(kept, pa.int64()))
            refused = [reject for reject in rejects if reject.row not in self._seen]
            came = sorted([*fresh.column("row").to_pylist(), *(reject.row for reject in refused)])
            number = {own: row + place for place, own in enumerate(came)}
            row += len(came)
            lines = [replace(reject, row=number[reject.row]).to_json() for reject in refused]
            yield part, self._filled(fresh, number), lines

    @property
    def unchanged(self) -> int:
        """How many rows of the input the run has already."""
        return len(self._seen)

    @property
    def warnings(self) -> list[str]:
        """Say what could be read otherwise."""
        if not self._unsure:
            return []
        rows = "1 added row has" if self._unsure == 1 else f"{self._unsure:,} added rows have"
        return [
            f"{rows} no id, author or time and the few words of a row of the run, and count as that row; "
            "to tell them apart, map a column: --map review_id=COLUMN"
        ]

    def told(self, feed: Feed, at: datetime) -> dict[str, Any]:
        """Say for the manifest what became of every row of the input."""
        return {
            "at": at.isoformat(timespec="seconds"),
            "inputs": [survey.source for survey in feed.surveys],
            "read": self._counts["read"],
            "unchanged": self.unchanged,
            "replaced": len(self._edits),
            "added": self._counts["read"] - self.unchanged - len(self._edits) - self._counts["rejected"],
            "rejected": self._counts["rejected"],
        }

    @cached_property
    def _rows(self) -> dict[str, int]:
        rows: dict[str, int] = self.manifest["rows"]
        return rows

    @cached_property
    def _input(self) -> pa.Schema:
        return input_of(self.settings.loyalty.cuts)

    def _set_aside(self) -> None:
        """Keep the run's files: as links, which cost no room, where the disk has them."""
        aside = self._before.with_suffix(".tmp")
        with told(aside):
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            names = [f"{name}.parquet" for name, table in TABLES.items() if table.parts]
            for name in [*names, REJECTS, MANIFEST]:
                if (self._folder / UNCORRECTED / name).is_file():
                    # What the models said: what people corrected is put over the whole of it in the end.
                    table = name.removesuffix(".parquet")
                    read = pq.ParquetFile(self._folder / name).read()
                    pq.write_table(
                        uncorrected(self._folder, table, read), aside / name, row_group_size=ROW_GROUP
                    )
                elif (self._folder / name).is_file():
                    link(self._folder / name, aside / name)
            aside.rename(self._before)

    def _compare(self, fresh: pa.Table, alike: Mapping[int, list[tuple[int, bool]]]) -> None:
        """Tell rows that the run has from those that replace one of it; all others are new."""
        replaced = {edit.old for edit in self._edits.values()}
        for row in fresh.select(["row", "review_id", "author_id", "created_at", "text"]).to_pylist():
            there = alike.get(row["row"], [])
            same = [old for old, equal in there if equal and old not in self._used]
            if same:
                self._used.add(min(same))
                self._seen.add(row["row"])
                self._unsure += _is_unsure(row)
                continue
            if _CONTENT_ID.fullmatch(row["review_id"]):
                # A copy more than the run has is a new row.
                there = [(old, equal) for old, equal in there if old not in self._used | replaced][:1]
            if len(there) > 1 or (there and there[0][0] in replaced):
                where = "more than once in the run" if len(there) > 1 else "more than once in the input"
                raise RunError(
                    f"which row is replaced cannot be told: the id {row['review_id']!r} stands {where}",
                    where=str(self._folder),
                    fix=f"map a column whose ids differ (--map review_id=COLUMN), or {_ANEW}",
                )
            if there:
                self._edits[row["row"]] = _Edit(there[0][0])
                replaced.add(there[0][0])

    def _compare_rejects(self, rejects: Sequence[Reject]) -> None:
        for reject in rejects:
            content = _content(json.loads(reject.to_json()))
            if self._refused[content] > 0:
                self._refused[content] -= 1
                self._seen.add(reject.row)
            else:
                self._counts["rejected"] += 1

    @cached_property
    def _refused(self) -> Counter[str]:
        """What was refused before: the same row is not refused twice."""
        with (self._before / REJECTS).open(encoding="utf-8") as lines:
            return Counter(_content(json.loads(line)) for line in lines)

    def _number(self) -> None:
        """Give each edit the number that its row will have: what comes before it and is not seen already."""
        seen, at = sorted(self._seen), 0
        for row in sorted(self._edits):
            while at < len(seen) and seen[at] < row:
                at += 1
            self._edits[row].by = self._rows["read"] + row - at

    def _lay_first(self, parts: Parts) -> None:
        """Make the first part: what the run has, but what is replaced, which is told among the rejects."""
        by = {edit.old: edit.by for edit in self._edits.values()}
        read, gone = self._rows["read"], len(by)
        receipt = Receipt(0, read, self._rows["accepted"] - gone, self._rows["rejected"] + gone)
        old = self._old.select(["row", "source"]).to_pylist()
        lines = [
            json.dumps(
                {
                    **row,
                    "line": None,
                    "reason": f"replaced by a later version, row {by[row['row']]}",
                    "record": None,
                },
                ensure_ascii=False,
            )
            for row in old
        ]
        with parts.adding(receipt) as folder:
            parts.adopt(self._before, folder, set(by))
            shutil.copyfile(self._before / REJECTS, folder / REJECTS)
            with (folder / REJECTS).open("a", encoding="utf-8") as out:
                out.writelines(f"{line}\n" for line in lines)

    @cached_property
    def _old(self) -> pa.Table:
        """The rows of the run that are replaced, as input."""
        wanted = pa.array(sorted(edit.old for edit in self._edits.values()), pa.int64())
        with pq.ParquetFile(self._before / "reviews.parquet") as reviews:
            groups = [
                group.filter(pc.is_in(group.column("row"), wanted))
                for group in (
                    reviews.read_row_group(at, self._input.names) for at in range(reviews.num_row_groups)
                )
            ]
        # The run's columns may come in another order.
        groups = [group.select(self._input.names).cast(self._input) for group in groups]
        return pa.concat_tables([self._input.empty_table(), *groups])

    def _filled(self, fresh: pa.Table, number: Mapping[int, int]) -> pa.Table:
        """Give rows with their numbers; what the file of an edited one has no column for stays as it was."""
        own = fresh.column("row").to_pylist()
        numbered = fresh.set_column(0, INPUT.field("row"), pa.array([number[row] for row in own], pa.int64()))
        if not any(row in self._edits for row in own):
            return numbered
        old = {row["row"]: row for row in self._old.to_pylist()}
        rows = numbered.to_pylist()
        for row, before in zip(rows, own, strict=True):
            if before in self._edits:
                kept = old[self._edits[before].old]
                given = self._given[row["source"]]
                row |= {name: kept[name] for name in self._input.names if name not in given}
        return pa.Table.from_pylist(rows, schema=self._input)


def _settings(run: Run, given: Config) -> Config:
    """Give the run's settings with those of how an input is read; refuse any other that differs.

    Raises
    ------
    RunError
        A setting that was given is not the run's.
    """
    made: dict[str, Any] = run.manifest["config"]
    told = given.model_dump(mode="json", exclude_unset=True)
    own = {name: told.pop(name, {}) for name in ("input", "scales")}
    for section, values in told.items():
        for key, value in values.items():
            if value != made[section][key]:
                raise RunError(
                    f"was made with {section}.{key} = {made[section][key]!r}, not {value!r}",
                    where=str(run.path),
                    fix=f"leave that setting out, or {_ANEW}",
                )
    if own["input"].get("columns"):
        # Another file's columns: what was said of the first one's does not hold.
        made = merged(made, {"input": {"columns": None}})
    settings = merged(made, own)
    settings["input"]["redact"] = made["input"]["redact"] or settings["input"]["redact"]
    return Config.model_validate(settings)


def _given(survey: Survey) -> frozenset[str]:
    """Name the columns of ``schema.INPUT`` that a source decides."""
    mapped = {*survey.mapping, *(["text"] if survey.parts else [])}
    found = {"row", "source", "review_id", *mapped}
    found |= {f"{name}_{end}" for name in mapped & {*SIGNALS} for end in ("min", "max")}
    if mapped & {"text", "title"}:
        found |= {"text", "title", "fields"}
    if mapped & {"received", *STAGES}:
        found |= {"complaint", "received_at", "created_at", *(f"{stage}_at" for stage in mapped & {*STAGES})}
    if "churned" in mapped:
        found.add("retained")
    return frozenset((found & {*INPUT.names}) | {*survey.cuts})


def _is_unsure(row: Mapping[str, Any]) -> bool:
    """Say whether a row that equals another could be somebody else's."""
    unsigned = row["author_id"] is None and row["created_at"] is None
    return unsigned and len(row["text"]) < _TELLING and bool(_CONTENT_ID.fullmatch(row["review_id"]))


def _content(reject: Mapping[str, Any]) -> str:
    return json.dumps([reject["reason"], reject["record"]], sort_keys=True)
