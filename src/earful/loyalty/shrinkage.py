"""What groups learn from each other: each group's correction drawn towards what it is elsewhere.

The between-group spread and the common correction are integrated over a grid instead of being plugged in, so
that few groups give wider intervals, not bolder ones (Fay and Herriot 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from earful.loyalty.frames import Flags, Floats

if TYPE_CHECKING:
    from earful.loyalty.estimator import Settings

__all__ = ["COLD_GROUPS", "COLD_TAU", "Shrunk", "shrink"]

#: Until so many groups have answers, ``tau`` is not taken below ``COLD_TAU`` points and is provisional.
COLD_GROUPS = 15
COLD_TAU = 15.0


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Corrections drawn towards each other; arrays of shape (n_groups,), in points.

    Attributes
    ----------
    correction, variance
        Shrunken correction and its variance; NaN where a group has no rows.
    own
        Weight of the group's own correction, in [0, 1].
    tau
        Spread of the corrections between groups.
    provisional
        Whether fewer than 15 groups have answers.
    """

    correction: Floats
    variance: Floats
    own: Floats
    tau: float
    provisional: bool


def shrink(
    centre: Floats,
    has_answers: Flags,
    correction: Floats,
    var_correction: Floats,
    settings: Settings,
) -> Shrunk:
    """Draw each group's correction towards the common line, integrating over tau on a fixed grid.

    The model is ``correction ~ N(delta, V)``, ``delta ~ N(a + b (centre - mean), tau^2)``, with
    ``a ~ N(0, offset_sd^2)``, ``b ~ N(slope_mean, slope_sd^2)`` and a log-normal prior on tau, which keeps it
    from collapsing to 0 where there are few groups.

    Parameters
    ----------
    centre
        Mean prediction of each group, NaN where it has no rows.
    has_answers
        Whether the group has answers.
    correction, var_correction
        Mean error of the predictions of its answered rows, and the variance of that mean; infinite without
        answers.
    settings
        What is assumed.
    """
    known = ~np.isnan(centre)
    rated = known & has_answers
    middle = float(np.mean(centre[known])) if known.any() else 0.0
    z = np.column_stack([np.ones(len(known)), np.where(known, centre - middle, 0.0)])
    y, v, x = correction[rated], var_correction[rated], z[rated]
    provisional = int(rated.sum()) < COLD_GROUPS
    prior = _Prior.of(settings, bool(rated.any()))
    lines = [_line(tau, x, y, v, prior) for tau in _TAU_GRID]
    log_density = np.array([log_density for _, _, log_density in lines]) + _log_prior(settings)
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    grid = _TAU_GRID
    if provisional:
        # Too few groups to tell: one cautious value instead of a spread of them.
        middling = float(_TAU_GRID[np.searchsorted(np.cumsum(weight), 0.5 - 1e-9)])
        grid, weight = np.array([max(middling, COLD_TAU)]), np.ones(1)
        lines = [_line(float(grid[0]), x, y, v, prior)]
    means, variances, owns = (np.empty((len(grid), len(known))) for _ in range(3))
    for i, (tau, (covariance, beta, _)) in enumerate(zip(grid, lines, strict=True)):
        own = np.where(np.isinf(var_correction), 0.0, tau**2 / (tau**2 + var_correction))
        common = z @ beta
        means[i] = own * correction + (1 - own) * common
        inside = np.where(own > 0, own * np.where(own > 0, var_correction, 0.0), tau**2)
        variances[i] = inside + (1 - own) ** 2 * np.einsum("ij,jk,ik->i", z, covariance, z)
        owns[i] = own
    mean = weight @ means
    variance = weight @ variances + weight @ (means - mean) ** 2
    tau = float(np.sqrt(weight @ grid**2))
    blank = np.where(known, 0.0, np.nan)
    # A group without answers is never surer than tau, whatever the grid says of it.
    floor = np.where(rated, 0.0, tau**2)
    return Shrunk(mean + blank, np.maximum(variance, floor) + blank, weight @ owns, tau, provisional)


@dataclass(frozen=True, slots=True)
class _Prior:
    """What is believed of the common line before any answer is seen."""

    mean: Floats
    precision: Floats

    @classmethod
    def of(cls, settings: Settings, answered: bool) -> _Prior:
        return cls(
            np.array([0.0, settings.slope_mean if answered else 0.0]),
            np.diag([settings.offset_sd**-2, settings.slope_sd**-2]),
        )


def _line(tau: float, x: Floats, y: Floats, v: Floats, prior: _Prior) -> tuple[Floats, Floats, float]:
    """Fit the common correction ``a + b z`` at one tau: its covariance, itself, and the log density."""
    precision: Floats = 1 / (tau**2 + v)
    information = (x * precision[:, None]).T @ x + prior.precision
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    beta: Floats = covariance @ ((x * precision[:, None]).T @ y + prior.precision @ prior.mean)
    residual, off = y - x @ beta, beta - prior.mean
    quadratic = float(residual @ (precision * residual)) + float(off @ prior.precision @ off)
    volume = float(np.sum(np.log(precision))) - float(np.linalg.slogdet(information)[1])
    return covariance, beta, 0.5 * (volume - quadratic)


def _log_prior(settings: Settings) -> Floats:
    """Log-normal prior of tau on the grid, times the width of each grid cell."""
    spread, share = settings.tau_spread, _TAU_GRID / settings.tau_median
    log_density = -(np.log(share) ** 2) / (2 * spread**2) - np.log(spread * share * np.sqrt(2 * np.pi))
    log_density = log_density - np.log(settings.tau_median)
    return np.asarray(log_density + np.log(_TAU_STEP), dtype=np.float64)


_TAU_GRID = np.concatenate([[0.25, 1.0], np.arange(2.0, 31.0, 2.0), np.arange(34.0, 83.0, 4.0)])
_TAU_STEP = np.gradient(_TAU_GRID)
