"""The form in which the encoder reads a review: one line, its parts told by their names.

    query: title: Too small | I thought it would be big as paper.
    query: Достоинства: нет | Недостатки: очереди | Отзыв: Пришёл за картой, простоял час.
    query: What could we improve? | The queues.

A part is ``name: text``; the survey question and anything else that ends in a question mark stand without the
colon, as a part before the answer. Parts and lines of a text are told apart by `` | ``. The encoder was first
trained with ``query: `` before every text, so it stays. Where each part, and each segment of it, begins and
ends in the line is kept, so that what is known of characters can be told of pieces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

PREFIX = "query: "
BETWEEN = " | "
TITLE = "title"
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*(?:\|\s*)?")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200b\u202f\u3000\ufeff]+")


@dataclass(frozen=True)
class Line:
    """A review as one line, and where each part's text begins and ends in it."""

    text: str
    spans: list[tuple[int, int]]


def plain(text: str) -> str:
    """Return a text without odd blanks, its lines told apart as parts are."""
    return _BLANKS.sub(" ", _LINES.sub(BETWEEN, str(text).strip())).strip()


def line_of(parts: Sequence[tuple[str, str]]) -> Line:
    """Return the line of a review.

    Parameters
    ----------
    parts
        Name and text of each part, in the order of the form: a title is called ``"title"``, the text of a
        review without fields has the name ``""``, a survey question is the name of its answer.
    """
    line, spans = PREFIX, []
    for name, text in parts:
        text = plain(text)
        if not text:
            continue
        if line != PREFIX:
            line += BETWEEN
        name = plain(name).rstrip(":")
        if name:
            line += name + (BETWEEN if name.endswith("?") else ": ")
        spans.append((len(line), len(line) + len(text)))
        line += text
    return Line(line, spans)
