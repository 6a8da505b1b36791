"""A finished run: a folder of tables, a manifest and a report."""

from __future__ import annotations

import json
import shutil
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from earful.errors import RunError
from earful.schema import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["FILES", "MANIFEST", "PARTS", "REJECTS", "REPORT", "SEARCH", "Run", "open_run"]

MANIFEST, REJECTS, REPORT, PARTS = "manifest.json", "rejects.jsonl", "report.html", "parts"

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


def open_run(path: str | Path) -> Run:
    """Open a finished run folder.

    Raises
    ------
    RunError
        There is no such folder, or what is there is not a finished run.
    """
    folder = Path(path)
    if (folder / MANIFEST).is_file():
        return Run(folder)
    if (folder / PARTS / "plan.json").is_file():
        raise RunError("was not finished", where=str(folder), fix="repeat its command with --resume")
    what = f"is not a run folder (it has no {MANIFEST})" if folder.exists() else "does not exist"
    raise RunError(what, where=str(folder), fix="make one with: earful analyze INPUT -o RUN")
