"""Measure how far a reader's 8-bit network is from full precision, text by text, and how fast it reads.

    python -m scripts.encoder.measure_rounding models/accurate --full FILE [--texts 500]
    python -m scripts.encoder.measure_rounding models/accurate [--write FILE | --against FILE]

``--full`` takes what ``export.py --full`` wrote. ``--write`` keeps the probabilities, so that another
processor, or an emulated one, can be held against them.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from earful.encoder import Review
from earful.encoder.layers import Layers
from earful.encoder.loading import load_reader
from earful.encoder.reader import Reader
from earful.models.folder import Folder
from scripts.encoder.measure import splits
from scripts.encoder.rows import DATA


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--full", type=Path, help="the same network in full precision")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--against", type=Path)
    args = parser.parse_args()
    texts = sample(args.data, args.texts)
    reader = load_reader(Folder.open(args.folder), threads=1)
    found = read(reader, texts)
    if args.write:
        np.savez(args.write, **found)
    against = dict(np.load(args.against)) if args.against else None
    if args.full:
        reader.layers = Layers(args.full.read_bytes(), threads=1)
        against = read(reader, texts)
    for head, got in found.items() if against else ():
        apart = np.abs(got - against[head]).max(axis=1)
        labels = (got.argmax(axis=1) != against[head].argmax(axis=1)).sum()
        print(
            f"{head}: largest {apart.max():.4f}, 99 of 100 within {np.quantile(apart, 0.99):.4f}, "
            f"mean {apart.mean():.4f}; {labels} of {len(got)} labels differ"
        )


def read(reader: Reader, texts: list[str]) -> dict[str, np.ndarray]:
    """Return what the heads say of texts, each one segment too, and print how fast it went."""
    reviews = [Review(text, [(0, len(text))]) for text in texts]
    began = time.process_time()
    features = list(reader.features(reviews))
    spent = time.process_time() - began
    pieces = sum(len(one.pieces) for one in features)
    print(
        f"{len(texts)} texts of {pieces / len(texts):.0f} pieces: {pieces / spent:.0f} pieces a processor "
        f"second, {100 * spent / len(texts):.2f} processor seconds for 100"
    )
    heads, none = reader.heads, [""] * len(texts)
    wholes, parts = (np.concatenate([getattr(one, side) for one in features]) for side in ("whole", "parts"))
    return {
        "review": heads.chances("review", wholes, none),
        "segment": heads.chances("segment", parts, none),
        "problem": heads.chances("problem", parts, none),
    }


def sample(data: Path, count: int) -> list[str]:
    """Return so many dev texts, as many of each split."""
    chosen = splits(data, "/dev", -(-count // 20))
    texts = [text for row in zip(*(split.texts for split in chosen), strict=False) for text in row]
    return texts[:count]


if __name__ == "__main__":
    main()
