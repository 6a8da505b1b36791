"""The loyalty table: the index and the measured metrics of every group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from earful import schema
from earful.config import Config, CsatScale, NpsScale, ScalesConfig
from earful.loyalty.basis import Basis, answers_by_scale, basis_of
from earful.loyalty.estimator import Estimates, Settings, estimate, grades
from earful.loyalty.frames import Grouping, groupings
from earful.loyalty.frames import column as _column
from earful.loyalty.intervals import Interval, adjusted_wald_nps, mean_interval, wilson
from earful.loyalty.mismatch import inverted_sources
from earful.loyalty.moments import Moments
from earful.loyalty.scales import (
    check_ces,
    csat_scale,
    ease,
    inversion,
    position,
    satisfied,
    stamp,
)
from earful.loyalty.weighting import tipping_bias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["answers_by_scale", "loyalty_table", "loyalty_warnings"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def loyalty_table(
    rows: pd.DataFrame,
    config: Config,
    scales: ScalesConfig | None = None,
    row_touchpoints: pd.DataFrame | None = None,
    basis: Basis | None = None,
) -> pa.Table:
    """Estimate the index of every group and measure its metrics.

    Parameters
    ----------
    rows
        One row per review in canonical order: ``row``, ``product``, ``touchpoint``, ``created_at``,
        ``text_length``, the signals with their scales (``nps``, ``nps_min``, ``nps_max``, ...),
        ``recommended``, ``score``, ``p_detractor``, ``p_passive``, ``p_promoter`` and ``nps_text``.
    config
        Settings of the run.
    scales
        Scales as resolved; those of ``config`` by default. The scale that stands beside an answer counts.
    row_touchpoints
        ``row``, ``touchpoint``: the touchpoints that each review's words speak of. They cut the touchpoint
        groupings where no row has a touchpoint of its own.
    basis
        What ``basis_of`` gave for these rows, where it is there already.

    Returns
    -------
    pa.Table
        As ``schema.LOYALTY``. Answers on different NPS scales are not pooled: a group has one row per scale,
        the most frequent first, each with the stamp of its own definition.

    Raises
    ------
    ConfigError
        Effort answers have no direction, or NPS answers stand on a scale without cut points.
    """
    scales = scales or config.scales
    check_ces(scales, "ces" in rows and bool(rows["ces"].notna().any()))
    settings = Settings(level=config.loyalty.level)
    basis = basis or basis_of(rows, scales)
    metrics = _Metrics(rows, scales, config.loyalty.level, basis)
    records: list[dict[Any, Any]] = []
    for grouping in groupings(rows, config, row_touchpoints):
        shared = metrics.of(grouping)
        for number, (scale, answer, prediction) in enumerate(basis.by_scale):
            s, f = answer[grouping.row], prediction[grouping.row]
            weight, customer = basis.weights(grouping.row), basis.customers(grouping.row)
            estimates = estimate(
                grouping.code,
                f,
                s,
                len(grouping),
                weight=weight,
                settings=settings,
                silent=basis.silent[grouping.row],
                customer=customer,
            )
            counted = _counts(grouping, s, weight, customer)
            block = _block(grouping, scale, s, counted, estimates, shared, config)
            others = [other for other, _, _ in basis.by_scale if other is not scale]
            stamps = _scale_stamps(scale, others, estimates, shared["scale"])
            weighted = "" if basis.weighting is None else f"; {basis.weighting.stamp}"
            block["scale"] = [f"{one}{weighted}" for one in stamps]
            # A further scale has a row only where somebody answered on it.
            keep = np.ones(len(grouping), dtype=bool) if number == 0 else estimates.n_rated > 0
            records.extend(pd.DataFrame(block)[keep].to_dict("records"))
    return _as_table(records)


class _Metrics:
    """Measured metrics of every row, and their totals by group."""

    def __init__(self, rows: pd.DataFrame, scales: ScalesConfig, level: float, basis: Basis) -> None:
        self.level = level
        self.basis = basis
        self.score = _column(rows, "score")
        self.rating = position(
            _column(rows, "rating"), _column(rows, "rating_min"), _column(rows, "rating_max")
        )
        self.recommended = _column(rows, "recommended")
        self.csat = self._csat(rows, scales)
        self.ces_stamp = stamp(scales.ces) if scales.ces is not None else ""
        self.ces = np.full(len(rows), np.nan)
        if scales.ces is not None:
            on_scale = (_column(rows, "ces_min") == scales.ces.min) & (
                _column(rows, "ces_max") == scales.ces.max
            )
            self.ces = np.where(on_scale, ease(_column(rows, "ces"), scales.ces), np.nan)
        self.ces_other = ~np.isnan(_column(rows, "ces")) & np.isnan(self.ces)

    @staticmethod
    def _csat(rows: pd.DataFrame, scales: ScalesConfig) -> list[tuple[CsatScale, Floats]]:
        answers = _column(rows, "csat")
        low, high = _column(rows, "csat_min"), _column(rows, "csat_max")
        asked = ~(np.isnan(answers) | np.isnan(low) | np.isnan(high))
        found = []
        for bottom, top in sorted(set(zip(low[asked].tolist(), high[asked].tolist(), strict=True))):
            scale = csat_scale(bottom, top, scales.csat)
            here = asked & (low == bottom) & (high == top)
            found.append((scale, np.where(here, satisfied(answers, scale), np.nan)))
        return found

    def of(self, grouping: Grouping) -> dict[str, Any]:
        groups = len(grouping)
        score = self._mean(self.score, grouping, (-1.0, 1.0))
        rating = self._mean(self.rating, grouping, (0.0, 1.0))
        n, mean, variance = self._moments(self.ces, grouping)
        ces = mean_interval(mean, variance, n, self.level, (0.0, 100.0))
        asked, said_yes, _ = self._moments(self.recommended, grouping)
        recommend = _percent(wilson(np.nan_to_num(said_yes) * asked, asked, self.level))
        best, stamps = self._best_csat(grouping)
        other = np.bincount(grouping.code, self.ces_other[grouping.row].astype(float), groups)
        for i in range(groups):
            if n[i]:
                left = f" ({int(other[i])} on other scales left out)" if other[i] else ""
                stamps[i].append(f"{self.ces_stamp}{left}")
        return {
            **_named("mean_score", score),
            **_named("mean_rating", rating),
            **_named("csat", best),
            **_named("ces", ces),
            **_named("recommend", recommend),
            "scale": stamps,
        }

    def _mean(self, values: Floats, grouping: Grouping, bounds: tuple[float, float]) -> Interval:
        n, mean, variance = self._moments(values, grouping)
        return mean_interval(mean, variance, n, self.level, bounds)

    def _moments(self, values: Floats, grouping: Grouping) -> tuple[Floats, Floats, Floats]:
        """Count, mean (NaN where none) and sample variance (0 below two values) per group.

        With weights or customers of several rows the count is how many equal answers of as many customers
        those rows are worth (Kish 1965).
        """
        groups, here = len(grouping), values[grouping.row]
        known = ~np.isnan(here)
        code, here = grouping.code[known], here[known]
        row = grouping.row[known]
        weight = self.basis.weights(row)
        w = np.ones(len(row)) if weight is None else weight
        got = Moments.of(code, here, w, groups, self.basis.customers(row))
        return got.n_eff, np.where(got.n_eff > 0, got.mean, np.nan), got.variance

    def _best_csat(self, grouping: Grouping) -> tuple[Interval, list[list[str]]]:
        groups = len(grouping)
        nothing = np.full(groups, np.nan)
        stamps: list[list[str]] = [[] for _ in range(groups)]
        if not self.csat:
            return Interval(nothing, nothing, nothing), stamps
        counts, shares = [], []
        for _, answers in self.csat:
            n, mean, _ = self._moments(answers, grouping)
            counts.append(n)
            shares.append(np.nan_to_num(mean) * n)
        count, satisfied_ = np.stack(counts), np.stack(shares)
        best = count.argmax(axis=0)
        pick = np.arange(groups)
        for i in range(groups):
            if count[best[i], i]:
                left = int(np.rint(count[:, i].sum() - count[best[i], i]))
                note = f" ({left} on other scales left out)" if left else ""
                stamps[i].append(f"{stamp(self.csat[best[i]][0])}{note}")
        return _percent(wilson(satisfied_[best, pick], count[best, pick], self.level)), stamps


def _block(
    grouping: Grouping,
    scale: NpsScale,
    s: Floats,
    counted: tuple[Floats, Floats, Floats],
    estimates: Estimates,
    shared: dict[str, Any],
    config: Config,
) -> dict[str, Any]:
    groups = len(grouping)
    pro, pas, det = (np.bincount(grouping.code[s == value], minlength=groups) for value in (100, 0, -100))
    # Graded by every review of the group, not only by those that the estimate could use.
    reviews = np.bincount(grouping.code, minlength=groups)
    grade = np.where(reviews >= config.loyalty.min_reviews, grades(estimates), "D")
    labels = {name: grouping.labels[name].tolist() for name in grouping.labels}
    return {
        "grouping": [grouping.name] * groups,
        **{name: labels.get(name, [None] * groups) for name in ("product", "touchpoint", "period")},
        "n_reviews": reviews,
        "n_rated": estimates.n_rated,
        "n_promoters": pro,
        "n_passives": pas,
        "n_detractors": det,
        **_named("nps", adjusted_wald_nps(*counted, config.loyalty.level)),
        **_named("index", Interval(estimates.index, estimates.claim_low, estimates.claim_high)),
        "rank_low": estimates.rank_low,
        "rank_high": estimates.rank_high,
        "text_gain": estimates.text_gain,
        "grade": np.where(np.isnan(estimates.index), "D", grade),
        "n_effective": estimates.n_effective,
        "tipping": _tipping(estimates, reviews, config.loyalty.target),
        **{name: values for name, values in shared.items() if name != "scale"},
    }


def _counts(
    grouping: Grouping, s: Floats, weight: Floats | None, customer: Ints | None
) -> tuple[Floats, Floats, Floats]:
    """Count promoters, passives and detractors as equal answers of as many customers."""
    groups, asked = len(grouping), ~np.isnan(s)
    w = np.ones(len(s)) if weight is None else weight
    who = None if customer is None else customer[asked]
    answers = Moments.of(grouping.code[asked], s[asked], w[asked], groups, who)
    worth = np.where(answers.weight > 0, answers.n_eff / np.maximum(answers.weight, 1e-300), 0.0)
    pro, pas, det = (
        np.asarray(worth * np.bincount(grouping.code[s == value], w[s == value], groups), np.float64)
        for value in (100, 0, -100)
    )
    return pro, pas, det


def _tipping(estimates: Estimates, reviews: Ints, target: float | None) -> Floats:
    """How far off customers without an answer would have to be for the index to be the target; else NaN."""
    if target is None:
        return np.full(len(reviews), np.nan)
    bias = tipping_bias(estimates.index, target, estimates.n_rated, reviews)
    # Where nobody answered there is nobody to differ from.
    return np.where(np.isfinite(bias) & (estimates.n_rated > 0), bias, np.nan)


def _scale_stamps(
    scale: NpsScale,
    others: Sequence[NpsScale],
    estimates: Estimates,
    shared: list[list[str]],
) -> list[str]:
    first = stamp(scale)
    if not estimates.n_rated.any():
        first = f"{first}, prior-bridged (no NPS answers)"
    elif estimates.provisional and len(estimates.index) > 1:
        first = f"{first}, provisional (fewer than 15 groups with answers)"
    if others:
        first += f" (not pooled with {', '.join(stamp(other) for other in others)})"
    return ["; ".join([first, *more]) for more in shared]


def _as_table(records: list[dict[Any, Any]]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for field in schema.LOYALTY:
        values = [record[field.name] for record in records]
        if pa.types.is_floating(field.type):
            numbers = np.round(np.asarray(values, dtype=np.float64), 6) + 0.0  # + 0.0: no minus zero
            columns[field.name] = pa.array(numbers, field.type, mask=np.isnan(numbers))
        else:
            columns[field.name] = pa.array(values, field.type)
    return pa.table(columns, schema=schema.LOYALTY)


def _percent(interval: Interval) -> Interval:
    return Interval(*(100 * values for values in interval))


def _named(name: str, interval: Interval) -> dict[str, Floats]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def loyalty_warnings(rows: pd.DataFrame, config: Config) -> list[str]:
    """Say in plain sentences what a reader of the loyalty table should know about the answers.

    Looks for sources whose scale seems upside down, effort answers that run against the words, answers on
    several scales, and customers with answers whose words differ from those of the others.
    """
    warnings = [
        f"source {source!r}: {signal} falls as the words get better; its scale may be upside down"
        for source, signal in inverted_sources(rows).items()
    ]
    if config.scales.ces is not None:
        found = inversion(ease(_column(rows, "ces"), config.scales.ces), _column(rows, "score"))
        if found.inverted:
            warnings.append(
                f"effort answers (CES) run against the words (correlation {found.correlation:.2f} over "
                f"{found.n} rows): is a high answer really {config.scales.ces.direction}?"
            )
    scales = answers_by_scale(rows, config.scales)
    if len(scales) > 1:
        counts = [f"{int(np.sum(~np.isnan(answer)))} on {stamp(scale)}" for scale, answer in scales]
        warnings.append(f"NPS answers stand on several scales and were not pooled: {'; '.join(counts)}")
    warnings += _selection_alarm(_column(rows, "nps_text"), ~np.isnan(_column(rows, "nps")))
    return warnings


def _selection_alarm(prediction: Floats, rated: NDArray[np.bool_]) -> list[str]:
    """Compare the predictions of rows with and without an answer (Welch's t-test)."""
    has = ~np.isnan(prediction)
    with_answer, without = prediction[has & rated], prediction[has & ~rated]
    if min(len(with_answer), len(without)) < 20:
        return []
    gap = float(with_answer.mean() - without.mean())
    error = np.sqrt(with_answer.var(ddof=1) / len(with_answer) + without.var(ddof=1) / len(without))
    # Small gaps are beside the point however surely they are not 0.
    if error == 0 or abs(gap) < 5 or abs(gap) / error < 3.2905:
        return []
    side = "happier" if gap > 0 else "unhappier"
    return [
        f"customers who answered the NPS question sound {side} than the others, by {abs(gap):.0f} points: "
        "the measured NPS is not that of all reviews, the index corrects for what the words show"
    ]
