"""Changes to a taxonomy, as values: what each does to the themes. Nothing here reads a file or runs a model.

A finished run is brought up to date by :mod:`earful.jobs.apply`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from earful.errors import TaxonomyError
from earful.themes.notation import check_phrases
from earful.themes.taxonomy import Taxonomy, Theme, check_id

__all__ = [
    "Add",
    "Change",
    "Merge",
    "Move",
    "Rename",
    "Split",
    "change_taxonomy",
    "count_diff",
    "to_record",
]


@dataclass(frozen=True, slots=True)
class Rename:
    """Return a theme another id, another label in one language, or both."""

    theme: str
    to: str | None = None
    label: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Move:
    """Put a theme under another touchpoint: ``speed.x`` becomes ``touchpoint.x``."""

    theme: str
    touchpoint: str

    def as_rename(self) -> Rename:
        """Return the renaming that the move is."""
        return Rename(self.theme, f"{self.touchpoint}.{self.theme.partition('.')[2]}")


@dataclass(frozen=True, slots=True)
class Merge:
    """Make one theme of several: ``into`` takes the phrases and examples of ``themes``, which go."""

    themes: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True)
class Split:
    """Make several themes of one.

    A mention goes to the first part whose phrases stand in its words; the first part takes what none claims.
    """

    theme: str
    parts: tuple[Theme, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """Put in a theme that is new, such as a group that discovery found."""

    theme: Theme


Change = Rename | Move | Merge | Split | Add


def change_taxonomy(taxonomy: Taxonomy, change: Change) -> Taxonomy:
    """Return the taxonomy after the change.

    Raises
    ------
    TaxonomyError
        A theme is not there, an id is taken or of the wrong shape, or the change changes nothing.
    """
    themes = list(taxonomy.themes)
    if isinstance(change, Move):
        change = change.as_rename()
    if isinstance(change, Add):
        _free(taxonomy, change.theme.id)
        check_phrases(change.theme, taxonomy.words, taxonomy.source or taxonomy.name)
        return replace(taxonomy, themes=(*themes, change.theme))
    if isinstance(change, Rename):
        theme = taxonomy[change.theme]
        if change.to is None and change.label is None:
            raise TaxonomyError(f"renaming {change.theme!r} to nothing", where=taxonomy.name)
        labels = dict(theme.labels) | ({change.lang: change.label} if change.label else {})
        new_id = theme.id if change.to is None else _free(taxonomy, change.to)
        themes[themes.index(theme)] = replace(theme, id=new_id, labels=labels)
    elif isinstance(change, Merge):
        into = taxonomy[change.into]
        sources = [taxonomy[name] for name in dict.fromkeys(change.themes) if name != change.into]
        if not sources:
            raise TaxonomyError(f"merging {change.into!r} with nothing else", where=taxonomy.name)
        themes[themes.index(into)] = _union(into, sources)
        themes = [theme for theme in themes if theme not in sources]
    else:
        at = themes.index(taxonomy[change.theme])
        themes[at : at + 1] = _parts(taxonomy, change)
    return replace(taxonomy, themes=tuple(themes))


def count_diff(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare how many segments carry each theme.

    Returns
    -------
    pandas.DataFrame
        ``theme``, ``n_before``, ``n_after``, ``change``: the themes whose count changed, most changed first.
    """
    counts = [
        frame[["row", "segment", "theme"]].drop_duplicates()["theme"].value_counts()
        for frame in (before, after)
    ]
    table = pd.DataFrame({"n_before": counts[0], "n_after": counts[1]}).fillna(0).astype(np.int64)
    table["change"] = table["n_after"] - table["n_before"]
    table = table[table["change"] != 0].rename_axis("theme").sort_index().reset_index()
    return table.sort_values("change", key=abs, ascending=False, kind="stable", ignore_index=True)


def to_record(change: Change) -> dict[str, Any]:
    """Return the change as plain values for a history file."""
    if isinstance(change, Add):
        return {"kind": "add", "theme": change.theme.id}
    record = {"kind": type(change).__name__.lower(), **asdict(change)}
    if isinstance(change, Split):
        record["parts"] = [part.id for part in change.parts]
    return record


def _free(taxonomy: Taxonomy, theme_id: str) -> str:
    check_id(theme_id, taxonomy.name)
    if theme_id in taxonomy.by_id:
        raise TaxonomyError(
            f"there is a theme {theme_id!r} already", where=taxonomy.name, fix="merge them instead"
        )
    return theme_id


def _union(into: Theme, sources: Sequence[Theme]) -> Theme:
    def lists(name: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for theme in (into, *sources):
            for lang, values in getattr(theme, name).items():
                found.setdefault(lang, {}).update(dict.fromkeys(values))
        return {lang: tuple(values) for lang, values in found.items()}

    described = [theme.description for theme in (into, *sources) if theme.description]
    return replace(
        into, description=" ".join(described), examples=lists("examples"), phrases=lists("phrases")
    )


def _parts(taxonomy: Taxonomy, change: Split) -> list[Theme]:
    ids = [part.id for part in change.parts]
    if len(ids) < 2 or len(set(ids)) < len(ids):
        raise TaxonomyError(f"splitting {change.theme!r} needs two or more themes with ids of their own")
    for part in change.parts:
        if part.id != change.theme:
            _free(taxonomy, part.id)
        check_phrases(part, taxonomy.words, taxonomy.source or taxonomy.name)
    return list(change.parts)
