"""Answers that say nothing: ``n/a``, ``don't know``, ``-``, ``нет``, ``nav``, ``asdf``, ``Недостатки: нет``.

An answer counts as one only as a whole: "nothing works" says a lot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.languages import by_language

__all__ = ["Answers", "fillers", "is_non_answer"]

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_NOT_LETTERS = re.compile(r"[^\w]+|_+")
_EMOTICON = re.compile(r"[:;=8][\-^'o]?[()\[\]{}|/\\*<>]|[()]{2,}|<3|\^_*\^|[!]{2,}")
#: Longest answer that is looked at: what is longer says something.
_MAX_LENGTH = 60
#: A field of a form: what it is called, a colon, its answer up to the end of the line.
_LABELLED = re.compile(
    rf"(?:(?<=\n)|(?<=\A)|(?<=[.!?;,)]\s))[^\S\n]*(?:{'|'.join(by_language('labels').values())})[^\S\n]?:[^\S\n]*(?P<answer>[^\n]{{0,60}})",
    re.IGNORECASE,
)
_ANSWER_ENDS = re.compile(
    rf"(?<=\S)[.;,]?\s+(?=(?:{'|'.join(by_language('labels').values())})\s?:)", re.IGNORECASE
)


def is_non_answer(text: str) -> bool:
    """Say whether a text, as a whole, says nothing.

    Parameters
    ----------
    text
        A cleaned text. Punctuation alone is a non-answer; emoji, emoticons and ``!!!`` are answers, as they
        carry feeling, and so are digits, which may be a score. An empty text is no answer at all, and so not
        a non-answer. So is a form whose every field was filled with one.
    """
    stripped = text.strip()
    return bool(stripped) and (_says_nothing(stripped) or _is_empty_form(stripped))


def _is_empty_form(text: str) -> bool:
    if ":" not in text:
        return False
    at, found = 0, False
    for start, end in [*fillers(text), (len(text), len(text))]:
        if any(sign.isalnum() or _feels(sign) for sign in text[at:start]):
            return False
        found, at = found or end > start, end
    return found


def _says_nothing(stripped: str) -> bool:
    if len(stripped) > _MAX_LENGTH:
        return not any(character.isalnum() or _feels(character) for character in stripped)
    folded = _fold(stripped)
    if folded:
        return folded in _KNOWN or (len(folded) == 1 and folded.isalpha() and folded.isascii())
    return not (_EMOTICON.search(stripped) or any(map(_feels, stripped)))


def fillers(text: str) -> Iterator[tuple[int, int]]:
    r"""Give the fields of a form that were filled with nothing, as half-open code points.

    Examples
    --------
    >>> text = "Достоинства: звук\nНедостатки: нет"
    >>> [text[start:end] for start, end in fillers(text)]
    ['Недостатки: нет']
    """
    at = 0
    while match := _LABELLED.search(text, at):
        answer = match["answer"]
        cut = _ANSWER_ENDS.search(answer)
        stop = match.start("answer") + (cut.start() if cut else len(answer))
        said = text[match.start("answer") : stop].strip(" \t.,;!-–—")
        whole = cut is not None or stop == len(text) or text[stop : stop + 1] == "\n"
        if whole and (not said or _says_nothing(said)):
            yield match.start(), stop
        at = max(stop, match.end("answer") if cut is None else stop, match.start() + 1)


def _feels(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} and character not in "`´¨^¯°"


def _fold(text: str) -> str:
    """Fold case, drop apostrophes' shape, and make one space of all between letters and digits."""
    plain = _APOSTROPHES.sub(" ", unicodedata.normalize("NFC", text).casefold())
    return _NOT_LETTERS.sub(" ", plain).strip()


_KNOWN = frozenset(
    _fold(answer) for listed in by_language("non_answers").values() for answer in listed.split("|")
)


class Answers:
    """Stage: mark the reviews whose words say nothing."""

    name = "answers"
    requires: tuple[str, ...] = ("texts", "reviews.title")
    adds: tuple[str, ...] = ("reviews.non_answer",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.non_answer``; a title that says something is an answer too."""
        empty = [
            is_non_answer(clean.text) and (not (title or "").strip() or is_non_answer(title or ""))
            for clean, title in zip(batch.texts, batch.column("title"), strict=True)
        ]
        return batch.with_reviews(non_answer=pa.array(empty, pa.bool_()))
