"""What the tables of a run rest on, found once: answers, predictions, and who said nothing in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from earful.config import NpsScale, ScalesConfig
from earful.loyalty.customers import customer_codes
from earful.loyalty.estimator import Estimates, Settings, estimate
from earful.loyalty.frames import Flags, Floats, Grouping, Ints, column
from earful.loyalty.moments import Moments
from earful.loyalty.refit import refit
from earful.loyalty.scales import ease, nps_class, nps_scale, on_each_scale, relative, stamp

if TYPE_CHECKING:
    from earful.loyalty.weighting import Weighting

__all__ = ["Basis", "answers_by_scale", "basis_of", "known_features"]


@dataclass(frozen=True, slots=True)
class Basis:
    """Answers and predictions of the rows of a run; arrays of shape (n,).

    Attributes
    ----------
    by_scale
        For each NPS scale, that with most answers first: the scale, the answers in points (NaN where a row
        has none on it), and the predictions, moved by what the answers of other rows say (``refit``).
    silent
        Whether a row is without words.
    weighting
        Whom the rows stand for; ``None`` where each stands for one customer.
    customer
        Whose each row is, -1 where unknown; ``None`` where nobody has more than one.
    """

    by_scale: list[tuple[NpsScale, Floats, Floats]]
    silent: Flags
    weighting: Weighting | None = None
    customer: Ints | None = None

    @property
    def answer(self) -> Floats:
        """Answers on the scale that most rows answered on."""
        return self.by_scale[0][1]

    @property
    def prediction(self) -> Floats:
        """Predictions that go with these answers."""
        return self.by_scale[0][2]

    def weights(self, row: Ints) -> Floats | None:
        """Give the weights of those rows, ``None`` where all are equal."""
        return None if self.weighting is None else self.weighting.weight[row]

    def customers(self, row: Ints) -> Ints | None:
        """Give the customers of those rows, ``None`` where nobody has more than one."""
        return None if self.customer is None else self.customer[row]

    def estimate(self, row: Ints, code: Ints, groups: int, level: float, scale: int = 0) -> Estimates:
        """Estimate the index of every group.

        Parameters
        ----------
        row, code
            Position of the row in the run, and its group; a row may be given for each of its groups.
        groups
            How many groups there are.
        level
            Level of the intervals.
        scale
            On which NPS scale, by its place in ``by_scale``.
        """
        _, answer, prediction = self.by_scale[scale]
        return estimate(
            code,
            prediction[row],
            answer[row],
            groups,
            weight=self.weights(row),
            settings=Settings(level=level),
            silent=self.silent[row],
            customer=self.customers(row),
        )

    def moments(self, values: Floats, grouping: Grouping) -> Moments:
        """Sum up what is known of ``values``, one for each row of the run, in every group.

        With weights or customers of several rows, ``n_eff`` is how many equal answers of as many customers
        those rows are worth (Kish 1965).
        """
        known = ~np.isnan(values[grouping.row])
        row, code = grouping.row[known], grouping.code[known]
        weight = self.weights(row)
        w = np.ones(len(row)) if weight is None else weight
        return Moments.of(code, values[row], w, len(grouping), self.customers(row))


def basis_of(rows: pd.DataFrame, scales: ScalesConfig, weighting: Weighting | None = None) -> Basis:
    """Find answers and predictions of rows, as ``loyalty_table`` takes the rows.

    Weights take no part in the predictions, only in what is made of them.

    Raises
    ------
    ConfigError
        NPS answers stand on a scale without cut points.
    """
    known = known_features(rows, scales)
    customer = customer_codes(rows["author_id"]) if "author_id" in rows else None
    by_scale = [
        (scale, answer, refit(column(rows, "nps_text"), known, answer, customer=customer))
        for scale, answer in answers_by_scale(rows, scales)
    ]
    return Basis(by_scale, np.isnan(column(rows, "score")), weighting, customer)


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
    found.sort(key=lambda pair: (-int(np.sum(~np.isnan(pair[1]))), stamp(pair[0])))
    return found or [(default, np.full(len(rows), np.nan))]


def known_features(rows: pd.DataFrame, scales: ScalesConfig) -> Floats:
    """Give what ``refit`` may know of each row besides its prediction, shape (n, k), 0 where missing."""
    columns = [column(rows, "p_passive"), column(rows, "score"), np.log1p(column(rows, "text_length"))]
    for name in ("rating", "csat"):
        share = relative(rows, name)
        columns += [2 * share - 1, (share == 1).astype(float), (~np.isnan(share)).astype(float)]
    if scales.ces is not None:
        turned = ease(column(rows, "ces"), scales.ces) / 50 - 1
        columns += [turned, (~np.isnan(turned)).astype(float)]
    flag = column(rows, "recommended")
    columns += [2 * flag - 1, (~np.isnan(flag)).astype(float)]
    return np.asarray(np.nan_to_num(np.column_stack(columns)), dtype=np.float64)
