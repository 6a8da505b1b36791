"""Dictionary forms, so that "waiters" and "waiter" count as one term."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from earful.aspects.words import lowered

if TYPE_CHECKING:
    from simplemma import Lemmatizer

__all__ = ["lemma", "term_lemma"]

_LONGEST = 200  # characters of a term that are looked at


def lemma(form: str, lang: str) -> str:
    """Give the dictionary form of a lowered word; the word itself where it or its language is unknown."""
    if not form.isalpha() or not _has_lemmas(lang):
        return form
    return lowered(_lemmatizer().lemmatize(form, lang))


@lru_cache(maxsize=20_000)
def term_lemma(term: str, lang: str) -> str:
    """Give what the same terms have in common: lower case, dictionary forms, single spaces."""
    return " ".join(lemma(lowered(word), lang) for word in term[:_LONGEST].split())


@lru_cache(maxsize=64)
def _has_lemmas(lang: str) -> bool:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return lang in SUPPORTED_LANGUAGES


@lru_cache(maxsize=1)
def _lemmatizer() -> Lemmatizer:
    from simplemma import Lemmatizer

    # Those who ask keep bounded caches of their own; a second one here would only hold memory.
    return Lemmatizer(cache_max_size=1)
