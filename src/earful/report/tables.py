"""A run folder as its report reads it: whole or in part, of this version or an earlier one."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from earful.errors import RunError
from earful.pages.labels import spoken_labels
from earful.pages.making import part_of
from earful.pages.numbers import finite
from earful.pages.words import spoken
from earful.runs.run import further_cuts
from earful.runs.store import Row, Store, files_of, quoted
from earful.schema import TABLES

__all__ = ["MAX_Q", "Tables"]

#: Something is called where its false discovery rate is at most this.
MAX_Q = 0.10


class Tables(Store):
    """The tables of a run folder, its manifest, and the groups of its loyalty table.

    Every question either aggregates to whole-number counts or has a total order and a limit, so that the same
    folder always gives the same answer and no table of texts is ever loaded whole.

    Parameters
    ----------
    folder
        The run folder. A table that is missing counts as empty, so that the report of an old or partial run
        still says what it can.

    Raises
    ------
    RunError
        The folder does not exist or holds nothing of a run, or its manifest is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._labels: dict[str, dict[str, str]] = {}
        files = [f"{name}.parquet" for name in TABLES] + ["manifest.json"]
        if not any((folder / name).exists() for name in files):
            what = (
                "is not a run folder (none of its tables is there)" if folder.is_dir() else "does not exist"
            )
            raise RunError(what, where=str(folder), fix="make one with: earful analyze INPUT -o RUN")
        super().__init__(memory="1GB", **files_of(folder))
        self.manifest = _manifest(folder / "manifest.json")
        settings = part_of(self.manifest, "config", "loyalty")
        wanted, level = finite(settings.get("min_reviews")), finite(settings.get("level"))
        #: Reviews a group needs before it is ranked, and the level of the intervals, as the run was set.
        self.min_reviews = 30 if wanted is None else int(wanted)
        self.level = 0.95 if level is None else level
        # What a group needs to be ranked: an index with an interval, enough reviews and a fitting grade.
        known = " AND ".join(f"isfinite({name})" for name in ('"index"', "index_low", "index_high"))
        self._enough = f"n_reviews >= {self.min_reviews}"
        # Runs from before there was an anchor hold indexes of grade D that are no more than a wide range.
        told = "(anchor IS NOT NULL OR coalesce(grade, '') <> 'D')"
        self._ranked = f"coalesce({known} AND {self._enough} AND {told}, false)"

    def overall(self) -> Row | None:
        """Give the row over everything, ``None`` where there is none."""
        return next(iter(self.groups("overall", "n_reviews DESC", limit=1)), None)

    def groups(self, by: str, order: str, where: str = "true", limit: int = 100_000) -> list[Row]:
        """Give the groups of one cut in some order."""
        return self.top("loyalty", f"grouping = $by AND {where}", order, limit, by=by)

    def ranked(self, by: str) -> list[Row]:
        """Give the groups of one cut that can be ranked, the highest index first."""
        return self.groups(by, f'"index" DESC, {quoted(by)}', self._ranked)

    def standings(self, by: str, measure: str) -> list[Row]:
        """Give the groups of one cut with enough reviews and a measured mean, the highest mean first."""
        known = " AND ".join(f"isfinite({measure}{end})" for end in ("", "_low", "_high"))
        return self.groups(by, f"{measure} DESC, {quoted(by)}", f"{self._enough} AND {known}")

    def ranges(self, by: str, limit: int) -> list[Row]:
        """Give the groups of one cut that get a range and no rank.

        Those with enough reviews come first, the highest index first; then the small ones, the largest first.
        """
        index = f'CASE WHEN {self._enough} THEN "index" END DESC NULLS LAST'
        order = f"{self._enough} DESC, {index}, n_reviews DESC, {quoted(by)}"
        return self.groups(by, order, f"NOT {self._ranked}", limit)

    def labels(self) -> dict[str, str]:
        """Map theme ids to their names in the language that is spoken."""
        language = spoken()
        if language not in self._labels:
            self._labels[language] = spoken_labels(super().labels(), self.manifest)
        return self._labels[language]

    @cached_property
    def cuts(self) -> list[str]:
        """The further columns that the run is cut by, in the order of its settings."""
        held = {
            row["grouping"] for row in self.ask("SELECT DISTINCT grouping FROM loyalty ORDER BY grouping")
        }
        return [name for name in further_cuts(self.manifest) if name in held]

    @property
    def group_order(self) -> str:
        """What puts groups of several cuts in one order, whatever they are cut by."""
        return ", ".join(["grouping", "product", "touchpoint", *map(quoted, self.cuts)])

    def n_groups(self, by: str) -> int:
        """Count the groups of one cut."""
        return self.count("loyalty", "grouping = $by", by=by)

    def largest(self, by: str, limit: int) -> list[str]:
        """Name the groups of one cut with the most reviews."""
        rows = self.groups(by, f"n_reviews DESC, {by}", f"{by} IS NOT NULL", limit)
        return [row[by] for row in rows]

    def cells(self, products: list[str], touchpoints: list[str]) -> dict[tuple[str, str], Row]:
        """Give the groups of product by touchpoint for the named ones, with ``ranked`` added."""
        rows = self.ask(
            f"SELECT *, {self._ranked} AS ranked FROM loyalty WHERE grouping = 'product,touchpoint' "
            "AND list_contains($products, product) AND list_contains($touchpoints, touchpoint) "
            "ORDER BY product, touchpoint",
            products=products,
            touchpoints=touchpoints,
        )
        return {(row["product"], row["touchpoint"]): row for row in rows}


def _manifest(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"cannot be read ({error})", where=str(path), fix="repeat the run") from None
    return manifest if isinstance(manifest, dict) else {}
