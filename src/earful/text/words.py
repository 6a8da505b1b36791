"""Words as they are compared: case, diacritics, spelling and inflection folded away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from earful.text.languages import by_language

__all__ = [
    "LATIN",
    "fold",
    "is_cyrillic",
    "is_known",
    "keys",
    "lemma",
    "lowered",
    "split_words",
    "term_lemma",
    "worded",
]

#: Longer "words" are links, hashes or noise; only their beginning is looked at, as of a term.
_LONGEST, _LONGEST_TERM = 40, 200
_DIGITS = re.compile(r"\d+")
_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"([aeiu])\1")
_WORD = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")
# Letters, digits, and the symbols people answer with instead of words: emoji, hearts, thumbs, emoticons.
_WORDED = re.compile(r"[^\W_]|[\u2190-\u2BFF\U0001F000-\U0001FAFF]|[:;=]['\-]?[()\[\]DdPp|/\\3]|[()]{2}")
_CONTRACTION = re.compile(r"(.*)n['’`´]?t", re.IGNORECASE)
#: What may stand before "n't", and what it stands for.
_NEGATABLE = {
    **{word: word for word in "do does did is are was were have has had would could should".split()},  # noqa: SIM905
    **{"ca": "can", "wo": "will"},
}
_FOLD_CYRILLIC = str.maketrans({"ё": "е", "ѝ": "и", "ѐ": "е"})
#: Latin letters that are more than a plain letter with a mark, in plain ones.
LATIN = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}
_FOLD_LATIN = str.maketrans(LATIN)
# Lemmas that say too little: were "is" one with "are", "nav" (is not) would be one with "ir" (is), and "me"
# would be one with "I".
_EMPTY_LEMMAS = frozenset(word for words in by_language("empty_lemmas").values() for word in words.split())

#: How Bulgarian and Russian typed on a Latin keyboard are read, by up to four letters at a time.
_CYRILLIC = {
    lang: {
        **dict(zip("abdefghijklmnoprstuvz", "абдефгхийклмнопрстувз", strict=True)),
        **dict(pair.split() for pair in pairs.split("|")),
    }
    for lang, pairs in by_language("read").items()
}


def worded(text: str) -> bool:
    """Say whether a text has words in it, or what people answer with instead of them."""
    return _WORDED.search(text) is not None


def is_cyrillic(letter: str) -> bool:
    """Say whether a letter is Cyrillic."""
    return "\u0400" <= letter <= "\u04ff"


def lowered(word: str) -> str:
    """Return the word in lower case: NFC, ``ё`` as ``е``, digits as 0, letters repeated twice at most."""
    word = unicodedata.normalize("NFC", word[:_LONGEST]).lower().replace("ё", "е").replace("’", "'")
    return _DIGITS.sub("0", _REPEATED.sub(r"\1\1", word))


def fold(word: str) -> str:
    """Return the word in lower case without diacritics; Cyrillic keeps ``й`` and folds ``ё`` to ``е``."""
    word = word[:_LONGEST].lower()
    if word.isascii():
        return word
    word = word.translate(_FOLD_CYRILLIC)
    if any(map(is_cyrillic, word)):
        return unicodedata.normalize("NFC", word)
    decomposed = unicodedata.normalize("NFD", word.translate(_FOLD_LATIN))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def split_words(text: str) -> list[tuple[int, int, str]]:
    """Cut a token or a phrase into words: (start, end, word), ``didn't`` as ``did`` and ``not``.

    Offsets are code points into ``text``; both halves of a contraction share the offsets of the whole.
    """
    found: list[tuple[int, int, str]] = []
    for match in _WORD.finditer(text):
        start, end, word = match.start(), match.end(), match.group()
        contraction = _CONTRACTION.fullmatch(word)
        base = contraction.group(1).lower() if contraction else None
        if base == "":
            found.append((start, end, "not"))
        elif base is not None and base in _NEGATABLE:
            found += [(start, end, _NEGATABLE[base]), (start, end, "not")]
        else:
            found.append((start, end, word))
    return found


def keys(word: str, lang: str) -> tuple[str, ...]:
    """Return the folded forms under which a word of a text may be found; the form itself comes first.

    The lemma where the language has one; for Bulgarian and Russian typed in Latin letters the Cyrillic
    spelling; for Latvian typed with doubled vowels (``piegaade``) the single ones.
    """
    form = fold(word)
    found = [_folded_lemma(word, lang)]
    if form.isascii() and form.isalnum() and not form.isdigit():
        if lang in _CYRILLIC:
            cyrillic = _to_cyrillic(form, _CYRILLIC[lang])
            found += [cyrillic, _folded_lemma(cyrillic, lang)]
        elif lang == "lv":
            found.append(_DOUBLED.sub(r"\1", form))
    return tuple(dict.fromkeys([form, *filter(None, found)]))


def is_known(form: str, lang: str) -> bool:
    """Say whether the dictionary of a language has a form, in small letters as it is written."""
    return form in _factory().get_dictionary(lang)


def lemma(form: str, lang: str) -> str:
    """Return the dictionary form of a lowered word; the word itself where it or its language is unknown."""
    known = _dictionary_form(form, lang) if form.isalpha() else None
    return form if known is None else lowered(known)


@lru_cache(maxsize=20_000)
def term_lemma(term: str, lang: str) -> str:
    """Return what the same terms have in common: lower case, dictionary forms, single spaces."""
    return " ".join(lemma(lowered(word), lang) for word in term[:_LONGEST_TERM].split())


def _folded_lemma(word: str, lang: str) -> str:
    """Return the folded dictionary form of a word; empty where there is none, or it says too little."""
    form = word.lower()
    known = _dictionary_form(form, lang) if len(word) <= _LONGEST else None
    folded = fold(known or "")
    # Latvian writes "not" into the verb, and the dictionary takes it out again.
    negation_lost = lang == "lv" and form.startswith("ne") and not folded.startswith("ne")
    return "" if negation_lost or folded in _EMPTY_LEMMAS else folded


@lru_cache(maxsize=50_000)
def _dictionary_form(form: str, lang: str) -> str | None:
    lemmatizer, langs = _dictionaries()
    return str(lemmatizer.lemmatize(form, lang)) if lang in langs else None


@cache
def _dictionaries() -> tuple[Any, Collection[str]]:
    from simplemma import Lemmatizer
    from simplemma.strategies import DefaultStrategy
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    strategy = DefaultStrategy(dictionary_factory=_factory())
    return Lemmatizer(cache_max_size=1, lemmatization_strategy=strategy), SUPPORTED_LANGUAGES


@cache
def _factory() -> Any:
    from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory

    # Its dictionaries stay packed: they are read in half the time and take a sixth of the memory, and each
    # word is looked up but once here, so that a look-up may take five times as long.
    return StreamDictionaryFactory()


def _to_cyrillic(word: str, table: dict[str, str]) -> str:
    result, at = "", 0
    while at < len(word):
        for length in (4, 3, 2, 1):
            if (piece := word[at : at + length]) in table:
                break
        result += table.get(piece, piece)
        at += len(piece)
    return result
