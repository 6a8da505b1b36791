"""The claim interval by exact enumeration of all samples, and the two targets by simulation."""

from __future__ import annotations

from functools import cache
from math import exp, lgamma, log

import numpy as np
import pytest

from earful.loyalty.estimator import Settings, estimate
from earful.loyalty.intervals import adjusted_wald_nps


@cache
def interval(detractors, passives, promoters, words):
    """Claim interval of one group on its own in which everybody answered; ``words`` say the same of all."""
    answers = np.repeat([-100.0, 0.0, 100.0], [detractors, passives, promoters])
    got = estimate(np.zeros(len(answers), dtype=int), np.full(len(answers), words), answers, 1)
    return float(got.claim_low[0]), float(got.claim_high[0])


def coverage(n, shares, words=np.nan):
    """Chance that the interval of n answers holds the truth, over all samples that are not very rare."""
    truth, held, seen = 100 * (shares[2] - shares[0]), 0.0, 0.0
    for det in range(n + 1):
        for pas in range(n + 1 - det):
            counts = (det, pas, n - det - pas)
            if any(k and not share for k, share in zip(counts, shares, strict=True)):
                continue
            chance = lgamma(n + 1) + sum(
                k * log(share) - lgamma(k + 1) for k, share in zip(counts, shares, strict=True) if k
            )
            if chance < -9:
                continue
            low, high = interval(*counts, words)
            seen += exp(chance)
            held += exp(chance) * (low - 1e-9 <= truth <= high + 1e-9)
    return held / seen


SHARES = [
    (0.25, 0.25, 0.5),
    (0.1, 0.2, 0.7),
    (0.05, 0.05, 0.9),
    (0.5, 0.0, 0.5),
    (0.9, 0.0, 0.1),
    (0.02, 0.9, 0.08),
]


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("n", [3, 4, 5, 7, 10, 14, 20])
def test_a_group_on_its_own_is_covered_at_every_size(n, shares):
    assert coverage(n, shares) >= 0.94


@pytest.mark.parametrize("n", [19, 29, 37, 41, 42, 48, 50, 64])
def test_flags_half_yes_half_no_are_covered_too(n):
    # Few steps between no and yes: where all intervals of the kind cover least.
    for yes in (0.5, 0.38, 0.28):
        assert coverage(n, (1 - yes, 0.0, yes)) >= 0.94


@pytest.mark.parametrize("shares", SHARES[:3])
@pytest.mark.parametrize("words", [-80.0, 0.0, 70.0])
def test_it_holds_whatever_the_words_say_of_all(shares, words):
    assert coverage(8, shares, words) >= 0.94


@pytest.mark.parametrize("shares", SHARES[:3])
def test_it_covers_no_less_than_adjusted_wald(shares):
    for n in (3, 5, 10, 20):
        held = 0.0
        for det in range(n + 1):
            for pas in range(n + 1 - det):
                pro = n - det - pas
                chance = exp(
                    lgamma(n + 1)
                    + sum(k * log(p) - lgamma(k + 1) for k, p in zip((det, pas, pro), shares, strict=True))
                )
                wald = adjusted_wald_nps(pro, pas, det)
                held += chance * (wald.low <= 100 * (shares[2] - shares[0]) <= wald.high)
        assert coverage(n, shares) >= held - 0.006


def test_forty_promoters_of_forty_are_no_certainty():
    low, high = interval(0, 0, 40, np.nan)
    assert low < adjusted_wald_nps(40, 0, 0).low + 1
    assert high == 100


def made(random, groups, rows, rated, spread=25.0):
    """Groups whose predictions are off by their own amounts."""
    code = np.repeat(np.arange(groups), rows)
    latent = random.normal(0.3, 0.5, groups)[code] + random.normal(0, 1, groups * rows)
    s = np.where(latent > 0.6, 100.0, np.where(latent < -0.2, -100.0, 0.0))
    f = 80 * np.tanh(latent + random.normal(0, 0.8, groups * rows)) + random.normal(0, spread, groups)[code]
    place = np.tile(np.arange(rows), groups)
    return code, f, s, np.where(place < rated, s, np.nan)


@pytest.mark.parametrize(("rows", "rated"), [(40, 5), (40, 20), (100, 60), (40, 38)])
def test_the_rows_themselves_are_held_by_a_narrower_interval(rows, rated):
    random, held, narrower = np.random.default_rng(rated), [], []
    for _ in range(40):
        code, f, s, seen = made(random, 25, rows, rated)
        truth = np.bincount(code, s) / rows
        got = estimate(code, f, seen, 25, settings=Settings(target="rows"))
        wide = estimate(code, f, seen, 25)
        held.append((got.claim_low <= truth) & (truth <= got.claim_high))
        narrower.append((got.claim_high - got.claim_low) < (wide.claim_high - wide.claim_low))
    assert 0.93 <= np.mean(held) <= 0.99
    assert np.mean(narrower) == 1.0


@pytest.mark.parametrize("silent", [False, True])
def test_all_answered_is_measured_to_the_last_digit(silent):
    code, f, s, _ = made(np.random.default_rng(2), 6, 43, 43)
    quiet = np.arange(len(code)) % 3 == 0 if silent else None
    got = estimate(code, f, s, 6, settings=Settings(target="rows"), silent=quiet)
    for values in (got.index, got.claim_low, got.claim_high, got.rank_low, got.rank_high):
        assert values.tolist() == got.raw.tolist()


def test_a_group_borrows_from_the_others_and_not_from_itself():
    code, f, _, seen = made(np.random.default_rng(5), 30, 60, 5, spread=5.0)
    together = estimate(code, f, seen, 30)
    alone = [estimate(np.zeros(60, dtype=int), f[code == g], seen[code == g], 1) for g in range(30)]
    width = np.array([got.claim_high[0] - got.claim_low[0] for got in alone])
    assert np.mean(together.claim_high - together.claim_low) < 0.8 * width.mean()


def test_strata_have_their_own_degrees_of_freedom():
    random = np.random.default_rng(1)
    loud, quiet = 400, 400
    silent = np.arange(loud + quiet) >= loud
    s = np.where(random.random(loud + quiet) < 0.5, 100.0, -100.0)
    s[loud + 5 :] = np.nan
    s[loud : loud + 5] = [100, -100, 100, -100, 100]
    got = estimate(np.zeros(loud + quiet, dtype=int), np.zeros(loud + quiet), s, 1, silent=silent)
    # All doubt comes from the five quiet answers, however many loud ones there are: their t, not their z.
    assert got.claim_high[0] - got.claim_low[0] > 1.1 * 2 * 1.96 * got.claim_error[0]
