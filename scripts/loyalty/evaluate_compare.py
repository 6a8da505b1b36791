"""Measure how far words alone agree with what was measured, on products that no model was trained on.

For each dataset the rows of its test split are analysed and compared product by product, as `earful compare`
does it. Then the rows are cut into two halves by chance and the halves compared as two runs: every call is a
false one. Last, the intervals of the correlations are tried on made-up columns whose correlation is known.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import earful
from earful.comparison import Comparison
from earful.comparison.agreement import Coefficient, agreement
from earful.comparison.gaps import MAX_Q
from earful.comparison.reading import Reading
from earful.comparison.shifts import MIN_REVIEWS as MIN_CARRIED
from earful.comparison.shifts import share_change
from scripts.data import DEFAULT_DATA

DATASETS = ("womens_clothing", "steam_games", "zomato_restaurants", "skytrax_lounge")
#: Products with so many reviews are compared.
MIN_REVIEWS = 20
COLUMNS = {"text": "text", "product": "entity", "rating": "rating", "recommended": "recommended"}
HALVES, DRAWS = 300, 600
SEED = 11


def main() -> None:
    """Print the tables of the docs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--split", default="test")
    options = parser.parse_args()
    _table("dataset", "rows", "products", "measured side", "words: Spearman", "words: Kendall")
    halved = []
    for name in DATASETS:
        frame = pd.read_json(options.data / "loyalty" / f"{name}.jsonl.gz", lines=True)
        frame = frame[frame["split"] == options.split].reset_index(drop=True)
        found = earful.compare(_analyzed(frame), min_reviews=MIN_REVIEWS)
        assert found.sides is not None
        assert found.measure is not None
        words = found.sides.agreements["words_nps"]
        ranks = [_written(coefficient) for coefficient in (words.spearman, words.kendall)]
        _line(name, f"{len(frame):,}", words.n, found.measure.title, *ranks)
        half = np.random.default_rng(SEED).permutation(len(frame)) < len(frame) // 2
        runs = [_analyzed(part.reset_index(drop=True)) for part in (frame[half], frame[~half])]
        both = earful.compare(*runs, min_reviews=MIN_REVIEWS // 2)
        halved.append((name, both, _share_with_a_call(found.reading)))
    _table("two random halves", "changes tested", "called", f"any theme called in {HALVES} halves")
    for name, both, share in halved:
        _line(name, *_calls(both), f"{100 * share:.0f} %")
    _table("correlation", "lowest coverage", "mean", "highest")
    for kind, covered in _coverage().items():
        _line(kind, *(f"{100 * share:.1f} %" for share in (min(covered), np.mean(covered), max(covered))))


def _analyzed(frame: pd.DataFrame) -> earful.Run:
    columns = {ours: theirs for ours, theirs in COLUMNS.items() if theirs in frame}
    return earful.analyze(frame[list(columns.values())], columns=columns, by=["product"], model="fast")


def _calls(both: Comparison) -> tuple[int, int]:
    kinds = ("index", "measured", "words")
    tested = sum(int(both.table[f"{kind}_q"].notna().sum()) for kind in kinds)
    return tested, sum(int(both.table[f"{kind}_call"].isin(["up", "down"]).sum()) for kind in kinds)


def _share_with_a_call(reading: Reading) -> float:
    """Give the share of random cuts into two halves in which any theme is said to have changed."""
    told = reading.mentions[reading.mentions["polarity"].isin(["negative", "positive"])]
    told = told[["row", "theme", "polarity"]].drop_duplicates()
    rows = pd.Series(np.arange(len(reading.rows)), index=reading.rows["row"].to_numpy())
    at = rows.reindex(told["row"]).to_numpy()
    theme = pd.factorize(told["theme"].astype(str) + " " + told["polarity"].astype(str))[0]
    product = pd.factorize(reading.rows["product"])[0]
    # Every product, and everything as one more, is a group; a cell is a theme in a group.
    groups, themes = product.max() + 2, theme.max() + 1
    cells = np.concatenate([theme * groups + product[at], theme * groups + groups - 1])
    twice, random, called = np.tile(at, 2), np.random.default_rng(SEED), 0
    for _ in range(HALVES):
        first = random.permutation(len(rows)) < len(rows) // 2
        sides = []
        for half in (first, ~first):
            of = np.append(np.bincount(product[half], minlength=groups - 1), half.sum())
            n = np.bincount(cells[half[twice]], minlength=themes * groups)
            sides.append((n.astype(float), np.tile(of, themes).astype(float)))
        (n, of), (m, to) = sides
        kept = (n + m >= MIN_CARRIED) & (of >= MIN_REVIEWS // 2) & (to >= MIN_REVIEWS // 2)
        p = share_change(n[kept], of[kept], m[kept], to[kept])[3]
        called += bool((stats.false_discovery_control(p) <= MAX_Q).any())
    return called / HALVES


def _coverage() -> dict[str, list[float]]:
    """Give the share of drawn columns whose known correlation lies in the 95 % interval."""
    random, covered = np.random.default_rng(SEED), {"spearman": [], "kendall": [], "pearson": []}
    for n in (6, 8, 15, 30, 60):
        for rho in (0.0, 0.5, 0.8, 0.95):
            true = (6 / np.pi * np.arcsin(rho / 2), 2 / np.pi * np.arcsin(rho), rho)
            hits = np.zeros(3)
            for _ in range(DRAWS):
                x = random.normal(size=n)
                found = agreement(x, rho * x + np.sqrt(1 - rho**2) * random.normal(size=n))
                for k, (kind, value) in enumerate(zip(covered, true, strict=True)):
                    coefficient = getattr(found, kind)
                    hits[k] += coefficient.low <= value <= coefficient.high
            for kind, share in zip(covered, hits / DRAWS, strict=True):
                covered[kind].append(float(share))
    return covered


def _written(coefficient: Coefficient) -> str:
    return f"{coefficient.value:.2f} ({coefficient.low:.2f} to {coefficient.high:.2f})"


def _table(*columns: str) -> None:
    print()
    _line(*columns)
    _line(*("---" for _ in columns))


def _line(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
