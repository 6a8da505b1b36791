"""Measure how much further apart train entities lie than their predictions: what the estimator starts from.

    python -m scripts.loyalty.measure_slopes --data ../shared/data

For each source up to 40 train entities of up to 40 rows, all answered: the line of Fay and Herriot (1979)
through the mean errors of the predictions, before and after the refit by these answers. It is where
``slope_mean`` of ``earful.loyalty.estimator.Settings`` comes from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from earful.config import NpsScale
from earful.loyalty.frames import Floats, Ints
from earful.loyalty.likelihood import classes, load_likelihood
from earful.loyalty.refit import refit
from scripts.data import DEFAULT_DATA
from scripts.loyalty.data import load, score
from scripts.loyalty.world import TASKS, points, row_knowledge, words_only

_ENTITIES, _ROWS, _LEAST = 40, 40, 10


def main() -> None:
    """Print slope and spread of every source, and the means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--model", default="fast")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    model, slopes = load_likelihood(), []
    for name, answer, _ in TASKS:
        rows = load(name, options.data)
        rows = rows.assign(s=points(rows, answer))
        rows = rows[(rows["split"] == "train") & rows["s"].notna()]
        rows = rows[rows.groupby("entity")["s"].transform("size") >= _LEAST]
        picked = np.random.default_rng(0).permutation(sorted(rows["entity"].unique()))[:_ENTITIES]
        rows = rows[rows["entity"].isin(picked)].sample(frac=1, random_state=1)
        rows = score(rows.groupby("entity").head(_ROWS).reset_index(drop=True), options.model, options.cache)
        rows = rows[rows["x_has_words"] > 0].reset_index(drop=True)
        chances = classes(model.predict(words_only(rows)), NpsScale())
        f, s = 100 * (chances[:, 2] - chances[:, 0]), rows["s"].to_numpy()
        code = np.unique(rows["entity"], return_inverse=True)[1].astype(np.int64)
        found = [line(code, own, s) for own in (f, refit(f, row_knowledge(chances, rows), s))]
        slopes.append([slope for slope, _ in found])
        told = ", ".join(f"slope {1 + slope:.2f}, tau {tau:.0f}" for slope, tau in found)
        print(f"{name} {answer} ({len(picked)} entities): {told}", flush=True)
    mean, spread = np.mean(slopes, axis=0), np.std(slopes, axis=0)
    print(f"before, after refit: mean {np.round(1 + mean, 2)}, spread {np.round(spread, 2)}")


def line(code: Ints, f: Floats, s: Floats) -> tuple[float, float]:
    """Slope of the mean error on the mean prediction, and the spread around the line (by moments)."""
    n = np.bincount(code)
    error, centre = np.bincount(code, s - f) / n, np.bincount(code, f) / n
    within = np.sum((s - f - error[code]) ** 2) / (len(s) - len(n)) / n
    x = np.column_stack([np.ones(len(n)), centre - centre.mean()])

    def fitted(spread: float) -> tuple[float, float]:
        root = 1 / np.sqrt(spread + within)
        weights = np.linalg.lstsq(x * root[:, None], error * root, rcond=None)[0]
        return float(np.sum((root * (error - x @ weights)) ** 2)) - (len(n) - 2), float(weights[1])

    low, high = 0.0, 1e4
    for _ in range(60 if fitted(0.0)[0] > 0 else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if fitted(middle)[0] > 0 else (low, middle)
    return fitted(low)[1], float(np.sqrt(low))


if __name__ == "__main__":
    main()
