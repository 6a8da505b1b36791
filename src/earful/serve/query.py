"""What somebody types into the search field, as the index understands it.

Words are found by their beginning (from three letters on) and in their other forms; ``"words in quotes"`` as
they stand, in that order; ``-word`` is not to be there. All words have to be there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from earful.serve.search import indexed_words
from earful.text.words import fold, keys, split_words

__all__ = ["Query", "parse"]

_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
#: Letters from which a word is found by its beginning.
_PREFIX = 3
#: How much of a query is looked at.
_MOST_TERMS = 12


@dataclass(frozen=True, slots=True)
class Query:
    """A search.

    Attributes
    ----------
    wanted
        The expression that all of it stands for; empty where nothing is searched for.
    unwanted
        Expressions that a review must not match.
    forms
        Folded words that are to be marked where they are found, and whether as the beginning of a word.
    """

    wanted: str
    unwanted: tuple[str, ...]
    forms: tuple[tuple[str, bool], ...]

    def marks(self, text: str, lang: str) -> list[tuple[int, int]]:
        """Give where words of a text are that the search found, as half-open offsets."""
        if not self.forms:
            return []
        exact = {form for form, _ in self.forms}
        begun = tuple(form for form, prefix in self.forms if prefix)
        found = []
        for start, end, word in split_words(text):
            form, *others = keys(word, lang)
            if form in exact or (begun and form.startswith(begun)) or not exact.isdisjoint(others):
                found.append((start, end))
        return found


def parse(text: str, langs: Sequence[str]) -> Query:
    """Read a search.

    Parameters
    ----------
    text
        What was typed.
    langs
        Languages that the words may be in: whose dictionary forms are looked up.
    """
    wanted, unwanted, forms = [], [], []
    for minus, quoted, plain in _TERM.findall(text)[:_MOST_TERMS]:
        found = _phrase(quoted) if quoted else [_word(word, langs) for _, _, word in split_words(plain)]
        if not found:
            continue
        expression = " AND ".join(sql for sql, _ in found)
        if minus:
            unwanted.append(expression)
            continue
        wanted.append(f"({expression})")
        forms += [form for _, own in found for form in own]
    return Query(" AND ".join(wanted), tuple(unwanted), tuple(dict.fromkeys(forms)))


_Term = tuple[str, list[tuple[str, bool]]]


def _phrase(text: str) -> list[_Term]:
    words = [fold(word) for _, _, word in split_words(text)]
    said, _ = indexed_words(text, "und")
    return [(f"said : {_quoted(' '.join(said))}", [(word, False) for word in words])] if said else []


def _word(word: str, langs: Sequence[str]) -> _Term:
    said, _ = indexed_words(word, "und")
    form = " ".join(said) or fold(word)
    prefix = len(form) >= _PREFIX and " " not in form
    others = dict.fromkeys(key for lang in langs for key in keys(word, lang) if key and key != fold(word))
    tries = [f"said : {_quoted(form)}{' *' * prefix}", f"meant : {_quoted(form)}"]
    tries += [f"{{said meant}} : {_quoted(other)}" for other in others]
    marked = [(fold(word), prefix), *((other, False) for other in others)]
    return f"({' OR '.join(tries)})", marked


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'
