"""What a word with a capital is: a first name in any of its forms, an ordinary word, or neither.

Lists of names never suffice. So a word counts as ordinary if people write it without a capital
(``data/ordinary``), and whatever else has a capital where only a name can stand is taken for one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from simplemma import is_known, lemmatize

from earful.text.pii_words import FIRST_NAMES, listed
from earful.text.words import is_cyrillic

__all__ = [
    "ENDS",
    "WORD",
    "Word",
    "barred",
    "capital",
    "could_be",
    "in_dictionary",
    "is_form",
    "is_known_name",
    "is_surname",
    "ordinary",
    "person",
    "shaped",
]

#: Half-open places in the text, and the word.
Word = tuple[int, int, str]

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_NO_NAME = frozenset(listed("not", "name").split("|"))
_BRAND = re.compile(rf"(?:{listed('not', 'brand')})", re.IGNORECASE)
_SURNAME = re.compile(
    r"[А-ЯЁ][а-яё-]+(?:[её]ва?|ова?|ина?|ына?|[сц]к(?:ий|ая|и|а)|[ое]вич|[ое]вна|ична|енко|чук|юк|ян|дзе|швили|их)|"
    r"[A-ZĀ-Ž][a-zā-ž-]+(?:iņš|ņš|ņa|iņa|ovs|ova|evs|eva|sons|sone|smith|son|skis|ska)"
)
#: Endings of a first name's other cases, by the ending of its nominative; the first that fits counts.
_ENDINGS = {
    "cyrillic": (
        ("ия", "ии ию ией ийо"),
        ("ья", "ьи ье ью ьей"),
        ("я", "и е ю ей ьо йо"),
        ("а", "ы и е у ой ею о"),
        ("ий", "ия ию ием ии"),
        ("й", "я ю ем е"),
        ("ь", "я и ю ем ью"),
        ("о", ""),
        ("", "а у ом е"),
    ),
    "latin": (
        ("is", "i im ī"),
        ("us", "um u us ū"),
        ("š", "a am u ā"),
        ("s", "a am u ā"),
        ("a", "as ai u ā"),
        ("e", "es ei i ē"),
        ("", ""),
    ),
}
#: Latvian and Bulgarian vocatives are the name without its ending.
_BARE = {"cyrillic": (), "latin": ("s", "š", "a", "e")}
_LANGS = {"cyrillic": ("ru", "bg"), "latin": ("en", "lv")}
#: Bulgarian nouns have a form with the article, names have none.
_ARTICLES = ("та", "то", "ът", "ят")
#: What may stand behind a name.
ENDS = re.compile(
    r"\s*(?:[,!.:;?()<]|[\u2013\u2014-]|\n|\Z)|\s(?:and|from|here|again|calling|writing|speaking|who"
    r"|и|из|от|звоню|пишу|обаждам се|пиша|un|no|zvanu|rakstu)\b",
    re.IGNORECASE,
)
#: Verbs of the past, denied words whose opposite is known, and "in a place": no name ends so.
_LATVIAN = re.compile(r".{2,}(?:[āēī]ja|[uš]sies|jies|jās|[āēīū])|ne(?:at|aiz|iz|no|pa|pie|sa|uz).{3,}")
_POSTSCRIPTS = (["P", "S"], ["З", "Ы"])


def person(text: str, at: int, titled: bool = False) -> list[Word]:
    """Give the words of a name that begins at a place of the text, as far as they could be one's.

    Parameters
    ----------
    text
        The text.
    at
        Where the name would begin.
    titled
        A title stands beside: ordinary words are names as well, and so are vocatives that look like them.

    Examples
    --------
    >>> person("Thank you Esperanza So Much", 10)[:1]
    [(10, 19, 'Esperanza')]
    >>> person("Thank you So Much", 10)
    []
    """
    words = _row(text, at)
    sure = titled or any(is_known_name(word) for _, _, word in words) or shaped(words)
    kept: list[Word] = []
    for start, end, word in words:
        fits = could_be(word) or (sure and (titled or len(word) == 1 or is_surname(word)))
        # An ordinary word behind a name is a surname if nothing else follows: "Hannah Brown,".
        fits = fits or (bool(kept) and ENDS.match(text, words[-1][1]) is not None)
        if not fits or (len(word) > 1 and barred(word)) or (kept and len(word) == 1 and end - start == 1):
            break
        kept.append((start, end, word))
    return kept


def barred(word: str) -> bool:
    """Say whether a word is none of a name where one could stand: all, team, a shop, a town."""
    return word.lower() in _NO_NAME or _BRAND.fullmatch(word) is not None


def could_be(word: str) -> bool:
    """Say whether a word with a capital could be a person's name, known or not."""
    # A short word in capitals is a currency or a bank rather than a name.
    if not capital(word) or len(word) < 2 or barred(word) or (word.isupper() and len(word) < 4):
        return False
    return is_known_name(word) or not ordinary(word)


def capital(word: str) -> bool:
    """Say whether a word begins with a capital."""
    return word[:1].isupper()


@lru_cache(maxsize=20_000)
def is_known_name(word: str) -> bool:
    """Say whether a word is a first name of the list, in the nominative or another case.

    Examples
    --------
    >>> [is_known_name(word) for word in ("Jāni", "Рустаму", "Чавдаре", "Table")]
    [True, True, True, False]
    """
    lowered = word.lower().split("-")[0]
    return lowered in FIRST_NAMES or (lowered in _forms() and not ordinary(lowered))


def is_form(word: str) -> bool:
    """Say whether a word is written like a case of a first name, whatever else it may be."""
    return word.lower() in _forms()


@lru_cache(maxsize=20_000)
def ordinary(word: str) -> bool:
    """Say whether people write a word without a capital in the middle of a sentence."""
    lowered = word.lower()
    script = "cyrillic" if is_cyrillic(lowered[0]) else "latin"
    for lang in _LANGS[script]:
        # The lemma of a word that no dictionary has is a guess by its ending.
        lemma = str(lemmatize(lowered, lang=lang)).lower() if is_known(lowered, lang=lang) else lowered
        if not _listed_words(lang).isdisjoint({lowered, lemma}):
            return True
        if lang == "lv" and _LATVIAN.fullmatch(lowered) and lowered not in FIRST_NAMES:
            return True
        if lang == "bg" and any(is_known(lemma + article, lang="bg") for article in _ARTICLES):
            return lemma not in FIRST_NAMES
    return False


@lru_cache(maxsize=20_000)
def in_dictionary(word: str) -> bool:
    """Say whether a word is in a dictionary at all, names and places among it."""
    lowered = word.lower()
    langs = _LANGS["cyrillic" if is_cyrillic(lowered[0]) else "latin"]
    return lowered in _NO_NAME or bool(is_known(lowered, lang=langs))


def shaped(words: list[Word]) -> bool:
    """Say whether two words or more are shaped as a person's: an initial, or the ending of a surname."""
    if len(words) < 2 or [word for _, _, word in words[:2]] in _POSTSCRIPTS:
        return False
    if any(len(word) > 1 and word.lower() in _NO_NAME for _, _, word in words):
        return False
    return any(len(word) == 1 or _SURNAME.fullmatch(word) for _, _, word in words)


def is_surname(word: str) -> bool:
    """Say whether the ending of a word is a surname's."""
    return _SURNAME.fullmatch(word) is not None


def _row(text: str, at: int) -> list[Word]:
    """Give up to three words with a capital, and initials, that stand in a row on one line."""
    found: list[Word] = []
    while len(found) < 3 and (match := WORD.match(text, at)) and capital(match.group()):
        word, end = match.group(), match.end()
        if len(word) == 1 and text[end : end + 1] == ".":
            end += 1
        elif (len(word) == 1 and not found) or (word.isupper() and len(word) > 14):
            break
        found.append((match.start(), end, word))
        gap = 1 if text[end : end + 1] in {" ", "\u00a0"} else 0
        if not gap and text[end - 1] != ".":
            break
        at = end + gap
    return found


@cache
def _listed_words(lang: str) -> frozenset[str]:
    path = Path(__file__).parent / "data" / "ordinary" / f"{lang}.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


@cache
def _forms() -> frozenset[str]:
    """Give the first names of the list in their other cases."""
    forms = set()
    for name in FIRST_NAMES:
        script = "cyrillic" if is_cyrillic(name[0]) else "latin"
        for ending, others in _ENDINGS[script]:
            if name.endswith(ending):
                stem = name[: len(name) - len(ending)]
                forms |= {stem + other for other in others.split()}
                if ending in _BARE[script]:
                    forms.add(stem)
                break
        if script == "latin" and name.endswith("is"):
            forms.add(name[:-1])
    return frozenset(form for form in forms if len(form) > 2)
