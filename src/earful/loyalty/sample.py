"""The rows that an estimate rests on: checked, with a prediction each, on the slope that the answers show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from earful.loyalty.frames import Flags, Floats, Ints
from earful.loyalty.moments import Moments, within

if TYPE_CHECKING:
    from earful.loyalty.estimator import Settings

__all__ = ["Sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of the rows that say anything; arrays of shape (n,)."""

    group: Ints
    f: Floats
    s: Floats
    weight: Floats
    silent: Flags
    groups: int
    slope: float
    customer: Ints | None

    @classmethod
    def of(
        cls,
        group: ArrayLike,
        prediction: ArrayLike,
        answer: ArrayLike,
        weight: ArrayLike | None,
        groups: int,
        settings: Settings,
        quiet_rows: ArrayLike | None = None,
        customer: ArrayLike | None = None,
    ) -> Sample:
        """Check the rows, leave out those that say nothing, and make all predictions fit the answers.

        Parameters are those of :func:`earful.loyalty.estimator.estimate`.
        """
        codes = np.asarray(group, dtype=np.int64)
        f, s = np.asarray(prediction, dtype=np.float64), np.asarray(answer, dtype=np.float64)
        w = np.ones(len(codes)) if weight is None else np.asarray(weight, dtype=np.float64)
        silent = np.isnan(f) if quiet_rows is None else np.asarray(quiet_rows, dtype=bool) | np.isnan(f)
        if not len(codes) == len(f) == len(s) == len(w) == len(silent):
            raise ValueError(
                f"rows differ: group {len(codes)}, prediction {len(f)}, answer {len(s)}, weight {len(w)}, "
                f"silent {len(silent)}"
            )
        if len(codes) and (codes.min() < 0 or codes.max() >= groups):
            raise ValueError(f"group must be in 0..{groups - 1}, got {codes.min()}..{codes.max()}")
        keep = ~(np.isnan(f) & np.isnan(s)) & (w > 0)
        codes, f, s, w, silent = codes[keep], f[keep], s[keep], w[keep], silent[keep]
        blank = np.isnan(f)
        slope = _slope(codes, f, s, w, groups, settings)
        told = ~blank
        middle = float(np.average(f[told], weights=w[told])) if told.any() else 0.0
        quiet = float(np.average(s[blank], weights=w[blank])) if blank.any() else 0.0
        f = np.where(blank, quiet, middle + slope * (f - middle))
        who = None if customer is None else np.asarray(customer, dtype=np.int64)[keep]
        return cls(codes, f, s, w, silent, groups, slope, who)

    def moments(self, values: Floats, part: Flags | None = None) -> Moments:
        """Sum up by group what is known of the values, of one part of the rows."""
        known = ~np.isnan(values) if part is None else ~np.isnan(values) & part
        w = np.where(known, self.weight, 0.0)
        return Moments.of(self.group, np.where(known, values, 0.0), w, self.groups, self.customer)


def _slope(codes: Ints, f: Floats, s: Floats, w: Floats, groups: int, settings: Settings) -> float:
    """Slope of answers on predictions within groups, drawn towards 1 (calibrated) while answers are few."""
    both = ~(np.isnan(f) | np.isnan(s))
    if not both.any():
        return 1.0
    code, x, y, v = codes[both], f[both], s[both], w[both]
    x, y, v = within(code, x, v, groups), within(code, y, v, groups), v / v.mean()
    spoken = ~np.isnan(f)
    prior = settings.slope_rows * float(np.var(f[spoken]))
    bottom = float(np.sum(v * x * x)) + prior
    return float(np.clip((float(np.sum(v * x * y)) + prior) / bottom, 0.0, 2.0)) if bottom > 0 else 1.0
