"""What the tables of a run rest on, found once: answers, predictions, and who said nothing in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from earful.config import Anchor, ScalesConfig
from earful.loyalty.anchor import SIGNAL_OF, anchored
from earful.loyalty.customers import customer_codes
from earful.loyalty.estimator import Estimates, Settings, Target, estimate
from earful.loyalty.frames import Flags, Floats, Grouping, Ints, column
from earful.loyalty.moments import Moments
from earful.loyalty.refit import levelled, refit
from earful.loyalty.scales import Scale, ease, relative

if TYPE_CHECKING:
    from earful.loyalty.weighting import Weighting

__all__ = ["Basis", "basis_of", "known_features"]


@dataclass(frozen=True, slots=True)
class Basis:
    """Answers and predictions of the rows of a run; arrays of shape (n,).

    Attributes
    ----------
    by_scale
        For each scale of the anchor, that with most answers first: the scale, the answers in points (NaN
        where a row has none on it), and the predictions, moved by what the answers of other rows say
        (``refit``).
    silent
        Whether a row is without words.
    weighting
        Whom the rows stand for; ``None`` where each stands for one customer.
    customer
        Whose each row is, -1 where unknown; ``None`` where nobody has more than one.
    anchor
        The question that the index is measured on.
    bridge
        What the NPS question is expected to be answered with by all that is known of each row; ``None``
        where it was asked.
    copies
        Of how many copies each row is one; ``None`` where none is there twice.
    about
        Whom the index is about.
    """

    by_scale: list[tuple[Scale, Floats, Floats]]
    silent: Flags
    weighting: Weighting | None = None
    customer: Ints | None = None
    anchor: str = "nps"
    bridge: Floats | None = None
    copies: Floats | None = None
    about: Target = "customers"

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
        given = None if self.weighting is None else self.weighting.weight[row]
        if self.copies is None:
            return given
        return np.asarray((1.0 if given is None else given) / self.copies[row], dtype=np.float64)

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
        return self._estimate(prediction, answer, row, code, groups, level)

    def estimate_bridge(self, row: Ints, code: Ints, groups: int, level: float) -> Estimates | None:
        """Estimate what an NPS question would have said of every group; ``None`` where it was asked.

        Takes what ``estimate`` takes. Nobody answered it, so the interval holds the doubt about the level.
        """
        if self.bridge is None:
            return None
        return self._estimate(self.bridge, np.full(len(self.bridge), np.nan), row, code, groups, level)

    def _estimate(
        self, prediction: Floats, answer: Floats, row: Ints, code: Ints, groups: int, level: float
    ) -> Estimates:
        return estimate(
            code,
            prediction[row],
            answer[row],
            groups,
            weight=self.weights(row),
            settings=Settings(level=level, target=self.about),
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


def basis_of(
    rows: pd.DataFrame,
    scales: ScalesConfig,
    weighting: Weighting | None = None,
    anchor: Anchor = "auto",
    about: Target = "customers",
) -> Basis:
    """Find answers and predictions of rows, as ``loyalty_table`` takes the rows.

    Weights take no part in the predictions, only in what is made of them. Where the anchor is not NPS the
    rows should hold ``nps_blind`` and ``nps_words`` (``anchor.covered``): without them a row with a score is
    predicted by nothing.

    Raises
    ------
    ConfigError
        NPS answers stand on a scale without cut points, or the anchor is a score that no row has.
    """
    chosen = anchored(rows, scales, anchor)
    known, pattern = known_features(rows, scales, chosen.name), _pattern(rows, chosen.name)
    words = column(rows, "nps_words")
    base = levelled(_uncovered(rows, chosen.name), words, pattern)
    customer = customer_codes(rows["author_id"]) if "author_id" in rows else None
    by_scale = [
        (scale, answer, refit(base, known, answer, customer=customer, pattern=pattern))
        for scale, answer in chosen.answers
    ]
    bridge = None
    if chosen.name != "nps":
        bridge = levelled(column(rows, "nps_text"), words, _pattern(rows, "nps"))
    copies = column(rows, "copies") if "copies" in rows else None
    return Basis(
        by_scale,
        np.isnan(column(rows, "score")),
        weighting,
        customer,
        anchor=chosen.name,
        bridge=bridge,
        copies=None if copies is None or np.all(copies == 1) else copies,
        about=about,
    )


def _uncovered(rows: pd.DataFrame, anchor: str) -> Floats:
    """Predictions that do not look at the anchor."""
    if anchor == "nps":
        return column(rows, "nps_text")
    if "nps_blind" in rows:
        return column(rows, "nps_blind")
    own = ["rating", "csat", "ces", "recommended"] if anchor == "words" else [SIGNAL_OF[anchor]]
    told = np.any([~np.isnan(column(rows, name)) for name in own], axis=0)
    return np.where(told, np.nan, column(rows, "nps_text"))


def _pattern(rows: pd.DataFrame, anchor: str) -> Ints:
    """Give the number of each row's pattern of signals: a bit for each but the anchor, the last for words."""
    signals = [name for name in ("rating", "csat", "ces", "recommended") if name != SIGNAL_OF.get(anchor)]
    if anchor == "words":
        signals = []
    bits = [*(column(rows, name) for name in signals), column(rows, "score")]
    return np.asarray(
        sum((~np.isnan(values)).astype(np.int64) << place for place, values in enumerate(bits[::-1])),
        dtype=np.int64,
    )


def known_features(rows: pd.DataFrame, scales: ScalesConfig, anchor: str = "nps") -> Floats:
    """Give what ``refit`` may know of each row besides its prediction, shape (n, k), 0 where missing.

    The anchor itself is left out.
    """
    columns = [column(rows, "score"), np.log1p(column(rows, "text_length"))]
    if anchor == "nps":
        # The chances look at all scores; those that leave the anchor out are not kept.
        columns.insert(0, column(rows, "p_passive"))
    if anchor == "words":
        return np.asarray(np.nan_to_num(np.column_stack(columns)), dtype=np.float64)
    for name in ("rating", "csat"):
        if name == anchor:
            continue
        share = relative(rows, name)
        columns += [2 * share - 1, (share == 1).astype(float), (~np.isnan(share)).astype(float)]
    if scales.ces is not None:
        turned = ease(column(rows, "ces"), scales.ces) / 50 - 1
        columns += [turned, (~np.isnan(turned)).astype(float)]
    if anchor != "recommend":
        flag = column(rows, "recommended")
        columns += [2 * flag - 1, (~np.isnan(flag)).astype(float)]
    return np.asarray(np.nan_to_num(np.column_stack(columns)), dtype=np.float64)
