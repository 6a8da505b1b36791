"""The anchor: the question that the index of a run is measured on.

What customers were asked decides, best first: NPS, a recommend flag, stars, CSAT; else words alone. Rows with
the anchor are the answered ones, all others are predicted by their words and their other scores.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.config import Anchor, NpsScale, ScalesConfig
from earful.errors import ConfigError
from earful.loyalty.features import FEATURES, SIGNAL_GROUPS, row_features
from earful.loyalty.frames import Floats, column
from earful.loyalty.likelihood import LikelihoodModel, classes
from earful.loyalty.scales import (
    BoxScale,
    FlagScale,
    Scale,
    WordsScale,
    nps_class,
    nps_scale,
    on_each_scale,
    stamp,
)

__all__ = ["ANCHORS", "Anchored", "anchored", "answers_by_scale", "check_anchor", "covered"]

_S = TypeVar("_S", bound=Scale)
#: Anchors and how people call them, best first.
ANCHORS = {
    "nps": "NPS answers",
    "recommend": "recommend flags",
    "rating": "stars",
    "csat": "CSAT answers",
    "words": "words",
}
#: The signal of the row model that an anchor's answers are.
SIGNAL_OF = {"recommend": "recommended", "rating": "rating", "csat": "csat"}
#: From so many times more answers on another question, the choice of the anchor is worth a word.
_MANY = 10
#: Rows that the row model reads at once.
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Anchored:
    """The anchor of a run.

    Attributes
    ----------
    name
        One of :data:`ANCHORS`.
    answers
        For each of its scales, that with most answers first: the scale, and the answer of every row in
        {-100, 0, 100}, NaN where it has none on it, shape (n,).
    counts
        How many rows answered on each anchor.
    """

    name: str
    answers: list[tuple[Scale, Floats]]
    counts: dict[str, int]

    @property
    def note(self) -> str | None:
        """Say where the choice of the anchor should be looked at; ``None`` where it is plain."""
        own = self.counts.get(self.name, 0)
        more = {name: n for name, n in self.counts.items() if own and n >= _MANY * own}
        if not more:
            return None
        name, n = max(more.items(), key=lambda pair: pair[1])
        return (
            f"the index is measured on {own:,} {ANCHORS[self.name]}, the best question asked here; "
            f'{n:,} rows have {ANCHORS[name]}: set loyalty.anchor = "{name}" for an index of those'
        )


def anchored(rows: pd.DataFrame, scales: ScalesConfig, wanted: Anchor = "auto") -> Anchored:
    """Choose the anchor of a run and class its answers.

    Parameters
    ----------
    rows
        One row per review, as ``loyalty_table`` takes them.
    scales
        Scales as configured.
    wanted
        An anchor, or ``auto`` for the best that any row answers.

    Raises
    ------
    ConfigError
        The wanted anchor is a score that no row has, or NPS answers stand on a scale without cut points.
    """
    counts = {
        name: int(np.sum(~np.isnan(column(rows, "recommended" if name == "recommend" else name))))
        for name in ("nps", "recommend", "rating", "csat")
    }
    name = next((name for name, n in counts.items() if n), "words") if wanted == "auto" else wanted
    if name in SIGNAL_OF and not counts[name]:
        there = [f'"{other}"' for other, n in counts.items() if n]
        raise ConfigError(
            f"is {name!r}, and no row has {ANCHORS[name]}",
            where="loyalty.anchor",
            allowed=", ".join(['"auto"', *there, '"words"']),
        )
    return Anchored(name, _answers(rows, scales, name), counts)


def check_anchor(wanted: Anchor, columns: Collection[str]) -> None:
    """Refuse an anchor that no column of the input holds, before anything is read.

    Raises
    ------
    ConfigError
        There is no such column.
    """
    name = SIGNAL_OF.get(wanted, wanted)
    if name in {*SIGNAL_OF.values(), "nps"} and name not in columns:
        there = [f'"{other}"' for other in ("nps", *SIGNAL_OF) if SIGNAL_OF.get(other, other) in columns]
        raise ConfigError(
            f"is {wanted!r}, and no column of the input holds {ANCHORS[wanted]}",
            where="loyalty.anchor",
            allowed=", ".join(['"auto"', *there, '"words"']),
            fix=f"name it with --map {name}=COLUMN",
        )


def _answers(rows: pd.DataFrame, scales: ScalesConfig, name: str) -> list[tuple[Scale, Floats]]:
    if name == "nps":
        return list(answers_by_scale(rows, scales))
    if name == "words":
        return [(WordsScale(), np.full(len(rows), np.nan))]
    if name == "recommend":
        return [(FlagScale(), 200 * column(rows, "recommended") - 100)]
    value, low, high = (column(rows, f"{name}{end}") for end in ("", "_min", "_max"))
    found: list[tuple[Scale, Floats]] = []
    for bottom, top, here in on_each_scale(value, low, high):
        scale = BoxScale.of("stars" if name == "rating" else "CSAT", bottom, top)
        found.append((scale, np.where(here, scale.points(value), np.nan)))
    return _most_first(found)


def answers_by_scale(rows: pd.DataFrame, scales: ScalesConfig) -> list[tuple[NpsScale, Floats]]:
    """Class the NPS answers, one scale at a time, the scale with most answers first.

    Returns
    -------
    list
        Scale and answer of every row (-100, 0, 100; NaN where the row did not answer on that scale). Where
        there are no answers at all: the configured scale, or 0-10, with nothing but NaN.
    """
    nps, low, high = (column(rows, name) for name in ("nps", "nps_min", "nps_max"))
    default = scales.nps or NpsScale()
    low, high = np.where(np.isnan(low), default.min, low), np.where(np.isnan(high), default.max, high)
    found = []
    for bottom, top, here in on_each_scale(nps, low, high):
        scale = nps_scale(bottom, top, scales.nps)
        found.append((scale, np.where(here, 100 * nps_class(nps, scale), np.nan)))
    return _most_first(found) or [(default, np.full(len(rows), np.nan))]


def _most_first(found: list[tuple[_S, Floats]]) -> list[tuple[_S, Floats]]:
    return sorted(found, key=lambda pair: (-int(np.sum(~np.isnan(pair[1]))), stamp(pair[0])))


def covered(
    reviews: pa.Table, segments: pa.Table, scales: ScalesConfig, model: LikelihoodModel, anchor: str
) -> pd.DataFrame:
    """Predict every row as if the anchor, and as if every score, had not been given.

    What is to be estimated must not be looked at: beside stars, ``nps_text`` is for the most part the stars.

    Parameters
    ----------
    reviews, segments
        Tables of a run, with ``row``; segments in order.
    scales
        Scales as configured.
    model
        The row model.
    anchor
        One of :data:`ANCHORS`.

    Returns
    -------
    DataFrame
        By row number: ``nps_blind``, in points, by the words and every score but the anchor, and
        ``nps_words`` by the words alone; NaN where nothing is left to go by.
    """
    features = row_features(reviews, segments, scales.ces)
    nps = scales.nps or NpsScale()
    every = list(SIGNAL_GROUPS)
    left_out = {"nps": [], "words": every}.get(anchor, [SIGNAL_OF.get(anchor, "")])
    found = {
        name: _points(_without(features, signals), model, nps)
        for name, signals in (("nps_blind", left_out), ("nps_words", every))
    }
    return pd.DataFrame(found, index=reviews.column("row").to_numpy())


def _without(features: Floats, signals: list[str]) -> Floats:
    kept = features.copy()
    for signal in signals:
        kept[:, [FEATURES.index(name) for name in SIGNAL_GROUPS.get(signal, ())]] = 0.0
    return kept


def _points(features: Floats, model: LikelihoodModel, scale: NpsScale) -> Floats:
    shares = [
        classes(model.predict(features[start : start + _CHUNK]), scale)
        for start in range(0, len(features), _CHUNK)
    ]
    chances = np.concatenate(shares) if shares else np.empty((0, 3))
    present = [FEATURES.index("has_words"), *(FEATURES.index(f"has_{name}") for name in SIGNAL_GROUPS)]
    told = (features[:, present] > 0).any(axis=1)
    return np.where(told, np.round(100 * (chances[:, 2] - chances[:, 0]), 6), np.nan)
