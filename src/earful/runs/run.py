"""A finished run: a folder of tables, a manifest and a report."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from earful.errors import RunError
from earful.runs.files import checksum, write_json
from earful.schema import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "CORRECTIONS",
    "FILES",
    "MANIFEST",
    "PARTS",
    "PLAN",
    "REJECTS",
    "REPORT",
    "SEARCH",
    "UNCORRECTED",
    "Run",
    "begin_change",
    "further_cuts",
    "open_run",
    "read_plan",
    "unfinished",
    "write_manifest",
]

MANIFEST, REJECTS, REPORT, PARTS = "manifest.json", "rejects.jsonl", "report.html", "parts"
#: In the folder of parts: what an unfinished run is made of.
PLAN = "plan.json"
#: What people corrected, which outlives a run that is made again, and what the models had said there.
CORRECTIONS, UNCORRECTED = "corrections.csv", "uncorrected"

#: What the dashboard keeps beside a run to search it; made anew whenever it is missing.
SEARCH = "search.sqlite"

#: What a run folder may hold when it is finished, the contract's names.
FILES = (
    *(f"{name}.{kind}" for name, table in TABLES.items() for kind in ["parquet", "csv"][: 1 + table.csv]),
    REJECTS,
    REPORT,
    MANIFEST,
)


class _Frame:
    """A table of a run as a property: read when it is first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.__doc__ = f"A DataFrame, {TABLES[name].what}."

    @overload
    def __get__(self, run: None, owner: type[Run]) -> _Frame: ...
    @overload
    def __get__(self, run: Run, owner: type[Run]) -> pd.DataFrame: ...
    def __get__(self, run: Run | None, owner: type[Run]) -> Any:
        if run is None:
            return self
        # What stands in the instance's own dictionary is found before this is asked again.
        frame = run.__dict__[self.name] = run.table(self.name).to_pandas()
        return frame


class Run:
    """The tables of a run folder as DataFrames, read when first asked for.

    Parameters
    ----------
    path
        The run folder.
    temporary
        Remove the folder when the run is no longer in use.
    """

    reviews = _Frame("reviews")
    segments = _Frame("segments")
    mentions = _Frame("mentions")
    embeddings = _Frame("embeddings")
    aspects = _Frame("aspects")
    loyalty = _Frame("loyalty")
    themes = _Frame("themes")
    drivers = _Frame("drivers")
    trends = _Frame("trends")
    emerging = _Frame("emerging")
    complaints = _Frame("complaints")
    behaviour = _Frame("behaviour")
    corrections = _Frame("corrections")

    def __init__(self, path: Path, temporary: bool = False) -> None:
        self.path = path
        if temporary:
            weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)

    def __repr__(self) -> str:
        rows = self.manifest.get("rows", {})
        return f"Run({str(self.path)!r}: {rows.get('accepted')} reviews, {rows.get('rejected')} rejected)"

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """How the run was made: versions, settings, model, scales, row accounting."""
        manifest: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    @cached_property
    def rejects(self) -> pd.DataFrame:
        """One row per refused input row, with the reason."""
        import pandas as pd

        with (self.path / REJECTS).open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        return pd.DataFrame(records, columns=["row", "source", "line", "reason", "record"])

    @property
    def report(self) -> Path:
        """The report, a page that opens from disk."""
        return self.path / REPORT

    def file(self, table: str) -> Path:
        """Give the Parquet file of a table, there or not."""
        return self.path / f"{table}.parquet"

    def has(self, table: str) -> bool:
        """Say whether the run has a table."""
        return self.file(table).is_file()

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Read a table, or some of its columns; without rows where the run does not have it.

        Raises
        ------
        RunError
            The file is damaged or lacks a column: the run is of another version.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self.has(name):
            # The input gave nothing for it, or the run is from before there was such a table.
            schema = TABLES[name].schema
            return schema.empty_table().select(columns or schema.names)
        try:
            return pq.ParquetFile(self.file(name)).read(columns)
        except (pa.ArrowException, OSError) as error:
            raise RunError(
                f"cannot be read ({error})", where=str(self.file(name)), fix="run earful analyze again"
            ) from None

    def check_vectors(self, name: str, checksum: str) -> None:
        """Check that a run with vectors was made with this encoder: those of two cannot be compared.

        Raises
        ------
        RunError
            It was made with another one.
        """
        made = self.manifest.get("encoder")
        if made and made["checksum"] != checksum:
            raise RunError(
                f"was made with another encoder ({made['name']} {made['checksum'][:12]}…)",
                where=str(self.path),
                allowed=f"{name} {checksum[:12]}…",
                fix="run earful analyze again with this version, or use the version that made the run",
            )


def further_cuts(manifest: Mapping[str, Any]) -> list[str]:
    """Name what a run is cut by besides product and touchpoint, as its settings say."""
    settings = manifest.get("config")
    settings = settings.get("loyalty") if isinstance(settings, dict) else None
    given = settings.get("by") if isinstance(settings, dict) else None
    names = [str(entry).partition("=")[0] for entry in given] if isinstance(given, list) else []
    return [name for name in names if name not in ("product", "touchpoint")]


def open_run(path: str | Path, changing: str = "") -> Run:
    """Open a finished run folder, whose tables are checked against the checksums of its manifest.

    Parameters
    ----------
    path
        The folder.
    changing
        The command that is going to change the run: one that broke off is no hindrance to itself, and an
        addition that was begun is one.

    Raises
    ------
    RunError
        There is no such folder, what is there is not a finished run, or a table is damaged.
    """
    folder = Path(path)
    if (folder / MANIFEST).is_file():
        run = Run(folder)
        if changing and unfinished(folder):
            raise RunError("is being added to", where=str(folder), fix="repeat that command with --resume")
        if run.manifest.get("changing", changing) != changing:
            raise RunError(
                "was being changed when that broke off",
                where=str(folder),
                fix=f"repeat {run.manifest['changing']}",
            )
        # Refused rows may be mended where they stand.
        _check(run, but={REJECTS} if changing else ())
        return run
    if unfinished(folder):
        raise RunError("was not finished", where=str(folder), fix="repeat its command with --resume")
    what = f"is not a run folder (it has no {MANIFEST})" if folder.exists() else "does not exist"
    raise RunError(what, where=str(folder), fix="make one with: earful analyze INPUT -o RUN")


def unfinished(folder: Path) -> bool:
    """Say whether something was begun in a run folder that was not carried out to the end."""
    if not (folder / PARTS / PLAN).is_file():
        return False
    manifest = folder / MANIFEST
    # What is added to a finished run stands beside it until all of it is there.
    return not manifest.is_file() or read_plan(folder).get("base") == checksum(manifest)


def read_plan(folder: Path) -> dict[str, Any]:
    """Read what an unfinished run is made of.

    Raises
    ------
    RunError
        The plan is damaged.
    """
    try:
        plan: dict[str, Any] = json.loads((folder / PARTS / PLAN).read_bytes())
    except ValueError:
        raise RunError(
            "is damaged", where=str(folder / PARTS / PLAN), fix=f"remove {folder / PARTS} to begin anew"
        ) from None
    return plan


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a run, with the checksums of its tables; this makes it finished."""
    names = [f"{name}.parquet" for name in TABLES] + [REJECTS]
    sums = {name: checksum(folder / name) for name in names if (folder / name).is_file()}
    said = {key: value for key, value in manifest.items() if key != "changing"}
    write_json(folder / MANIFEST, {**said, "files": sums}, sort_keys=False)


def begin_change(run: Run, what: str) -> None:
    """Note which command changes a finished run's tables, until its manifest is written again."""
    manifest = {key: value for key, value in run.manifest.items() if key != "files"}
    write_json(run.path / MANIFEST, {**manifest, "changing": what}, sort_keys=False)


def _check(run: Run, but: Collection[str] = ()) -> None:
    for name, expected in run.manifest.get("files", {}).items():
        if name in but:
            continue
        path = run.path / name
        if not path.is_file():
            raise RunError("is missing", where=str(path), fix="run earful analyze again")
        status = path.stat()
        got = _checksum(path, status.st_size, status.st_mtime_ns)
        if got != expected:
            raise RunError(
                f"is damaged: its SHA-256 is {got[:12]}…",
                where=str(path),
                allowed=f"{expected[:12]}…",
                fix="run earful analyze again",
            )


@lru_cache(maxsize=256)
def _checksum(path: Path, size: int, changed: int) -> str:
    """Give a file's checksum, read again only when the file is another: a server opens a run many times."""
    return checksum(path)
