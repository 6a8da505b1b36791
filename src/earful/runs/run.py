"""A finished run: a folder of tables, a manifest and a report."""

from __future__ import annotations

import json
import shutil
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILES", "OPTIONAL_FILES", "Run", "open_run"]

#: What a run folder holds when it is finished, the contract's names.
FILES = (
    "reviews.parquet",
    "segments.parquet",
    "mentions.parquet",
    "embeddings.parquet",
    "aspects.parquet",
    "aspects.csv",
    "loyalty.parquet",
    "loyalty.csv",
    "themes.parquet",
    "themes.csv",
    "drivers.parquet",
    "drivers.csv",
    "trends.parquet",
    "trends.csv",
    "emerging.parquet",
    "emerging.csv",
    "rejects.jsonl",
    "report.html",
    "manifest.json",
)

#: What it holds besides where the input has the columns for it.
OPTIONAL_FILES = ("complaints.parquet", "complaints.csv", "behaviour.parquet", "behaviour.csv")


class Run:
    """The tables of a run folder as DataFrames, read when first asked for.

    Parameters
    ----------
    path
        The run folder.
    temporary
        Remove the folder when the run is no longer in use.
    """

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
        manifest: dict[str, Any] = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        return manifest

    @cached_property
    def reviews(self) -> pd.DataFrame:
        """One row per accepted input row."""
        return self._table("reviews")

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row per sentence or clause."""
        return self._table("segments")

    @cached_property
    def mentions(self) -> pd.DataFrame:
        """One row per theme found in a segment."""
        return self._table("mentions")

    @cached_property
    def aspects(self) -> pd.DataFrame:
        """One row per aspect term: the words that an opinion is about."""
        return self._table("aspects")

    @cached_property
    def embeddings(self) -> pd.DataFrame:
        """One vector per segment; none where the settings left them out."""
        from earful.schema import EMBEDDINGS, empty

        there = (self.path / "embeddings.parquet").exists()
        return self._table("embeddings") if there else empty(EMBEDDINGS).to_pandas()

    @cached_property
    def loyalty(self) -> pd.DataFrame:
        """One row per group: the index and the measured metrics."""
        return self._table("loyalty")

    @cached_property
    def themes(self) -> pd.DataFrame:
        """One row per theme, overall and by group."""
        return self._table("themes")

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """One row per theme and polarity: its effect on the index."""
        return self._table("drivers")

    @cached_property
    def trends(self) -> pd.DataFrame:
        """One row per group and period: the index over time and where its level changed."""
        return self._table("trends")

    @cached_property
    def emerging(self) -> pd.DataFrame:
        """One row per theme that may be on the rise."""
        return self._table("emerging")

    @cached_property
    def complaints(self) -> pd.DataFrame:
        """One row per group and stage of the complaint loop; none where no column tells of stages."""
        return self._table("complaints")

    @cached_property
    def behaviour(self) -> pd.DataFrame:
        """One row per group and measure of what customers do; none where nothing tells of it."""
        return self._table("behaviour")

    @cached_property
    def rejects(self) -> pd.DataFrame:
        """One row per refused input row, with the reason."""
        import pandas as pd

        with (self.path / "rejects.jsonl").open(encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        return pd.DataFrame(records, columns=["row", "source", "line", "reason", "record"])

    @property
    def report(self) -> Path:
        """The report, a page that opens from disk."""
        return self.path / "report.html"

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd

        path = self.path / f"{name}.parquet"
        if not path.exists():
            # The input had no columns for it, or the run is from before there was such a table.
            from earful.schema import OPTIONAL, TABLES, empty

            frame: pd.DataFrame = empty({**TABLES, **OPTIONAL}[name]).to_pandas()
            return frame
        return pd.read_parquet(path)


def open_run(path: str | Path) -> Run:
    """Open a finished run folder.

    Raises
    ------
    RunError
        There is no such folder, or what is there is not a finished run.
    """
    folder = Path(path)
    if (folder / "manifest.json").is_file():
        return Run(folder)
    if (folder / "parts" / "plan.json").is_file():
        raise RunError("was not finished", where=str(folder), fix="repeat its command with --resume")
    what = "is not a run folder (it has no manifest.json)" if folder.exists() else "does not exist"
    raise RunError(what, where=str(folder), fix="make one with: earful analyze INPUT -o RUN")
