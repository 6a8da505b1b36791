"""The loyalty table: the index and the measured metrics of every group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from earful import schema
from earful.config import Config, ScalesConfig
from earful.loyalty.anchor import ANCHORS, anchored, answers_by_scale
from earful.loyalty.basis import Basis, basis_of
from earful.loyalty.estimator import Estimates, answers_needed, grades
from earful.loyalty.frames import Flags, Floats, Grouping, column, groupings
from earful.loyalty.intervals import Interval, adjusted_wald_nps, mean_interval, wilson
from earful.loyalty.mismatch import inverted_sources
from earful.loyalty.scales import (
    check_ces,
    csat_scale,
    ease,
    inversion,
    on_each_scale,
    relative,
    satisfied,
    stamp,
)
from earful.loyalty.weighting import tipping_bias
from earful.schema import cut_by
from earful.tables import to_table

__all__ = ["loyalty_table", "loyalty_warnings"]

_WORDS_ALONE = (
    "the index is read from words alone, hence grade D: the order of the groups and their differences are "
    "known within the intervals, how high all of them stand is not; answers to any one question, even "
    "of a few of the groups, would tell"
)


def loyalty_table(
    rows: pd.DataFrame,
    config: Config,
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
        Settings of the run. The scale that stands beside an answer counts before the configured one.
    row_touchpoints
        ``row``, ``touchpoint``: the touchpoints that each review's words speak of. They cut the touchpoint
        groupings where no row has a touchpoint of its own.
    basis
        What ``basis_of`` gave for these rows, where it is there already.

    Returns
    -------
    pa.Table
        As ``schema.LOYALTY``. Answers on different scales are not pooled: a group has one row per scale of
        the anchor, the most frequent first, each with the stamp of its own definition.

    Raises
    ------
    ConfigError
        Effort answers have no direction, NPS answers stand on a scale without cut points, or the anchor that
        was set is a score that no row has.
    """
    check_ces(config.scales, not np.isnan(column(rows, "ces")).all())
    loyalty = config.loyalty
    basis = basis or basis_of(rows, config.scales, anchor=loyalty.anchor, about=loyalty.about)
    metrics = _Metrics(rows, config.scales, config.loyalty.level, basis)
    blocks = [
        _block(grouping, number, basis, columns, stamps, config)
        for grouping in groupings(rows, config, row_touchpoints)
        for columns, stamps in [metrics.of(grouping)]
        for number in range(len(basis.by_scale))
    ]
    return to_table(
        pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(),
        cut_by(schema.LOYALTY, loyalty.cuts),
    )


class _Metrics:
    """Measured metrics of every row, and their totals by group."""

    def __init__(self, rows: pd.DataFrame, scales: ScalesConfig, level: float, basis: Basis) -> None:
        self.level = level
        self.basis = basis
        self.score = column(rows, "score")
        self.rating = relative(rows, "rating")
        self.recommended = column(rows, "recommended")
        csat, low, high = (column(rows, name) for name in ("csat", "csat_min", "csat_max"))
        self.csat = [
            (scale, np.where(here, satisfied(csat, scale), np.nan))
            for bottom, top, here in on_each_scale(csat, low, high)
            for scale in [csat_scale(bottom, top, scales.csat)]
        ]
        ces = column(rows, "ces")
        self.ces_stamp = stamp(scales.ces) if scales.ces is not None else ""
        self.ces = np.full(len(rows), np.nan)
        if scales.ces is not None:
            low, high = column(rows, "ces_min"), column(rows, "ces_max")
            on_scale = (low == scales.ces.min) & (high == scales.ces.max)
            self.ces = np.where(on_scale, ease(ces, scales.ces), np.nan)
        self.ces_other = ~np.isnan(ces) & np.isnan(self.ces)
        # Where the anchor is another, the measured NPS is that of the scale with most answers.
        self.nps = None if basis.anchor == "nps" else answers_by_scale(rows, scales)[0][1]

    def of(self, grouping: Grouping) -> tuple[dict[str, Floats], list[list[str]]]:
        """Give the columns of the metrics by group, and the definitions that stand behind each."""
        best, stamps = self._best_csat(grouping)
        other = np.bincount(grouping.code, self.ces_other[grouping.row].astype(float), len(grouping))
        for group in np.flatnonzero(self.basis.moments(self.ces, grouping).n_eff):
            stamps[group].append(self.ces_stamp + _left_out(other[group]))
        yes = self.basis.moments(self.recommended, grouping)
        recommend = wilson(yes.mean * yes.n_eff, yes.n_eff, self.level).percent()
        return {
            **self._mean(self.score, grouping, (-1.0, 1.0)).named("mean_score"),
            **self._mean(self.rating, grouping, (0.0, 1.0)).named("mean_rating"),
            **best.named("csat"),
            **self._mean(self.ces, grouping, (0.0, 100.0)).named("ces"),
            **recommend.named("recommend"),
            **({} if self.nps is None else _plain(self.nps, grouping, self.basis, self.level).named("nps")),
        }, stamps

    def _mean(self, values: Floats, grouping: Grouping, bounds: tuple[float, float]) -> Interval:
        got = self.basis.moments(values, grouping)
        return mean_interval(got.mean, got.variance, got.n_eff, self.level, bounds)

    def _best_csat(self, grouping: Grouping) -> tuple[Interval, list[list[str]]]:
        """Give each group's share of satisfied answers on the scale that most of them stand on."""
        groups = len(grouping)
        stamps: list[list[str]] = [[] for _ in range(groups)]
        if not self.csat:
            return Interval.unknown(groups), stamps
        told = [self.basis.moments(answers, grouping) for _, answers in self.csat]
        count = np.stack([one.n_eff for one in told])
        share = np.stack([one.mean for one in told])
        best, pick = count.argmax(axis=0), np.arange(groups)
        most = count[best, pick]
        for i in np.flatnonzero(most):
            left = np.rint(count[:, i].sum() - most[i])
            stamps[i].append(stamp(self.csat[best[i]][0]) + _left_out(left))
        return wilson(share[best, pick] * most, most, self.level).percent(), stamps


def _plain(answer: Floats, grouping: Grouping, basis: Basis, level: float) -> Interval:
    """Promoters less detractors of those who answered, weighted, with the adjusted Wald interval."""
    row, code, groups = grouping.row, grouping.code, len(grouping)
    weight = basis.weights(row)
    w = np.ones(len(row)) if weight is None else weight
    answers = basis.moments(answer, grouping)
    # For the interval, answers count as equal ones of as many customers.
    worth = np.where(answers.weight > 0, answers.n_eff / np.maximum(answers.weight, 1e-300), 0.0)
    counts = [worth * np.bincount(code, w * (answer[row] == value), groups) for value in (100, 0, -100)]
    return adjusted_wald_nps(counts[0], counts[1], counts[2], level)


def _left_out(n: float) -> str:
    return f" ({int(n)} on other scales left out)" if n else ""


def _block(
    grouping: Grouping,
    number: int,
    basis: Basis,
    metrics: dict[str, Floats],
    stamps: list[list[str]],
    config: Config,
) -> pd.DataFrame:
    """Give the rows of one cut under one scale of the anchor."""
    answer, row, code = basis.by_scale[number][1], grouping.row, grouping.code
    groups, level, target = len(grouping), config.loyalty.level, config.loyalty.target
    got, reviews = basis.estimate(row, code, groups, level, number), np.bincount(code, minlength=groups)
    counts = [np.bincount(code[answer[row] == value], minlength=groups) for value in (100, 0, -100)]
    measured = _plain(answer, grouping, basis, level)
    index, claim, claim_error = _index(got, basis)
    bridge = basis.estimate_bridge(row, code, groups, level)
    bias = np.nan if target is None else tipping_bias(got.index, target, got.n_rated, reviews)
    # Graded by every review of the group, not only by those that the estimate could use.
    enough = (reviews >= config.loyalty.min_reviews) & ~np.isnan(got.index)
    grade = np.where(enough, grades(got), "D")
    if bridge is not None:
        asked = Interval(bridge.index, bridge.claim_low, bridge.claim_high)
        metrics = metrics | asked.named("nps_bridge")
    else:
        metrics = metrics | measured.named("nps")
    block = grouping.labels.assign(
        grouping=grouping.name,
        n_reviews=reviews,
        n_rated=got.n_rated,
        **dict(zip(("n_promoters", "n_passives", "n_detractors"), counts, strict=True)),
        **index.named("index"),
        rank_low=got.rank_low,
        rank_high=got.rank_high,
        text_gain=got.text_gain,
        grade=grade,
        anchor=basis.anchor,
        **measured.named("measured"),
        claim=claim,
        claim_error=claim_error,
        claim_df=got.claim_df,
        answers_needed=answers_needed(got, grade, config.loyalty.min_reviews),
        n_effective=got.n_effective,
        # Where nobody answered there is nobody to differ from.
        tipping=np.where(np.isfinite(bias) & (got.n_rated > 0), bias, np.nan),
        scale=_definitions(number, got, stamps, basis),
        **metrics,
    )
    # A further scale has a row only where somebody answered on it.
    return block if number == 0 else block[got.n_rated > 0]


def _index(got: Estimates, basis: Basis) -> tuple[Interval, Floats, Floats]:
    """Give the index with its interval, and the number and error that changes are judged by.

    Where nobody answered, what the predictions get wrong in common is the same in every group and drops out
    of any difference; of words alone that is all there is to tell.
    """
    if basis.anchor == "words":
        return Interval(got.index, got.rank_low, got.rank_high), got.index, got.words_error
    rated = got.n_rated > 0
    error = np.where(rated, got.claim_error, got.error if rated.any() else got.words_error)
    return Interval(got.index, got.claim_low, got.claim_high), got.difference, error


def _definitions(number: int, estimates: Estimates, stamps: list[list[str]], basis: Basis) -> list[str]:
    """Write out the definition that is stamped on each group's numbers."""
    others = [stamp(scale) for scale, _, _ in basis.by_scale]
    first = others.pop(number)
    if not estimates.n_rated.any():
        first = f"{first}, prior-bridged (no answers)"
    elif estimates.provisional and len(estimates.index) > 1:
        first = f"{first}, provisional (fewer than 15 groups with answers)"
    if others:
        first += f" (not pooled with {', '.join(others)})"
    weighted = [] if basis.weighting is None else [basis.weighting.stamp]
    about = ["these rows alone"] if basis.about == "rows" else []
    return ["; ".join([first, *about, *more, *weighted]) for more in stamps]


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
        found = inversion(ease(column(rows, "ces"), config.scales.ces), column(rows, "score"))
        if found.inverted:
            warnings.append(
                f"effort answers (CES) run against the words (correlation {found.correlation:.2f} over "
                f"{found.n} rows): is a high answer really {config.scales.ces.direction}?"
            )
    anchor = anchored(rows, config.scales, config.loyalty.anchor)
    if anchor.note:
        warnings.append(anchor.note)
    if anchor.name == "words" and not np.isnan(column(rows, "score")).all():
        warnings.append(_WORDS_ALONE)
    asked = ANCHORS[anchor.name]
    if len(anchor.answers) > 1:
        counts = [f"{int(np.sum(~np.isnan(answer)))} on {stamp(scale)}" for scale, answer in anchor.answers]
        warnings.append(f"{asked} stand on several scales and were not pooled: {'; '.join(counts)}")
    told = column(rows, "nps_text" if anchor.name == "nps" else "nps_blind")
    answered = np.any([~np.isnan(answer) for _, answer in anchor.answers], axis=0)
    return warnings + _selection_alarm(told, answered, asked)


def _selection_alarm(prediction: Floats, rated: Flags, asked: str) -> list[str]:
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
        f"customers with {asked} sound {side} than the others, by {abs(gap):.0f} points: what was measured "
        "is not that of all reviews, the index corrects for what the words show"
    ]
