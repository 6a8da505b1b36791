"""Correcting a finished run: what a person says overrides the models in tables, index and report."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from earful.config import CPU, Config
from earful.errors import RunError
from earful.jobs.assembly import Assembly
from earful.jobs.corrections import (
    Correction,
    RefusedError,
    corrections_of,
    read_corrections,
    write_corrections,
)
from earful.jobs.finish import remade
from earful.jobs.overlay import overlay, prepare
from earful.report import write_report
from earful.runs.lock import locked
from earful.runs.run import CORRECTIONS, Run, begin_change, open_run, write_manifest

__all__ = ["correct", "opened_assembly"]

#: What finishes a change that broke off.
_COMMAND = "earful correct RUN"


def correct(
    run: str | Path,
    corrections: Iterable[Correction | Mapping[str, Any]] | str | Path = (),
    *,
    by: str | None = None,
) -> Run:
    """Put right what the models said of a run; tables, index, themes, drivers and report follow.

    Parameters
    ----------
    run
        A finished run folder.
    corrections
        What is right: mappings with ``review_id``, ``field``, ``value``, and where it is about a part of the
        review ``segment``; or a CSV file with these columns. They are added to ``corrections.csv`` of the
        run. None at all: what stands in that file is put in, for instance after it was edited.
    by
        Who says so; by default the user's name.

    Returns
    -------
    Run
        The run as it is now.

    Raises
    ------
    InputError
        A correction names no review, field or value that there is: a line for each, and nothing is changed.
    RunError
        The folder is not a finished run, or was made with other themes than are there now.
    """
    with locked(Path(run)):
        return _correct(Path(run), corrections, by)


def _correct(
    run: Path, corrections: Iterable[Correction | Mapping[str, Any]] | str | Path, by: str | None
) -> Run:
    opened = open_run(run, _COMMAND)
    file = opened.path / CORRECTIONS
    who = by or _user()
    wrong: tuple[str, ...] = ()
    try:
        new = _new(corrections, file, who)
    except RefusedError as error:
        # What is wrong with the others is told at once too.
        new, wrong = error.others, error.lines
    old = read_corrections(file) if file.exists() else []
    if not (new or wrong or file.exists()):
        raise RunError(
            f"has no {CORRECTIONS}, and no correction was given",
            where=str(opened.path),
            fix="give one: --review ID --set sentiment=negative",
        )
    assembly = opened_assembly(opened)
    if new or wrong:
        _check(opened.path, old, new, assembly, wrong)
        write_corrections(file, [*old, *new])
    begin_change(opened, _COMMAND)
    manifest = remade(opened.path, opened.manifest, assembly, overlay(opened.path, assembly))
    write_manifest(opened.path, manifest)
    write_report(opened.path)
    return Run(opened.path)


def opened_assembly(run: Run, *roles: str) -> Assembly:
    """Give what a finished run was made with, checked to be the same still.

    Parameters
    ----------
    run
        The run.
    roles
        What else of the manifest must be the same, besides themes and row model: ``model``, ``encoder``.

    Raises
    ------
    RunError
        Something is another now, so that old and new numbers would not go together.
    """
    # A few rows need no GPU, whatever read the run.
    assembly = Assembly(Config.model_validate(run.manifest["config"]), device=CPU)
    parts = {"taxonomy": assembly.taxonomy, "likelihood": assembly.row_model}
    parts |= {role: getattr(assembly, role) for role in roles if role in run.manifest}
    for role, part in parts.items():
        made = run.manifest.get(role) or {}
        if made.get("checksum", part.checksum) != part.checksum:
            raise RunError(
                f"was made with another {role} ({made.get('name')} {made['checksum'][:12]}…, now "
                f"{part.name} {part.checksum[:12]}…)",
                where=str(run.path),
                fix="run earful themes apply, then correct the new run"
                if role == "taxonomy"
                else "run earful analyze again; corrections.csv is put into the new run",
            )
    return assembly


def _new(
    corrections: Iterable[Correction | Mapping[str, Any]] | str | Path, file: Path, who: str
) -> list[Correction]:
    """Give the corrections that are not in the run's file yet."""
    if not isinstance(corrections, str | Path):
        return corrections_of(corrections, who)
    same = file.exists() and Path(corrections).resolve() == file.resolve()
    return [] if same else read_corrections(Path(corrections), who)


def _check(
    run: Path, old: list[Correction], new: list[Correction], assembly: Assembly, wrong: Iterable[str]
) -> None:
    """Refuse new corrections that do not fit the run, all of them in one go."""
    done = prepare(run, [*old, *new], assembly).done
    unfit = [one.error(f"{one.field}: {done.unfit[one]}") for one in new if one in done.unfit]
    held = {(one.review_id, one.source, one.segment, one.slot) for one in (*old, *new)}
    unfit += [
        one.error(f"undo: nothing of it is corrected in {one.value!r}")
        for one in new
        if one.field == "undo" and (one.review_id, one.source, one.segment, one.value) not in held
    ]
    if lines := [*wrong, *map(str, unfit)]:
        raise RefusedError(lines)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
