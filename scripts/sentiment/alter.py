"""Training texts written another way, under the same label: what a model should read alike.

Hurried people leave diacritics out and swap letters. And a sentence whose words are partly those of another
language still says the same: it ties the words of a language with few texts to those of one with many
(Qin et al., 2020, https://arxiv.org/abs/2006.06402).
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np

from scripts.data import read_rows
from scripts.encoder.mixed import with_words_of

#: Word lists from English (Wiktionary, CC BY-SA) and how often a text that is mixed takes its words there.
LISTS = {"lv": 0.6, "bg": 0.25, "ru": 0.15}
MIXED = 0.3  # share of the English texts that are mixed
WORDS = 0.6  # of whose words so many are replaced
BARE = 0.15  # share of the Latvian texts without diacritics
SLIPS = 0.05  # share of the texts with two letters swapped


class Alter:
    """Alters texts; what becomes of one follows from the state of the random generator alone.

    Parameters
    ----------
    words
        For each language of :data:`LISTS`, what an English word can be in it.
    """

    def __init__(self, words: dict[str, dict[str, list[str]]]) -> None:
        self._words = words

    def __call__(self, text: str, lang: str, rng: np.random.Generator) -> str:
        """Give the text as it is, or written another way."""
        chance = rng.random()
        if lang == "lv" and chance < BARE:
            return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        if lang == "en" and chance < MIXED:
            return self._mixed(text, str(rng.choice([*LISTS], p=[*LISTS.values()])), rng)
        if chance > 1 - SLIPS and len(text) > 12:
            at = int(rng.integers(1, min(len(text), 300) - 2))
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text

    def _mixed(self, text: str, lang: str, rng: np.random.Generator) -> str:
        return with_words_of(text, self._words[lang], rng, WORDS)


def word_lists(data: Path) -> dict[str, dict[str, list[str]]]:
    """Read what :class:`Alter` takes."""
    lists = {}
    for lang in LISTS:
        rows = read_rows(data / "dictionaries" / f"wiktionary-wechsel_en-{lang}.tsv.gz")
        rows = rows[rows.en.str.fullmatch("[A-Za-z']{2,}") & ~rows[lang].str.contains(r"[.\-\[\]()]")]
        lists[lang] = rows.groupby(rows.en.str.lower())[lang].agg(list).to_dict()
    return lists
