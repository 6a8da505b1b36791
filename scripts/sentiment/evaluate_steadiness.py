"""Measure how often a change that says nothing moves a label: who and where, a link, a handle, a slip.

    python -m scripts.sentiment.evaluate_steadiness auto [--cap 60]

Who and where: sentences of ``tests/sentiment/swaps.toml``, each with every word of a list; a label is moved
where it is not the one that most of the words get. The other changes: rows of the dev splits, by language.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from earful.polarity import REVIEW_LEAD, classes
from earful.sentiment.model import load_model
from scripts.encoder.alter import slipped
from scripts.encoder.measure import splits
from scripts.encoder.rows import DATA, REPOSITORY

SWAPS = REPOSITORY / "tests" / "sentiment" / "swaps.toml"
LANGS = ("en", "ru", "bg", "lv")
SEED = 59
#: None of those that the training puts into texts.
LINKS = ("https://t.co/Zz81LmPq", "http://fb.me/1a2B3c", "pic.example.org/xx01")
HANDLES = ("@jonas_w", "@rigasveikals", "@mts_team", "@AirWorld")


def swapped(lang: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the kind of a sentence and the sentence with every word of the list."""
    own = tomllib.loads(SWAPS.read_text(encoding="utf-8"))[lang]
    for sentence in own["sentences"]:
        kind = next(kind for kind in own["lists"] if "{" + kind + "}" in sentence)
        yield kind, [sentence.replace("{" + kind + "}", word) for word in own["lists"][kind]]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="auto, fast, accurate or a folder")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=60, help="rows of each dev split")
    args = parser.parse_args()
    model = load_model(args.model)

    def labels(texts: list[str], lang: str) -> np.ndarray:
        return classes(model.predict(texts, [lang] * len(texts)), REVIEW_LEAD)

    chosen = [split for split in splits(args.data, "/dev$", args.cap) if split.langs[0] in LANGS]
    for lang in LANGS:
        figures = {}
        moved: dict[str, list[bool]] = {}
        for kind, texts in swapped(lang):
            found = labels(texts, lang)
            most = np.bincount(found, minlength=3).argmax()
            moved.setdefault(kind, []).extend(found != most)
        figures |= {kind: float(np.mean(some)) for kind, some in moved.items()}
        rows = [text for split in chosen if split.langs[0] == lang for text in split.texts if len(text) < 300]
        before, rng = labels(rows, lang), np.random.default_rng(SEED)
        changes = {
            "link": lambda text, rng=rng: f"{text} {rng.choice(LINKS)}",
            "handle": lambda text, rng=rng: f"{rng.choice(HANDLES)} {text}",
            "slip": lambda text, rng=rng: slipped(text, rng),
        }
        for name, change in changes.items():
            figures[name] = float((labels([change(text) for text in rows], lang) != before).mean())
        print(f"{lang} {len(rows):5} rows: " + ", ".join(f"{k} {v:.3f}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
