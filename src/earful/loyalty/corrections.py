"""How far the predictions of each group's answered rows are off, and how sure that is.

The claim interval rests on it, so that nothing here lets a group vouch for itself: three made-up answers,
with the correction and scatter that the *other* groups have, go into the mean and variance of each (the idea
of the adjusted Wald interval of Rocks 2016, on the errors of the predictions). Answers that all agree then do
not pass for certainty, and a group that stands alone borrows from no one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from earful.loyalty.moments import Moments, pooled_covariance

if TYPE_CHECKING:
    from earful.loyalty.estimator import Settings
    from earful.loyalty.frames import Flags, Floats
    from earful.loyalty.sample import Sample

__all__ = ["ANSWERS", "MADE_UP", "Corrections", "alone", "corrections"]

#: Variance of a made-up answer as the adjusted Wald interval has it: a quarter at each end.
MADE_UP = 5000.0

#: How many answers are made up.
ANSWERS = 3.0
#: Variance of a made-up answer of a group that stands alone: at the start, for each answer more, at most. So
#: the interval of the plain NPS covers at least 94 % by exact enumeration at every number of answers from 3
#: to 100, on shares it was not chosen on (``scripts/loyalty/evaluate_alone.py``); with the 5,000 of adjusted
#: Wald down to 73 %. Few answers need less than many: there Student's t adds its own.
_ALONE, _ALONE_STEP, _ALONE_MOST = 9_000.0, 250.0, 14_000.0
#: How many degrees of freedom that guess counts for where other groups have answers.
_ALONE_DF = 3.0
#: Standard deviation of a group's correction around the others', for their weights, and of what a made-up
#: answer of 0 tells of it, in points.
_BETWEEN, _FAR = 20.0, 100.0
#: Answers of rows with words and of rows without are strata from so many each way.
_STRATUM = 5


@dataclass(frozen=True, slots=True)
class Corrections:
    """Mean errors of the predictions; arrays of shape (n_groups,), in points.

    Attributes
    ----------
    mean, variance
        Mean error of the answered rows, and the variance of that mean, with a scatter moderated by that of
        all groups (Smyth 2004); infinite without answers. The shrinkage rests on them.
    claim, claim_variance, df
        The same with the made-up answers, and the degrees of freedom.
    covariance
        Twice the covariance of the mean prediction and the mean error.
    answered
        Share of the group's rows that have an answer, by weight.
    scatter
        Variance of the mean error of the rows without an answer around their long-run mean.
    rows_claim, rows_variance
        The claim for the group's own rows: with the finite population correction.
    """

    mean: Floats
    variance: Floats
    claim: Floats
    claim_variance: Floats
    df: Floats
    covariance: Floats
    answered: Floats
    scatter: Floats
    rows_claim: Floats
    rows_variance: Floats

    def plain_error(self, sampling: Floats) -> Floats:
        """Give the variance of the difference estimate without made-up answers."""
        return np.asarray(np.maximum(self.variance + sampling + self.covariance, 1e-12))


@dataclass(frozen=True, slots=True)
class _Part:
    """The answered rows of one stratum; ``share`` is that of the stratum among all rows of the group."""

    share: Floats
    mean: Floats
    error: Floats
    claim: Floats
    claim_variance: Floats
    df: Floats
    answered: Floats
    scatter: Floats

    @property
    def rows_claim(self) -> Floats:
        """The mean error over the stratum's own rows: of those with an answer it is known."""
        return self.answered * self.mean + (1 - self.answered) * self.claim

    @property
    def rows_variance(self) -> Floats:
        """The variance of that: of the rows without an answer alone."""
        return (1 - self.answered) ** 2 * (self.claim_variance + self.scatter)


def corrections(rows: Sample, everyone: Moments, settings: Settings) -> Corrections:
    """Find the mean error of the predictions of each group's answered rows.

    Answers of rows without words are a stratum of their own where there are enough of them.

    Parameters
    ----------
    rows
        Rows with a prediction each.
    everyone
        Moments of the predictions of all rows.
    settings
        What the estimator assumes.
    """
    errors = rows.s - rows.f
    every, loud, quiet = (rows.moments(errors, part) for part in (None, ~rows.silent, rows.silent))
    split = (loud.n_eff >= _STRATUM) & (quiet.n_eff >= _STRATUM)
    share = _weight(rows, rows.silent) / np.maximum(everyone.weight, 1e-300)
    whole = _part(rows, every, np.ones(rows.groups), None, settings)
    parts = [
        _part(rows, loud, 1 - share, ~rows.silent, settings),
        _part(rows, quiet, share, rows.silent, settings),
    ]
    found = {name: np.where(split, value, getattr(whole, name)) for name, value in _added(parts).items()}
    told = ~np.isnan(errors)
    covariance = pooled_covariance(
        rows.group[told], rows.f[told], errors[told], rows.weight[told], rows.groups
    )
    none = every.n_eff <= 0
    return Corrections(
        mean=found["mean"],
        variance=np.where(none, np.inf, found["error"]),
        claim=found["claim"],
        claim_variance=np.where(none, np.inf, found["claim_variance"]),
        df=found["df"],
        covariance=2 * covariance / np.maximum(everyone.n_eff, 1),
        answered=whole.answered,
        scatter=whole.scatter,
        rows_claim=found["rows_claim"],
        rows_variance=np.where(none, np.inf, found["rows_variance"]),
    )


def _part(rows: Sample, answers: Moments, share: Floats, members: Flags | None, settings: Settings) -> _Part:
    """Sum up one stratum, with the made-up answers in it."""
    df = np.maximum(answers.n_eff - 1, 0.0)
    own = alone(answers.n_eff)
    others_df, pooled = _others(answers, df, own)
    made_up = (others_df * pooled + _ALONE_DF * own) / (others_df + _ALONE_DF)
    common = _common(rows, answers, made_up, members)
    n = answers.n_eff
    claim = (n * answers.mean + ANSWERS * common) / (n + ANSWERS)
    apart = n * ANSWERS / (n + ANSWERS) * (answers.mean - common) ** 2
    spread = (df * answers.variance + apart + ANSWERS * made_up) / (n + ANSWERS)
    weight = np.maximum(_weight(rows, members), 1e-300)
    answered = np.clip(answers.weight / weight, 0.0, 1.0)
    # As many equal rows as those without an answer are worth, at the rate of those with one.
    given = answers.weight
    left = np.where(given > 0, n * (weight - given) / np.maximum(given, 1e-300), 1.0)
    return _Part(
        share=share,
        mean=answers.mean,
        error=answers.error(settings.prior_df, MADE_UP),
        claim=claim,
        claim_variance=spread / (n + ANSWERS),
        # The scatter of the made-up answers is as well known as that of the other groups.
        df=n + 2 + others_df,
        answered=answered,
        scatter=np.where(left > 1e-9, spread / np.maximum(left, 1e-9), 0.0),
    )


def alone(n: Floats) -> Floats:
    """Give the variance of a made-up answer of a group of ``n`` answers that borrows from no other."""
    return np.minimum(_ALONE + _ALONE_STEP * n, _ALONE_MOST)


def _others(answers: Moments, df: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Pool the variance of all groups but each one itself; give its degrees of freedom, and it."""
    total = df * answers.variance
    others = np.maximum(df.sum() - df, 0.0)
    pooled = np.maximum(total.sum() - total, 0.0) / np.maximum(others, 1e-300)
    return others, np.where(others > 1e-9, pooled, own)


def _common(rows: Sample, answers: Moments, made_up: Floats, members: Flags | None) -> Floats:
    """Give the correction that the other groups have in common; alone, that of an answer of 0."""
    told = rows.moments(np.where(np.isnan(rows.s), np.nan, rows.f), members)
    has = answers.n_eff > 0
    weight = np.where(has, 1 / (_BETWEEN**2 + made_up / np.maximum(answers.n_eff, 1e-9)), 0.0)
    total = weight * answers.mean
    least = _FAR**-2
    pulled = total.sum() - total - least * told.mean
    return np.asarray(pulled / (weight.sum() - weight + least))


def _weight(rows: Sample, members: Flags | None) -> Floats:
    """Sum the weights of the rows of one part, by group."""
    weight = rows.weight if members is None else np.where(members, rows.weight, 0.0)
    return np.bincount(rows.group, weight, rows.groups).astype(np.float64)


def _added(parts: list[_Part]) -> dict[str, Floats]:
    """Put the strata together by their shares; the degrees of freedom are Satterthwaite's."""
    found = {
        name: sum(part.share * getattr(part, name) for part in parts)
        for name in ("mean", "claim", "rows_claim")
    }
    for name in ("error", "claim_variance", "rows_variance"):
        found[name] = sum(part.share**2 * getattr(part, name) for part in parts)
    pieces = [part.share**2 * part.claim_variance for part in parts]
    bottom = sum(piece**2 / part.df for piece, part in zip(pieces, parts, strict=True))
    found["df"] = np.maximum(sum(pieces) ** 2 / np.maximum(bottom, 1e-300), 1.0)
    return {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}
