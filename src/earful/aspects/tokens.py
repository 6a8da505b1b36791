"""Tokens for the tagger: spaCy's, cut once more where marks cling to a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["cut", "token_spans"]

Span = tuple[int, int]

#: Brackets, quotes and slashes anywhere; other marks at a token's ends; dashes in a row between words.
_CUT = re.compile(
    r"[()\[\]{}«»“”„\"/]|\A[-–—:,!?;.'’…]++|[-–—:,!?;…]++\Z|(?<=[^\W_])[-–—]{2,}+(?=[^\W_])",
)
_LONGEST = 200  # characters of a token that are looked through for marks: a longer one is no word


def cut(token: str) -> list[Span]:
    """Cut a token at the marks that cling to it; the pieces' half-open offsets join to the whole token."""
    if token.isalnum() or len(token) > _LONGEST:
        return [(0, len(token))]
    pieces: list[Span] = []
    done = 0
    for mark in _CUT.finditer(token):
        if mark.start() > done:
            pieces.append((done, mark.start()))
        pieces.append(mark.span())
        done = mark.end()
    if done < len(token):
        pieces.append((done, len(token)))
    return pieces


def token_spans(texts: Iterable[str], starts: Iterable[int]) -> Iterator[Span]:
    """Return the half-open offsets of every piece of spaCy's tokens, given with where each begins."""
    for text, at in zip(texts, starts, strict=True):
        for start, end in cut(text):
            yield at + start, at + end
