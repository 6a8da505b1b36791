"""The loyalty index of groups: what the measured NPS would be, from words, scores and a few answers.

Every row has a prediction ``f`` (100 (p_promoter - p_detractor), in points); some rows also have the answer
``s`` in {-100, 0, 100}. Two estimates come of it, with one method from no answers to thousands:

(A) The difference estimate: the mean prediction over all rows of the group, corrected by the mean error
    ``s - f`` of its answered rows (prediction-powered inference, Angelopoulos et al. 2023; the difference
    estimator of survey sampling). Its *claim* interval is valid for the group on its own, with a variance
    moderated across groups (Smyth 2004) so that three answers are enough.
(B) The shrunken estimate: the correction of (A) drawn towards what it is elsewhere (Fay and Herriot 1979), as
    far as the group's own answers are few. Its *ranking* interval is narrower and right on average over the
    groups, less so for the strangest of them. ``tau`` says how wrong the words can be about one group once
    the common correction is made, and is never taken below 15 points until 15 groups have answers.

The between-group spread and the common correction are integrated over a grid instead of being plugged in, so
that few groups give wider intervals, not bolder ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from earful.loyalty.frames import Flags, Floats, Ints
from earful.loyalty.intervals import normal_quantile
from earful.loyalty.moments import Moments, pooled_covariance, within
from earful.loyalty.shrinkage import COLD_GROUPS, COLD_TAU, shrink

__all__ = ["COLD_GROUPS", "COLD_TAU", "Estimates", "Settings", "estimate", "grades", "rank_intervals"]

#: Variance of the made-up answers that keep like ones from passing for certainty: a quarter at each end,
#: as in the adjusted Wald interval.
_MADE_UP = 5000.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the estimator assumes.

    Attributes
    ----------
    level
        Level of both intervals, in (0, 1).
    prior_df
        Degrees of freedom lent to each group's variance by all groups together.
    offset_sd
        How far, in points, the predictions may be off everywhere at once before any answer is seen (measured
        by leaving whole datasets out of the training of the row model).
    slope_sd
        How far the slope of truth on prediction between groups may be from 1 before any answer is seen.
    tau_median, tau_spread
        Log-normal prior of tau: median in points, and standard deviation of its logarithm.
    slope_rows
        Weight, in answered rows, of the belief that predictions are calibrated within a group.
    """

    level: float = 0.95
    prior_df: float = 10.0
    offset_sd: float = 28.0
    slope_sd: float = 0.5
    tau_median: float = 20.0
    tau_spread: float = 1.0
    slope_rows: float = 10.0


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates per group; arrays of shape (n_groups,), in NPS points unless said otherwise.

    Attributes
    ----------
    n_rows, n_rated
        Rows with a prediction or an answer, and rows with an answer (Kish effective numbers are used for the
        variances where there are weights).
    raw
        Mean answer; NaN without answers.
    difference, claim_low, claim_high
        Estimate (A) and its interval. Without answers it is the shrunken estimate's.
    index, rank_low, rank_high
        Estimate (B) and its interval. The index is kept inside the claim interval. Where no group has answers
        the ranking interval leaves out the doubt about the level of all, which cannot change a rank.
    error
        Standard error of (B), as the ranking interval takes it.
    shrinkage
        Weight of the group's own correction, in [0, 1].
    text_gain
        How many times more answers the predictions are worth: variance of the plain mean over that of (A);
        NaN without answers.
    n_effective
        How many equally weighted rows of as many customers the group's rows are worth (Kish 1965);
        ``n_rows`` where all weights are equal and nobody has two rows.
    claim_error, words_error
        Standard errors of (A), NaN without answers, and of the mean prediction alone: the second leaves out
        whatever the predictions get wrong in common.
    tau, slope, provisional
        Spread of the remaining error between groups; slope of answers on predictions within groups; whether
        fewer than 15 groups have answers.
    """

    n_rows: Ints
    n_rated: Ints
    raw: Floats
    difference: Floats
    claim_low: Floats
    claim_high: Floats
    index: Floats
    rank_low: Floats
    rank_high: Floats
    error: Floats
    shrinkage: Floats
    text_gain: Floats
    n_effective: Floats
    claim_error: Floats
    words_error: Floats
    tau: float
    slope: float
    provisional: bool


def estimate(
    group: ArrayLike,
    prediction: ArrayLike,
    answer: ArrayLike,
    n_groups: int,
    weight: ArrayLike | None = None,
    settings: Settings | None = None,
    silent: ArrayLike | None = None,
    customer: ArrayLike | None = None,
) -> Estimates:
    """Estimate the index of every group.

    Parameters
    ----------
    group
        Group of each row, in 0..n_groups-1, shape (n,). A row may be given more than once, for each of its
        groups.
    prediction
        ``f`` of each row in points, NaN where the row has neither words nor scores, shape (n,).
    answer
        ``s`` of each row, in {-100, 0, 100}, NaN where it was not asked, shape (n,). A row with neither
        prediction nor answer is passed over.
    n_groups
        How many groups there are; one without rows comes out as NaN.
    weight
        Weight of each row, above 0; equal by default.
    settings
        What is assumed.
    silent
        Whether a row is without words, shape (n,). Their answers are a stratum of their own, as customers who
        comment are not all customers. By default the rows without a prediction.
    customer
        Whose each row is, -1 where unknown, shape (n,): rows of one customer are alike and count for less.
        By default everybody has one row.
    """
    settings = settings or Settings()
    rows = _Rows.of(group, prediction, answer, weight, n_groups, settings, silent, customer)
    everyone, answers = rows.moments(rows.f), rows.moments(rows.s)
    centre = np.where(everyone.n_eff > 0, everyone.mean, np.nan)
    correction, variance, covariance = _corrections(rows, everyone, settings)
    rated = answers.n_eff > 0
    shrunk = shrink(centre, rated, correction, variance, settings)
    sampling = everyone.error(settings.prior_df)
    claim_error = np.sqrt(np.maximum(variance + sampling + covariance, 0))
    error = np.sqrt(shrunk.variance + sampling)
    index = centre + shrunk.correction
    difference = np.where(rated, centre + correction, index)
    z = normal_quantile(settings.level)
    t = stats.t.ppf(0.5 + settings.level / 2, np.maximum(answers.n_eff, 1) - 1 + settings.prior_df)
    claim_half = np.where(rated, t * claim_error, z * error)
    claim_low, claim_high = _clip(difference - claim_half), _clip(difference + claim_half)
    # The variances behind the shrinkage are estimates too: t here as well brings the coverage up to level.
    common = 0.0 if rated.any() else settings.offset_sd**2
    rank_error = np.sqrt(np.maximum(error**2 - common, 0))
    rank_half = np.where(rated, t, z) * rank_error
    rank_low, rank_high = _clip(index - rank_half), _clip(index + rank_half)
    index = np.clip(_clip(index), claim_low, claim_high)
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.where(rated, answers.error(settings.prior_df, _MADE_UP) / claim_error**2, np.nan)
    return Estimates(
        n_rows=np.bincount(rows.group, minlength=n_groups).astype(np.int64),
        n_rated=np.bincount(rows.group[~np.isnan(rows.s)], minlength=n_groups).astype(np.int64),
        raw=np.where(rated, answers.mean, np.nan),
        difference=_clip(difference),
        claim_low=claim_low,
        claim_high=claim_high,
        index=index,
        rank_low=np.minimum(rank_low, index),
        rank_high=np.maximum(rank_high, index),
        error=rank_error,
        shrinkage=shrunk.own,
        text_gain=gain,
        n_effective=everyone.n_eff,
        claim_error=np.where(rated, claim_error, np.nan),
        words_error=np.sqrt(sampling),
        tau=shrunk.tau,
        slope=rows.slope,
        provisional=shrunk.provisional,
    )


def grades(estimates: Estimates, min_reviews: int = 0) -> NDArray[np.str_]:
    """Grade what each index can carry: A to D, shape (n_groups,).

    A: 100 answers and a claim interval of at most 25 points. B: ranking interval of at most 40 points.
    C: at most 60. D: wider, or fewer than ``min_reviews`` reviews: show the range, give no rank.
    """
    claim = estimates.claim_high - estimates.claim_low
    rank = estimates.rank_high - estimates.rank_low
    grade = np.where(rank <= 60, "C", "D")
    grade = np.where(rank <= 40, "B", grade)
    grade = np.where((estimates.n_rated >= 100) & (claim <= 25), "A", grade)
    return np.where(estimates.n_rows >= max(min_reviews, 1), grade, "D")


def rank_intervals(
    estimates: Estimates, level: float = 0.95, draws: int = 4000, seed: int = 20240229
) -> tuple[Ints, Ints, Floats]:
    """Say between which ranks each group lies (1 = highest index), and how likely it is among the top three.

    Returns
    -------
    low, high
        Ends of the rank interval, shape (n_groups,).
    top_three
        Probability of rank 1 to 3, in [0, 1].
    """
    noise = np.random.default_rng(seed).standard_normal((draws, len(estimates.index)))
    value = np.where(np.isnan(estimates.index), -np.inf, estimates.index + estimates.error * noise)
    ranks = 1 + np.argsort(np.argsort(-value, axis=1, kind="stable"), axis=1)
    tail = (1 - level) / 2
    low = np.quantile(ranks, tail, axis=0, method="lower").astype(np.int64)
    high = np.quantile(ranks, 1 - tail, axis=0, method="higher").astype(np.int64)
    return low, high, (ranks <= 3).mean(axis=0)


@dataclass(frozen=True, slots=True)
class _Rows:
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
    ) -> _Rows:
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


def _corrections(rows: _Rows, everyone: Moments, settings: Settings) -> tuple[Floats, Floats, Floats]:
    """Mean error of the predictions of each group's answered rows, its variance, and twice their covariance.

    The variance is infinite without answers. Answers of rows without words are a stratum of their own.
    """
    codes, errors = rows.group, rows.s - rows.f
    every, loud, quiet = (rows.moments(errors, part) for part in (None, ~rows.silent, rows.silent))
    silent = np.bincount(codes, np.where(rows.silent, rows.weight, 0.0), rows.groups)
    share = silent / np.maximum(everyone.weight, 1e-300)
    split = (loud.n_eff >= 5) & (quiet.n_eff >= 5)
    every_error, loud_error, quiet_error = (
        part.error(settings.prior_df, _MADE_UP) for part in (every, loud, quiet)
    )
    mean = np.where(split, (1 - share) * loud.mean + share * quiet.mean, every.mean)
    variance = np.where(split, (1 - share) ** 2 * loud_error + share**2 * quiet_error, every_error)
    both = ~np.isnan(errors)
    covariance = pooled_covariance(codes[both], rows.f[both], errors[both], rows.weight[both], rows.groups)
    return (
        mean,
        np.where(every.n_eff > 0, variance, np.inf),
        2 * covariance / np.maximum(everyone.n_eff, 1),
    )


def _clip(points: Floats) -> Floats:
    clipped: Floats = np.clip(points, -100.0, 100.0)
    return clipped
