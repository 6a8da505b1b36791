"""What the tables of a run rest on, found once: answers, predictions, and who said nothing in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earful.config import NpsScale, ScalesConfig
from earful.loyalty.customers import customer_codes
from earful.loyalty.frames import column as _column
from earful.loyalty.refit import refit
from earful.loyalty.scales import ease, nps_class, nps_scale, position, stamp

if TYPE_CHECKING:
    from earful.loyalty.weights import Weighting

__all__ = ["Basis", "answers_by_scale", "basis_of", "known_features"]

Floats = NDArray[np.float64]


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
    silent: NDArray[np.bool_]
    weighting: Weighting | None = None
    customer: NDArray[np.int64] | None = None

    @property
    def answer(self) -> Floats:
        """Answers on the scale that most rows answered on."""
        return self.by_scale[0][1]

    @property
    def prediction(self) -> Floats:
        """Predictions that go with these answers."""
        return self.by_scale[0][2]

    @property
    def weight(self) -> Floats | None:
        """Weights with mean 1, ``None`` where all are equal."""
        return None if self.weighting is None else self.weighting.weight

    def weights(self, row: NDArray[np.int64]) -> Floats | None:
        """Weights of those rows, ``None`` where all are equal."""
        return None if self.weighting is None else self.weighting.weight[row]

    def customers(self, row: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Give the customers of those rows, ``None`` where nobody has more than one."""
        return None if self.customer is None else self.customer[row]


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
        (scale, answer, refit(_column(rows, "nps_text"), known, answer, customer=customer))
        for scale, answer in answers_by_scale(rows, scales)
    ]
    return Basis(by_scale, np.isnan(_column(rows, "score")), weighting, customer)


def answers_by_scale(rows: pd.DataFrame, scales: ScalesConfig) -> list[tuple[NpsScale, Floats]]:
    """Class the NPS answers, one scale at a time, the scale with most answers first.

    Returns
    -------
    list
        Scale and answer of every row (-100, 0, 100; NaN where the row did not answer on that scale). Where
        there are no answers at all: the configured scale, or 0-10, with nothing but NaN.
    """
    nps = _column(rows, "nps")
    low, high = _column(rows, "nps_min"), _column(rows, "nps_max")
    default = scales.nps or NpsScale()
    low, high = np.where(np.isnan(low), default.min, low), np.where(np.isnan(high), default.max, high)
    asked = ~np.isnan(nps)
    found = []
    for bottom, top in sorted(set(zip(low[asked].tolist(), high[asked].tolist(), strict=True))):
        scale = nps_scale(bottom, top, scales.nps)
        here = asked & (low == bottom) & (high == top)
        found.append((scale, np.where(here, 100 * nps_class(nps, scale), np.nan)))
    found.sort(key=lambda pair: (-int(np.sum(~np.isnan(pair[1]))), stamp(pair[0])))
    return found or [(default, np.full(len(rows), np.nan))]


def known_features(rows: pd.DataFrame, scales: ScalesConfig) -> Floats:
    """Give what ``refit`` may know of each row besides its prediction, shape (n, k), 0 where missing."""
    columns = [_column(rows, "p_passive"), _column(rows, "score"), np.log1p(_column(rows, "text_length"))]
    for name in ("rating", "csat"):
        share = position(_column(rows, name), _column(rows, f"{name}_min"), _column(rows, f"{name}_max"))
        columns += [2 * share - 1, (share == 1).astype(float), (~np.isnan(share)).astype(float)]
    if scales.ces is not None:
        turned = ease(_column(rows, "ces"), scales.ces) / 50 - 1
        columns += [turned, (~np.isnan(turned)).astype(float)]
    flag = _column(rows, "recommended")
    columns += [2 * flag - 1, (~np.isnan(flag)).astype(float)]
    return np.asarray(np.nan_to_num(np.column_stack(columns)), dtype=np.float64)
