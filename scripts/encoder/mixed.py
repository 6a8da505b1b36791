"""English texts with words of another language in them: they tie its words to what English texts teach.

A sentence whose words are partly those of another language still says the same (Qin et al., 2020,
https://arxiv.org/abs/2006.06402). Word lists from Wiktionary, CC BY-SA.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import simplemma

from scripts.encoder.rows import DATA, read_rows

#: Languages and how often a text that is mixed takes its words there.
LISTS = {"lv": 0.42, "bg": 0.33, "ru": 0.25}
WORDS = 0.6  # of the words of a text so many are replaced
FILES = "dictionaries/wiktionary-wechsel_en-{}.tsv.gz"


class Mixer:
    """Puts words of another language for words of English texts."""

    def __init__(self, data: Path = DATA) -> None:
        self._words: dict[str, dict[str, list[str]]] = {}
        for lang in LISTS:
            words: dict[str, list[str]] = defaultdict(list)
            for row in read_rows(data / FILES.format(lang)):
                other = row.get(lang, "")
                if re.fullmatch("[A-Za-z']{2,}", row.get("en", "")) and not re.search(
                    r"[.\-\[\]()]|^$", other
                ):
                    words[row["en"].lower()].append(other)
            self._words[lang] = dict(words)

    def __call__(self, text: str, lang: str, rng: np.random.Generator) -> str:
        """Return a text with words of a language."""
        return with_words_of(text, self._words[lang], rng, WORDS)

    def drawn(self, rng: np.random.Generator) -> str:
        """Draw a language."""
        return str(rng.choice([*LISTS], p=[*LISTS.values()]))


def with_words_of(text: str, words: Mapping[str, list[str]], rng: np.random.Generator, share: float) -> str:
    """Return an English text in which a share of the words that a list knows are those of the list."""

    def other(found: re.Match[str]) -> str:
        word = found[0].lower()
        known = words.get(word) or words.get(simplemma.lemmatize(word, lang="en").lower())
        return str(rng.choice(known)) if known and rng.random() < share else found[0]

    return re.sub(r"[A-Za-z]+(?:'[a-z]+)?", other, text)
