"""The phrase matcher: every phrase of a taxonomy against the words of a segment, in one pass.

spaCy cuts the words; its ``Matcher`` is not used, as it tries each pattern at each token: with the 1,214
English patterns of ``cx`` it reads about 200 segments a second. Here each distinct word is looked up once
(its forms, lemma and beginnings against all phrases of the language) and remembered, and only patterns whose
rarest word is present are tried: about 13,000 a second.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earful.text.words import fold, keys, split_words
from earful.themes.notation import Pattern, Slot, Word, parse_phrase
from earful.themes.taxonomy import ANY, Taxonomy, Theme

__all__ = ["CONFIDENCE", "UNKNOWN_LANGUAGE_FACTOR", "Match", "PhraseMatcher"]

#: Confidence by how specific a phrase is; ``docs/taxonomy.md`` says how it was measured.
CONFIDENCE = {"weak": 0.5, "single": 0.8, "loose": 0.9, "exact": 0.95}

#: What the confidence is multiplied with where the language of the review is unknown.
UNKNOWN_LANGUAGE_FACTOR = 0.8

_CACHED_WORDS, _LONGEST_CACHED = 100_000, 64
_LONGEST_STEM = 40
#: A pause between words counts as so many words, so that phrases seldom reach over it and never join it.
_PAUSE_WORDS = 2
#: A phrase that is the whole segment may have so many words before it: "very", "totally".
_WORDS_BEFORE = 1
_PAUSES = frozenset(",;:()[]—–…|•")
_SCRIPTS = (("Latn", "a", "\u024f"), ("Grek", "\u0370", "\u03ff"), ("Cyrl", "\u0400", "\u052f"))


@dataclass(frozen=True, slots=True)
class Match:
    """A theme in a run of words: ``first`` and ``last`` count the words given, both included."""

    theme: str
    first: int
    last: int
    confidence: float


@dataclass(frozen=True, slots=True)
class _Compiled:
    number: int
    theme: str
    slots: tuple[int, ...]
    slot_set: frozenset[int]
    gaps: tuple[int, ...]
    without: int | None
    alone: bool
    confidence: float

    @property
    def longest(self) -> int:
        """Words that a segment may have at most where the phrase has to be all that is said."""
        return len(self.slots) + _WORDS_BEFORE


class PhraseMatcher:
    """All phrases of a taxonomy, ready to be looked for.

    Parameters
    ----------
    taxonomy
        The themes. One without any phrase in a language is looked for by its label in that language.

    Examples
    --------
    >>> from earful.themes.taxonomy import load_taxonomy
    >>> matcher = PhraseMatcher(load_taxonomy("cx"))
    >>> [match.theme for match in matcher.match("the parcel arrived late".split(), "en")]
    ['delivery.speed']
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._scripts = _scripts_of_languages(taxonomy)
        self._instead = {theme.id: theme.instead_of for theme in taxonomy.themes if theme.instead_of}
        self._loaded: dict[str, _Language] = {}

    def _language(self, lang: str) -> _Language:
        # Built when first met: a language's dictionary of lemmas takes a second to read.
        if lang not in self._loaded:
            self._loaded[lang] = _Language(self.taxonomy, lang)
        return self._loaded[lang]

    def match(self, words: Sequence[str], *langs: str) -> list[Match]:
        """Find themes in the words of one segment.

        Parameters
        ----------
        words
            The words (or tokens) of a segment, in order; a token may hold punctuation or several words.
        langs
            ISO 639-1, several where the segment is in several languages; or ``und``: then the phrases of
            every language written in the same script are tried, with confidences lowered by
            :data:`UNKNOWN_LANGUAGE_FACTOR`.

        Returns
        -------
        list of Match
            Sorted by place, then theme. For one theme no two share a word: the longest phrase wins. A theme
            is left out where one that stands instead of it shares a word.
        """
        if ANY not in langs:
            factors = {lang: 1.0 for lang in langs if lang in self._scripts}
        else:
            scripts = _scripts("".join(words))
            factors = {
                key: UNKNOWN_LANGUAGE_FACTOR for key, script in self._scripts.items() if script in scripts
            }
        languages = {**factors, ANY: 1.0}.items()
        hits = [hit for key, factor in languages for hit in self._language(key).find(words, factor)]
        found = _resolve(hits)
        return _without(found, self._instead) if self._instead else found


_Hit = tuple[int, float, int, int, str, int]  # places matched, confidence, first, last, theme, pattern number


class _Language:
    """The phrases of one language as an index from words to patterns."""

    def __init__(self, taxonomy: Taxonomy, lang: str) -> None:
        self.lang = lang
        self._slot_ids: dict[Slot, int] = {}
        self.patterns: list[_Compiled] = []
        lists = taxonomy.words.get(lang)
        for theme in taxonomy.themes:
            for phrase in _phrases(theme, lang):
                for parsed in parse_phrase(phrase, lists):
                    self._add(theme.id, parsed)
        use = Counter(slot for pattern in self.patterns for slot in set(pattern.slots))
        self._by_anchor: defaultdict[int, list[_Compiled]] = defaultdict(list)
        for pattern in self.patterns:
            anchor = min(pattern.slots, key=lambda slot: (use[slot], slot))
            self._by_anchor[anchor].append(pattern)
        self._by_form, self._by_key, self._by_stem = (defaultdict[str, list[int]](list) for _ in range(3))
        for slot, number in self._slot_ids.items():
            for word in slot:
                self._index(word, number)
        self._cache: dict[str, tuple[tuple[int, ...], ...]] = {}

    def _add(self, theme: str, pattern: Pattern) -> None:
        slots = tuple(self._slot_ids.setdefault(slot, len(self._slot_ids)) for slot in pattern.slots)
        without = self._slot_ids.setdefault(pattern.without, len(self._slot_ids)) if pattern.without else None
        confidence = CONFIDENCE[_tier(pattern)]
        self.patterns.append(
            _Compiled(
                len(self.patterns),
                theme,
                slots,
                frozenset(slots),
                pattern.gaps,
                without,
                pattern.alone,
                confidence,
            )
        )

    def _index(self, word: Word, number: int) -> None:
        if word.kind == "form":
            self._by_form[fold(word.text)].append(number)
        elif word.kind == "stem":
            self._by_stem[fold(word.text)].append(number)
        else:
            # The word as the file writes it and its lemma: either may be what a text's word leads to.
            for key in keys(word.text, self.lang):
                self._by_key[key].append(number)

    def _slots_of(self, token: str) -> tuple[tuple[int, ...], ...]:
        """For each word in the token, the slots it fills, sorted."""
        known = self._cache.get(token)
        if known is None:
            known = tuple(self._lookup(word) for _, _, word in split_words(token))
            if len(token) <= _LONGEST_CACHED:
                if len(self._cache) >= _CACHED_WORDS:
                    self._cache.clear()
                self._cache[token] = known
        return known

    def _lookup(self, word: str) -> tuple[int, ...]:
        found: set[int] = set()
        forms = keys(word, self.lang)
        found.update(self._by_form.get(forms[0], ()))
        for form in forms:
            found.update(self._by_key.get(form, ()))
            for length in range(3, min(len(form), _LONGEST_STEM) + 1):
                found.update(self._by_stem.get(form[:length], ()))
        return tuple(sorted(found))

    def find(self, tokens: Sequence[str], factor: float) -> list[_Hit]:
        """Return every place where a pattern stands, overlaps and all, its confidence times a factor."""
        if not self.patterns:
            return []
        places: dict[int, list[int]] = {}
        token_of: list[int] = []
        n_words, last_word = 0, -1
        for token_number, token in enumerate(tokens):
            for slots in self._slots_of(token):
                for slot in slots:
                    places.setdefault(slot, []).append(len(token_of))
                n_words, last_word = n_words + 1, len(token_of)
                token_of.append(token_number)
            if not _PAUSES.isdisjoint(token):
                token_of.extend([token_number] * _PAUSE_WORDS)
        found: list[_Hit] = []
        for anchor in places:
            for pattern in self._by_anchor.get(anchor, ()):
                if pattern.without in places or (pattern.alone and n_words > pattern.longest):
                    continue
                if places.keys() >= pattern.slot_set:
                    size, sure = len(pattern.slots), factor * pattern.confidence
                    found.extend(
                        (size, sure, token_of[a], token_of[b], pattern.theme, pattern.number)
                        for a, b in _spans(pattern, places)
                        if not pattern.alone or b == last_word
                    )
        return found


def _spans(pattern: _Compiled, places: Mapping[int, list[int]]) -> list[tuple[int, int]]:
    """Return (first, last) of every shortest way to fill the pattern's places in order."""
    starts = {at: at for at in places[pattern.slots[0]]}
    for slot, gap in zip(pattern.slots[1:], pattern.gaps[1:], strict=True):
        following: dict[int, int] = {}
        for at in places[slot]:
            for before in range(at - 1, at - gap - 2, -1):
                if before in starts:
                    following[at] = max(starts[before], following.get(at, -1))
        starts = following
        if not starts:
            break
    return [(first, last) for last, first in starts.items()]


def _resolve(found: list[_Hit]) -> list[Match]:
    """Keep, for each theme, the hits with the most places filled that share no word."""
    if not found:
        return []
    found.sort(key=lambda hit: (-hit[0], -hit[1], hit[3] - hit[2], hit[2], hit[4], hit[5]))
    taken: dict[str, set[int]] = {}
    kept: list[Match] = []
    for _, confidence, first, last, theme, _ in found:
        used = taken.setdefault(theme, set())
        if used.isdisjoint(range(first, last + 1)):
            used.update(range(first, last + 1))
            kept.append(Match(theme, first, last, round(confidence, 6)))
    kept.sort(key=lambda match: (match.first, match.last, match.theme))
    return kept


def _without(found: list[Match], instead: Mapping[str, tuple[str, ...]]) -> list[Match]:
    """Leave out the themes that another one found in the same words stands instead of."""
    better = [match for match in found if match.theme in instead]
    return [
        match
        for match in found
        if not any(
            match.theme in instead[one.theme] and match.first <= one.last and one.first <= match.last
            for one in better
        )
    ]


def _phrases(theme: Theme, lang: str) -> tuple[str, ...]:
    phrases = theme.phrases.get(lang, ())
    if phrases or theme.phrases:
        return phrases
    label = theme.labels.get(lang, "") if lang != ANY else ""
    words = " ".join(word for _, _, word in split_words(label))
    return (words,) if words else ()


def _tier(pattern: Pattern) -> str:
    if pattern.weak:
        return "weak"
    if len(pattern.slots) == 1:
        return "single"
    return "loose" if any(pattern.gaps) else "exact"


def _scripts(text: str) -> frozenset[str]:
    return frozenset(
        name
        for name, low, high in _SCRIPTS
        if any(low <= char <= high for char in text.lower() if char.isalpha())
    )


def _scripts_of_languages(taxonomy: Taxonomy) -> dict[str, str]:
    """Each language that has something to look for, with the script most of its phrases are written in."""
    phrases: dict[str, list[str]] = {}
    for theme in taxonomy.themes:
        for lang in sorted({*theme.phrases, *theme.labels} - {ANY}):
            phrases.setdefault(lang, []).extend(_phrases(theme, lang))
    scripts: dict[str, str] = {}
    for lang, texts in sorted(phrases.items()):
        counts = Counter(name for text in texts for name in _scripts(text))
        if texts:
            scripts[lang] = min(counts, key=lambda name: (-counts[name], name), default="")
    return scripts
