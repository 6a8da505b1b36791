"""Tokens: the words and marks of each review as spaCy cuts them, each stretch of letters cut but once.

spaCy cuts what stands between white space by itself. So what it made of a stretch is remembered, and a text
of known stretches is cut without it. The few cases in its tables that reach over a space ("и др.") are left
to it: they can only be where two tokens meet that are neighbours in such a case.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from earful.models.cores import is_own_process
from earful.pipeline import Batch, Cut, Parts

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["Tokens", "doc_of", "nlp_for", "tokens_of", "vocabulary_zone"]

#: Strings that a pipeline's vocabulary keeps for good, and stretches between spaces whose tokens it keeps.
_KEPT_WORDS, _KEPT_CHUNKS = 60_000, 40_000
#: Stretches that are remembered, of each language, and how long they may be.
_REMEMBERED, _LONGEST_REMEMBERED = 100_000, 40
_MARKS = frozenset(".,!?…:;")
#: Code points of a stretch without a space that are tokenised at once.
_MAX_STRETCH = 300
_LONG_STRETCH = re.compile(rf"\S{{{_MAX_STRETCH + 1},}}+")
#: spaCy's names where they are not ours, and languages whose tokenizer needs a package that is not installed.
_SPACY_NAMES = {
    "no": "nb",
    "bs": "hr",
    "und": "xx",
    "ja": "xx",
    "ko": "xx",
    "th": "xx",
    "vi": "xx",
    "be": "ru",
}


class _Pipelines(threading.local):
    """One set of pipelines a thread, as a spaCy vocabulary may not be written by two at once."""

    def __init__(self) -> None:
        self.by_name: dict[str, Language] = {}
        self.cutters: dict[str, _Cutter] = {}
        self.zone: ExitStack | None = None


_pipelines = _Pipelines()


def _load_spacy() -> None:
    """Load spaCy as it is where torch is not installed.

    spaCy looks for torch when it is loaded, which takes most of its time and memory, and our pipelines never
    need it. spaCy does not find it later either, so this is done in processes of our own alone.
    """
    if not is_own_process() or "spacy" in sys.modules or "torch" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # what Python takes for "cannot be imported"
    try:
        import spacy  # noqa: F401
    finally:
        del sys.modules["torch"]


def nlp_for(lang: str) -> Language:
    """Give the blank spaCy pipeline of a language, made once a thread.

    It has spaCy's rules for the language's tokens and our own for its sentences, no statistical model. A
    language that spaCy does not have gets the multi-language pipeline, ``xx``.

    Parameters
    ----------
    lang
        ISO 639-1 code, or ``und``.
    """
    name = _SPACY_NAMES.get(lang, lang)
    nlp = _pipelines.by_name.get(name)
    if nlp is None:
        nlp = _pipelines.by_name[name] = _make(name)
    return nlp


def _make(name: str) -> Language:
    _load_spacy()
    import spacy
    from spacy.util import compile_infix_regex

    try:
        nlp = spacy.blank(name)
    except ImportError:
        return nlp_for("xx")
    # "5.Отлично" and "place.Food" are two sentences: let them be two tokens, so that no token is in both
    infixes = [*(nlp.Defaults.infixes or ()), r"(?<=[^\W_])[.!?…]+(?=[^\W\d_])"]
    tokenizer: Any = nlp.tokenizer
    tokenizer.max_cache_size = _KEPT_CHUNKS
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return nlp


@contextmanager
def vocabulary_zone() -> Iterator[None]:
    """Forget, at the end, the words that the pipelines met inside.

    A spaCy vocabulary keeps every word it ever met; here it keeps the first :data:`_KEPT_WORDS` or so.
    Whoever takes many batches through the stages wraps each batch in this zone and uses no ``Doc`` of the
    batch after it. Matchers and anything else that puts words into a vocabulary for good must be made
    outside. A zone within a zone does nothing.
    """
    if _pipelines.zone is not None:
        yield
        return
    with ExitStack() as zone:
        for nlp in _pipelines.by_name.values():
            # Frequent words are met first, and spaCy is fast with words that it keeps: it keeps so many.
            if len(nlp.vocab.strings) >= _KEPT_WORDS:
                zone.enter_context(nlp.memory_zone())
        _pipelines.zone = zone
        try:
            yield
        finally:
            _pipelines.zone = None


def tokens_of(text: str, lang: str) -> Cut:
    """Return the tokens of a text and where each begins, white space left out.

    Parameters
    ----------
    text
        A cleaned text.
    lang
        ISO 639-1 code, or ``und``; it chooses the rules.
    """
    name = _SPACY_NAMES.get(lang, lang)
    cutter = _pipelines.cutters.get(name)
    if cutter is None:
        cutter = _pipelines.cutters[name] = _Cutter(nlp_for(lang))
    return cutter.cut(text)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is known of a stretch without white space.

    Attributes
    ----------
    tokens, offsets
        Its tokens, and where each begins in it.
    heads, tails
        What its first and its last token may be, where a case that reaches over a space may hold them.
    """

    tokens: tuple[str, ...]
    offsets: tuple[int, ...]
    heads: tuple[str, ...]
    tails: tuple[str, ...]


class _Cutter:
    """Cuts the texts of one language."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        self._known: dict[str, _Stretch] = {}
        tokenizer: Any = nlp.tokenizer
        self._cases = frozenset(getattr(tokenizer, "rules", None) or ())
        bare = _without_cases(nlp)
        #: Whether stretches are cut one by one: a tokenizer of another kind may look at more.
        self._by_stretch = bare is not None
        self._pairs = frozenset(
            pair
            for case in (self._cases if self._by_stretch else ())
            for pair in pairwise([token.text for token in bare(case)])
        )
        self._heads = frozenset(second for _, second in self._pairs)
        self._tails = frozenset(first for first, _ in self._pairs)
        self._longest = max(map(len, self._heads | self._tails), default=0)

    def cut(self, text: str) -> Cut:
        """Return the tokens of a text and where each begins."""
        if not self._by_stretch:
            return _listed(doc_of(text, self._nlp))
        tokens: list[str] = []
        starts: list[int] = []
        known, at = self._known, 0
        tails: tuple[str, ...] = ()
        for word in text.split():
            stretch = known.get(word) or self._learn(word)
            if tails and stretch.heads and self._meet(tails, stretch.heads):
                return _listed(doc_of(text, self._nlp))
            tails = stretch.tails
            at = text.find(word, at)
            if len(stretch.offsets) == 1:
                tokens.append(word)
                starts.append(at)
            else:
                tokens += stretch.tokens
                starts += [at + offset for offset in stretch.offsets]
            at += len(word)
        return tokens, starts

    def _learn(self, word: str) -> _Stretch:
        plain = self._plain(word)
        if len(plain) == 1:
            # Another case sees the whole of it.
            heads = tuple({word} & self._heads)
            tails = tuple({word} & self._tails)
            learned = _Stretch(plain, (0,), heads, tails)
        else:
            tokens, offsets = (plain, (0, len(word) - 1)) if plain else _listed(doc_of(word, self._nlp))
            # Its first and last tokens depend on the cases in it: any beginning and any end may be one.
            ways = range(1, min(self._longest, len(word)) + 1)
            heads = tuple(word[:size] for size in ways if word[:size] in self._heads)
            tails = tuple(word[-size:] for size in ways if word[-size:] in self._tails)
            learned = _Stretch(tuple(tokens), tuple(offsets), heads, tails)
        if len(word) <= _LONGEST_REMEMBERED:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[word] = learned
        return learned

    def _plain(self, word: str) -> tuple[str, ...]:
        """Cut a word of letters, or one with a mark behind it, by spaCy's tables; give nothing of more."""
        if self._is_one(word):
            return (word,)
        rules: Any = self._nlp.tokenizer
        inner, mark = word[:-1], word[-1]
        if mark not in _MARKS or word in self._cases or not self._is_one(inner):
            return ()
        last = rules.suffix_search(word)
        parted = last is not None and last.start() == len(inner) and not rules.prefix_search(word)
        kept_whole = rules.token_match is not None and rules.token_match(word)
        return (inner, mark) if parted and not kept_whole else ()

    def _is_one(self, word: str) -> bool:
        """Say whether nothing in spaCy's tables for the language parts a word of letters."""
        rules: Any = self._nlp.tokenizer
        return (
            word.isalpha()
            and len(word) <= _LONGEST_REMEMBERED
            and word not in self._cases
            and not rules.prefix_search(word)
            and not rules.suffix_search(word)
            and not any(rules.infix_finditer(word))
        )

    def _meet(self, tails: tuple[str, ...], heads: tuple[str, ...]) -> bool:
        return any((tail, head) in self._pairs for tail in tails for head in heads)


def _without_cases(nlp: Language) -> Any:
    """Return a tokenizer without the language's table of cases; ``None`` where it is of another kind."""
    from spacy.tokenizer import Tokenizer

    full: Any = nlp.tokenizer
    if type(full) is not Tokenizer:
        return None
    ways = ("prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match")
    return Tokenizer(nlp.vocab, max_cache_size=0, **{way: getattr(full, way) for way in ways})


def _listed(doc: Doc) -> Cut:
    pairs = [(token.text, token.idx) for token in doc if not token.is_space]
    return [text for text, _ in pairs], [start for _, start in pairs]


class Tokens:
    """Stage: cut each cleaned text into tokens.

    Parameters
    ----------
    langs
        Languages that have rules of their own; texts in others are cut by the rules that all share. ``None``
        is all: spaCy takes seconds to load the tables of some (10 for Indonesian, 5 for French), and a short
        review is easily taken for one.
    """

    name = "tokens"
    requires: tuple[str, ...] = ("texts", "reviews.lang")
    adds: tuple[str, ...] = ("tokens",)

    def __init__(self, langs: Collection[str] | None = None) -> None:
        self._langs = langs

    @classmethod
    def of(cls, parts: Parts) -> Tokens:
        """Make the stage for a run: words are looked for in the languages of its themes alone."""
        return cls({lang for theme in parts.taxonomy.themes for lang in (*theme.phrases, *theme.labels)})

    def __call__(self, batch: Batch) -> Batch:
        """Add ``tokens``."""
        langs = [self._rules(lang) for lang in batch.column("lang")]
        cuts = (tokens_of(clean.text, lang) for clean, lang in zip(batch.texts, langs, strict=True))
        return replace(batch, tokens=tuple(cuts))

    def _rules(self, lang: str) -> str:
        return lang if self._langs is None or lang in self._langs else "und"


def doc_of(text: str, nlp: Language) -> Doc:
    """Tokenise; a stretch without a space is cut at every :data:`_MAX_STRETCH`.

    spaCy takes the marks off a stretch one by one and copies the rest each time: 30,000 brackets in a row
    would hold it for hours.
    """
    from spacy.tokens import Doc

    cuts = [at for run in _LONG_STRETCH.finditer(text) for at in range(*run.span(), _MAX_STRETCH)]
    if not cuts:
        return nlp.make_doc(text)
    edges = [0, *(cut for cut in cuts if cut), len(text)]
    pieces = [nlp.make_doc(text[left:right]) for left, right in pairwise(edges)]
    words = [token.text for piece in pieces for token in piece]
    spaces = [bool(token.whitespace_) for piece in pieces for token in piece]
    return Doc(nlp.vocab, words=words, spaces=spaces)
