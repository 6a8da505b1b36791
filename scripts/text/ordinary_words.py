"""Write which words are ordinary: those that people write without a capital in the middle of a sentence.

They tell "Thank you So Much" from "Thank you Esperanza" where personal details are looked for. Counted in the
reviews, tweets and treebanks of four languages (scripts/data.py says where); only words that stand often
enough, as lemmas.

python -m scripts.text.ordinary_words
"""

from __future__ import annotations

import argparse
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from simplemma import lemmatize

from earful.text.words import is_cyrillic
from scripts.data import DEFAULT_DATA, read_rows

_OUT = Path(__file__).resolve().parents[2] / "src/earful/text/data/ordinary"
_LANGS = ("en", "ru", "bg", "lv")
#: A word behind another and a space is in the middle of a sentence.
_INSIDE = re.compile(r"(?<=[^\W\d_],\s)[^\W\d_]{2,}|(?<=[^\W\d_]\s)[^\W\d_]{2,}")
#: How often a word stands, its share without a capital, how many words, and how many rows of a file.
_OFTEN, _SMALL, _MOST, _ROWS = 4, 0.7, 12_000, 30_000
_TREEBANK = re.compile(r"# text = (.*)")


def texts(lang: str, data: Path) -> Iterator[str]:
    """Give the texts of a language."""
    for folder in ("sentiment", "themes", "loyalty", "absa"):
        for path in sorted((data / folder).glob("*.jsonl.gz")):
            if path.name.startswith(f"{lang}_") or path.name.startswith("multi_") or folder != "sentiment":
                rows = read_rows(path).head(_ROWS)
                if "lang" in rows and "text" in rows:
                    yield from rows.loc[rows["lang"] == lang, "text"].dropna()
    for path in sorted((data / "treebanks").glob(f"*/{lang}_*.conllu.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from (match[1] for line in lines if (match := _TREEBANK.match(line)))


def ordinary(lang: str, data: Path) -> list[str]:
    """Count the words of a language, and give the lemmas of the ordinary ones."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for text in texts(lang, data):
        for word in _INSIDE.findall(text):
            if is_cyrillic(word[0]) == (lang in {"ru", "bg"}):
                # A shout has capitals throughout and says nothing.
                if word.islower():
                    lower[word] += 1
                elif word[1:].islower():
                    upper[word.lower()] += 1
    lemmas: Counter[str] = Counter()
    for word, times in lower.items():
        if times >= _SMALL * (times + upper[word]):
            lemmas[str(lemmatize(word, lang=lang)).lower()] += times
    found = [lemma for lemma, times in lemmas.items() if times >= _OFTEN and len(lemma) > 1]
    return sorted(sorted(found, key=lambda lemma: (-lemmas[lemma], lemma))[:_MOST])


def main() -> None:
    """Write a file of words for each language."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options = parser.parse_args()
    _OUT.mkdir(exist_ok=True)
    for lang in _LANGS:
        words = ordinary(lang, options.data)
        (_OUT / f"{lang}.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
        print(f"{lang}: {len(words):,} words")


if __name__ == "__main__":
    main()
