"""Measure the index of runs whose anchor is stars or flags: widths, coverage, errors, ranks, level, power.

    python -m scripts.loyalty.evaluate_anchors --data ../shared/data --resamples 40

Held-out entities, words by ``--model``. Designs and truths are those of ``evaluate``; nothing is tuned here.

* ``answers``: 100 rows of each entity, k of them with their answer (100: nobody's is hidden).
* ``half``: the answers of half of all rows are hidden at random; rank correlation, with the mean of all rows
  and over the hidden ones, of the index, of mean sentiment and of the answers that are left.

* ``source``: half of the entities have 100 answers each, the others words alone; errors of the latter.
* ``level``: how far a score beside the words of half of the rows moves their mean prediction.
* ``power``: as ``change_calls``, at several shifts, with 60 answers a period and with words alone.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from earful.loyalty.changes import changes
from earful.loyalty.estimator import estimate
from earful.loyalty.intervals import adjusted_wald_nps
from earful.loyalty.likelihood import load_likelihood
from earful.loyalty.refit import levelled, refit
from scripts.data import DEFAULT_DATA
from scripts.loyalty import world as worlds
from scripts.loyalty.baselines import classified
from scripts.loyalty.controls import tilted
from scripts.loyalty.draws import Draw, draw_disjoint, draw_population, ratings_only, run
from scripts.loyalty.stress import predicted
from scripts.loyalty.world import TASKS, Floats, Ints, World, build

Z = 1.959964
ROWS = 100
#: Pool rows and truth rows of an entity in the disjoint design.
_LARGE = 60


def main() -> None:
    """Print one line for each dataset and part."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", default="ngrams")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--resamples", type=int, default=40)
    parser.add_argument("--only", help="one dataset, with its NPS answers too")
    parser.add_argument("--parts", default="answers,half,source,level,power")
    options = parser.parse_args()
    # VADER is no baseline here, and an extra package.
    worlds._vader = lambda frame, _: pd.Series(np.nan, index=frame.index)
    likelihood = load_likelihood()
    for name, answer, least in TASKS:
        if options.only not in (None, name) or (answer == "nps" and options.only is None):
            continue
        found = build(name, answer, least, options.data, options.model, options.cache, likelihood)
        if found is None:
            continue
        print(f"{name} {answer}: {found.groups} entities, {len(found.code):,} rows", flush=True)
        for part in options.parts.split(","):
            for line in globals()[part](found, options.resamples):
                print(f"  {part} {line}", flush=True)


def answers(world: World, resamples: int) -> list[str]:
    """Errors, coverage and widths at k answers of 100 rows, in both designs, beside the baselines."""
    lines = []
    for design in ("population", "disjoint"):
        for k in (10, 30, ROWS):
            random, tally = np.random.default_rng(100 + k), {}
            for _ in range(resamples):
                draw = _drawn(world, design, k, random)
                if draw is None:
                    break
                _note(tally, world, draw)
            if tally:
                lines.append(f"{design} k={k} " + _said(tally))
    return lines


def _drawn(world: World, design: str, k: int, random: np.random.Generator) -> Draw | None:
    if design == "population":
        draw = draw_population(world, k, random)
        place = np.tile(np.arange(200), world.groups)
        kept = place < ROWS
        return replace(draw, rows=draw.rows[kept], rated=draw.rated[kept])
    draw = draw_disjoint(world, k, random)
    judged = draw.judged & (np.bincount(world.code[draw.rows], minlength=world.groups) >= min(k, _LARGE))
    return replace(draw, judged=judged) if judged.sum() >= 4 else None


def _note(tally: dict[str, list[Floats]], world: World, draw: Draw) -> None:
    got, plain = run(world, draw), ratings_only(world, draw)
    rows = draw.rows[draw.rated]
    counts = [np.bincount(world.code[rows], world.s[rows] == v, world.groups) for v in (100, 0, -100)]
    wald = adjusted_wald_nps(counts[0], counts[1], counts[2])
    extra = Z * np.sqrt(draw.truth_var)
    low = got.difference - np.hypot(got.difference - got.claim_low, extra)
    high = got.difference + np.hypot(got.claim_high - got.difference, extra)
    count = _mean(world, draw.rows, classified(world))
    values = {
        "mae": np.abs(got.index - draw.truth),
        "mae_eb": np.abs(plain.index - draw.truth),
        "mae_wald": np.abs((wald.low + wald.high) / 2 - draw.truth),
        "mae_count": np.abs(count - draw.truth),
        "mae_ppi": np.abs(power_tuned(world, draw) - draw.truth),
        "cover": (low <= draw.truth) & (draw.truth <= high),
        "width": got.claim_high - got.claim_low,
        "width_wald": wald.high - wald.low,
    }
    for name, value in values.items():
        tally.setdefault(name, []).append(np.asarray(value, dtype=float)[draw.judged])
    tally.setdefault("r", []).append(
        np.array([np.corrcoef(got.index[draw.judged], draw.truth[draw.judged])[0, 1]])
    )


def _said(tally: dict[str, list[Floats]]) -> str:
    one = {name: np.concatenate(values) for name, values in tally.items()}
    mae = " ".join(f"{name[4:]} {np.nanmean(v):.1f}" for name, v in one.items() if name.startswith("mae_"))
    return (
        f"MAE {one['mae'].mean():.1f} ({mae}) r {np.nanmean(one['r']):.2f} cover {one['cover'].mean():.3f} "
        f"median width {np.median(one['width']):.0f} (Wald {np.median(one['width_wald']):.0f})"
    )


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


def half(world: World, resamples: int) -> list[str]:
    """Rank correlations where half of the answers are hidden."""
    random, tally = np.random.default_rng(7), {}
    every = np.arange(len(world.code))
    for _ in range(resamples):
        known = random.random(len(world.code)) < 0.5
        s = np.where(known, world.s, np.nan)
        got = estimate(world.code, refit(world.f, world.features, s), s, world.groups)
        hidden = np.flatnonzero(~known)
        for name, truth in (("all", _mean(world, every, world.s)), ("hidden", _mean(world, hidden, world.s))):
            for method, value in (
                ("index", got.index),
                ("sentiment", _mean(world, every, world.score)),
                ("scores", np.nan_to_num(got.raw)),
            ):
                tally.setdefault(f"{name} {method}", []).append(spearmanr(value, truth)[0])
    return [" ".join(f"{name} {np.nanmean(values):.3f}" for name, values in tally.items())]


def source(world: World, resamples: int) -> list[str]:
    """Words alone in half of the entities, 100 answers in each of the others."""
    random, error, r = np.random.default_rng(8), [], []
    truth = _mean(world, np.arange(len(world.code)), world.s)
    for _ in range(resamples):
        without = random.permutation(world.groups) < world.groups // 2
        s = np.where(without[world.code], np.nan, world.s)
        got = estimate(world.code, refit(world.f, world.features, s), s, world.groups)
        error.append(np.abs(got.index - truth)[without].mean())
        r.append(np.corrcoef(got.index[without], truth[without])[0, 1])
    return [f"MAE {np.mean(error):.1f} r {np.nanmean(r):.2f}"]


def level(world: World, resamples: int) -> list[str]:
    """Shift between rows with a score beside their words and rows of words alone, each score on its own.

    Before and after the level is made one, with no answers, against the words alone; then with an answer to
    every tenth row, against the true answers. Half of the rows, or of the entities, have none.
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
                gaps = (raw - words, one - words, fitted - world.s)
                shifts.append([gap[on].mean() - gap[~on].mean() for gap in gaps])
            before, after, answered = np.mean(shifts, axis=0)
            lines.append(
                f"{name} by {by}: before {before:.1f}, after {after:.1f}, with answers {answered:.1f}"
            )
    return lines


def _points(chances: Floats) -> Floats:
    return 100 * (chances[:, 2] - chances[:, 0])


def power(world: World, resamples: int) -> list[str]:
    """Count calls, false calls and power of changes at several shifts."""
    lines = []
    for kind, k in (("60 answers", 60), ("words alone", 0)):
        for shift in (5.0, 10.0, 15.0, 25.0):
            random, tally = np.random.default_rng(19), np.zeros((2, 4))
            for _ in range(resamples):
                tally += _calls(world, shift, k, random)
            told = [
                f"{name} calls {calls:.0f} false {false / max(calls, 1):.2f} power {right / moved:.2f}"
                for name, (calls, false, right, moved) in zip(("index", "answers"), tally, strict=True)
            ]
            lines.append(f"{kind} {shift:g} points: " + "; ".join(told[: 2 if k else 1]))
    return lines


def _calls(world: World, shift: float, k: int, random: np.random.Generator) -> Floats:
    by_entity = [np.flatnonzero(world.code == e) for e in range(world.groups)]
    moves = np.where(random.permutation(world.groups) < world.groups // 2, shift, 0.0)
    moves *= random.choice([-1.0, 1.0], world.groups)
    ours, raw = [], []
    for step in (0.0, 1.0):
        chances = [tilted(world.s[own], step * move) for own, move in zip(by_entity, moves, strict=True)]
        rows = np.concatenate(
            [random.choice(own, 200, p=p) for own, p in zip(by_entity, chances, strict=True)]
        )
        rated = np.tile(np.arange(200) < k, world.groups)
        none = np.zeros(world.groups)
        got = run(world, Draw(rows, rated, none, none, none > -1))
        value, error = (got.difference, got.claim_error) if k else (got.index, got.words_error)
        ours.append(_table(world, value, error))
        seen = rows[rated]
        counts = [np.bincount(world.code[seen], world.s[seen] == v, world.groups) for v in (100, 0, -100)]
        wald = adjusted_wald_nps(counts[0], counts[1], counts[2])
        raw.append(_table(world, wald.estimate, (wald.high - wald.low) / (2 * Z)))
    found = []
    for before, after in (ours, raw):
        call = np.full(world.groups, "", dtype=object)
        if len(told := changes(before, after)):
            call = told.set_index("product")["call"].reindex(world.entities).fillna("").to_numpy()
        right = ((call == "up") & (moves > 0)) | ((call == "down") & (moves < 0))
        found.append([(call != "").sum(), ((call != "") & ~right).sum(), right.sum(), (moves != 0).sum()])
    return np.array(found, dtype=float)


def _table(world: World, value: Floats, error: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "grouping": "product",
            "product": world.entities,
            "touchpoint": None,
            "period": None,
            "scale": "one",
            "index": value,
            "index_low": value - Z * error,
            "index_high": value + Z * error,
            "claim": value,
            "claim_error": error,
        }
    )


def _mean(world: World, rows: Ints, values: Floats) -> Floats:
    n: Any = np.bincount(world.code[rows], minlength=world.groups)
    return np.bincount(world.code[rows], values[rows], world.groups) / np.maximum(n, 1)


if __name__ == "__main__":
    main()
