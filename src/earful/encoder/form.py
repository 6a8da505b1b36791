"""The form in which the encoder reads a review: one line, its parts told by their names.

    query: title: Too small | I thought it would be big as paper.
    query: Достоинства: нет | Недостатки: очереди | Отзыв: Пришёл за картой, простоял час.
    query: What could we improve? | The queues.

A part is ``name: text``; the survey question and anything else that ends in a question mark stand without the
colon, as a part before the answer. Parts and lines of a text are told apart by `` | ``. The encoder was first
trained with ``query: `` before every text, so it stays. Where each part, and each letter of it, stands in the
line is kept, so that what is known of the line's pieces can be told of the review's segments and terms.

What says nothing is not read at all, so that it can move no label: links, handles, dots in a row, whether
somebody shouts in capitals, and which faith somebody has.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["BETWEEN", "PREFIX", "TITLE", "Line", "Review", "Told", "line_of", "plain", "told"]

Ints = NDArray[np.int64]
Span = tuple[int, int]

PREFIX = "query: "
BETWEEN = " | "
TITLE = "title"
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]+\s*(?:\|\s*)?")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200b\u202f\u3000\ufeff]+")
_ADDRESSES = re.compile(
    r"(?i)https?://\S{1,2000}|www\.\S{1,2000}|(?<![\w@])@\w{1,100}"
    r"|\b(?:[a-z0-9-]{1,60}\.){1,4}(?:com|org|net|info|io|me|ly|co|gl|be|to|eu|ru|bg|lv)/\S{0,2000}"
)
_ENDED = re.compile(r"(?<=[!?])[.…]+")
_DOTS = re.compile(r"[.…]{2,}|…")
_WORDS = re.compile(r"[^\W\d_]+")
_STEPS = ((_LINES, BETWEEN), (_ADDRESSES, ""), (_ENDED, ""), (_DOTS, "."), (_BLANKS, " "))
SHOUTED = 10  # letters of neighbouring words in capitals, from which they are no names


@dataclass(frozen=True)
class Line:
    """A review as one line, and where each part's text begins and ends in it."""

    text: str
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Review:
    """A review to be read.

    Attributes
    ----------
    text
        The cleaned text.
    segments
        Half-open code points of ``text`` to be read each for itself as well.
    lang, langs
        ISO 639-1 code of the review, and of each segment (``und`` where unsure; none: the review's). They
        choose the calibration and nothing else.
    title
        The headline.
    fields
        Where a field of the form begins in ``text``, and what it is called, in order.
    question
        What the survey asked, where it is the same for the whole text.
    """

    text: str
    segments: Sequence[Span] = ()
    lang: str = "und"
    langs: Sequence[str] = ()
    title: str = ""
    fields: Sequence[tuple[int, str]] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The line of a review, with the way between its letters and those of the review's text.

    Attributes
    ----------
    line
        What the encoder reads.
    places, origins
        Of each letter of the text that is in the line, in order: where it stands in the line, and in the
        text.
    """

    line: str
    places: Ints
    origins: Ints

    def in_line(self, spans: Ints) -> Ints:
        """Return where stretches of the text, shape (n, 2), stand in the line; empty where they do not."""
        return _between(self.origins, self.places, spans)

    def in_text(self, spans: Ints) -> Ints:
        """Return where stretches of the line, shape (n, 2), stand in the text; empty where they do not."""
        return _between(self.places, self.origins, spans)


def plain(text: str) -> str:
    """Return a text without what says nothing, its lines told apart as parts are."""
    return _read(text)[0]


def _read(text: str) -> tuple[str, Ints]:
    """Return what is read of a text, and for each letter where it, or what it replaced, stood in the text."""
    text, origins = _stripped(str(text), None)
    for pattern, by in _STEPS:
        # What is put in comes from where what it replaces began; as long as that, letter for letter.
        text, origins = _put(text, origins, ((found, by, False) for found in pattern.finditer(text)))
    text, origins = _stripped(text, origins)
    # From the word's first letter to its last, so that a term that ends with it ends where it does.
    text, origins = _put(text, origins, ((word, by, True) for word, by in _of_faith(text)))
    return quiet(text), origins


def _stripped(text: str, origins: Ints | None) -> tuple[str, Ints]:
    left = len(text) - len(text.lstrip())
    text = text.strip()
    if origins is None:
        return text, np.arange(left, left + len(text))
    return text, origins[left : left + len(text)]


def _put(text: str, origins: Ints, found: Iterable[tuple[re.Match[str], str, bool]]) -> tuple[str, Ints]:
    """Put other letters for matches: each with what is put, and whether that stands for all of it."""
    words: list[str] = []
    places: list[Ints] = []
    at = 0
    for match, by, whole in found:
        begin, end = match.span()
        if len(by) == end - begin:
            own = np.arange(begin, end)
        elif whole:
            own = np.linspace(begin, end - 1, len(by)).round().astype(np.int64)
        else:
            own = np.full(len(by), begin)
        words += [text[at:begin], by]
        places += [origins[at:begin], origins[own]]
        at = end
    if not words:
        return text, origins
    return "".join([*words, text[at:]]), np.concatenate([*places, origins[at:]])


@cache
def faiths() -> Mapping[str, str]:
    """Map each word of faith, in small letters, to the one that is read for it."""
    lists = tomllib.loads((Path(__file__).parent / "faiths.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for read, *others in lists.values():
        for line in others:
            for form, by in zip(line.split(), read.split(), strict=True):
                found.setdefault(form.lower(), by)
    return found


def _of_faith(text: str) -> list[tuple[re.Match[str], str]]:
    """Return the words of faith, and what is read for each."""
    known = faiths()
    return [
        (word, by[0].upper() + by[1:] if word[0][0].isupper() else by)
        for word in _WORDS.finditer(text)
        if (by := known.get(word[0].lower()))
    ]


def quiet(text: str) -> str:
    """Return a text in which neighbouring words in capitals are small, letter for letter.

    Their pieces are rare, and a model that learned from calm texts misreads them.
    """
    if sum(map(str.isupper, text)) < SHOUTED:
        return text
    runs: list[list[int]] = []  # begin, end and letters of neighbouring words in capitals
    loud = False
    for word in _WORDS.finditer(text):
        if not word[0].isupper():
            loud = False
        elif loud:
            runs[-1][1:] = [word.end(), runs[-1][2] + len(word[0])]
        else:
            runs.append([*word.span(), len(word[0])])
            loud = True
    for begin, end, letters in runs:
        if letters >= SHOUTED:
            text = text[:begin] + "".join(map(_small, text[begin:end])) + text[end:]
    return text


def _small(letter: str) -> str:
    # Some letters have two small ones, which would move all that follow.
    return small if len(small := letter.lower()) == 1 else letter


def line_of(parts: Sequence[tuple[str, str]]) -> Line:
    """Return the line of a review.

    Parameters
    ----------
    parts
        Name and text of each part, in the order of the form: a title is called ``"title"``, the text of a
        review without fields has the name ``""``, a survey question is the name of its answer.
    """
    return _joined([(name, plain(text)) for name, text in parts])


def _joined(parts: Sequence[tuple[str, str]]) -> Line:
    """Return the line of parts whose texts are plain; one without a text is not in it."""
    line, spans = PREFIX, []
    for name, text in parts:
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


def told(review: Review) -> Told:
    """Return the line of a review, and where the letters of its text stand in it."""
    borders = [*(place for place, _ in review.fields), len(review.text)]
    parts = [(review.question, 0, borders[0])] if borders[0] else []
    parts += [
        (name, begin, end)
        for (begin, name), end in zip(review.fields, borders[1:], strict=True)
        if begin < end
    ]
    title = plain(review.title)
    read = [(name, begin, *_read(review.text[begin:end])) for name, begin, end in parts]
    line = _joined([(TITLE, title), *((name, text) for name, _, text, _ in read)])
    # A part whose text is blank is not in the line.
    spans = line.spans[1:] if title else line.spans
    places = [np.arange(start, end) for start, end in spans]
    origins = [kept + begin for _, begin, text, kept in read if text]
    none = np.zeros(0, np.int64)
    return Told(line.text, np.concatenate([none, *places]), np.concatenate([none, *origins]))


def _between(given: Ints, wanted: Ints, spans: Ints) -> Ints:
    if not len(given):
        return np.zeros_like(spans)
    first, last = np.searchsorted(given, spans).T
    out = np.stack([wanted[np.minimum(first, len(wanted) - 1)], wanted[last - 1] + 1], axis=1)
    out[first >= last] = 0
    return out
