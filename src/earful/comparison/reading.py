"""A run as a comparison reads it: its rows, their groups, and the groups' rows of the loyalty table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from earful.comparison.columns import KEYS, keyed
from earful.config import Config, NpsScale
from earful.errors import ConfigError, RunError
from earful.loyalty.anchor import answers_by_scale
from earful.loyalty.features import row_features
from earful.loyalty.frames import Grouping, groupings
from earful.loyalty.likelihood import LikelihoodModel, classes, load_likelihood
from earful.runs.run import Run, open_run
from earful.runs.store import Store

__all__ = ["GROUPINGS", "Reading", "read", "touchpoint_of", "words_nps"]

Floats = NDArray[np.float64]

#: Ways of cutting that every run may have; a run has those by further columns besides.
GROUPINGS = ("product", "touchpoint", "product,touchpoint", "period")
#: Rows that the row model reads at once.
_CHUNK = 65_536


@dataclass(frozen=True)
class Reading:
    """One run, cut one way.

    Attributes
    ----------
    run, config
        The run and its settings as resolved when it was made.
    store
        Its tables.
    rows
        One row per review in canonical order, with ``mismatch`` as the run flagged it and with ``words_nps``:
        the NPS in points that its words alone lead to expect, NaN where it has none.
    mentions
        One row per mention: ``row``, ``theme``, ``polarity``.
    answer
        NPS answer of each row on the run's main scale, in {-100, 0, 100}, NaN where there is none.
    grouping
        The groups, and which rows stand in each.
    groups
        Rows of the loyalty table, one per group, in the order of ``grouping``.
    overall
        The row of the loyalty table over everything; one row, or none where the run is empty.
    derived
        Whether touchpoints are those that the words speak of, as no row has one of its own.
    """

    run: Run
    config: Config
    store: Store
    rows: pd.DataFrame
    mentions: pd.DataFrame
    answer: Floats
    grouping: Grouping
    groups: pd.DataFrame
    overall: pd.DataFrame
    derived: bool

    @property
    def by(self) -> str:
        """How the run is cut, e.g. ``product``."""
        return self.grouping.name

    @property
    def noun(self) -> str:
        """What a group is called."""
        return "group" if "," in self.by else self.by

    @property
    def anchor(self) -> str:
        """What the index is measured on; empty for a run from before there was a choice."""
        told = self.overall["anchor"].dropna().tolist()
        return str(told[0]) if told else ""

    @property
    def level(self) -> float:
        """Level of the run's intervals."""
        return self.config.loyalty.level

    @property
    def name(self) -> str:
        """What the run's folder is called."""
        return self.run.path.resolve().name

    @property
    def words(self) -> Floats:
        """NPS that the words of each row lead to expect, as in ``rows``."""
        return self.rows["words_nps"].to_numpy(dtype=np.float64)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Give the name of each theme of the run by its id."""
        return self.store.labels()

    @property
    def whole(self) -> Grouping:
        """All rows as one group."""
        every = np.arange(len(self.rows), dtype=np.int64)
        return Grouping("overall", pd.DataFrame(index=[0]), every, np.zeros(len(every), dtype=np.int64))

    def members(self, group: int) -> list[int]:
        """Give the row numbers of a group's reviews."""
        at = self.grouping.row[self.grouping.code == group]
        return [int(row) for row in self.rows["row"].to_numpy()[at]]


def read(run: Run | str | Path, by: str = "product") -> Reading:
    """Read what a comparison needs of a finished run.

    Parameters
    ----------
    run
        The run or its folder.
    by
        ``product``, ``touchpoint``, ``product,touchpoint``, ``period``, or another column that the run was
        cut by.

    Raises
    ------
    ConfigError
        There is no such way of cutting.
    RunError
        The folder is not a finished run, cannot be read, or was not cut that way.
    """
    opened = run if isinstance(run, Run) else open_run(run)
    where = str(opened.path)
    try:
        config = Config.model_validate(opened.manifest["config"])
    except (ValidationError, KeyError, TypeError):
        fix = "make the run again with this version"
        raise RunError(
            "the settings in its manifest.json are of another version", where=where, fix=fix
        ) from None
    store = Store.of(opened.path)
    # A group's further NPS scales follow its main one.
    cuts = config.loyalty.cuts
    by = _known(by, cuts)
    loyalty = keyed(store.frame("FROM loyalty"), by).drop_duplicates(KEYS, ignore_index=True)
    found = [name for name in loyalty["grouping"].unique().tolist() if name in {*GROUPINGS, *cuts}]
    if by not in found:
        column = by.split(",")[0]
        fix = (
            "analyze again with dates" if by == "period"
            else f"analyze again with --by {by}, and --map {column}=YOUR_COLUMN where it was not recognised"
        )  # fmt: skip
        raise RunError(
            f"has no groups by {by}", where=where, allowed=", ".join(found) or "none in this run", fix=fix
        )
    rows, mentions = store.rows(cuts), store.mentions()
    scale, answer = answers_by_scale(rows, config.scales)[0]
    rows["words_nps"] = words_nps(store, scale).reindex(rows["row"]).to_numpy()
    flags = store.frame("SELECT row, mismatch FROM reviews").set_index("row")["mismatch"]
    rows["mismatch"] = flags.reindex(rows["row"]).to_numpy(dtype=object)
    derived = not rows["touchpoint"].notna().any()
    touched = pd.DataFrame({"row": mentions["row"], "touchpoint": mentions["theme"].map(touchpoint_of)})
    cut = next(g for g in groupings(rows, config, touched) if g.name == by)
    keys = by.split(",")
    groups = cut.labels.merge(loyalty[loyalty["grouping"] == by], on=keys, how="left")
    overall = loyalty[loyalty["grouping"] == "overall"].reset_index(drop=True)
    return Reading(opened, config, store, rows, mentions, answer, cut, groups, overall, derived)


def words_nps(store: Store, scale: NpsScale, model: LikelihoodModel | None = None) -> pd.Series:
    """Give the NPS that each review's words alone lead to expect, in points, by row number.

    The column ``nps_text`` of a run looks at stars, satisfaction and recommend flags too where a row has
    them; what is compared with those must not.

    Parameters
    ----------
    store
        The run's tables.
    scale
        Who counts as promoter and detractor.
    model
        The row model; the shipped one by default.
    """
    model = model or load_likelihood()
    reviews = store.table("SELECT row, p_negative, p_neutral, p_positive FROM reviews ORDER BY row")
    segments = store.table("SELECT row, p_negative, p_positive FROM segments ORDER BY row, segment")
    features = row_features(reviews, segments, None)
    chances = [
        classes(model.words.predict(features[start : start + _CHUNK]), scale)
        for start in range(0, len(features), _CHUNK)
    ]
    shares = np.concatenate(chances) if chances else np.empty((0, 3))
    points = np.round(100 * (shares[:, 2] - shares[:, 0]), 6)
    spoken = reviews.column("p_negative").is_valid().to_numpy()
    return pd.Series(np.where(spoken, points, np.nan), index=reviews.column("row").to_numpy())


def touchpoint_of(theme: str) -> str:
    """Give the touchpoint that a theme's id begins with."""
    return theme.partition(".")[0]


def _known(by: str, cuts: Iterable[str]) -> str:
    for name in cuts:
        if name.casefold() == by.strip().casefold():
            return name
    wanted = {name.strip() for name in by.split(",")}
    for name in GROUPINGS:
        if wanted == set(name.split(",")):
            return name
    raise ConfigError(
        f"cannot compare by {by!r}",
        where="--by",
        allowed="; ".join((*GROUPINGS, *cuts)),
        fix=f"by another column a run is compared that was analyzed with --by {by}",
    )
