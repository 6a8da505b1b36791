"""The telling words of texts: lemmas without stop words, and what sets one group of texts apart."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from earful.text.languages import by_language
from earful.text.words import fold, keys, split_words

__all__ = ["content_terms", "group_labels"]

_CACHED_WORDS = 100_000
_LONGEST_TEXT = 2_000
_LABEL_TERMS = 3
_CANDIDATES = 12


def content_terms(text: str, lang: str) -> list[str]:
    """Return the lemmas of a text and the pairs of neighbouring lemmas.

    Stop words, numbers and words of mere feeling ("awful") are left out.
    """
    lemmas = [_content(word, lang) for _, _, word in split_words(text[:_LONGEST_TEXT])]
    pairs = [f"{one} {two}" for one, two in itertools.pairwise(lemmas) if one and two]
    return [lemma for lemma in lemmas if lemma] + pairs


def group_labels(words: Mapping[int, Sequence[Sequence[str]]]) -> dict[int, str]:
    """Name groups by class-based TF-IDF (Grootendorst, 2022): terms that a group has and others have not.

    Parameters
    ----------
    words
        For each group the terms of its texts.
    """
    by_group = {
        number: Counter(term for terms in texts for term in set(terms)) for number, texts in words.items()
    }
    frequency: Counter[str] = Counter()
    for counts in by_group.values():
        frequency.update(counts)
    average = sum(frequency.values()) / max(len(by_group), 1)
    return {
        number: ", ".join(_label(counts, frequency, average)) or "?" for number, counts in by_group.items()
    }


def _label(counts: Counter[str], frequency: Counter[str], average: float) -> list[str]:
    size = max(sum(counts.values()), 1)

    def weight(term: str) -> float:
        return round(counts[term] / size * float(np.log1p(average / frequency[term])), 12)

    candidates = sorted(
        (term for term in counts if counts[term] > 1 or size < 20), key=lambda t: (-weight(t), t)
    )
    chosen: list[str] = []
    for term in candidates[:_CANDIDATES]:
        parts = set(term.split())
        shorter = [other for other in chosen if set(other.split()) < parts]
        if shorter and counts[term] >= 0.5 * counts[shorter[0]]:
            # "battery life" says more than "battery" and stands nearly as often: it takes its place.
            chosen[chosen.index(shorter[0])] = term
        elif not any(parts & set(other.split()) for other in chosen):
            chosen.append(term)
    return chosen[:_LABEL_TERMS]


@lru_cache(maxsize=_CACHED_WORDS)
def _content(word: str, lang: str) -> str:
    if len(word) < 2 or not any(char.isalpha() for char in word):
        return ""
    forms = keys(word, lang)
    lemma = forms[1] if len(forms) > 1 else forms[0]
    if _stop_words(lang) & {forms[0], lemma} or forms[0].startswith(_feelings(lang)):
        return ""
    return lemma


@lru_cache(maxsize=64)
def _feelings(lang: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in by_language("feelings").get(lang, "").split())


@lru_cache(maxsize=64)
def _stop_words(lang: str) -> frozenset[str]:
    from earful.text.tokens import nlp_for

    listed = nlp_for(lang).Defaults.stop_words if lang != "und" else set()
    more = by_language("stop_words").get(lang, "").split()
    return frozenset(fold(word) for word in (*listed, *more))
