"""Measure whole reviews against what their writers did: filed a complaint, or would (not) recommend.

    python -m scripts.sentiment.evaluate_flags auto [--cap 250]

Test rows, chosen by a hash: every complaint to a regulator or about a provider is negative; of airline
reviews the likelier of the two sides is set against the writer's recommend flag.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from earful.polarity import REVIEW_LEAD, classes
from earful.sentiment.model import SentimentModel, load_model
from scripts.encoder.rows import DATA, key_of, read_rows, unit_of

COMPLAINTS = ("themes/cfpb_complaints", "themes/comcast_complaints")
FLAGGED = "loyalty/skytrax_airline"


def drawn(path: Path, cap: int) -> list[dict[str, Any]]:
    """Return so many test rows with words."""
    rows = {
        key_of(row["text"]): row for row in read_rows(path) if row.get("split") == "test" and row.get("text")
    }
    return [rows[key] for key in sorted(rows, key=unit_of)[:cap]]


def read(model: SentimentModel, rows: list[dict[str, Any]]) -> np.ndarray:
    """Return negative, neutral, positive of each row as a whole."""
    return model.predict([row["text"] for row in rows], [row.get("lang") or "en" for row in rows])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="auto, fast, accurate or a folder")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=250, help="rows of each set")
    args = parser.parse_args()
    model = load_model(args.model)
    for name in COMPLAINTS:
        rows = drawn(args.data / f"{name}.jsonl.gz", args.cap)
        labels = classes(read(model, rows), REVIEW_LEAD)
        negative, positive = (float((labels == side).mean()) for side in (0, 2))
        print(f"{name}: {len(rows)} rows, negative {negative:.3f}, positive {positive:.3f}", flush=True)
    rows = [
        row
        for row in drawn(args.data / f"{FLAGGED}.jsonl.gz", args.cap)
        if row.get("recommended") is not None
    ]
    found = read(model, rows)
    right = (found[:, 2] > found[:, 0]) == np.array([row["recommended"] for row in rows])
    print(f"{FLAGGED}: {len(rows)} rows, as the flag {right.mean():.3f}", flush=True)


if __name__ == "__main__":
    main()
