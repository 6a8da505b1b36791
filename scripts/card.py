"""Write a model's card: what it is, what it learned from, under which licences."""

from __future__ import annotations

import argparse
from pathlib import Path

from mixture import DEFAULT_DATA, MIXTURE, load_mixture, sources_of

MARKER = "<!-- measured -->"
HEADS = {
    "fast": """# fast

Reads the polarity of one sentence or clause: negative, neutral, positive. Hashed character and word n-grams,
one linear layer, half precision; CRC-32 hashing, the same on every machine. Languages: English, Russian,
Bulgarian and Latvian first; Polish, Croatian, German, Spanish, French, Portuguese, Dutch, Turkish and Czech
with few rows.

It counts words and their parts and knows negation only within three words: irony, comparison and praise
by denial ("nothing to complain about") are beyond it. Ratings label many of its texts, so on whole
reviews "neutral" means a middling rating.

Made with `python scripts/train_ngram.py --out models/fast` (CPU, minutes); the same command gives the
same weights. Probabilities are calibrated by language on held-out training rows; the pooling over segments is
learned on the whole reviews among them. `SHA256SUMS` is checked at every load.
""",
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(HEADS))
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--models", type=Path, default=Path("models"))
    args = parser.parse_args()
    card = args.models / args.name / "README.md"
    old = card.read_text(encoding="utf-8") if card.exists() else ""
    measured = old[old.index(MARKER) :] if MARKER in old else f"{MARKER}\n"
    card.write_text(f"{HEADS[args.name]}\n{sources_table(args.data)}\n\n{measured}", encoding="utf-8")


def sources_table(data: Path) -> str:
    """Give the sources of the mixture with licence, texts and weight."""
    counts = load_mixture(data).groupby("source").size()
    lines = [
        "## Learned from",
        "",
        "Licences: open = CC0, CC BY, CC BY-SA, MIT or Apache; none = none stated; R = research use. Only",
        f"train splits; weights and label mappings are in `scripts/{MIXTURE.name}`.",
        "",
        "| source | licence | texts | weight |",
        "| --- | --- | --- | --- |",
    ]
    for name, source in sources_of().items():
        lines.append(
            f"| {name} | {source['licence']} | {counts.get(name, 0)} | {source.get('weight', 1.0)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
