"""Taxonomies put together, and which industry pack a body of feedback asks for.

``cx+bank`` is ``cx`` and the pack ``bank`` as one taxonomy. Themes that both have keep one id: labels and
description are the first's, phrases and examples those of both. A pack's theme names those it stands
``instead_of``: where both are found in the same words, the other is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from earful.errors import TaxonomyError
from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import Taxonomy, Theme, load_taxonomy, pack_names

__all__ = ["SAMPLE", "Suggestion", "combine", "suggest_packs"]

#: A pack is suggested where at least so many texts of the sample, and such a share of them, carry its themes.
_LEAST_TEXTS, _LEAST_SHARE = 20, 0.10
#: How many different texts are read to find out.
SAMPLE = 2_000
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pack that fits, and the share of the sampled texts that carry its themes, in [0, 1]."""

    pack: str
    share: float
    texts: int


def combine(parts: Sequence[Taxonomy], name: str) -> Taxonomy:
    """Return several taxonomies as one.

    Parameters
    ----------
    parts
        The taxonomies, the one that leads first.
    name
        What the whole is called.

    Raises
    ------
    TaxonomyError
        Two of them have a word list of one name with other words in it.
    """
    themes: dict[str, Theme] = {}
    words: dict[str, dict[str, str]] = {}
    for part in parts:
        for lang, lists in part.words.items():
            there = words.setdefault(lang, {})
            for key, value in lists.items():
                if there.setdefault(key, value) != value:
                    raise TaxonomyError(
                        f"word list {lang}.{key} says other words than the list of that name before it",
                        where=part.source or part.name,
                        fix="give one of the lists another name",
                    )
        for theme in part.themes:
            known = themes.get(theme.id)
            themes[theme.id] = theme if known is None else _joined(known, theme)
    return Taxonomy(name, tuple(themes.values()), words, name)


def _joined(one: Theme, other: Theme) -> Theme:
    return replace(
        one,
        labels={**other.labels, **one.labels},
        examples=_both(one.examples, other.examples),
        phrases=_both(one.phrases, other.phrases),
        instead_of=tuple(dict.fromkeys((*one.instead_of, *other.instead_of))),
    )


def _both(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    return {
        lang: tuple(dict.fromkeys((*one.get(lang, ()), *other.get(lang, ())))) for lang in {**one, **other}
    }


def suggest_packs(texts: Iterable[tuple[str, str]], taxonomy: str) -> list[Suggestion]:
    """Say which built-in packs fit texts and are not in use, the best first.

    Parameters
    ----------
    texts
        Pairs of a text and its language; of many a part is read, chosen by hash, so order changes nothing.
    taxonomy
        What is in use, as the settings name it. Where it does not have ``cx`` in it, it is somebody's own,
        and nothing is suggested.
    """
    used = taxonomy.split("+")
    packs = [name for name in pack_names() if name not in used]
    if "cx" not in used or not packs:
        return []
    sample = _sampled(texts)
    if len(sample) < _LEAST_TEXTS:
        return []
    counts = dict.fromkeys(packs, 0)
    matcher, pack_of = _all_packs()
    for text, lang in sample:
        found = {
            pack
            for sentence in _SENTENCE_END.split(text)
            for match in matcher.match(sentence.split(), lang)
            for pack in pack_of[match.theme]
        }
        for pack in found & counts.keys():
            counts[pack] += 1
    fits = [
        Suggestion(pack, counts[pack] / len(sample), counts[pack])
        for pack in packs
        if counts[pack] >= max(_LEAST_TEXTS, _LEAST_SHARE * len(sample))
    ]
    return sorted(fits, key=lambda one: (-one.share, one.pack))


def _sampled(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    def digest(pair: tuple[str, str]) -> bytes:
        return hashlib.sha256(pair[0].encode("utf-8", "surrogatepass")).digest()

    return sorted({pair for pair in texts if pair[0]}, key=lambda pair: (digest(pair), pair[1]))[:SAMPLE]


@cache
def _all_packs() -> tuple[PhraseMatcher, dict[str, list[str]]]:
    packs = {name: load_taxonomy(name) for name in pack_names()}
    pack_of: dict[str, list[str]] = {}
    for name, pack in packs.items():
        for theme in pack.themes:
            pack_of.setdefault(theme.id, []).append(name)
    return PhraseMatcher(combine(list(packs.values()), "packs")), pack_of
