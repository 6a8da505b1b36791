"""Answers that say nothing: ``n/a``, ``don't know``, ``-``, ``нет``, ``nav``, ``asdf``.

An answer counts as one only as a whole: "nothing works" says a lot.
"""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.languages import by_language

__all__ = ["Answers", "is_non_answer"]

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_NOT_LETTERS = re.compile(r"[^\w]+|_+")
_EMOTICON = re.compile(r"[:;=8][\-^'o]?[()\[\]{}|/\\*<>]|[()]{2,}|<3|\^_*\^|[!]{2,}")
#: Longest answer that is looked at: what is longer says something.
_MAX_LENGTH = 60


def is_non_answer(text: str) -> bool:
    """Say whether a text, as a whole, says nothing.

    Parameters
    ----------
    text
        A cleaned text. Punctuation alone is a non-answer; emoji, emoticons and ``!!!`` are answers, as they
        carry feeling, and so are digits, which may be a score. An empty text is no answer at all, and so not
        a non-answer.
    """
    stripped = text.strip()
    if not stripped:
        return False
    if len(stripped) > _MAX_LENGTH:
        return not any(character.isalnum() or _feels(character) for character in stripped)
    folded = _fold(stripped)
    if folded:
        return folded in _KNOWN or (len(folded) == 1 and folded.isalpha() and folded.isascii())
    return not (_EMOTICON.search(stripped) or any(map(_feels, stripped)))


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
    requires: tuple[str, ...] = ("texts",)
    adds: tuple[str, ...] = ("reviews.non_answer",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``reviews.non_answer``."""
        return batch.with_reviews(
            non_answer=pa.array([is_non_answer(clean.text) for clean in batch.texts], pa.bool_())
        )
