"""Where a sentence turns: contrasts and semicolons, so that praise and complaint stand apart.

A split is made only where both sides keep at least two words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from itertools import pairwise

from earful.text.languages import by_language

__all__ = ["clause_spans"]

Span = tuple[int, int]


def _any_of(key: str, before: str = r"\b", after: str = r"\b") -> re.Pattern[str]:
    """Return a pattern of what any language has under a key."""
    return re.compile(f"{before}(?:{'|'.join(by_language(key).values())}){after}", re.IGNORECASE)


_TURNS, _HEADS = by_language("turns"), by_language("heads")
_IDLE_BEFORE, _IDLE_AFTER = _any_of("idle_before", after=r"\W*\Z"), _any_of("idle_after", before=r"\W*")
_PRAISE, _BLAME, _NEGATION = _any_of("praise"), _any_of("blame"), _any_of("negations")
_CORRECTED = re.compile(r"\b(?:не|ne|nav|nicht|not|няма|нет)\b", re.IGNORECASE)
_CORRECTING = frozenset({"а", "o", "a"})
_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SEMICOLON = re.compile(r";(?![-)(DPp*])")
_COMMA = re.compile(r",(?!\d)")
_MIN_WORDS = 2


def clause_spans(text: str, start: int, end: int, lang: str) -> list[Span]:
    """Split a sentence at its turns.

    Parameters
    ----------
    text, start, end
        The sentence is ``text[start:end]``, half-open code points, trimmed.
    lang
        ISO 639-1 code; in a language without rules, semicolons alone split.

    Returns
    -------
    list of (int, int)
        Half-open code points into ``text``, trimmed, in order: at least one. Joined, they hold every
        character of the sentence that is not white space.
    """
    cuts = sorted(
        {*_semicolons(text, start, end), *_turns(text, start, end, lang), *_contrasts(text, start, end)}
    )
    if not cuts:
        return [(start, end)]
    words = [word.start() for word in _WORDS.finditer(text, start, end)]
    if len(words) < 2 * _MIN_WORDS:
        return [(start, end)]
    spans: list[Span] = []
    left, done = start, 0
    for cut in cuts:
        read = bisect_left(words, cut)
        if read - done >= _MIN_WORDS and len(words) - read >= _MIN_WORDS:
            spans.append(_trimmed(text, left, cut))
            left, done = cut, read
    return [*spans, _trimmed(text, left, end)]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _semicolons(text: str, start: int, end: int) -> list[int]:
    return [mark.end() for mark in _SEMICOLON.finditer(text, start, end)]


def _turns(text: str, start: int, end: int, lang: str) -> list[int]:
    patterns = _patterns(lang)
    if patterns is None:
        return []
    hint, turn, head = patterns
    cuts = []
    for found in turn.finditer(text, start, end) if hint.search(text, start, end) else ():
        word = found.start("word")
        if _turns_here(text, start, found):
            cuts.append(word)
    if head is not None and (opening := head.match(text, start, end)):
        comma = _COMMA.search(text, opening.end(), end)
        if comma:
            cuts.append(comma.end())
    return cuts


def _turns_here(text: str, start: int, found: re.Match[str]) -> bool:
    before = text[max(start, found.start("word") - 40) : found.start("word")]
    if _IDLE_BEFORE.search(before) or _IDLE_AFTER.match(text, found.end()):
        return False
    # "не дёшево, а дорого" corrects itself: that is one thought
    return not (found["word"].lower() in _CORRECTING and _CORRECTED.search(before))


@cache
def _patterns(lang: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str] | None] | None:
    """Return what says fast that there may be a turn, what finds turns, and what finds heads."""
    if lang not in _TURNS:
        return None
    words = _TURNS[lang].split("|")
    bare = "|".join(re.escape(word) for word in words if not word.startswith(", "))
    after_comma = "|".join(re.escape(word[2:]) for word in words if word.startswith(", "))
    ways = [
        rf"(?<=\s)(?:{bare})\b" if bare else "",
        rf"(?:(?<=[,;)–—-]\s)|(?<=,))(?:{after_comma})\b" if after_comma else "",
    ]
    every = "|".join(re.escape(word.removeprefix(", ")) for word in words)
    hint = re.compile(rf"[\s,](?:{every})\b", re.IGNORECASE)
    turn = re.compile(f"(?P<word>{'|'.join(way for way in ways if way)})", re.IGNORECASE)
    head = re.compile(rf"\W*(?:{_HEADS[lang]})\b", re.IGNORECASE) if lang in _HEADS else None
    return hint, turn, head


def _contrasts(text: str, start: int, end: int) -> list[int]:
    """Find the commas that part praise from blame: "great camera, awful battery"."""
    commas = [mark.end() for mark in _COMMA.finditer(text, start, end)][:50]
    if not commas or not _PRAISE.search(text, start, end) or not _BLAME.search(text, start, end):
        return []
    edges = [start, *commas, end]
    sides = [_side(text, left, right) for left, right in pairwise(edges)]
    return [cut for cut, left, right in zip(commas, sides[:-1], sides[1:], strict=True) if left * right < 0]


def _side(text: str, start: int, end: int) -> int:
    """Say whether a stretch praises (1) or blames (-1); 0 where it does both, neither, or negates."""
    if _NEGATION.search(text, start, end):
        return 0
    praise, blame = _PRAISE.search(text, start, end), _BLAME.search(text, start, end)
    return (praise is not None) - (blame is not None)
