"""Time the discovery of themes on many segments: real sentences, repeated with noise.

    python -m scripts.bench.discovery --data ../shared/data [--segments 1000000] [--sentences 100000]

Sentences of public reviews, comments and tweets in English, Russian, Bulgarian and Latvian are read by the
encoder once; each then stands several times with a random word put in, and with noise in its vector as large
as such a word makes it (a cosine of .93 to what it was). Prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from earful.encoder import load_encoder
from earful.text.sentences import sentence_spans
from earful.themes.meaning import vectors
from earful.workshop.discovery import discover
from scripts.data import DEFAULT_DATA, read_rows

SETS = (
    ("loyalty/skytrax_airline.jsonl.gz", "en"),
    ("loyalty/zomato_restaurants.jsonl.gz", "en"),
    ("sentiment/ru_otzovik_sberbank.jsonl.gz", "ru"),
    ("sentiment/bg_cinexio.jsonl.gz", "bg"),
    ("sentiment/lv_gov_tweets.jsonl.gz", "lv"),
)
#: Found by trying: a word put in leaves a cosine of .93.
NOISE = 19.5


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--sentences", type=int, default=100_000)
    args = parser.parse_args()
    base = sentences(args.data, args.sentences)
    started = time.perf_counter()
    read = vectors(load_encoder(), [text for text, _ in base])
    print(f"{len(base):,} sentences read in {time.perf_counter() - started:.0f} s", flush=True)
    texts, langs, rows = repeated(base, read, args.segments)
    before = peak()
    started, spent = time.perf_counter(), time.process_time()
    found = discover(texts, langs, vectors=rows)
    print(
        f"{len(texts):,} segments: {len(found.groups)} groups, {found.left_over:.0%} left over, "
        f"{time.perf_counter() - started:.0f} s ({time.process_time() - spent:.0f} s of processor time), "
        f"peak memory {peak():.1f} GB, {before:.1f} GB of it the input"
    )


def sentences(data: Path, most: int) -> list[tuple[str, str]]:
    """Give different sentences with their languages, from all sets in turn."""
    found: dict[tuple[str, str], None] = {}
    for name, lang in SETS:
        for text in read_rows(data / name)["text"].fillna(""):
            for start, end in sentence_spans(text, lang):
                if end - start >= 15:
                    found[text[start:end], lang] = None
    every = list(found)
    return [every[i] for i in np.random.default_rng(1).permutation(len(every))[:most]]


def repeated(
    base: list[tuple[str, str]], read: np.ndarray, most: int
) -> tuple[list[str], list[str], np.ndarray]:
    """Repeat sentences, each time with another word put in and with noise in the vector."""
    random = np.random.default_rng(2)
    words = {lang: [text.split()[0] for text, own in base[:5000] if own == lang] for _, lang in SETS}
    at = np.arange(most) % len(base)
    texts, langs = [], []
    for i in at.tolist():
        text, lang = base[i]
        split = text.split()
        split.insert(int(random.integers(len(split) + 1)), words[lang][random.integers(len(words[lang]))])
        texts.append(" ".join(split))
        langs.append(lang)
    rows = np.empty((most, read.shape[1]), dtype=np.int8)
    for begin in range(0, most, 50_000):
        own = read[at[begin : begin + 50_000]].astype(np.float32)
        scale = NOISE / 127 * np.abs(own).max(axis=1, keepdims=True)
        noisy = own + scale * random.standard_normal(own.shape, dtype=np.float32)
        rows[begin : begin + 50_000] = np.clip(np.rint(noisy), -127, 127)
    return texts, langs, rows


def peak() -> float:
    """Give the peak memory of this process in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main()
