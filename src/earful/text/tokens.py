"""Tokens: the spaCy ``Doc`` of each review, with our own sentences marked."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from earful.models.cores import is_own_process
from earful.pipeline import Batch

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["Tokens", "nlp_for", "vocabulary_zone"]

Span = tuple[int, int]

#: Strings that a pipeline's vocabulary keeps for good, and stretches between spaces whose tokens it keeps.
_KEPT_WORDS, _KEPT_CHUNKS = 60_000, 40_000
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


class Tokens:
    """Stage: make the ``Doc`` of each cleaned text, whose sentences are marked."""

    name = "tokens"
    requires: tuple[str, ...] = ("texts", "sentences", "reviews.lang")
    adds: tuple[str, ...] = ("docs",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``docs``."""
        reviews = zip(batch.texts, batch.sentences, batch.column("lang"), strict=True)
        return replace(batch, docs=tuple(_doc(clean.text, found, lang) for clean, found, lang in reviews))


def _doc(text: str, sentences: Sequence[Span], lang: str) -> Doc:
    """Make the doc; a token that reaches over a sentence's start begins that sentence."""
    doc: Any = _tokens(text, nlp_for(lang))
    if len(doc):
        ends = doc.to_array("IDX").astype(np.int64) + doc.to_array("LENGTH").astype(np.int64)
        first = np.searchsorted(ends, [start for start, _ in sentences], side="right")
        marks = np.full(len(doc), -1, dtype=np.int64)
        marks[first[first < len(doc)]] = 1
        marks[0] = 1
        doc.from_array(["SENT_START"], marks.astype(np.uint64).reshape(-1, 1))
    return cast("Doc", doc)


def _tokens(text: str, nlp: Language) -> Doc:
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
