"""Measure a run's last checkpoint on public splits, beside the shipped models' published figures.

    python -m scripts.encoder.evaluate WORK/accurate [--parts dev] [--cap 300] [--only NAME]

The review head reads every text as a whole; the segment head reads it as one segment. Nothing is calibrated.
Test splits are for the end: choose nothing by them.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from scripts.encoder.checkpoint import read_run
from scripts.encoder.measure import BY_SHARE, Split, behaviour, read, scores, splits
from scripts.encoder.rows import DATA, REPOSITORY, WORK

SHIPPED = ("accurate", "fast")
OURS = ("en", "ru", "bg", "lv")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?", default=WORK / "accurate")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--parts", default="dev", help="dev, test or dev|test")
    parser.add_argument("--cap", type=int, default=300, help="at most so many rows a split; 0: all")
    parser.add_argument("--only", default="", help="regular expression on the names of the splits")
    parser.add_argument("--weights", default="mean", help="mean or own")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    reader, cut, _ = read_run(args.run, weights=args.weights)
    known = shipped()
    rows = []
    chosen = splits(args.data, f"(?=.*{args.only}).*/({args.parts})$", args.cap)
    for split in [*chosen, *(behaviour() if not args.only else [])]:
        got = read(reader, cut, split.texts)
        row = row_of(split, got, known)
        rows.append(row)
        print(shown(row), flush=True)
    for name in ("lang", "kind"):
        print(f"\nmeans by {name}")
        groups = defaultdict(list)
        for row in rows:
            key = row[name]
            groups[key if name == "kind" or key in OURS else "other"].append(row)
        groups["all"] = [row for row in rows if row["kind"] not in BY_SHARE]
        for key, some in groups.items():
            means = {
                field: float(np.nanmean([row.get(field, np.nan) for row in some]))
                for field in ("f1", "accuracy", "two", "segment", "both", *SHIPPED)
            }
            print(f"{key:10} {len(some):3} " + " ".join(f"{k} {v:.3f}" for k, v in means.items()))
    (args.run / "measured.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def shipped() -> dict[str, dict[str, float]]:
    """Return the published macro-F1 (of written sentences: the share read right) of the shipped models."""
    known: dict[str, dict[str, float]] = {name: {} for name in SHIPPED}
    for name, own in known.items():
        path = REPOSITORY / "models" / name / "metrics.json"
        if not path.exists():
            continue
        told = json.loads(path.read_text(encoding="utf-8"))
        own |= {entry["split"]: entry[name]["macro_f1"] for entry in told["splits"]}
        own |= {f"behaviour_{lang}/dev": row[0] for lang, row in told["behaviour"][name].items()}
    return known


def row_of(split: Split, got: dict[str, np.ndarray], known: dict[str, dict[str, float]]) -> dict:
    """Return what was measured on a split."""
    row = {"split": split.name, "n": len(split.texts), "lang": split.langs[0], "kind": split.kind}
    row |= scores(got["review"], split.labels)
    field = "accuracy" if split.kind in BY_SHARE else "f1"
    row["f1"] = row[field]
    row["segment"] = scores(got["segment"], split.labels)[field]
    row["both"] = scores(got["review"] + got["segment"], split.labels)[field]
    return row | {name: own[split.name] for name, own in known.items() if split.name in own}


def shown(row: dict) -> str:
    """Return a row as a line of text."""
    figures = " ".join(f"{k} {row[k]:.3f}" for k in ("f1", "accuracy", "two", "segment", "both"))
    beside = " ".join(f"{name} {row[name]:.3f}" for name in SHIPPED if name in row)
    return f"{row['split']:32} {row['n']:5} {figures} | {beside}"


if __name__ == "__main__":
    main()
