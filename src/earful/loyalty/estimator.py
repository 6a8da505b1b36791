"""The loyalty index of groups: what the measured NPS would be, from words, scores and a few answers.

Every row has a prediction ``f`` (100 (p_promoter - p_detractor), in points); some rows also have the answer
``s`` in {-100, 0, 100}. Two estimates come of it, with one method from no answers to thousands:

(A) The difference estimate: the mean prediction over all rows of the group, corrected by the mean error
    ``s - f`` of its answered rows (prediction-powered inference, Angelopoulos et al. 2023; the difference
    estimator of survey sampling). Its *claim* interval is valid for the group on its own, with three made-up
    answers (``corrections``) so that three true ones are enough.
(B) The shrunken estimate: the correction of (A) drawn towards what it is elsewhere (Fay and Herriot 1979), as
    far as the group's own answers are few. Its *ranking* interval is narrower and right on average over the
    groups, less so for the strangest of them. ``tau`` says how wrong the words can be about one group once
    the common correction is made, and is never taken below 15 points until 15 groups have answers.

The between-group spread and the common correction are integrated over a grid instead of being plugged in, so
that few groups give wider intervals, not bolder ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from earful.loyalty.corrections import MADE_UP, Corrections, corrections
from earful.loyalty.frames import Floats, Ints
from earful.loyalty.intervals import normal_quantile
from earful.loyalty.moments import Moments
from earful.loyalty.sample import Sample
from earful.loyalty.shrinkage import COLD_GROUPS, COLD_TAU, Shrunk, shrink

__all__ = [
    "COLD_GROUPS",
    "COLD_TAU",
    "Estimates",
    "Settings",
    "Target",
    "answers_needed",
    "estimate",
    "grades",
    "rank_intervals",
]

#: Whom an index is about: customers like those of the group's rows, or these rows and no others.
Target = Literal["customers", "rows"]


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
    slope_mean, slope_sd
        How much steeper than 1 the slope of truth on prediction between groups is thought to be before any
        answer is seen, and how far it may be from there. A mean of many readings of words is surer than each
        of them, so groups lie further apart than their predictions do (``scripts/loyalty/measure_slopes.py``:
        by 0.4 before the refit, 0.2 after, spread 0.25). Where no group has answers it is left at 1, so that
        changes and differences of words alone keep their own errors.
    tau_median, tau_spread
        Log-normal prior of tau: median in points, and standard deviation of its logarithm.
    slope_rows
        Weight, in answered rows, of the belief that predictions are calibrated within a group.
    target
        ``customers``: the mean over customers like those of the group, of whom its rows are a sample.
        ``rows``: the mean over the group's own rows; those with an answer are known as they are.
    """

    level: float = 0.95
    prior_df: float = 10.0
    offset_sd: float = 28.0
    slope_mean: float = 0.25
    slope_sd: float = 0.5
    tau_median: float = 20.0
    tau_spread: float = 1.0
    slope_rows: float = 10.0
    target: Target = "customers"


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
    claim_df
        Degrees of freedom of the error of (A), of the group's own answers; without any, of the other.
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
    claim_df: Floats
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
    rows = Sample.of(group, prediction, answer, weight, n_groups, settings, silent, customer)
    everyone, answers = rows.moments(rows.f), rows.moments(rows.s)
    centre = np.where(everyone.n_eff > 0, everyone.mean, np.nan)
    found = corrections(rows, everyone, settings)
    rated = answers.n_eff > 0
    shrunk = shrink(centre, rated, found.mean, found.variance, settings)
    sampling = everyone.error(settings.prior_df)
    claim_error = np.sqrt(np.maximum(found.claim_variance + sampling + found.covariance, 0))
    claim = _Ends.of(centre + found.claim, claim_error)
    rank = _Ends.of(centre + shrunk.correction, np.sqrt(shrunk.variance + sampling))
    difference = np.where(rated, centre + found.mean, rank.centre)
    if settings.target == "rows":
        claim, rank = _of_rows(found, shrunk, centre, answers, claim, rank)
    z = normal_quantile(settings.level)
    t = special.stdtrit(found.df, 0.5 + settings.level / 2)
    # The variances behind the shrinkage are estimates too: t here brings the coverage up to level.
    t_rank = special.stdtrit(np.maximum(answers.n_eff, 1) - 1 + settings.prior_df, 0.5 + settings.level / 2)
    low, high = (np.where(rated, own, other) for own, other in zip(claim.at(t), rank.at(z), strict=True))
    claim_low, claim_high = _clip(low), _clip(high)
    common = 0.0 if rated.any() else settings.offset_sd**2
    rank_error = np.sqrt(np.maximum(rank.error**2 - common, 0))
    rank_low, rank_high = (
        _clip(end) for end in _Ends(rank.centre, rank_error).at(np.where(rated, t_rank, z))
    )
    index = np.clip(_clip(rank.centre), claim_low, claim_high)
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = np.where(
            rated, answers.error(settings.prior_df, MADE_UP) / found.plain_error(sampling), np.nan
        )
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
        claim_df=np.where(rated, answers.n_eff + 2, np.maximum(everyone.n_eff, 1) - 1 + settings.prior_df),
        tau=shrunk.tau,
        slope=rows.slope,
        provisional=shrunk.provisional,
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """An interval as its middle and its standard error."""

    centre: Floats
    error: Floats

    @classmethod
    def of(cls, centre: Floats, error: Floats) -> _Ends:
        return cls(np.asarray(centre), np.asarray(error))

    def at(self, quantile: Floats | float) -> tuple[Floats, Floats]:
        # No error is no width, however few the answers (infinite times 0 would be NaN).
        half = np.where(self.error > 0, quantile * self.error, 0.0)
        return self.centre - half, self.centre + half


def _of_rows(
    found: Corrections, shrunk: Shrunk, centre: Floats, answers: Moments, claim: _Ends, rank: _Ends
) -> tuple[_Ends, _Ends]:
    """Turn both intervals to the group's own rows: what is answered is known, only the rest is estimated.

    Of the mean over all rows the share answered is sure; the rest is predicted, with the doubt about its mean
    error and the scatter of as many errors as there are rows without an answer.
    """
    known, left = found.answered, 1 - found.answered
    correction = known * found.mean + left * shrunk.correction
    variance = left**2 * (shrunk.variance + found.scatter)
    whole = known >= 1 - 1e-12
    middle = np.where(whole, answers.mean, centre + correction)
    surely = np.where(whole, answers.mean, centre + found.rows_claim)
    return (
        _Ends(surely, np.where(whole, 0.0, np.sqrt(found.rows_variance))),
        _Ends(middle, np.where(whole, 0.0, np.sqrt(variance))),
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


def answers_needed(estimates: Estimates, grade: NDArray[np.str_], min_reviews: int = 0) -> Floats:
    """Say about how many more answers each group needs for the next better grade, shape (n_groups,).

    Widths fall with the square root of the answers. NaN for an A, and where nobody answered: there the first
    answers change what kind of number it is.
    """
    claim = estimates.claim_high - estimates.claim_low
    rank = estimates.rank_high - estimates.rank_low
    n = estimates.n_rated.astype(np.float64)
    wider = {"D": (rank, 60.0), "C": (rank, 40.0), "B": (claim, 25.0)}
    needed = np.full(len(n), np.nan)
    for own, (width, limit) in wider.items():
        total = np.maximum(n * (width / limit) ** 2, 100.0 if own == "B" else 0.0)
        if own == "D":
            total = np.maximum(total, n + np.maximum(min_reviews - estimates.n_rows, 0))
        needed = np.where(grade == own, np.maximum(np.ceil(total - n), 1.0), needed)
    return np.where(n > 0, needed, np.nan)


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


def _clip(points: Floats) -> Floats:
    clipped: Floats = np.clip(points, -100.0, 100.0)
    return clipped
