"""The run folder that a job is to write into: whether it may, and what of an earlier run goes first."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from earful.errors import RunError
from earful.runs.lock import LOCK
from earful.runs.run import CORRECTIONS, FILES, MANIFEST, PARTS, PLAN, SEARCH, UNCORRECTED, unfinished

if TYPE_CHECKING:
    from earful.runs.depot import Depot

__all__ = ["check_begun", "check_output", "clear", "depot_at", "drop_comparisons"]


def depot_at(url: str) -> Depot:
    """Give the depot at an address.

    Raises
    ------
    RunError
        It needs a package, or there is no such kind of store.
    """
    from earful.readers.urls import without_secrets
    from earful.runs.depot import Depot

    return Depot(url, without_secrets(url))


def check_output(folder: Path) -> None:
    """Refuse to write among files that are not a run's.

    Raises
    ------
    RunError
        There are such files, or the folder is a file.
    """
    if folder.is_file():
        raise RunError("is a file", where=str(folder), allowed="a folder", fix="choose another -o")
    ours = {*FILES, PARTS, LOCK, CORRECTIONS, SEARCH, UNCORRECTED}
    ours |= {path.name for path in _comparisons(folder)}
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    strangers = [name for name in there if name not in ours and not name.endswith(".tmp")]
    if strangers:
        raise RunError(
            f"holds files that are not a run's ({', '.join(strangers[:3])})",
            where=str(folder),
            allowed="a new or empty folder, or an earlier run",
            fix="choose another -o",
        )


def check_begun(folder: Path, resume: bool, depot: Depot | None = None) -> None:
    """Refuse to begin anew where something is half done.

    A run that is to be resumed whose folder was lost, and whose parts a depot has, is begun here by its plan.

    Raises
    ------
    RunError
        There is an unfinished run, and it is not to be resumed.
    """
    if unfinished(folder) and not resume:
        raise RunError(
            "holds an unfinished run",
            where=str(folder),
            fix=f"repeat its command with --resume, or remove {folder / PARTS} to begin anew",
        )
    plan = None if depot is None else depot.plan()
    if depot is None or plan is None:
        return
    if not resume:
        raise RunError(
            "holds the parts of an unfinished run",
            where=depot.shown,
            fix="repeat its command with --resume, or choose another --parts",
        )
    if not unfinished(folder) and not (folder / MANIFEST).exists():
        (folder / PARTS).mkdir(exist_ok=True)
        (folder / PARTS / PLAN).write_bytes(plan)


def clear(folder: Path) -> None:
    """Remove the files of an earlier run, first of all what says that it is finished.

    What people corrected stays: it is put into the new run.
    """
    for name in (MANIFEST, *FILES, SEARCH):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / UNCORRECTED, ignore_errors=True)
    drop_comparisons(folder)


def drop_comparisons(folder: Path) -> None:
    """Remove what was compared of a run that is another now, and nothing else that lies there."""
    for compared in _comparisons(folder):
        for old in sorted(compared.glob("compare*")):
            old.unlink()
        with contextlib.suppress(OSError):
            compared.rmdir()


def _comparisons(run: Path) -> list[Path]:
    """Give the folders that ``earful compare`` wrote into a run."""
    found = [run / "compare", *sorted(run.glob("compare-*"))]
    return [folder for folder in found if folder.is_dir()]
