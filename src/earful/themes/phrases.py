"""The phrase matcher: every phrase of a taxonomy against the words of a segment, in one pass.

spaCy cuts the words; its ``Matcher`` is not used, as it tries each pattern at each token: with the 1,214
English patterns of ``cx`` it reads about 200 segments a second. Here each distinct word is looked up once
(its forms, lemma and beginnings against all phrases of the language) and remembered with the places in
phrases that it may fill. A segment is then a union of sets: where none of its words fills the rarest place of
a phrase, or one of its other places stays empty, the phrase is not there, and the order is not looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
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
_NOTHING: frozenset[int] = frozenset()
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


@dataclass(frozen=True, slots=True)
class _Token:
    """What is known of a token.

    Attributes
    ----------
    words
        For each of its words the places of phrases that it may fill.
    slots
        All of these.
    anchors
        Those of them that are the rarest place of a phrase: without one no phrase is there.
    pause
        Whether it holds a mark that parts phrases.
    """

    words: tuple[frozenset[int], ...]
    slots: frozenset[int]
    anchors: frozenset[int]
    pause: bool


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
        words = {number: slot for slot, number in self._slot_ids.items()}
        use = Counter(slot for pattern in self.patterns for slot in set(pattern.slots))
        self._by_anchor: defaultdict[int, list[_Compiled]] = defaultdict(list)
        for pattern in self.patterns:
            anchor = min(pattern.slots, key=lambda slot: (self._frequency(words[slot], use[slot]), slot))
            self._by_anchor[anchor].append(pattern)
        self._by_form, self._by_key, self._by_stem = (defaultdict[str, list[int]](list) for _ in range(3))
        for slot, number in self._slot_ids.items():
            for word in slot:
                self._index(word, number)
        self._cache: dict[str, _Token] = {}

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

    @staticmethod
    def _frequency(words: Slot, n_phrases: int) -> float:
        """Guess how often a place leads to phrases for nothing: one of many phrases, many or short words."""
        return n_phrases * len(words) / min(len(word.text) for word in words) ** 2

    def _index(self, word: Word, number: int) -> None:
        if word.kind == "form":
            self._by_form[fold(word.text)].append(number)
        elif word.kind == "stem":
            self._by_stem[fold(word.text)].append(number)
        else:
            # The word as the file writes it and its lemma: either may be what a text's word leads to.
            for key in keys(word.text, self.lang):
                self._by_key[key].append(number)

    def _token(self, token: str) -> _Token:
        """Return what is known of a token: the places that its words fill."""
        known = self._cache.get(token)
        if known is None:
            words = tuple(self._lookup(word) for _, _, word in split_words(token))
            slots = _NOTHING.union(*words)
            pause = not _PAUSES.isdisjoint(token)
            known = _Token(words, slots, slots & self._by_anchor.keys(), pause)
            if len(token) <= _LONGEST_CACHED:
                if len(self._cache) >= _CACHED_WORDS:
                    self._cache.clear()
                self._cache[token] = known
        return known

    def _lookup(self, word: str) -> frozenset[int]:
        found: set[int] = set()
        forms = keys(word, self.lang)
        found.update(self._by_form.get(forms[0], ()))
        for form in forms:
            found.update(self._by_key.get(form, ()))
            for length in range(3, min(len(form), _LONGEST_STEM) + 1):
                found.update(self._by_stem.get(form[:length], ()))
        return frozenset(found)

    def find(self, tokens: Sequence[str], factor: float) -> list[_Hit]:
        """Return every place where a pattern stands, overlaps and all, its confidence times a factor."""
        if not self.patterns:
            return []
        known = [self._token(token) for token in tokens]
        possible = self._possible(known)
        if not possible:
            return []
        segment = _Segment(known)
        found: list[_Hit] = []
        for pattern in possible:
            if pattern.alone and segment.n_words > pattern.longest:
                continue
            size, sure = len(pattern.slots), factor * pattern.confidence
            found.extend(
                (size, sure, segment.token_of[a], segment.token_of[b], pattern.theme, pattern.number)
                for a, b in _spans(pattern, segment.places)
                if not pattern.alone or b == segment.last_word
            )
        return found

    def _possible(self, tokens: Sequence[_Token]) -> list[_Compiled]:
        """Return the patterns all of whose places have a word, and whose excluded word is not there."""
        anchors = _NOTHING.union(*[token.anchors for token in tokens])
        if not anchors:
            return []
        there = _NOTHING.union(*[token.slots for token in tokens])
        return [
            pattern
            for anchor in anchors
            for pattern in self._by_anchor[anchor]
            if pattern.slot_set <= there and pattern.without not in there
        ]


class _Segment:
    """The words of a segment in their order: which place of a phrase is filled where."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._filled: list[frozenset[int]] = []
        self._known: dict[int, list[int]] = {}
        self.token_of: list[int] = []
        self.n_words, self.last_word = 0, -1
        for number, token in enumerate(tokens):
            for slots in token.words:
                self.n_words, self.last_word = self.n_words + 1, len(self.token_of)
                self.token_of.append(number)
                self._filled.append(slots)
            if token.pause:
                self.token_of += [number] * _PAUSE_WORDS
                self._filled += [_NOTHING] * _PAUSE_WORDS

    def places(self, slot: int) -> list[int]:
        """Return where words stand that fill a place of a phrase, pauses counted as words."""
        found = self._known.get(slot)
        if found is None:
            found = self._known[slot] = [at for at, slots in enumerate(self._filled) if slot in slots]
        return found


def _spans(pattern: _Compiled, places: Callable[[int], list[int]]) -> list[tuple[int, int]]:
    """Return (first, last) of every shortest way to fill the pattern's places in order."""
    starts = {at: at for at in places(pattern.slots[0])}
    for slot, gap in zip(pattern.slots[1:], pattern.gaps[1:], strict=True):
        following: dict[int, int] = {}
        for at in places(slot):
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
