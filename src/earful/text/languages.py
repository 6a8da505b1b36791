"""What is known by hand of languages and scripts: it stands in ``data``, here it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ALPHABETS", "ONE_LANGUAGE", "ROMANISED", "SCRIPTS", "WORDS", "Script", "by_language", "romanised"]


def _load(name: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "data" / f"{name}.toml").read_text(encoding="utf-8"))


_LANGUAGES = _load("languages")


@dataclass(frozen=True, slots=True)
class Script:
    """A script.

    Attributes
    ----------
    ranges
        Its code points, first and last.
    languages
        Languages that are written in it.
    only
        The one language that, in customer feedback, is written in it.
    """

    name: str
    ranges: tuple[tuple[int, int], ...]
    languages: frozenset[str]
    only: str | None

    def has_part_in(self, word: str) -> bool:
        """Say whether some letter of a word is of this script."""
        return any(first <= code <= last for code in map(ord, word) for first, last in self.ranges)


SCRIPTS = {
    name: Script(
        name,
        tuple((first, last) for first, last in facts["ranges"]),
        frozenset(facts.get("languages", "").split()),
        facts.get("only"),
    )
    for name, facts in _load("scripts").items()
}


def by_language(key: str) -> dict[str, Any]:
    """Return what the file of languages says under a key, by language; its head tells the keys."""
    return {code: facts[key] for code, facts in _LANGUAGES.items() if key in facts}


#: Letters of each language, beyond a to z in the Latin ones. One that has none here is seldom met
#: in feedback, and often guessed by mistake.
ALPHABETS: dict[str, str] = by_language("letters")
#: Languages so near each other that a short text is often right in each.
ONE_LANGUAGE = ("bs", "hr", "sr")
#: Frequent words of each language, and the words that short feedback is made of.
WORDS = {lang: tuple(words.split()) for lang, words in by_language("words").items()}

#: Letters of Cyrillic on a Latin keyboard, where a way of typing does not say otherwise.
_LATIN = dict(zip("абвгдезийклмнопрстуфх", "abvgdeziiklmnoprstufh", strict=True))
_TYPED: dict[str, list[str]] = by_language("typed")


def romanised(text: str, lang: str) -> list[str]:
    """Return a Bulgarian or Russian text as it may be typed in Latin letters, by each way of typing."""
    tables: list[dict[str, str | int | None]] = [
        {**_LATIN, **{pair[0]: pair[2:] for pair in scheme.split()}} for scheme in _TYPED[lang]
    ]
    return list(dict.fromkeys(text.translate(str.maketrans(table)) for table in tables))


#: Words that mean no language when they are typed in Latin letters.
_INTERNATIONAL = frozenset({"банк", "банка", "класс", "персонал", "супер", "телефон", "фильм", "филм"})
#: Words of Cyrillic languages as they are typed in Latin letters.
ROMANISED = {
    lang: tuple(
        way
        for word in WORDS[lang]
        if len(word) > 1 and word not in _INTERNATIONAL
        for way in romanised(word, lang)
    )
    for lang in _TYPED
}
