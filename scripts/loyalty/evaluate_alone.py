"""Measure the claim interval of a group that stands alone, by exact enumeration of all its samples.

    python -m scripts.loyalty.evaluate_alone --shares 3000

Every number of answers from 3 to 100, all ways that so many customers can answer, and shares of detractors,
passives and promoters drawn anew for each seed (evenly, near the corners, near the edges, and on them: flags
know no passives). The interval is written out for all samples at once; first it is held against what
``estimate`` gives for some of them.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import stats
from scipy.special import gammaln

from earful.loyalty.corrections import ANSWERS, alone
from earful.loyalty.estimator import estimate
from earful.loyalty.frames import Floats, Ints
from earful.loyalty.intervals import adjusted_wald_nps

_LOWEST = 0.94


def main() -> None:
    """Print the lowest coverages, and the mean width beside adjusted Wald's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shares", type=int, default=3000, help="how many shares are drawn")
    parser.add_argument("--seed", type=int, default=20261128)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    _held_against_estimate(random)
    shares = drawn(options.shares, random)
    found = []
    for n in range(3, 101):
        cover, _ = covered(n, shares)
        found.append((float(cover.min()), n, shares[int(cover.argmin())], int((cover < _LOWEST).sum())))
    below = sum(few for *_, few in found)
    print(f"{98 * len(shares):,} pairs of n and shares, {below:,} below {_LOWEST:.0%}; the lowest:")
    for low, n, share, _ in sorted(found, key=lambda one: one[0])[:5]:
        print(f"  {low:.4f} at {n} answers, shares {np.round(share, 3)}")
    usual = np.array([[0.25, 0.25, 0.5], [0.1, 0.2, 0.7], [0.05, 0.05, 0.9]])
    for n in (3, 5, 10, 20, 30, 50, 100):
        own, wald = covered(n, usual), covered(n, usual, wald=True)
        told = [
            f"{share}: {c:.3f} at width {w:.0f} (adjusted Wald {d:.3f}, {v:.0f})"
            for share, c, w, d, v in zip(usual.tolist(), *own, *wald, strict=True)
        ]
        print(f"{n} answers  " + "  ".join(told))


def drawn(number: int, random: np.random.Generator) -> Floats:
    """Draw shares: a third evenly, a third near corners, a sixth near an edge, a sixth on one."""
    third, sixth = number // 3, number // 6
    side = random.random(number - 2 * third - sixth)
    kinds = np.arange(len(side)) % 3
    edges = np.zeros((len(side), 3))
    edges[np.arange(len(side)), kinds], edges[np.arange(len(side)), (kinds + 1) % 3] = side, 1 - side
    parts = [random.dirichlet(alpha, n) for alpha, n in (([1, 1, 1], third), ([0.3, 0.3, 0.3], third))]
    return np.vstack([*parts, random.dirichlet([0.5, 0.02, 0.5], sixth), edges])


def samples(n: int) -> Ints:
    """Give all ways that n customers can answer: detractors, passives, promoters."""
    low, high = np.divmod(np.arange((n + 1) ** 2), n + 1)
    kept = low + high <= n
    return np.column_stack([low, n - low - high, high])[kept]


def covered(n: int, shares: Floats, wald: bool = False) -> tuple[Floats, Floats]:
    """Give the chance that the interval holds the truth, and its mean width, for each of the shares."""
    counts = samples(n)
    if wald:
        _, low, high = adjusted_wald_nps(counts[:, 2], counts[:, 1], counts[:, 0])
    else:
        low, high = ends(counts)
    ways = gammaln(n + 1) - gammaln(counts + 1).sum(axis=1)
    chance = np.exp(ways[:, None] + counts @ np.log(np.maximum(shares, 1e-300)).T)
    truth = 100 * (shares[:, 2] - shares[:, 0])
    held = (low[:, None] - 1e-9 <= truth) & (truth <= high[:, None] + 1e-9)
    return (chance * held).sum(axis=0), (high - low) @ chance


def ends(counts: Ints) -> tuple[Floats, Floats]:
    """Write out the claim interval of one group in which everybody answered and nobody wrote."""
    n = counts.sum(axis=1)
    mean = 100 * (counts[:, 2] - counts[:, 0]) / n
    square = 1e4 * (counts[:, 0] + counts[:, 2]) - n * mean**2
    spread = square + n * ANSWERS / (n + ANSWERS) * mean**2 + ANSWERS * alone(n)
    half = stats.t.ppf(0.975, n + 2) * np.sqrt(spread) / (n + ANSWERS)
    middle = n * mean / (n + ANSWERS)
    return np.clip(middle - half, -100, 100), np.clip(middle + half, -100, 100)


def _held_against_estimate(random: np.random.Generator) -> None:
    for n in (3, 7, 20, 41, 100):
        counts = random.multinomial(n, random.dirichlet([1, 1, 1]), 20)
        for own, low, high in zip(counts, *ends(counts), strict=True):
            answers = np.repeat([-100.0, 0.0, 100.0], own)
            got = estimate(np.zeros(n, dtype=int), np.full(n, np.nan), answers, 1)
            assert np.allclose([got.claim_low[0], got.claim_high[0]], [low, high], atol=1e-6), own


if __name__ == "__main__":
    main()
