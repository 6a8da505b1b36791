"""Refused rows that were mended, taken into the run they were refused by.

They are read as the survey of their source settled it (the manifest keeps that), so that a row comes out as
it would have if it had been whole from the start: in its own place, under its own number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from earful.config import Config
from earful.engines.worker import process
from earful.errors import InputError, RunError
from earful.jobs.correct import opened_assembly
from earful.jobs.finish import remade
from earful.jobs.overlay import overlay
from earful.jobs.redaction import KEY, Redactor
from earful.readers.feed import as_batch
from earful.readers.plans import plan_of
from earful.readers.rejects import Record, Reject
from earful.readers.rows import RowMaker
from earful.report import write_report
from earful.runs.amend import replace_rows
from earful.runs.files import write_text
from earful.runs.lock import locked
from earful.runs.run import REJECTS, Run, begin_change, open_run, write_manifest
from earful.schema import TABLES, conform, input_of, with_fields

__all__ = ["retry"]

_BATCH = 512
#: What finishes a change that broke off.
_COMMAND = "earful analyze --retry FILE -o RUN"
Line = dict[str, Any]


def retry(run: str | Path, mended: str | Path) -> Run:
    """Take mended rows into a finished run.

    Parameters
    ----------
    run
        The run folder.
    mended
        A copy of its ``rejects.jsonl`` whose records were mended (cells put right, in ``record``); rows that
        nobody mended may be left out or left as they are. It may be the file in the run itself.

    Returns
    -------
    Run
        The run as it is now: rows that can be read now are reviews, the others stay in ``rejects.jsonl``.

    Raises
    ------
    InputError
        A line is no row that the run refused.
    RunError
        The folder is not a finished run, is of an earlier version, or its models are others now.
    """
    lines = _lines(Path(mended))
    with locked(Path(run)):
        return _retry(open_run(run, _COMMAND), lines, Path(mended))


def _retry(opened: Run, lines: list[Line], mended: Path) -> Run:
    refused = {line["row"]: line for line in _lines(opened.path / REJECTS)}
    n = opened.manifest["rows"]["rejected"]
    if len(refused) != n and "changing" not in opened.manifest:
        raise InputError(
            f"holds {len(refused)} rows, and the run refused {n}",
            where=str(opened.path / REJECTS),
            fix="put the missing lines back: rows that nobody mends stay in it as they are",
        )
    if "changing" in opened.manifest:
        # A try that broke off may have taken some in already.
        there = set(opened.table("reviews", ["row"]).column("row").to_pylist())
        lines = [line for line in lines if line["row"] in refused or line["row"] not in there]
    told = {line["row"]: _checked(line, refused, mended) for line in lines}
    assembly = opened_assembly(opened, "model", "aspects", "encoder")
    table, still = _read(opened, [told[row] for row in sorted(told)], assembly.config)
    begin_change(opened, _COMMAND)
    rows = table.column("row").to_pylist()
    done = [
        process(table.slice(start, _BATCH), assembly.run_stages) for start in range(0, table.num_rows, _BATCH)
    ]
    for name, one in TABLES.items():
        if one.parts and opened.has(name):
            schema = with_fields(one.schema, assembly.fields.get(name, ()))
            made = [conform(found, schema) for batch in done if (found := getattr(batch, name)) is not None]
            # What an interrupted try left of these rows goes.
            replace_rows(opened.file(name), rows, pa.concat_tables([schema.empty_table(), *made]))
    left = {row: line for row, line in (refused | still).items() if row not in set(rows)}
    manifest = _counted(opened, len(rows), len(left))
    manifest = remade(opened.path, manifest, assembly, overlay(opened.path, assembly))
    text = "".join(json.dumps(left[row], ensure_ascii=False) + "\n" for row in sorted(left))
    write_text(opened.path / REJECTS, text)
    write_manifest(opened.path, manifest)
    write_report(opened.path)
    return Run(opened.path)


def _lines(path: Path) -> list[Line]:
    """Read a file of refused rows."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("does not exist", where=str(path), fix="name the mended rejects.jsonl") from None
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 ({error.reason})", where=str(path)) from None
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path} line {number}"
        try:
            found = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"is not JSON ({error})", where=where, fix="one object a line") from None
        if not isinstance(found, dict) or not isinstance(found.get("row"), int) or "record" not in found:
            raise InputError(
                "is no refused row",
                where=where,
                allowed='an object with "row" and "record", as rejects.jsonl has them',
            )
        lines.append(found)
    return lines


def _checked(line: Line, refused: Mapping[int, Line], path: Path) -> Line:
    """Give a mended row with what the run knows of it."""
    known = refused.get(line["row"])
    if known is None:
        raise InputError(
            f"row {line['row']} is none that the run refused",
            where=str(path),
            allowed=", ".join(map(str, sorted(refused)[:10])) + ", ..." * (len(refused) > 10) or "none",
            fix="keep row as rejects.jsonl has it; a row that was taken in before is left out",
        )
    if known["record"] is None:
        return known  # of an addition: a later version stands in its place
    return {**known, "record": line["record"]}


def _read(run: Run, told: list[Line], config: Config) -> tuple[pa.Table, dict[int, Line]]:
    """Read rows as their source is read; give the accepted ones, and those refused again by number."""
    inputs = {one["source"]: one for one in run.manifest["inputs"]}
    makers: dict[str, RowMaker] = {}
    records = []
    for line in told:
        if line["record"] is None:
            continue
        source = line["source"]
        if source not in makers:
            plan = inputs.get(source, {}).get("plan")
            if plan is None:
                raise RunError(
                    f"does not say how {source} was read: an earlier version made it",
                    where=str(run.path),
                    fix="mend the input and run earful analyze again",
                )
            makers[source] = RowMaker(plan_of(plan))
        records.append((line["row"], source, makers[source], _record(line)))
    table, rejects = as_batch(records, input_of(config.loyalty.cuts))
    if config.input.redact:
        table, rejects = _redacted(run, table, rejects, inputs)
    return table, {reject.row: json.loads(reject.to_json()) for reject in rejects}


def _record(line: Line) -> Record:
    record = line["record"]
    if isinstance(record, dict):
        return Record(line.get("line"), record)
    # Nobody mended it, or as a text: which cell is which only its columns can say.
    reason = line["reason"].removesuffix(_HINT)
    return Record(line.get("line"), None, f"{reason}{_HINT}", str(record))


#: Said of a row that could not be taken apart.
_HINT = '; to take it in, give its cells by their columns: {"column": "cell"}'


def _redacted(
    run: Run, table: pa.Table, rejects: list[Reject], inputs: Mapping[str, Any]
) -> tuple[pa.Table, list[Reject]]:
    redactor = Redactor()
    if not redactor.kept and table.column("author_id").null_count < table.num_rows:
        raise RunError(
            f"cannot take in rows with authors: {KEY} is not set, and they would be hashed with another key",
            where=str(run.path),
            fix=f"set {KEY} to the key the run was made with, or run earful analyze again",
        )
    masked = [redactor.reject(one, inputs[one.source]["mapping"]) for one in rejects]
    return redactor.rows(table), masked


def _counted(run: Run, came: int, left: int) -> dict[str, Any]:
    """Give the manifest with rows moved from the refused to the accepted ones."""
    before = run.manifest
    rows = {**before["rows"], "accepted": before["rows"]["read"] - left, "rejected": left}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {**before, "rows": rows, "retried": [*before.get("retried", []), {"rows": came, "at": now}]}
