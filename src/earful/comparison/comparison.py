"""Comparing: one run's words with its measured side, or one run with another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.comparison.columns import COMPARE, COMPARE_CHANGES, COMPARE_PARTS, COMPARE_THEMES
from earful.comparison.decomposition import change_parts
from earful.comparison.measures import Measure, available, choose
from earful.comparison.notes import pair_notes, side_notes
from earful.comparison.reading import Reading, read
from earful.comparison.shifts import group_changes, theme_changes
from earful.comparison.sides import Sides, sides
from earful.errors import RunError
from earful.runs.files import write_json, write_table

if TYPE_CHECKING:
    from earful.comparison.agreement import Agreement
    from earful.runs.run import Run

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, repr=False)
class Comparison:
    """What a comparison found.

    Attributes
    ----------
    table
        One row per group, the overall row first: columns as ``compare`` in docs/tables.md for one run, and as
        ``compare_changes`` for two.
    themes
        How often each theme is complained of and praised in two runs, as ``compare_themes``; else ``None``.
    parts
        What the change of each group's index is made of in two runs, as ``compare_parts``; else ``None``.
    notes
        What a reader should know, in plain sentences.
    reading, other
        The run, and the one it is compared with.
    measure
        The measured side; ``None`` where two runs have none in common.
    sides
        The words against the measured side; ``None`` for two runs.
    """

    table: pd.DataFrame
    themes: pd.DataFrame | None
    parts: pd.DataFrame | None
    notes: list[str]
    reading: Reading
    other: Reading | None
    measure: Measure | None
    sides: Sides | None

    def __repr__(self) -> str:
        runs = [str(reading.run.path) for reading in (self.reading, self.other) if reading]
        return f"Comparison({' with '.join(runs)}: {len(self.table) - 1} groups by {self.by})"

    @property
    def by(self) -> str:
        """How the runs are cut, e.g. ``product``."""
        return self.reading.by

    @property
    def noun(self) -> str:
        """What a group is called."""
        return "group" if "," in self.by else self.by

    @property
    def home(self) -> Path:
        """Where the command writes by default: in the folder of the run, or of the first of the two."""
        name = "compare" if self.other is None else f"compare-with-{self.other.run.path.resolve().name}"
        cut = "" if self.by == "product" else f"-by-{self.by.replace(',', '-')}"
        return self.reading.run.path / (name + cut)

    @property
    def groups(self) -> pd.DataFrame:
        """The rows of ``table`` without the overall one."""
        return self.table[self.table["grouping"] != "overall"].reset_index(drop=True)

    @property
    def agreement(self) -> pd.DataFrame | None:
        """Agreement with the measured side over the groups compared; ``None`` for two runs.

        One row for ``words_nps`` (looks at no score), ``mean_score`` (neither) and ``index`` (uses the
        answers, so its agreement with them is partly circular); correlations in [-1, 1] with intervals.
        """
        if self.sides is None:
            return None
        return pd.DataFrame([_flat(name, found) for name, found in self.sides.agreements.items()])

    def write(self, folder: str | Path) -> Path:
        """Write ``compare.parquet``, ``.csv``, ``.json`` and ``.html``, and the themes and parts of two runs.

        Returns
        -------
        Path
            The page.

        Raises
        ------
        RunError
            The folder is a file.
        EarfulError
            The page cannot be written.
        """
        from earful.comparison.page import write_page

        target = Path(folder)
        if target.is_file():
            raise RunError("is a file", where=str(target), allowed="a folder", fix="choose another -o")
        target.mkdir(parents=True, exist_ok=True)
        schema = COMPARE if self.sides is not None else COMPARE_CHANGES
        write_table(_arrow(self.table, schema), target / "compare.parquet")
        if self.themes is not None:
            write_table(_arrow(self.themes, COMPARE_THEMES), target / "compare_themes.parquet")
        if self.parts is not None:
            write_table(_arrow(self.parts, COMPARE_PARTS), target / "compare_parts.parquet")
        write_json(target / "compare.json", self._summary(), sort_keys=False)
        return write_page(self, target / "compare.html")

    def _summary(self) -> dict[str, Any]:
        found = self.agreement
        return {
            "by": self.by,
            "measure": self.measure.name if self.measure else None,
            "level": self.reading.level,
            "runs": [_made(reading) for reading in (self.reading, self.other) if reading],
            "agreement": [] if found is None else [_plain(row) for row in found.to_dict("records")],
            "notes": self.notes,
        }


def compare(
    run: Run | str | Path,
    other: Run | str | Path | None = None,
    by: str | Sequence[str] = "product",
    *,
    measured: str | None = None,
    min_reviews: int | None = None,
) -> Comparison:
    """Set a run's words and index against what was measured, group by group; or a run against a later one.

    Parameters
    ----------
    run
        A finished run, or its folder.
    other
        A later run. Without it the run is compared with its own measured side.
    by
        ``product``, ``touchpoint``, both (``product,touchpoint``) or ``period``.
    measured
        The measured side: ``nps``, ``recommend``, ``csat`` or ``rating``; by default the first of these that
        anybody answered (in both runs).
    min_reviews
        Reviews that a group needs (in both runs) to count in the correlations and to be tested; by default as
        the run was set.

    Returns
    -------
    Comparison
        ``.table``, ``.agreement`` (one run) or ``.themes`` and ``.parts`` (two), ``.notes``;
        ``.write(folder)`` writes the tables and a page.

    Raises
    ------
    RunError
        A run is not finished, has no such groups, or has no measured side.
    ConfigError
        ``by`` or ``measured`` is none of those.

    Examples
    --------
    >>> import earful, pandas as pd
    >>> frame = pd.DataFrame({"review": ["Great!", "Broke on day one"] * 20, "nps": [10, 1] * 20})
    >>> frame["product"] = ["lamp"] * 20 + ["desk"] * 20
    >>> found = earful.compare(earful.analyze(frame))
    >>> found.table["measured"].tolist()
    [0.0, 0.0, 0.0]
    """
    cut = by if isinstance(by, str) else ",".join(by)
    reading = read(run, cut)
    if other is None:
        measure = choose(reading, measured)
        found = sides(reading, measure, min_reviews)
        notes = side_notes(reading, measure, found, min_reviews)
        return Comparison(_blank_as_none(found.table), None, None, notes, reading, None, measure, found)
    later = read(other, cut)
    if later.run.path.resolve() == reading.run.path.resolve():
        raise RunError("is compared with itself", where=str(later.run.path), fix="name another run")
    if later.level != reading.level:
        levels = f"{100 * later.level:g} %, the first run of {100 * reading.level:g} %"
        fix = "analyze both with the same loyalty.level"
        raise RunError(f"has intervals of {levels}", where=str(later.run.path), fix=fix)
    shared = _shared(reading, later, measured)
    changed = group_changes(reading, later, shared, min_reviews)
    parts = change_parts(reading, later, changed)
    return Comparison(
        _blank_as_none(changed),
        _blank_as_none(theme_changes(reading, later, min_reviews)),
        _blank_as_none(parts),
        pair_notes(reading, later),
        reading,
        later,
        shared,
        None,
    )


def _shared(before: Reading, after: Reading, wanted: str | None) -> Measure | None:
    """Choose the measured side that both runs have; ``None`` where there is none."""
    if wanted is not None:
        choose(after, wanted)
        return choose(before, wanted)
    both = [name for name in available(before) if name in available(after)]
    return choose(before, both[0]) if both else None


def _blank_as_none(table: pd.DataFrame) -> pd.DataFrame:
    """Leave the group columns empty where a row is not cut by them."""
    for name in ("product", "touchpoint", "period"):
        known = table[name].notna() & (table[name] != "")
        table[name] = table[name].astype(object).where(known, None)
    return table


def _arrow(table: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for field in schema:
        values = table[field.name]
        if pa.types.is_floating(field.type):
            numbers = np.round(values.to_numpy(dtype=np.float64, na_value=np.nan), 6) + 0.0  # no minus zero
            columns[field.name] = pa.array(numbers, field.type, mask=np.isnan(numbers))
        else:
            plain = [None if pd.isna(value) else value for value in values.tolist()]
            if pa.types.is_integer(field.type):
                plain = [None if value is None else int(value) for value in plain]
            columns[field.name] = pa.array(plain, field.type)
    return pa.table(columns, schema=schema)


def _flat(name: str, found: Agreement) -> dict[str, Any]:
    row: dict[str, Any] = {"side": name, "n": found.n}
    for kind in ("spearman", "kendall", "pearson"):
        coefficient = getattr(found, kind)
        row |= {
            kind: round(coefficient.value, 6),
            f"{kind}_low": round(coefficient.low, 6),
            f"{kind}_high": round(coefficient.high, 6),
        }
    return row | {"k": found.k, "best_shared": found.best, "worst_shared": found.worst}


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Write what is not a number as null: JSON knows no NaN."""
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }


def _made(reading: Reading) -> dict[str, Any]:
    manifest = reading.run.manifest
    return {"folder": reading.run.path.name} | {
        key: manifest.get(key) for key in ("earful", "created_at", "rows", "model", "likelihood", "taxonomy")
    }
