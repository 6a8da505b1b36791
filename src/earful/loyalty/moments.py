"""Means and variances of groups, with weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earful.loyalty.customers import shared_weight
from earful.loyalty.frames import Floats, Ints

__all__ = ["Moments", "pooled_covariance", "within"]


@dataclass(frozen=True, slots=True)
class Moments:
    """Weighted mean and variance of every group, and the variance within all groups together.

    Attributes
    ----------
    weight, n_eff
        Sum of weights, and how many equal rows of as many customers they are worth (Kish 1965), shape
        (n_groups,).
    mean, variance
        Shape (n_groups,); 0 where a group has no rows, or too few for a variance.
    pooled
        Variance within groups, over all of them.
    """

    weight: Floats
    n_eff: Floats
    mean: Floats
    variance: Floats
    pooled: float

    @classmethod
    def of(cls, codes: Ints, values: Floats, w: Floats, groups: int, customer: Ints | None = None) -> Moments:
        """Sum up ``values`` by group; rows of weight 0 do not count, rows of one ``customer`` are alike."""
        total: Floats = np.bincount(codes, w, groups).astype(np.float64)
        square: Floats = np.bincount(codes, w * w, groups).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(total > 0, np.bincount(codes, w * values, groups) / total, 0.0)
            if customer is not None:
                square = square + shared_weight(codes, values - mean[codes], w, customer, groups)
            n_eff = np.where(total > 0, total**2 / square, 0.0)
            spread = np.bincount(codes, w * (values - mean[codes]) ** 2, groups)
            share = np.where(total > 0, spread / total, 0.0)
            variance = np.where(n_eff > 1, share * n_eff / (n_eff - 1), 0.0)
        df = np.maximum(n_eff - 1, 0.0)
        # Where no group has two values there is no spread within groups to go by: that between them serves.
        pooled = float(np.sum(df * variance) / np.sum(df)) if np.sum(df) > 0 else _between(values, w)
        return cls(total, n_eff, mean, variance, pooled)

    def moderated(self, prior_df: float, made_up: float | None = None) -> Floats:
        """Draw each variance towards the pooled one, as that many degrees of freedom would (Smyth 2004).

        Values that all agree are no certainty: where ``made_up`` is given, three degrees of freedom of that
        variance go into the pooled variance, and one into each group's.
        """
        df = np.maximum(self.n_eff - 1, 0.0)
        if made_up is None:
            return (prior_df * self.pooled + df * self.variance) / (prior_df + df)
        own = float(np.sum(df))
        pooled = (own * self.pooled + 3 * made_up) / (own + 3)
        return (prior_df * pooled + made_up + df * self.variance) / (prior_df + 1 + df)

    def error(self, prior_df: float, made_up: float | None = None) -> Floats:
        """Give the variance of each mean, by the moderated variances."""
        return self.moderated(prior_df, made_up) / np.maximum(self.n_eff, 1)


def _between(values: Floats, w: Floats) -> float:
    used = values[w > 0]
    return float(np.var(used, ddof=1)) if len(used) > 1 else 80.0**2


def within(codes: Ints, x: Floats, w: Floats, groups: int) -> Floats:
    """Give how far each value lies from the weighted mean of its group."""
    total = np.maximum(np.bincount(codes, w, groups), 1e-300)
    return np.asarray(x - (np.bincount(codes, w * x, groups) / total)[codes])


def pooled_covariance(codes: Ints, x: Floats, y: Floats, w: Floats, groups: int) -> float:
    """Give the covariance of two columns within groups, pooled over the groups; weights as in ``Moments``."""
    dx, dy = within(codes, x, w, groups), within(codes, y, w, groups)
    rows, filled = float(np.sum(w > 0)), float(np.sum(np.bincount(codes, w, groups) > 0))
    if rows <= filled:
        return 0.0
    return float(np.sum(w * dx * dy) / np.sum(w) * rows / (rows - filled))
