"""Names of people after greetings, in introductions and signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from earful.text.pii_words import FIRST_NAMES, listed
from earful.text.words import is_cyrillic

__all__ = ["names"]

_Found = tuple[int, int, str]
_Word = tuple[int, int, str]

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_GAP = r"(?:\s|<[^<>]{1,20}>|&nbsp;)"
_GREETING = re.compile(
    rf"(?:(?<=\A)|(?<=[\s.!?(>«\"]))(?:{listed('greetings')})(?:\s+(?:again|снова|ещё раз))?"
    rf"(?P<sep>\s?[,!]?{_GAP}{{1,3}})"
    rf"(?P<title>(?:(?:{listed('titles')})\.?\s+)?)(?=[^\W\d_])",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(rf"\s(?:{listed('titles')})\b", re.IGNORECASE)
_STRONG = re.compile(
    rf"(?<!\w)(?:{listed('introductions', 'strong')})[\s:,\u2013-]*(?=[^\W\d_])", re.IGNORECASE
)
_WEAK = re.compile(rf"(?<!\w)(?:{listed('introductions', 'weak')})[\s,\u2013-]+(?=[^\W\d_])", re.IGNORECASE)
_OWN = re.compile(rf"(?<!\w)(?:{listed('introductions', 'own')})[\s,]+(?=[^\W\d_])", re.IGNORECASE)
_SERVED = re.compile(
    rf"(?<!\w)(?:{listed('introductions', 'served')})[\s:,\u2013-]+"
    rf"(?:(?:{listed('titles')})\.?\s+)?(?=[^\W\d_])",
    re.IGNORECASE,
)
_TITLED = re.compile(
    rf"(?<![\w-])(?:{listed('titled', 'before')})\.?\s(?!(?i:{listed('titled', 'not')})\b)(?=[^\W\d_])",
    re.IGNORECASE,
)
_TITLED_AFTER = re.compile(rf"(?<![\w-])[^\W\d_]+(?=\s(?:{listed('titled', 'after')})(?!\w))")
#: "Anna, good evening!": who is spoken to comes first.
_NAMED_FIRST = re.compile(
    rf"(?:\A|(?<=\n))\s*(?P<name>[^\W\d_]+(?: [^\W\d_]+)?)\s?[,!]\s(?i:{listed('greetings')})(?!\w)"
)
#: A first name and a surname that its ending shows.
_FULL = re.compile(r"(?<![\w-])([^\W\d_]{3,20}) ([^\W\d_]{4,25})(?![\w-])")
_PART = rf"(?:{_GAP}|[,.!:\u2013\u2014-]){{1,6}}(?:(?:{listed('titles')})\.?\s)?"
_CLOSING = re.compile(rf"(?<!\w)(?:{listed('closings', 'strong')}){_PART}(?=[^\W\d_])", re.IGNORECASE)
_ROLE = re.compile(
    rf"(?<!\w)(?:{listed('closings', 'strong')}){_PART}(?:[^\W\d_]+[ ,]{{1,2}}){{1,2}}(?=[^\W\d_])",
    re.IGNORECASE,
)
_THANKS = re.compile(rf"(?<!\w)(?:{listed('closings', 'weak')}){_PART}(?=[^\W\d_])", re.IGNORECASE)
#: A name at the very end, behind a dash or on a line of its own.
_LAST = re.compile(r"(?:(?<=[.!?…)\s])[\u2013\u2014-]{1,2}\s?|\n\s*)(?=[^\W\d_][^\n]{1,60}\s*\Z)")
_STOPS = re.compile(r"\s*(?:[,!.:;?)<]|[\u2013\u2014-]|\n|\Z)")
#: What may stand between a signature and the end of its line: where its writer is from.
_LINE_ENDS = re.compile(
    r"[^\S\n]*[.,!)]*[^\S\n]*(?:\n|<|\Z)"
    r"|,?[^\S\n](?:(?:г\.|from|of|из|от|no)[^\S\n]?)?[^\W\d_][\w-]*(?:[ ,-]{1,2}[^\W\d_][\w-]*){0,2}"
    r"[.!]?[^\S\n]*(?:\n|\Z)"
)
_AND = re.compile(r"[^\S\n](?:and|&|и|un)[^\S\n](?=[^\W\d_])")
_PATRONYMIC = re.compile(
    r"([А-ЯЁ][а-яё]+) [А-ЯЁ][а-яё]+(?:[оеё]вич|[оеё]вна|инична|ьич)[а-яё]{0,2}(?: [А-ЯЁ][а-яё]+)?"
)
_NO_NAME = frozenset(listed("not", "name").split("|"))
_SURNAME = re.compile(
    r"[А-ЯЁ][а-яё-]+(?:[её]ва?|ова?|ина?|ына?|[сц]к(?:ий|ая|и|а)|[ое]вич|[ое]вна|ична|енко|чук|юк|ян|дзе|швили|их)|"
    r"[A-ZĀ-Ž][a-zā-ž-]+(?:iņš|ņš|ņa|iņa|ovs|ova|evs|eva|sons|sone|smith|son|skis|ska)"
)


def names(text: str) -> Iterator[_Found]:
    """Give the names of a text as ``(start, end, "name")``."""
    for match in _GREETING.finditer(text):
        yield from _addressed(text, match)
    for pattern, sure in ((_CLOSING, True), (_ROLE, False), (_THANKS, False), (_LAST, False)):
        for match in pattern.finditer(text):
            # On a line of its own below a closing stands a name, whether it is known or not.
            yield from _signed(text, match.end(), sure or (pattern is _THANKS and "\n" in match.group()))
    yield from _introduced(text)
    yield from _titled(text)
    for match in _PATRONYMIC.finditer(text):
        if _known(match[1]):
            yield match.start(), match.end(), "name"


def _introduced(text: str) -> Iterator[_Found]:
    """Give the names of those who say who they are, and of those who served them."""
    for match in _STRONG.finditer(text):
        run = [word for word in _run(text, match.end()) if word[2].lower() not in _NO_NAME]
        yield from _span(run)
    for match in _WEAK.finditer(text):
        run = _run(text, match.end())
        if run and _known(run[0][2]) and _capital(run[0][2]):
            yield from _span(_kept(text, run))
    for match in _SERVED.finditer(text):
        run = _run(text, match.end())
        ends = len(run) > 1 or _STOPS.match(text, match.end() + len(run[0][2])) is not None if run else False
        if run and (_known(run[0][2]) or _shaped(run) or (ends and not _in_any_dictionary(run))):
            yield from _span(_kept(text, run))
    for match in _OWN.finditer(text):
        run = _run(text, match.end())
        if run and _capital(run[0][2]) and (_known(run[0][2]) or not _in_dictionary(run[0][2])):
            yield from _span(_kept(text, run))


def _titled(text: str) -> Iterator[_Found]:
    """Give the names that a title shows, that stand before a greeting, or that are written out in full."""
    for match in _TITLED.finditer(text):
        run = _run(text, match.end())[:2]
        if run and run[0][2].lower() not in _NO_NAME:
            yield from _span(_kept(text, run))
    for match in _TITLED_AFTER.finditer(text):
        if _capital(match.group()) and match.group().lower() not in _NO_NAME:
            yield match.start(), match.end(), "name"
    for match in _NAMED_FIRST.finditer(text):
        if _known(match["name"].split()[0]) and _capital(match["name"]):
            yield match.start("name"), match.end("name"), "name"
    for match in _FULL.finditer(text):
        if _known(match[1]) and _capital(match[1]) and _SURNAME.fullmatch(match[2]):
            yield match.start(), match.end(), "name"


def _addressed(text: str, match: re.Match[str]) -> Iterator[_Found]:
    """Give the name that a greeting is followed by."""
    run = _run(text, match.end()) or _lower_name(text, match.end())
    if not run or run[0][2].lower() in _NO_NAME:
        return
    known, stops = _known(run[0][2]), _STOPS.match(text, run[-1][1]) is not None
    titled = bool(match["title"]) or _TITLE_AFTER.match(text, run[-1][1]) is not None
    new_sentence = "!" in match["sep"] or "\n" in match["sep"]
    if new_sentence and not (known and stops):
        return
    if known:
        yield from _span(_kept(text, run))
    elif titled or (stops and ("," not in match["sep"] or _shaped(run) or not _in_any_dictionary(run))):
        yield from _span(run)


def _signed(text: str, at: int, sure: bool) -> Iterator[_Found]:
    """Give the name, or the two, that a text or a line of it closes with."""
    run = _run(text, at)
    if run and (second := _AND.match(text, run[-1][1])):
        run = [*run, *_run(text, second.end())]
    if not run or run[0][2].lower() in _NO_NAME or not _LINE_ENDS.match(text, run[-1][1]):
        return
    if _known(run[0][2]) or _shaped(run) or (sure and not _in_dictionary(run[0][2])):
        yield from _span(run)


def _run(text: str, at: int) -> list[_Word]:
    """Give up to three words with a capital, and initials, that stand in a row on one line."""
    found: list[_Word] = []
    while len(found) < 3 and (match := _WORD.match(text, at)) and _capital(match.group()):
        word, end = match.group(), match.end()
        if len(word) == 1 and text[end : end + 1] == ".":
            end += 1
        elif (len(word) == 1 and not found) or (len(word) > 1 and word.isupper() and len(word) > 14):
            break
        found.append((match.start(), end, word))
        gap = 1 if text[end : end + 1] in {" ", "\u00a0"} else 0
        if not gap and text[end - 1] != ".":
            break
        at = end + gap
    return found


def _lower_name(text: str, at: int) -> list[_Word]:
    """Give a known name that is written without a capital."""
    match = _WORD.match(text, at)
    if match is None or not _known(match.group()) or not _STOPS.match(text, match.end()):
        return []
    return [(match.start(), match.end(), match.group())]


def _kept(text: str, run: list[_Word]) -> list[_Word]:
    """Drop from behind a known first name what is but the next sentence's first word."""
    if len(run) == 1 or _STOPS.match(text, run[-1][1]):
        return run
    kept = run[:1]
    for word in run[1:]:
        if _in_dictionary(word[2]) and not _shaped([*kept, word]):
            break
        kept.append(word)
    return kept


def _span(run: list[_Word]) -> Iterator[_Found]:
    if run:
        yield run[0][0], run[-1][1], "name"


def _capital(word: str) -> bool:
    return word[:1].isupper()


def _known(word: str) -> bool:
    """Say whether a word is a first name, in the Latvian or Bulgarian vocative too."""
    lowered = word.lower().split("-")[0]
    forms = {
        lowered,
        f"{lowered}s",
        f"{lowered}š",
        f"{lowered}e",
        lowered.removesuffix("е"),
        f"{lowered[:-1]}а",
        f"{lowered[:-1]}я",
    }
    if len(lowered) < 4:
        forms = {lowered}
    return not FIRST_NAMES.isdisjoint(forms)


def _shaped(run: list[_Word]) -> bool:
    """Say whether two words or more are shaped as a person's: an initial, or the ending of a surname."""
    postscript = [word for _, _, word in run[:2]] in (["P", "S"], ["З", "Ы"])
    if len(run) < 2 or postscript or any(word.lower() in _NO_NAME for _, _, word in run):
        return False
    return any(len(word) == 1 or _SURNAME.fullmatch(word) for _, _, word in run)


def _in_any_dictionary(run: list[_Word]) -> bool:
    return any(_in_dictionary(word) for _, _, word in run)


@lru_cache(maxsize=10_000)
def _in_dictionary(word: str) -> bool:
    from simplemma import is_known

    lowered = word.lower()
    langs = ("ru", "bg") if is_cyrillic(lowered[0]) else ("en", "lv")
    return lowered in _NO_NAME or bool(is_known(lowered, lang=langs))
