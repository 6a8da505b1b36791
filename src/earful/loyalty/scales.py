"""Loyalty questions, their scales, and the definition stamped on every number.

Answers of different scales are never pooled in silence: two numbers may be put together only where their
stamps are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from earful.config import CesScale, CsatScale, NpsScale, ScalesConfig
from earful.errors import ConfigError
from earful.loyalty.arrays import Flags, Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CSAT_SATISFIED_MIN",
    "BoxScale",
    "FlagScale",
    "Inversion",
    "Scale",
    "WordsScale",
    "check_ces",
    "csat_scale",
    "ease",
    "easy",
    "inversion",
    "nps_class",
    "nps_scale",
    "on_each_scale",
    "position",
    "relative",
    "satisfied",
    "stamp",
]

#: From which answer a customer counts as satisfied, by the top of the scale (scales that start at 1).
CSAT_SATISFIED_MIN = {5: 4, 7: 6, 10: 9}
#: From which answer (counted in ease) an interaction counts as easy; 5 of 7 is the usual cut of CES 2.0.
_EASY_MIN = {5: 4, 7: 5, 10: 8}
#: Tops of the scales on which the usual NPS cut points make sense.
_NPS_SCALES: set[tuple[float, float]] = {(0, 10), (1, 10)}


@dataclass(frozen=True, slots=True)
class BoxScale:
    """A scale of stars or satisfaction cut into boxes: the top one, the next, and the rest.

    Attributes
    ----------
    name
        What the answers are called: ``stars`` or ``CSAT``.
    min, max
        Ends of the scale.
    passive_min, promoter_min
        Where the next and the top box begin: 4 and 5 of 5, 6 and 7 of 7, 7 and 9 of 10, 70 and 90 of 100.
    """

    name: str
    min: float
    max: float
    passive_min: float
    promoter_min: float

    @classmethod
    def of(cls, name: str, low: float, high: float) -> BoxScale:
        """Cut a scale: from 10 points on as the NPS question is cut, a shorter one by its last two points."""
        if high >= 10:
            return cls(name, low, high, 0.7 * high, 0.9 * high)
        # On a scale of two points nobody stands between.
        return cls(name, low, high, high if high - low <= 1 else high - 1, high)

    def points(self, answers: ArrayLike) -> Floats:
        """Class answers: 100, 0 or -100, NaN where missing or off the scale; 4.5 of 5 is not the top."""
        values = _on_scale(answers, self.min, self.max)
        told = np.where(values >= self.promoter_min, 100.0, np.where(values >= self.passive_min, 0.0, -100.0))
        return np.where(np.isnan(values), np.nan, told)

    @property
    def stamp(self) -> str:
        """The definition, e.g. ``stars 5 / 4 / 1-3``: promoters, passives, detractors."""
        boxes = [_range(self.promoter_min, self.max)]
        if self.passive_min < self.promoter_min:
            boxes.append(_range(self.passive_min, self.promoter_min - 1))
        least = min(self.passive_min, self.promoter_min)
        return f"{self.name} {' / '.join([*boxes, _range(self.min, least - 1)])}"


@dataclass(frozen=True, slots=True)
class FlagScale:
    """The recommend flag: yes is a promoter, no a detractor."""

    stamp: str = "recommend flag, yes / no"


@dataclass(frozen=True, slots=True)
class WordsScale:
    """Words alone: how groups differ, and not where they stand."""

    stamp: str = "words alone, level unknown"


Scale = NpsScale | BoxScale | FlagScale | WordsScale


def _range(low: float, high: float) -> str:
    return f"{low:g}-{high:g}" if low < high else f"{high:g}"


def nps_scale(low: float, high: float, configured: NpsScale | None = None) -> NpsScale:
    """Give the NPS scale, with cut points, of answers that run from ``low`` to ``high``.

    The configured cut points hold for every scale that ends where theirs ends; otherwise 0-10 and 1-10 take
    the usual ones (promoters 9-10, detractors up to 6).

    Raises
    ------
    ConfigError
        The scale is neither configured nor 0-10 or 1-10, so nobody said who is a promoter on it.
    """
    ends = (int(low), int(high))
    if configured is not None and configured.max == high and configured.min <= low < configured.detractor_max:
        return configured.model_copy(update={"min": ends[0]})
    if (low, high) in _NPS_SCALES:
        return NpsScale(min=ends[0], max=ends[1])
    raise ConfigError(
        f"an NPS question on {low:g}-{high:g} has no cut points",
        where="scales.nps",
        allowed="0-10, 1-10, or a scale that is configured",
        fix=f"set nps = {{ min = {low:g}, max = {high:g}, detractor_max = ..., promoter_min = ... }}",
    )


def nps_class(answers: ArrayLike, scale: NpsScale) -> Floats:
    """Class answers into detractor (-1), passive (0) and promoter (+1).

    An answer that is missing or off the scale gives NaN. An answer between two whole numbers (an average)
    is a detractor below ``detractor_max + 1`` and a promoter only from ``promoter_min``.
    """
    values = _on_scale(answers, scale.min, scale.max)
    classes = np.where(
        values >= scale.promoter_min, 1.0, np.where(values < scale.detractor_max + 1, -1.0, 0.0)
    )
    return np.where(np.isnan(values), np.nan, classes)


def csat_scale(low: float, high: float, configured: CsatScale | None = None) -> CsatScale:
    """Give the CSAT scale of answers that run from ``low`` to ``high``.

    The configured one holds where its ends match; 1-5, 1-7 and 1-10 have usual cuts (4, 6 and 9); any other
    scale counts its top two fifths as satisfied, as 1-5 does.
    """
    if configured is not None and (configured.min, configured.max) == (low, high):
        return configured
    usual = CSAT_SATISFIED_MIN.get(int(high)) if low == 1 else None
    cut = usual if usual is not None else int(np.ceil(low + 0.75 * (high - low)))
    return CsatScale(min=int(low), max=int(high), satisfied_min=cut)


def satisfied(answers: ArrayLike, scale: CsatScale) -> Floats:
    """Say for each answer whether the customer is satisfied: 1, 0, or NaN where missing or off the scale."""
    values = _on_scale(answers, scale.min, scale.max)
    return np.where(np.isnan(values), np.nan, (values >= scale.satisfied_min).astype(np.float64))


def check_ces(scales: ScalesConfig, has_answers: bool) -> None:
    """Refuse effort answers whose direction nobody set.

    Two versions of the question are in use: in one a high answer means effort, in the other ease. Guessing
    turns the result upside down.

    Raises
    ------
    ConfigError
        There are effort answers and ``[scales] ces`` is not set.
    """
    if has_answers and scales.ces is None:
        raise ConfigError(
            "effort answers (CES) need a direction: does a high answer mean ease or effort?",
            where="scales.ces",
            allowed="ease, effort",
            fix='set ces = { min = 1, max = 7, direction = "ease" }',
        )


def ease(answers: ArrayLike, scale: CesScale) -> Floats:
    """Put effort answers onto 0 (hardest) to 100 (easiest), whichever way the question ran."""
    share = position(answers, scale.min, scale.max)
    return 100.0 * (share if scale.direction == "ease" else 1.0 - share)


def easy(answers: ArrayLike, scale: CesScale) -> Floats:
    """Say for each effort answer whether it lies in the easy end (top box): 1, 0, or NaN where missing.

    On 1-5 the box is 4-5, on 1-7 it is 5-7, on 1-10 it is 8-10 (counted in ease); on other scales the top
    third.
    """
    values = _on_scale(answers, scale.min, scale.max)
    if scale.direction == "effort":
        values = scale.min + scale.max - values
    cut = _EASY_MIN.get(scale.max) if scale.min == 1 else None
    least = float(cut) if cut is not None else scale.min + (scale.max - scale.min) * 2 / 3
    return np.where(np.isnan(values), np.nan, (values >= least).astype(np.float64))


def position(answers: ArrayLike, low: float | Floats, high: float | Floats) -> Floats:
    """Map answers onto 0 (worst) to 1 (best) of their scale; NaN where missing or off the scale."""
    values = np.asarray(answers, dtype=np.float64)
    bottom, top = np.broadcast_to(low, values.shape), np.broadcast_to(high, values.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (values - bottom) / (top - bottom)
        return np.where((share >= 0) & (share <= 1), share, np.nan)


def relative(rows: pd.DataFrame, name: str) -> Floats:
    """Map the answers of a signal onto 0 (worst) to 1 (best) of the scales that stand beside them."""
    from earful.loyalty.frames import column  # needs pandas, which a stage can do without

    return position(column(rows, name), column(rows, f"{name}_min"), column(rows, f"{name}_max"))


def on_each_scale(answers: Floats, low: Floats, high: Floats) -> Iterator[tuple[float, float, Flags]]:
    """Give each scale that answers stand on, by its ends, and which rows answered on it."""
    asked = ~(np.isnan(answers) | np.isnan(low) | np.isnan(high))
    for bottom, top in sorted(set(zip(low[asked].tolist(), high[asked].tolist(), strict=True))):
        yield bottom, top, asked & (low == bottom) & (high == top)


@dataclass(frozen=True, slots=True)
class Inversion:
    """Whether a question seems to run the other way round than it was said to.

    Attributes
    ----------
    correlation
        Pearson correlation of the answers with the score of the words, in [-1, 1]; NaN where undefined.
    n
        Rows with both.
    inverted
        True where the correlation is below 0 beyond chance (one-sided, 1 in 1,000).
    """

    correlation: float
    n: int
    inverted: bool


def inversion(answers: ArrayLike, score: ArrayLike) -> Inversion:
    """Look for an upside-down scale by the sign of the correlation between answers and words.

    Parameters
    ----------
    answers
        Answers turned so that more is better (``ease``, ``position``).
    score
        Score of the words of the same rows, in [-1, 1].
    """
    x, y = np.asarray(answers, dtype=np.float64), np.asarray(score, dtype=np.float64)
    both = ~(np.isnan(x) | np.isnan(y))
    n = int(both.sum())
    if n < 10 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return Inversion(float("nan"), n, False)
    r = float(np.corrcoef(x[both], y[both])[0, 1])
    fisher = np.arctanh(np.clip(r, -0.999999, 0.999999)) * np.sqrt(n - 3)
    return Inversion(r, n, bool(fisher < -3.0902))


def stamp(scale: Any) -> str:
    """Give the definition that is stamped on a number, e.g. ``NPS 0-10, promoters 9-10, detractors 0-6``.

    Parameters
    ----------
    scale
        An ``NpsScale``, ``CsatScale``, ``CesScale``, or what else an index is measured on.
    """
    match scale:
        case NpsScale():
            return (
                f"NPS {scale.min}-{scale.max}, promoters {_span(scale.promoter_min, scale.max)}, "
                f"detractors {_span(scale.min, scale.detractor_max)}"
            )
        case CsatScale():
            return f"CSAT {scale.min}-{scale.max}, satisfied {_span(scale.satisfied_min, scale.max)}"
        case CesScale():
            return f"CES {scale.min}-{scale.max}, high means {scale.direction}, 100 = easiest"
        case BoxScale() | FlagScale() | WordsScale():
            return scale.stamp
        case _:
            raise TypeError(f"no stamp for {type(scale).__name__}")


def _span(low: int, high: int) -> str:
    return f"{low}-{high}" if low < high else f"{low}"


def _on_scale(answers: ArrayLike, low: float, high: float) -> Floats:
    values = np.asarray(answers, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.where((values >= low) & (values <= high), values, np.nan)
