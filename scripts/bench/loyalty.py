"""Time the loyalty aggregates on made-up reviews.

python -m scripts.bench.loyalty --rows 100000 --products 1000
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from earful.config import Config
from earful.loyalty.basis import basis_of
from earful.loyalty.drivers_table import drivers_table
from earful.loyalty.emerging_table import emerging_table
from earful.loyalty.loyalty_table import loyalty_table
from earful.loyalty.mismatch import mismatches
from earful.loyalty.trends_table import trends_table


def reviews(n: int, products: int, rated: float) -> pd.DataFrame:
    """Make reviews with words, stars and some NPS answers that agree more or less."""
    random = np.random.default_rng(0)
    product = random.integers(0, products, n)
    latent = random.normal(0.3, 0.6, products)[product] + random.normal(0, 1, n)
    words = random.dirichlet([1, 1, 1], n)
    words[:, 2] *= np.exp(latent)
    words[:, 0] *= np.exp(-latent)
    words /= words.sum(axis=1, keepdims=True)
    promoter, detractor = 1 / (1 + np.exp(1 - 2 * latent)), 1 / (1 + np.exp(1 + 2 * latent))
    total = np.maximum(promoter + detractor, 1)
    return pd.DataFrame(
        {
            "row": np.arange(n),
            "source": "made.csv",
            "product": [f"product {i:05}" for i in product],
            "touchpoint": None,
            "created_at": pd.Timestamp("2024-01-01", tz="UTC")
            + pd.to_timedelta(random.integers(0, 365, n), "D"),
            "text_length": random.integers(5, 400, n),
            "p_negative": words[:, 0],
            "p_neutral": words[:, 1],
            "p_positive": words[:, 2],
            "score": words[:, 2] - words[:, 0],
            "p_detractor": detractor / total,
            "p_passive": 1 - (promoter + detractor) / total,
            "p_promoter": promoter / total,
            "nps_text": 100 * (promoter - detractor) / total,
            "rating": np.clip(np.round(3.5 + latent), 1, 5),
            "rating_min": 1.0,
            "rating_max": 5.0,
            "nps": np.where(random.random(n) < rated, np.clip(np.round(7 + 2 * latent), 0, 10), np.nan),
            "nps_min": 0.0,
            "nps_max": 10.0,
        }
    )


def told(rows: pd.DataFrame, themes: int) -> pd.DataFrame:
    """Make mentions: about two a review, some themes much more frequent than others."""
    random = np.random.default_rng(1)
    at = np.repeat(np.arange(len(rows)), random.integers(0, 5, len(rows)))
    mood = rows["score"].to_numpy()[at] + random.normal(0, 0.4, len(at))
    theme = (themes * random.random(len(at)) ** 2).astype(int)
    return pd.DataFrame(
        {
            "row": rows["row"].to_numpy()[at],
            "theme": [f"touchpoint{i % 12}.theme{i}" for i in theme],
            "polarity": np.where(mood > 0.2, "positive", np.where(mood < -0.2, "negative", "neutral")),
        }
    )


def main() -> None:
    """Make the rows, time each table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--themes", type=int, default=40)
    parser.add_argument("--rated", type=float, default=0.3, help="share of rows with an NPS answer")
    options = parser.parse_args()
    rows = reviews(options.rows, options.products, options.rated)
    mentions = told(rows, options.themes)
    touched = mentions.assign(touchpoint=mentions["theme"].str.partition(".")[0])[["row", "touchpoint"]]
    config = Config()
    basis = basis_of(rows, config.scales)
    jobs = {
        "basis": lambda: basis_of(rows, config.scales).answer,
        "loyalty": lambda: loyalty_table(rows, config, row_touchpoints=touched, basis=basis),
        "drivers": lambda: drivers_table(rows, mentions, config, basis),
        "trends": lambda: trends_table(rows, config, basis, touched)[0],
        "emerging": lambda: emerging_table(rows, mentions, config)[0],
        "mismatches": lambda: mismatches(rows),
    }
    print(f"{options.rows:,} rows, {options.products:,} products, {len(mentions):,} mentions")
    for name, job in jobs.items():
        wall, cpu = time.perf_counter(), time.process_time()
        table = job()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{name:<12}{len(table):>8,} rows out {wall:8.2f} s wall {cpu:8.2f} s CPU")


if __name__ == "__main__":
    main()
