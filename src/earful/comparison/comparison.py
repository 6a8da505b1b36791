"""Comparing: one run's words with its measured side, or one run with another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from earful.comparison.changes_page import changes_page
from earful.comparison.columns import (
    COMPARE,
    COMPARE_CHANGES,
    COMPARE_PARTS,
    COMPARE_THEMES,
    is_further,
    named,
)
from earful.comparison.decomposition import change_parts
from earful.comparison.measures import Measure, available, choose
from earful.comparison.notes import pair_notes, side_notes
from earful.comparison.reading import Reading, read
from earful.comparison.shifts import group_changes, theme_changes
from earful.comparison.sides import Sides, sides
from earful.comparison.sides_page import sides_page
from earful.errors import RunError
from earful.pages import names
from earful.pages.html import write_page
from earful.pages.labels import spoken_labels
from earful.pages.making import language_of, making
from earful.pages.words import say, speaking, stated
from earful.runs.files import write_json, write_table
from earful.schema import cut_by
from earful.tables import to_table

if TYPE_CHECKING:
    from earful.comparison.agreement import Agreement
    from earful.runs.run import Run

__all__ = ["Comparison", "compare"]

#: Groups that have a name of their own in every language.
_KINDS = ("product", "touchpoint", "period")


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
        runs = [str(reading.run.path) for reading in self.runs]
        return f"Comparison({' with '.join(runs)}: {len(self.table) - 1} groups by {self.by})"

    @property
    def by(self) -> str:
        """How the runs are cut, e.g. ``product``."""
        return self.reading.by

    @property
    def runs(self) -> list[Reading]:
        """The run, or both."""
        return [reading for reading in (self.reading, self.other) if reading]

    @property
    def noun(self) -> str:
        """What a group is called."""
        return self.reading.noun

    @property
    def kind(self) -> str:
        """What a group is called in the files of languages, e.g. ``product``; else ``group``."""
        return self.noun if self.noun in _KINDS else "group"

    @property
    def label(self) -> str:
        """What the runs are cut by, in the language that is spoken: a column of one's own by its name."""
        return say(f"noun.{self.kind}.col") if self.noun in (*_KINDS, "group") else names.short(self.by, 40)

    @property
    def labels(self) -> dict[str, str]:
        """Names of the themes in the language that is spoken."""
        english: dict[str, str] = {}
        for reading in reversed(self.runs):
            english = reading.labels | english
        return spoken_labels(english, self.reading.run.manifest)

    @property
    def home(self) -> Path:
        """Where the command writes by default: in the folder of the run, or of the first of the two."""
        name = "compare" if self.other is None else f"compare-with-{self.other.name}"
        # A column may be called anything; a folder may not.
        cut = "" if self.by == "product" else "-by-" + re.sub(r"[^\w.]+", "-", self.by)
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

    def write(self, folder: str | Path, *, lang: str | None = None) -> Path:
        """Write ``compare.parquet``, ``.csv``, ``.json`` and ``.html``, and the themes and parts of two runs.

        Parameters
        ----------
        folder
            Where to write.
        lang
            Language of the page: ``en``, ``ru``, ``bg`` or ``lv``; by default as the run was set.

        Returns
        -------
        Path
            The page.

        Raises
        ------
        RunError
            The folder is a file.
        ConfigError
            Pages are not written in that language.
        EarfulError
            The page cannot be written.
        """
        language = language_of(self.reading.run.manifest, lang)
        target = Path(folder)
        if target.is_file():
            raise RunError("is a file", where=str(target), allowed="a folder", fix="choose another -o")
        target.mkdir(parents=True, exist_ok=True)
        schema = COMPARE if self.other is None else COMPARE_CHANGES
        further = [self.by] if is_further(self.by) else []
        for name, table, columns in (
            ("compare", self.table, schema),
            ("compare_themes", self.themes, COMPARE_THEMES),
            ("compare_parts", self.parts, COMPARE_PARTS),
        ):
            if table is not None:
                write_table(to_table(table, cut_by(columns, further)), target / f"{name}.parquet")
        write_json(target / "compare.json", self._summary(), sort_keys=False)
        with speaking(language):
            return write_page(target / "compare.html", "earful.comparison", *self.page())

    def page(self) -> tuple[str, dict[str, Any]]:
        """Give the page's template, of this room, and its variables."""
        kind, page = ("sides", sides_page(self)) if self.other is None else ("changes", changes_page(self))
        shared = {
            "kind": "comparison",
            "notes": [stated(note) for note in self.notes],
            "kind_of_group": self.kind,
            "label": self.label,
            "level": f"{100 * self.reading.level:g}",
            "runs": [_shown(reading) for reading in self.runs],
        }
        return f"{kind}.html.j2", shared | page

    def _summary(self) -> dict[str, Any]:
        found = self.agreement
        return {
            "by": self.by,
            "measure": self.measure.name if self.measure else None,
            "level": self.reading.level,
            "runs": [_made(reading) for reading in self.runs],
            # What is not a number is written as null: JSON knows no NaN.
            "agreement": []
            if found is None
            else found.astype(object).where(found.notna(), None).to_dict("records"),
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
        ``product``, ``touchpoint``, both (``product,touchpoint``), ``period``, or another column that the run
        was cut by.
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
    least = reading.config.loyalty.min_reviews if min_reviews is None else min_reviews
    if other is None:
        measure = choose(reading, measured)
        found = sides(reading, measure, least)
        notes = side_notes(reading, measure, found, least)
        return Comparison(named(found.table, reading.by), None, None, notes, reading, None, measure, found)
    later = read(other, cut)
    if later.run.path.resolve() == reading.run.path.resolve():
        raise RunError("is compared with itself", where=str(later.run.path), fix="name another run")
    if later.level != reading.level:
        levels = f"{100 * later.level:g} %, the first run of {100 * reading.level:g} %"
        fix = "analyze both with the same loyalty.level"
        raise RunError(f"has intervals of {levels}", where=str(later.run.path), fix=fix)
    if made_by := reading.run.manifest.get("encoder"):
        later.run.check_vectors(made_by["name"], made_by["checksum"])
    shared = _shared(reading, later, measured)
    changed = group_changes(reading, later, shared, least)
    parts = change_parts(reading, later, changed)
    return Comparison(
        named(changed, reading.by),
        named(theme_changes(reading, later, least), reading.by),
        named(parts, reading.by),
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


def _flat(name: str, found: Agreement) -> dict[str, Any]:
    row: dict[str, Any] = {"side": name, "n": found.n}
    for kind in ("spearman", "kendall", "pearson"):
        coefficient = getattr(found, kind)
        ends = {"": coefficient.value, "_low": coefficient.low, "_high": coefficient.high}
        row |= {f"{kind}{end}": round(value, 6) for end, value in ends.items()}
    return row | {"k": found.k, "best_shared": found.best, "worst_shared": found.worst}


def _shown(reading: Reading) -> dict[str, Any]:
    """Give what the page says of a run."""
    made, overall = making(reading.run.manifest), reading.overall["n_reviews"]
    n = int(overall.iloc[0]) if len(overall) else 0
    told = {key: made[key] for key in ("when", "sources", "facts")}
    return told | {"name": names.short(reading.name, 60), "n": n}


def _made(reading: Reading) -> dict[str, Any]:
    manifest = reading.run.manifest
    return {"folder": reading.run.path.name} | {
        key: manifest.get(key) for key in ("earful", "created_at", "rows", "model", "likelihood", "taxonomy")
    }
