"""Where sentences end, by characters: marks, abbreviations, emoji, lines, lists, labels.

Feedback is typed in haste: ``5.Отлично``, ``so good!!!Will come again``, ``loved it 😍 Thanks``, small
letters after a full stop, one thought a line. These rules expect that in any language, and take time linear
in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from earful.text.languages import by_language

__all__ = ["sentence_spans"]

Span = tuple[int, int]

_EMOJI = (
    "[\u203c\u2049\u2139\u2190-\u21ff\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\U0001f000-\U0001faff]"
    "[\ufe0e\ufe0f\u20e3\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+"
)
_EMOTICON = r"(?::-?[)(DPp/|*]++|;-?\)++|=[)(]++|:'\(++|<3|[xX]D+(?!\w)|\^_?\^|\){2,}+|\({2,}+)"
_FACES = rf"(?:\s?+(?:{_EMOJI}|{_EMOTICON}))"
_LABELS = "|".join(by_language("labels").values())
_CLOSERS = r"[\"'”’»›)\]}」』]"
_CANDIDATE = re.compile(
    rf"(?P<wide>[。．！？｡।॥။።]++{_CLOSERS}*+)"
    rf"|(?P<marks>[.!?…‼⁇⁈⁉؟۔։]++)(?P<closers>{_CLOSERS}*+)(?P<after>{_FACES}*+)"
    rf"|(?P<faces>(?:{_EMOJI}|(?<![\w(]){_EMOTICON}|(?<=\w)(?:\){{2,}}+|\({{2,}}+)){_FACES}*+)"
    r"|(?P<smile>(?<=\w)\)(?=\s))"
    r"|(?P<lines>(?<![^\S\n])[^\S\n]*+\n\s*+)"
    r"|(?P<bullet>\s(?=[•●▪◦‣⁃]))"
    r"|(?P<item>\s(?=\d{1,2}[.)]\s++[^\W\d_]))"
    rf"|(?P<label>\s(?=(?:{_LABELS})\s?+:))",
    re.IGNORECASE,
)
#: What a candidate begins with, found without trying every way at every letter. A blank begins one before a
#: blank, a bullet or a number alone, unless there is a colon, before which a label may stand.
_MARKS = f"[。．！？｡।॥።.!?…‼⁇⁈⁉؟۔։:;=<^(){_EMOJI[1 : _EMOJI.index(']')]}]"
_BEGINNINGS = re.compile(rf"{_MARKS}|[xX][dD]|\n|\s(?=[\s•●▪◦‣⁃\d])")
_BEGINNINGS_OR_LABELS = re.compile(rf"{_MARKS}|[xX][dD]|\s")
# Each way starts at the head of a run of its characters, so that no run is tried from each of its places.
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]++"
    r"|(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"
    r"|(?<![\w.-])[\w-]++(?:\.[\w-]++)*\.(?:com|org|net|ru|bg|lv|lt|de|uk|eu|io|gov|info|рф|бг)\b"
    r"(?:/[^\s<>\"]*+)?",
    re.IGNORECASE,
)
_OPENERS = re.compile(r"[\s\"'“«„‘‹(\[{¿¡*_]*+")
_WORD_BEFORE = re.compile(r"[\w.'’-]*\Z")
_YEAR_OR_TOWN = frozenset({"г", "гр"})
_CONTENT = re.compile(rf"[^\W_]|{_EMOJI}|{_EMOTICON}")
_GOES_ON = re.compile(r"\s*+(?:[,;:?!]|[—–-]++\s*+(?![\sA-ZА-ЯĀ-Ž\d]))")
_ITEM = re.compile(r"\s*+\d{1,2}[.)]\s")
_WRAPPED_LINE = 60


@dataclass(frozen=True, slots=True)
class _Known:
    """The abbreviations of a language, case folded, without their last dot.

    Attributes
    ----------
    never, maybe
        Those that always have something after them, and those that may stand at a sentence's end.
    ordinals
        A number and a dot is an ordinal.
    capital_nouns
        So it is before a capital.
    """

    never: frozenset[str]
    maybe: frozenset[str]
    ordinals: bool
    capital_nouns: bool

    def ordinal(self, number: str, following: str) -> bool:
        """Say whether a number with a dot is an ordinal, from the character that follows."""
        return (self.ordinals and following.islower()) or (
            self.capital_nouns and len(number) < 3 and following.isupper()
        )


@cache
def _known(lang: str) -> _Known:
    """Return the abbreviations of a language; of all languages where it has none listed."""
    listed = by_language("never")
    langs = [lang] if lang in listed else list(listed)
    never, maybe = (
        frozenset(word for one in langs for word in by_language(key)[one].split())
        for key in ("never", "maybe")
    )
    ordinals = lang in by_language("ordinals") or lang not in listed
    return _Known(never - maybe, maybe, ordinals, lang in by_language("capital_nouns"))


def sentence_spans(text: str, lang: str) -> list[Span]:
    """Split a text into sentences.

    Parameters
    ----------
    text
        A cleaned text.
    lang
        ISO 639-1 code, which chooses the abbreviations; any other value means those of all languages.

    Returns
    -------
    list of (int, int)
        Half-open code points, trimmed of white space, in order, without overlap. Together they hold every
        character that is not white space.
    """
    spans: list[Span] = []
    start = 0
    known = _known(lang)
    links = _Links(text)
    for candidate in _candidates(text):
        if candidate.start() < start or links.hold(candidate):
            continue
        if _ends(text, start, candidate, known):
            _add(spans, text, start, candidate.end(), glue=candidate.lastgroup != "lines")
            start = candidate.end()
    _add(spans, text, start, len(text), glue=True)
    return spans


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """Give what ``_CANDIDATE.finditer`` would, in a quarter of the time."""
    beginnings = _BEGINNINGS_OR_LABELS if ":" in text else _BEGINNINGS
    at = 0
    while found := beginnings.search(text, at):
        candidate = _CANDIDATE.match(text, found.start())
        if candidate is None:
            at = found.start() + 1
        else:
            yield candidate
            at = candidate.end()


def _add(spans: list[Span], text: str, start: int, end: int, *, glue: bool) -> None:
    """Add what is left of a stretch after trimming; stray marks go to the sentence before."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if start == end:
        return
    if glue and spans and not _CONTENT.search(text, start, end) and "\n" not in text[spans[-1][1] : start]:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


class _Links:
    """The links, addresses and domains of a text: their dots end nothing."""

    def __init__(self, text: str) -> None:
        found = _LINK.finditer(text) if "." in text or ":" in text else ()
        self.spans = [(link.start(), link.start() + len(link[0].rstrip(".,!?…)]»\"'"))) for link in found]
        self.starts = [start for start, _ in self.spans]

    def hold(self, candidate: re.Match[str]) -> bool:
        place = bisect_right(self.starts, candidate.start()) - 1
        return place >= 0 and candidate.start() < self.spans[place][1]


def _ends(text: str, start: int, candidate: re.Match[str], known: _Known) -> bool:
    if candidate["wide"] or candidate["bullet"] or candidate["label"]:
        return True
    if candidate["lines"]:
        return _line_ends(text, start, candidate)
    if candidate["item"]:
        return _ITEM.match(text, start) is not None
    end = candidate.end()
    opening = _OPENERS.match(text, end)
    following = text[opening.end() : opening.end() + 1] if opening else ""
    spaced = text[end : end + 1].isspace()
    if not following:
        return False  # the end of the text ends the sentence anyway
    if candidate["faces"]:
        return (following.isupper() or following in "@#") and (spaced or candidate["faces"][-1] not in "()")
    if candidate["smile"]:
        # a lone closing bracket is a smile in Russian, unless it closes something
        opened = text.rfind("(", max(start, end - 300), end)
        return opened < 0 and spaced and following.isupper()
    return _mark_ends(text, start, candidate, known, following, spaced)


def _line_ends(text: str, start: int, candidate: re.Match[str]) -> bool:
    """Say whether a line break ends a sentence: it does, but where a long line was merely wrapped."""
    if candidate["lines"].count("\n") > 1:
        return True
    before, after = (
        text[candidate.start() - 1 : candidate.start()],
        text[candidate.end() : candidate.end() + 1],
    )
    line = text.rfind("\n", 0, candidate.start()) + 1
    wrapped = (before.isalnum() or before == ",") and after.islower()
    return not (wrapped and candidate.start() - line >= _WRAPPED_LINE)


def _mark_ends(
    text: str, start: int, mark: re.Match[str], known: _Known, following: str, spaced: bool
) -> bool:
    marks, closers = mark["marks"], mark["closers"]
    if any(sign in marks for sign in "!?‼⁇⁈⁉؟"):
        if closers and not mark["after"]:
            return spaced and not following.islower() and not _goes_on(text, mark.end())
        return (spaced or following.isalpha()) and not _goes_on(text, mark.end())
    if mark["after"]:
        return spaced or following.isupper()
    if len(marks) > 1 or "…" in marks:
        return not following.islower() and not _goes_on(text, mark.end()) and (spaced or following.isalpha())
    return _dot_ends(text, start, mark, known, following, spaced)


def _dot_ends(text: str, start: int, dot: re.Match[str], known: _Known, following: str, spaced: bool) -> bool:
    word = _word_before(text, start, dot.start())
    if not spaced:
        # a missing space: "good.Bad", "5.Отлично"; but "U.S.A", "3.5", "node.js", "а.С"
        return following.isupper() and text[dot.end()] == following and len(word) > 1 and "." not in word
    if _goes_on(text, dot.end()):
        return False
    if not word:
        return True
    if word.replace(".", "").isdigit():
        # "1. Good" counts a list, "2020. gadā" and "3. Oktober" are ordinals
        at_start = not text[start : dot.start() - len(word)].strip()
        return not (at_start and len(word) < 3) and not known.ordinal(word, following)
    folded = word.casefold()
    if folded in known.never or (
        folded in _YEAR_OR_TOWN and not _after_number(text, start, dot.start(), word)
    ):
        return False
    if folded in known.maybe or "." in word or (len(word) == 1 and word.isupper()):
        return folded in known.maybe and not (following.islower() or following.isdigit())
    return True


def _goes_on(text: str, end: int) -> bool:
    """Say whether what follows a mark is a comma, or a dash that no new speaker begins with."""
    return _GOES_ON.match(text, end) is not None


def _after_number(text: str, start: int, end: int, word: str) -> bool:
    """Say whether the word before a dot follows a number: ``1996 г.`` is a year, ``г. София`` a town."""
    return text[max(start, end - len(word) - 3) : end - len(word)].rstrip()[-1:].isdigit()


def _word_before(text: str, start: int, end: int) -> str:
    """Return the word before a dot, inner dots included: ``т.е`` before the last dot of ``т.е.``."""
    stretch = text[max(start, end - 24) : end].rstrip()
    found = _WORD_BEFORE.search(stretch)
    return found[0].strip("'’-") if found else ""
