"""What ``accurate`` reads in the clauses of the training texts: soft labels for the student to learn from.

    python -m scripts.sentiment.teacher --work WORK

A label stands for a whole review, a student reads clauses: of clauses only the teacher can say what each
one holds. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from earful.sentiment.model import load_model
from earful.text.segment import segment_spans
from scripts.data import DEFAULT_DATA
from scripts.sentiment.mixture import load_mixture

#: Clauses by language; the rest share OTHERS.
QUOTA = {"en": 9000, "ru": 9000, "bg": 4500, "lv": 3500}
OTHERS = 3000
BLOCK = 512
SEED = 23
CUT_FROM = 40_000


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps what was read")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    teach(chosen_clauses(args.data), args.work / "taught.parquet")


def chosen_clauses(data: Path) -> pd.DataFrame:
    """Give ``text`` and ``lang`` of clauses of the training rows that are not held out, in a fixed order."""
    rows = load_mixture(data)
    rows = rows[~rows.held_out & ~rows.source.str.startswith(("seed", "written"))]
    rng = np.random.default_rng(SEED)
    drawn = rows.iloc[np.argsort(-(rng.random(len(rows)) ** (1.0 / rows.weight.to_numpy())))[:CUT_FROM]]
    clauses = [
        (text[start:end], lang)
        for text, lang in zip(drawn.text, drawn.lang, strict=True)
        for start, end in segment_spans(text, lang)
    ]
    found = pd.DataFrame(clauses, columns=["text", "lang"]).drop_duplicates("text")
    found = found[found.text.str.len().between(8, 400)]
    found = found.iloc[rng.permutation(len(found))]
    group = found.lang.where(found.lang.isin(QUOTA), "other")
    parts = [found[group == lang].head(quota) for lang, quota in (QUOTA | {"other": OTHERS}).items()]
    together = pd.concat(parts)
    return together.iloc[rng.permutation(len(together))].reset_index(drop=True)


def teach(clauses: pd.DataFrame, path: Path) -> None:
    """Let the teacher read the clauses, block by block, into a table with ``p0``, ``p1`` and ``p2``."""
    done = pd.read_parquet(path) if path.exists() else clauses.head(0)
    teacher = load_model("accurate")
    started, first = time.perf_counter(), len(done)
    for begin in range(first, len(clauses), BLOCK):
        block = clauses.iloc[begin : begin + BLOCK]
        read = teacher.predict(block.text.tolist(), block.lang.tolist())
        block = block.assign(p0=read[:, 0], p1=read[:, 1], p2=read[:, 2])
        done = pd.concat([done, block], ignore_index=True)
        done.to_parquet(path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)
        speed = (len(done) - first) / (time.perf_counter() - started)
        print(f"{len(done)} of {len(clauses)} clauses, {speed:.0f} a second", flush=True)


if __name__ == "__main__":
    main()
