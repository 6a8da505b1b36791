"""Measure sentiment on Russian and Bulgarian typed in Latin letters, as it stands and read back.

    python -m scripts.sentiment.evaluate_typed auto [--cap 150]

Rows of public sets in Cyrillic, typed by habits drawn for each (:func:`scripts.text.fit_typed.as_typed`): how
many are told for what they are, and how right the label is as typed, as read back, and in Cyrillic.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np

from earful.polarity import REVIEW_LEAD, classes
from earful.sentiment.model import load_model
from earful.text.language import identify_all
from earful.text.normalise import Clean, read_back
from scripts.encoder.measure import splits
from scripts.encoder.rows import DATA
from scripts.text.fit_typed import as_typed

#: The split of each language, of which nothing was fitted to.
SETS = {"ru": "ru_opensentimentcorpus/test$", "bg": "bg_cinexio/dev$"}
SEED = 61


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="auto, fast, accurate or a folder")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cap", type=int, default=150, help="rows of each set")
    args = parser.parse_args()
    model = load_model(args.model)
    for lang, name in SETS.items():
        rng = random.Random(SEED)
        for split in splits(args.data, name, args.cap):
            typed = [as_typed(text, lang, rng) for text in split.texts]
            read = [read_back(Clean(text)).text for text in typed]
            told = np.mean([own != way for own, way in zip(read, typed, strict=True)])
            figures = {}
            for kind, texts in (("as typed", typed), ("read back", read), ("in Cyrillic", split.texts)):
                langs = [code for code, _ in identify_all(texts)]
                found = classes(model.predict(texts, langs), REVIEW_LEAD)
                figures[kind] = float((found == split.labels).mean())
            shown = ", ".join(f"{kind} {share:.3f}" for kind, share in figures.items())
            print(f"{split.name} {len(typed)} rows, told {told:.3f}; accuracy {shown}", flush=True)


if __name__ == "__main__":
    main()
