"""The two designs of the validation: what the estimator is given in a resample, and what it should find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earful.loyalty.estimator import Estimates, Settings, estimate
from earful.loyalty.refit import refit
from scripts.loyalty.world import Floats, Ints, World

TEXTS = 200
SHARE_TRUTH = 0.4


@dataclass(frozen=True)
class Draw:
    """What the estimator is given in one resample, and what it should find."""

    rows: Ints
    rated: NDArray[np.bool_]
    truth: Floats
    truth_var: Floats
    judged: NDArray[np.bool_]


def enough(world: World, design: str, k: int) -> bool:
    """Whether at least four entities have a pool of k rows."""
    if design == "population":
        return True
    pool = np.floor(np.bincount(world.code) * (1 - SHARE_TRUTH))
    return bool(np.sum(pool >= k) >= 4)


def draw_disjoint(world: World, k: int, random: np.random.Generator) -> Draw:
    """Cut each entity into pool and truth; k rows of the pool are answered where it has as many."""
    order = random.permutation(len(world.code))
    order = order[np.argsort(world.code[order], kind="stable")]
    size = np.bincount(world.code)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    place = np.arange(len(order)) - start[world.code[order]]
    n_pool = np.floor(size * (1 - SHARE_TRUTH)).astype(np.int64)
    in_pool = place < n_pool[world.code[order]]
    truth_rows = order[~in_pool]
    n_truth = np.bincount(world.code[truth_rows], minlength=world.groups)
    truth = np.bincount(world.code[truth_rows], world.s[truth_rows], world.groups) / n_truth
    spread = np.bincount(world.code[truth_rows], (world.s[truth_rows] - truth[world.code[truth_rows]]) ** 2)
    pooled = spread.sum() / (n_truth - 1).sum()
    rated = place[in_pool] < k
    return Draw(order[in_pool], rated, truth, pooled / n_truth, n_pool >= k)


def draw_population(world: World, k: int, random: np.random.Generator, texts: int = TEXTS) -> Draw:
    """Draw ``texts`` rows of each entity with replacement, the first k of them answered."""
    by_entity = [np.flatnonzero(world.code == e) for e in range(world.groups)]
    rows = np.concatenate([random.choice(own, texts) for own in by_entity])
    rated = np.tile(np.arange(texts) < k, world.groups)
    truth = np.array([world.s[own].mean() for own in by_entity])
    return Draw(rows, rated, truth, np.zeros(world.groups), np.ones(world.groups, dtype=bool))


def run(world: World, draw: Draw, f: Floats | None = None) -> Estimates:
    """Estimate as the product does: predictions moved by the answers seen, then the estimator."""
    rows, f = draw.rows, world.f if f is None else f
    answers = np.where(draw.rated, world.s[rows], np.nan)
    moved = (
        refit(f[rows], world.features[rows], answers)
        if f is world.f
        else refit(f[rows], f[rows, None], answers)
    )
    return estimate(world.code[rows], moved, answers, world.groups)


def ratings_only(world: World, draw: Draw) -> Estimates:
    """Empirical Bayes on the answers alone: the same estimator with the same prediction for every row.

    Its priors are wide, as entities differ more than predictions err: it must be hard to beat.
    """
    rows = draw.rows[draw.rated]
    s = world.s[rows]
    wide = Settings(offset_sd=200.0, tau_median=30.0, tau_spread=1.2)
    return estimate(world.code[rows], np.full(len(rows), s.mean()), s, world.groups, settings=wide)
