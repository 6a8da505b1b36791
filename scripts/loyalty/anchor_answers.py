"""Errors, coverage and widths at k answers, beside the baselines and the best that could be reached.

A part of ``evaluate_anchors``. *Best mix* is told the truth: of all ways to move the mean prediction by the
level of the answers, stretch it between entities and draw each entity's correction to the others', the one
with the least squared error over all resamples. No estimator that rests on these two means can be expected to
do better, whatever it is.
"""

from __future__ import annotations

import numpy as np

from earful.loyalty.intervals import adjusted_wald_nps
from earful.loyalty.refit import refit
from scripts.loyalty.baselines import by_others, classified, group_mean, quapy_emq, stars_mean
from scripts.loyalty.draws import Draw, draw_disjoint, draw_population, ratings_only, run
from scripts.loyalty.world import Floats, World

Z = 1.959964
#: Answered rows, and rows of each entity that they stand among.
SIZES = ((10, 100), (30, 100), (100, 100), (100, 400))
#: Pool rows of an entity in the disjoint design.
_LARGE = 60
#: Errors in the order of the table.
METHODS = ("index", "eb", "wald", "sentiment", "stars", "stars_all", "count", "emq", "ppi", "best")


def answers(world: World, resamples: int) -> list[str]:
    """Give a table row for each number of answers."""
    return [_row(world, k, texts, resamples) for k, texts in SIZES]


def _row(world: World, k: int, texts: int, resamples: int) -> str:
    random = np.random.default_rng(100 + k + texts)
    tally = _Tally(world)
    for _ in range(resamples):
        tally.note(draw_population(world, k, random, texts))
    apart = np.nan
    if texts == 100 and k < texts:
        random, held = np.random.default_rng(100 + k), []
        for _ in range(resamples):
            draw = draw_disjoint(world, k, random)
            rows = np.bincount(world.code[draw.rows], minlength=world.groups)
            judged = draw.judged & (rows >= min(k, _LARGE))
            if judged.sum() < 4:
                break
            held.append(_covered(draw, run(world, draw))[judged])
        apart = float(np.mean(np.concatenate(held))) if held else np.nan
    errors = tally.errors()
    cells = [f"{errors[name]:.1f}" if np.isfinite(errors[name]) else "" for name in METHODS]
    r, best = tally.correlations()
    cells += [f"{r:.2f} ({best:.2f})", f"{np.mean(tally.cover):.3f}"]
    cells += ["" if np.isnan(apart) else f"{apart:.3f}"]
    cells += [f"{np.median(tally.width):.0f}", f"{np.median(tally.wald):.0f}"]
    return f"| {world.name} {world.answer} | {k} of {texts} | " + " | ".join(cells) + " |"


class _Tally:
    """What is found in every resample of one size."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.error: dict[str, list[Floats]] = {}
        self.truth: list[Floats] = []
        self.index: list[Floats] = []
        self.told: list[tuple[Floats, Floats]] = []
        self.cover: list[Floats] = []
        self.width: list[Floats] = []
        self.wald: list[Floats] = []

    def note(self, draw: Draw) -> None:
        """Add a resample."""
        world, got = self.world, run(self.world, draw)
        rows = draw.rows[draw.rated]
        counts = [np.bincount(world.code[rows], world.s[rows] == v, world.groups) for v in (100, 0, -100)]
        wald = adjusted_wald_nps(counts[0], counts[1], counts[2])
        none = np.full(world.groups, np.nan)
        line = world.stars_line
        found = {
            "index": got.index,
            "eb": ratings_only(world, draw).index,
            "wald": (wald.low + wald.high) / 2,
            "sentiment": by_others(group_mean(world, draw.rows, world.score), draw, world),
            "stars": stars_mean(world, rows, line) if line else none,
            "stars_all": stars_mean(world, draw.rows, line) if line and world.stars_apart else none,
            "count": group_mean(world, draw.rows, classified(world)),
            "emq": quapy_emq(world, draw),
            "ppi": power_tuned(world, draw),
        }
        for name, value in found.items():
            self.error.setdefault(name, []).append(np.abs(value - draw.truth))
        self.truth.append(draw.truth)
        self.index.append(got.index)
        self.told.append(_told(world, draw))
        self.cover.append(_covered(draw, got))
        self.width.append(got.claim_high - got.claim_low)
        self.wald.append(wald.high - wald.low)

    def best(self) -> list[Floats]:
        """Fit the best mix over all resamples and give its estimates in each."""
        x = np.concatenate([self._apart(own) for own in self.told])
        y = np.concatenate([t - f - r.mean() for t, (f, r) in zip(self.truth, self.told, strict=True)])
        weight = np.linalg.lstsq(x, y, rcond=None)[0]
        return [f + r.mean() + self._apart((f, r)) @ weight for f, r in self.told]

    @staticmethod
    def _apart(told: tuple[Floats, Floats]) -> Floats:
        f, r = told
        return np.column_stack([f - f.mean(), r - r.mean()])

    def errors(self) -> dict[str, float]:
        """Mean absolute error of every method."""
        best = np.concatenate(self.best()) - np.concatenate(self.truth)
        return {name: float(np.mean(np.concatenate(v))) for name, v in self.error.items()} | {
            "best": float(np.mean(np.abs(best)))
        }

    def correlations(self) -> tuple[float, float]:
        """Mean correlation with the truth, of the index and of the best mix."""
        pairs = [(self.index, self.truth), (self.best(), self.truth)]
        r = [np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(*pair, strict=True)]) for pair in pairs]
        return float(r[0]), float(r[1])


def _told(world: World, draw: Draw) -> tuple[Floats, Floats]:
    """Mean prediction of each entity, and mean error of its answered rows."""
    s = np.where(draw.rated, world.s[draw.rows], np.nan)
    f = refit(world.f[draw.rows], world.features[draw.rows], s)
    code, n = world.code[draw.rows], np.bincount(world.code[draw.rows[draw.rated]], minlength=world.groups)
    mean = np.bincount(code, f, world.groups) / np.bincount(code, minlength=world.groups)
    return mean, np.bincount(code, np.where(draw.rated, s - f, 0.0), world.groups) / np.maximum(n, 1)


def _covered(draw: Draw, got: object) -> Floats:
    """Whether the claim interval, widened by the truth's own error, holds it."""
    middle, low, high = (np.asarray(getattr(got, name)) for name in ("difference", "claim_low", "claim_high"))
    extra = Z * np.sqrt(draw.truth_var)
    low = middle - np.hypot(middle - low, extra)
    high = middle + np.hypot(high - middle, extra)
    return ((low <= draw.truth) & (draw.truth <= high)).astype(float)


def power_tuned(world: World, draw: Draw) -> Floats:
    """PPI++ (Angelopoulos et al. 2023b) with cross-fitted predictions and a power-tuned weight of its own."""
    rows, rated = draw.rows, draw.rated
    f = refit(world.f[rows], world.features[rows], np.where(rated, world.s[rows], np.nan))
    found = np.full(world.groups, np.nan)
    for group in range(world.groups):
        own = world.code[rows] == group
        seen, rest = own & rated, own & ~rated
        s, n, more = world.s[rows[seen]], seen.sum(), rest.sum()
        if n < 2:
            continue
        spread = f[seen].var(ddof=1)
        weight = 0.0
        if more >= 2 and spread > 0:
            weight = float(np.clip(np.cov(s, f[seen])[0, 1] / spread / (1 + n / more), 0, 1))
        found[group] = s.mean() + weight * (
            (f[rest].mean() if more else 0.0) - (f[seen].mean() if more else 0.0)
        )
    return found
