"""Which language a text is in, ``und`` when that cannot be told.

Three kinds of evidence are added up as log odds, so that each can be looked at by itself:

* py3langid, a naive Bayes classifier over byte n-grams that carries its model in the package;
* alphabets: a letter that a language does not have speaks against it (``ы`` against Bulgarian, ``ā`` against
  Lithuanian);
* frequent words of the language, which carry the short texts; for Bulgarian and Russian also as they are
  typed in Latin letters.

``scripts/measure_language.py`` measures the whole and compares it with other identifiers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.languages import (
    ALPHABETS,
    RARE_PENALTY,
    ROMANISED,
    SCRIPTS,
    SINGLE_LANGUAGE_SCRIPTS,
    WORDS,
    Script,
)

__all__ = ["UNDETERMINED", "Language", "identify"]

#: ISO 639-2 code of a language that cannot be told.
UNDETERMINED = "und"

#: Confidence below which a language is not claimed; chosen on development rows.
THRESHOLD = 0.5
#: Code points that are looked at: more change nothing.
_READ = 1_000
#: Letters that a text needs at least, in scripts that write sounds.
_MIN_LETTERS = 3
#: Log odds of one frequent word, and of one letter that the language does not have.
_WORD, _ROMANISED_WORD, _FOREIGN_LETTER = 1.6, 2.2, -2.5
#: How many foreign letters are counted at most: quotations and names are not the text's language.
_MAX_FOREIGN = 4
#: Log odds of a Cyrillic language in Latin letters before any word speaks for it.
_ROMANISED_PRIOR = -7.0
#: Smallest probability taken from the classifier.
_FLOOR = 1e-4

_NOISE = re.compile(r"(?:https?:?|www\.)\S*|[\w.+-]++@[\w-]+\.\S+|[@#]\w+|\d+")
_TOKENS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def identify(text: str) -> tuple[str, float]:
    """Tell the language of a text.

    Parameters
    ----------
    text
        A cleaned text. Links, addresses, ``@names``, ``#tags`` and digits are not looked at.

    Returns
    -------
    code : str
        ISO 639-1 code, or ``und``.
    confidence : float
        Probability of the best language, in [0, 1]; 0 where there is nothing to tell it by.
    """
    plain = _NOISE.sub(" ", text[:_READ]).lower()
    tokens = _TOKENS.findall(plain)
    script = _script("".join(tokens))
    if script is None:
        return UNDETERMINED, 0.0
    if script.name in SINGLE_LANGUAGE_SCRIPTS:
        return SINGLE_LANGUAGE_SCRIPTS[script.name], 1.0
    if sum(map(len, tokens)) < _MIN_LETTERS:
        return UNDETERMINED, 0.0
    odds = _log_odds(plain, tokens, script)
    best = max(odds, key=lambda code: (odds[code], code))
    total = sum(math.exp(value - odds[best]) for value in odds.values())
    confidence = round(1 / total, 6)
    return (best if confidence >= THRESHOLD else UNDETERMINED), confidence


class Language:
    """Stage: tell the language of each review from its cleaned text, else from its title."""

    name = "language"
    requires: tuple[str, ...] = ("texts",)
    adds: tuple[str, ...] = ("reviews.lang", "reviews.lang_confidence")

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.lang`` and ``reviews.lang_confidence``."""
        found = [identify(clean.text) for clean in batch.texts]
        return batch.with_reviews(
            lang=pa.array([code for code, _ in found], pa.string()),
            lang_confidence=pa.array([confidence for _, confidence in found], pa.float64()),
        )


def _script(letters: str) -> Script | None:
    """Give the script that most letters are in; of kana and Han, kana."""
    counts = Counter(script for letter in letters if (script := _script_of(letter)) is not None)
    if not counts:
        return None
    if counts["Kana"] and counts["Kana"] * 10 >= counts["Han"]:
        counts["Kana"] += counts["Han"]
    name = max(counts, key=lambda name: (counts[name], name))
    return SCRIPTS[name]


@cache
def _script_of(letter: str) -> str | None:
    code = ord(letter)
    for name, script in SCRIPTS.items():
        if any(first <= code <= last for first, last in script.ranges):
            return name
    return None


def _log_odds(plain: str, tokens: Sequence[str], script: Script) -> dict[str, float]:
    odds = {
        code: math.log(max(p, _FLOOR)) for code, p in _classifier().rank(plain) if code in script.languages
    }
    for code in odds:
        if code not in ALPHABETS:
            odds[code] += RARE_PENALTY
    for code in ROMANISED if script.name == "Latin" else ():
        odds[code] = _ROMANISED_PRIOR
    letters = Counter(letter for token in tokens for letter in token if not "a" <= letter <= "z")
    for code, alphabet in ALPHABETS.items():
        if code in odds and script.name in {"Latin", "Cyrillic"}:
            foreign = sum(count for letter, count in letters.items() if letter not in alphabet)
            odds[code] += _FOREIGN_LETTER * min(foreign, _MAX_FOREIGN)
    if "ru" in odds and script.name == "Cyrillic":
        # Russian writes the hard sign before е, ё, ю, я alone; in Bulgarian it is a vowel
        odds["ru"] += _FOREIGN_LETTER * min(len(re.findall("ъ(?![еёюя])", plain)), _MAX_FOREIGN)
    for token in tokens:
        for code in _word_languages().get(token, ()):
            if code in odds:
                long_romanised = code in ROMANISED and script.name == "Latin" and len(token) > 2
                odds[code] += _ROMANISED_WORD if long_romanised else _WORD
    return odds


@cache
def _word_languages() -> dict[str, tuple[str, ...]]:
    languages: dict[str, tuple[str, ...]] = {}
    for words in (WORDS, ROMANISED):
        for code, text in words.items():
            for word in dict.fromkeys(text.split()):
                languages[word] = (*languages.get(word, ()), code)
    return languages


@cache
def _classifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
