"""Words as the phrase matcher compares them: case, diacritics and inflection folded away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simplemma import Lemmatizer

__all__ = ["fold", "keys", "split_words"]

#: Longer "words" are links, hashes or noise; only their beginning is compared.
_LONGEST = 40
_WORD = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")
_CONTRACTION = re.compile(r"(.*)n['’`´]?t", re.IGNORECASE)
_CONTRACTED = {"ca": "can", "wo": "will", "sha": "shall"}
_NEGATABLE = frozenset(
    (
        "do",
        "does",
        "did",
        "is",
        "are",
        "was",
        "were",
        "have",
        "has",
        "had",
        "wo",
        "ca",
        "would",
        "could",
        "should",
    )
)
_FOLD_CYRILLIC = str.maketrans({"ё": "е", "ѝ": "и", "ѐ": "е"})
_LATIN_EXTRA = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_SLAVIC = frozenset({"bg", "ru"})
# Lemmas that say too little: were "is" one with "are", "nav" (is not) would be one with "ir" (is), and "me"
# would be one with "I".
_EMPTY_LEMMAS = frozenset(
    ("be", "have", "do", "i", "we", "he", "she", "it", "they", "but", "съм", "бъда", "быть")
)
_DOUBLED = re.compile(r"([aeiu])\1")

# Longest first: how Russian and Bulgarian are typed on a Latin keyboard. One reading a letter is enough,
# because the phrases mostly give stems.
_TRANSLIT = {
    "bg": "sht щ|sh ш|ch ч|zh ж|ts ц|ya я|ia я|ja я|yu ю|iu ю|ju ю|yo ьо|dj дж|q я|w в|x х|c ц|y ъ|4 ч|6 ш",
    "ru": "shch щ|sch щ|sh ш|ch ч|zh ж|ts ц|ya я|ja я|yu ю|ju ю|yo е|jo е|kh х|eh э|q к|w в|x х|c ц|y ы|4 ч",
}
_LETTERS = dict(zip("abdefghijklmnoprstuvz", "абдефгхийклмнопрстувз", strict=True))


def fold(word: str) -> str:
    """Give the word in lower case without diacritics; Cyrillic keeps ``й`` and folds ``ё`` to ``е``."""
    word = word[:_LONGEST].lower()
    if word.isascii():
        return word
    word = word.translate(_FOLD_CYRILLIC)
    if any("\u0400" <= char <= "\u04ff" for char in word):
        return unicodedata.normalize("NFC", word)
    decomposed = unicodedata.normalize("NFD", word.translate(_LATIN_EXTRA))
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
            found.append((start, end, _CONTRACTED.get(base, base)))
            found.append((start, end, "not"))
        else:
            found.append((start, end, word))
    return found


def keys(word: str, lang: str) -> tuple[str, ...]:
    """Give the folded forms under which a word of a text may be found; the form itself comes first.

    The lemma where the language has one; for Bulgarian and Russian typed in Latin letters the Cyrillic
    spelling; for Latvian typed with doubled vowels (``piegaade``) the single ones.
    """
    form = fold(word)
    found = [form]
    lemma = _lemma(word, lang)
    if lemma:
        found.append(lemma)
    if form.isascii() and form.isalnum() and not form.isdigit():
        if lang in _SLAVIC:
            cyrillic = _to_cyrillic(form, lang)
            found.append(cyrillic)
            lemma = _lemma(cyrillic, lang)
            if lemma:
                found.append(lemma)
        elif lang == "lv" and _DOUBLED.search(form):
            found.append(_DOUBLED.sub(r"\1", form))
    return tuple(dict.fromkeys(found))


def _lemma(word: str, lang: str) -> str:
    if len(word) > _LONGEST or not _has_lemmas(lang):
        return ""
    form = word.lower()
    lemma = fold(_lemmatizer().lemmatize(form, lang))
    # Latvian writes "not" into the verb, and the dictionary takes it out again.
    negation_lost = lang == "lv" and form.startswith("ne") and not lemma.startswith("ne")
    return "" if negation_lost or lemma in _EMPTY_LEMMAS else lemma


@lru_cache(maxsize=64)
def _has_lemmas(lang: str) -> bool:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return lang in SUPPORTED_LANGUAGES


@lru_cache(maxsize=1)
def _lemmatizer() -> Lemmatizer:
    from simplemma import Lemmatizer

    # The matcher keeps its own bounded cache of words; a second one here would only hold memory.
    return Lemmatizer(cache_max_size=1)


def _to_cyrillic(word: str, lang: str) -> str:
    table = dict(pair.split() for pair in _TRANSLIT[lang].split("|"))
    result, at = [], 0
    while at < len(word):
        for length in (4, 3, 2, 1):
            piece = word[at : at + length]
            if piece in table or (length == 1 and piece in _LETTERS):
                result.append(table.get(piece) or _LETTERS[piece])
                at += length
                break
        else:
            result.append(word[at])
            at += 1
    return "".join(result)
