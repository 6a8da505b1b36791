"""Measure the index of runs whose anchor is stars or flags: widths, coverage, errors, ranks, level, power.

    python -m scripts.loyalty.evaluate_anchors --data ../shared/data --resamples 40

Held-out entities, words by ``--model``. Designs and truths are those of ``evaluate``; nothing is tuned here.
Each part prints rows of its table in ``docs/loyalty.md`` or ``docs/comparing.md``.

* ``answers``: errors, coverage and widths at k answers (``anchor_answers``). EMQ needs QuaPy: ``pip install
  -e .[baselines]``.
* ``half``: the answers of half of all rows are hidden at random; rank correlation with the mean of all rows
  (of the index of these rows) and over the hidden ones (of that of customers like these), beside mean
  sentiment and the answers that are left. How far the index is ahead of sentiment over the hidden ones, with
  an interval over entities.
* ``source``: half of the entities have all their answers, the others words alone; errors of the latter, and
  the two things that no reading of these words can undercut: the best straight line through the truths, and
  what chance leaves in the truths themselves once the words are known.
* ``level``: how far a score beside the words of half of the rows moves their mean prediction.
* ``power``: calls of changes, found and false (``anchor_power``).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from earful.loyalty.estimator import Settings, estimate
from earful.loyalty.likelihood import load_likelihood
from earful.loyalty.refit import levelled, refit
from scripts.data import DEFAULT_DATA
from scripts.loyalty import world as worlds
from scripts.loyalty.anchor_answers import answers
from scripts.loyalty.anchor_power import power
from scripts.loyalty.baselines import group_mean
from scripts.loyalty.stress import predicted
from scripts.loyalty.world import TASKS, Floats, World, build

#: Draws of entities behind the interval of ``half``.
_PICKS = 100


def main() -> None:
    """Print one line for each dataset and part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", default="fast")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--resamples", type=int, default=40)
    parser.add_argument("--only", help="datasets, separated by commas, with their NPS answers too")
    parser.add_argument("--parts", default="answers,half,source,level,power")
    options = parser.parse_args()
    parts = {"answers": answers, "half": half, "source": source, "level": level, "power": power}
    # VADER is no baseline here, and an extra package.
    worlds._vader = lambda frame, _: pd.Series(np.nan, index=frame.index)
    likelihood = load_likelihood()
    for name, answer, least in TASKS:
        if (options.only and name not in options.only.split(",")) or (answer == "nps" and not options.only):
            continue
        found = build(name, answer, least, options.data, options.model, options.cache, likelihood)
        if found is None:
            continue
        print(f"{name} {answer}: {found.groups} entities, {len(found.code):,} rows", flush=True)
        for part in options.parts.split(","):
            for line in parts[part](found, options.resamples):
                print(line, flush=True)


def half(world: World, resamples: int) -> list[str]:
    """Rank correlations where half of the answers are hidden."""
    random, tally = np.random.default_rng(7), {}
    picks = [np.arange(world.groups), *random.integers(0, world.groups, (_PICKS, world.groups))]
    every, ahead = np.arange(len(world.code)), np.full((resamples, len(picks)), np.nan)
    sentiment, whole = group_mean(world, every, world.score), group_mean(world, every, world.s)
    for number in range(resamples):
        known = random.random(len(world.code)) < 0.5
        s = np.where(known, world.s, np.nan)
        f = refit(world.f, world.features, s)
        got, own = (
            estimate(world.code, f, s, world.groups, settings=Settings(target=target))
            for target in ("customers", "rows")
        )
        hidden = group_mean(world, np.flatnonzero(~known), world.s)
        methods = {"index": got.index, "sentiment": sentiment, "scores": np.nan_to_num(got.raw)}
        for name, truth, index in (("all", whole, own.index), ("hidden", hidden, got.index)):
            for method, value in (methods | {"index": index}).items():
                tally.setdefault(f"{name} {method}", []).append(_ranks(value, truth))
        for place, pick in enumerate(picks):
            ours, words = (_ranks(methods[name][pick], hidden[pick]) for name in ("index", "sentiment"))
            ahead[number, place] = ours - words
    spread = np.nanmean(ahead, axis=0)
    low, high = np.nanquantile(spread[1:], [0.025, 0.975])
    cells = [f"{np.nanmean(values):.3f}" for values in tally.values()]
    cells.append(f"{spread[0]:+.3f} ({low:+.2f} to {high:+.2f})")
    return [f"| {world.name} {world.answer} | " + " | ".join(cells) + " |"]


def _ranks(value: Floats, truth: Floats) -> float:
    known = ~np.isnan(truth)
    if len(np.unique(truth[known])) < 2 or len(np.unique(value[known])) < 2:
        return np.nan
    return float(spearmanr(value[known], truth[known])[0])


def source(world: World, resamples: int) -> list[str]:
    """Words alone in half of the entities, all answers in each of the others."""
    random, error, r = np.random.default_rng(8), [], []
    every = np.arange(len(world.code))
    truth, size = group_mean(world, every, world.s), np.bincount(world.code)
    for _ in range(resamples):
        without = random.permutation(world.groups) < world.groups // 2
        s = np.where(without[world.code], np.nan, world.s)
        got = estimate(world.code, refit(world.f, world.features, s), s, world.groups)
        error.append(np.abs(got.index - truth)[without].mean())
        r.append(np.corrcoef(got.index[without], truth[without])[0, 1])
    fitted = refit(world.f, world.features, world.s)
    x = np.column_stack([np.ones(world.groups), group_mean(world, every, fitted)])
    line = x @ np.linalg.lstsq(x, truth, rcond=None)[0]
    left = world.s - fitted
    apart = left - group_mean(world, every, left)[world.code]
    chance = np.sqrt(np.sum(apart**2) / (len(left) - world.groups) / size) * np.sqrt(2 / np.pi)
    return [
        f"| {world.name} {world.answer} | {np.mean(error):.1f} | {np.abs(line - truth).mean():.1f} | "
        f"{chance.mean():.1f} | {np.nanmean(r):.2f} |"
    ]


def level(world: World, resamples: int) -> list[str]:
    """Shift between rows with a score beside their words and rows of words alone, each score on its own.

    Before and after the level is made one, with no answers, against the words alone; then with an answer to
    every tenth row, against the true answers: with the score, and in the same rows without it, which is what
    the rows themselves (or the few entities) differ by. Half of the rows, or of the entities, have none.
    """
    random, model, lines = np.random.default_rng(4), load_likelihood(), []
    n = len(world.code)
    none = np.zeros(n, dtype=bool)
    words = _points(predicted(world, model, dict.fromkeys(world.signals, none), none))
    for name in world.signals:
        for by in ("row", "entity"):
            shifts = []
            for _ in range(resamples):
                half_of = random.permutation(world.groups) < world.groups // 2
                kept = random.random(n) < 0.5 if by == "row" else half_of[world.code]
                on = kept & (world.signals[name][:, 0] > 0)
                signals = dict.fromkeys(world.signals, none) | {name: kept}
                raw, pattern = _points(predicted(world, model, signals, none)), 1 + 2 * on.astype(np.int64)
                one = levelled(raw, words, pattern)
                seen = np.where(random.random(n) < 0.1, world.s, np.nan)
                fitted = refit(one, world.features, seen, pattern=pattern)
                bare = refit(words, world.features, seen)
                gaps = (raw - words, one - words, fitted - world.s, bare - world.s)
                shifts.append([gap[on].mean() - gap[~on].mean() for gap in gaps])
            cells = [f"{mean:.1f}" for mean in np.mean(shifts, axis=0)]
            own = np.subtract(*np.transpose(shifts)[2:])
            cells.append(f"{own.mean():.1f} ± {2 * own.std() / np.sqrt(resamples):.1f}")
            lines.append(f"| {world.name} {world.answer} | {name} by {by} | " + " | ".join(cells) + " |")
    return lines


def _points(chances: Floats) -> Floats:
    return 100 * (chances[:, 2] - chances[:, 0])


if __name__ == "__main__":
    main()
