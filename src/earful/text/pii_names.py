"""Names of people where only a name can stand: in greetings, introductions and signatures, beside roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from earful.text.pii_persons import (
    ENDS,
    WORD,
    Word,
    barred,
    capital,
    in_dictionary,
    is_form,
    is_known_name,
    is_surname,
    ordinary,
    person,
    shaped,
)
from earful.text.pii_words import listed

__all__ = ["names"]

_Found = tuple[int, int, str]

_LETTER = r"(?=[^\W\d_])"
_GAP = r"(?:\s|<[^<>]{1,20}>|&nbsp;)"
_TITLE = rf"(?P<title>(?:(?:{listed('titles')})\.?\s+)?)"
_GREETING = re.compile(
    rf"(?:(?<=\A)|(?<=[\s.!?(>«\"]))(?:{listed('greetings')})(?:\s+(?:again|снова|ещё раз))?"
    rf"(?P<sep>\s?[,!]?{_GAP}{{1,3}}){_TITLE}{_LETTER}",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(rf"\s(?:{listed('titles')})\b", re.IGNORECASE)
_STRONG = re.compile(rf"(?<!\w)(?:{listed('introductions', 'strong')})[\s:,\u2013-]*{_LETTER}", re.IGNORECASE)
_OWN = re.compile(rf"(?<!\w)(?:{listed('introductions', 'own')})[\s,\u2013-]+{_LETTER}", re.IGNORECASE)
_ROLE_WORD = listed("introductions", "role")
_ROLE = re.compile(
    rf"(?<![\w-])(?:{_ROLE_WORD})(?:\s(?:ми|ни))?"
    rf"(?P<sep>\s?[,:(\u2013-]\s?|\s(?:(?:{listed('introductions', 'called')})\s)?){_TITLE}{_LETTER}",
    re.IGNORECASE,
)
#: Who is thanked, praised or was spoken to.
_TO = re.compile(
    rf"(?<!\w)(?:{listed('introductions', 'to')})[\s,]\s?(?:(?:{_ROLE_WORD}),?\s)?{_TITLE}{_LETTER}",
    re.IGNORECASE,
)
_TITLED = re.compile(
    rf"(?<![\w-])(?:{listed('titled', 'before')})\.?\s(?!(?i:{listed('titled', 'not')})\b){_LETTER}",
    re.IGNORECASE,
)
_TITLED_AFTER = re.compile(rf"(?<![\w-])[^\W\d_]+(?=\s(?:{listed('titled', 'after')})(?!\w))")
_START = r"(?:\A|(?<=\n))\s*(?P<name>[^\W\d_]+(?: (?=[A-ZĀČĒĢĪĶĻŅŠŪŽА-ЯЁ])[^\W\d_]+)?)"
#: "Anna, good evening!": who is spoken to comes first; "Anna here".
_NAMED_FIRST = re.compile(
    rf"{_START}(?:\s?[,!]\s(?i:{listed('greetings')}|{listed('closings', 'weak')})(?!\w)"
    rf"|\s(?i:{listed('introductions', 'here')})(?!\w))"
)
_SPOKEN_TO = re.compile(rf"{_START},\s(?=[^\W\d_A-ZА-ЯЁ])")
#: "Anna at the desk".
_PLACED = re.compile(
    rf"(?<![\w-])[^\W\d_]+(?: [^\W\d_]+)?(?=\s(?i:{listed('introductions', 'place')})(?!\w))"
)
#: A first name and a surname that its ending shows.
_FULL = re.compile(r"(?<![\w-])([^\W\d_]{3,20}) ([^\W\d_]{4,25})(?![\w-])")
_PART = rf"(?:{_GAP}|[,.!:\u2013\u2014-]){{1,6}}(?:(?:{listed('titles')})\.?\s)?"
_CLOSING = re.compile(
    rf"(?:(?<!\w)(?:{listed('closings', 'strong')}){_PART}|(?:\A|\n)--? ?\n){_LETTER}", re.IGNORECASE
)
_CLOSING_ROLE = re.compile(
    rf"(?<!\w)(?:{listed('closings', 'strong')}){_PART}(?:[^\W\d_]+[ ,]{{1,2}}){{1,2}}{_LETTER}",
    re.IGNORECASE,
)
_THANKS = re.compile(rf"(?<!\w)(?:{listed('closings', 'weak')}){_PART}{_LETTER}", re.IGNORECASE)
#: A name at the very end, behind a dash or on a line of its own.
_LAST = re.compile(r"(?:(?<=[.!?…)\s])[\u2013\u2014-]{1,2}\s?|\n\s*)(?=[^\W\d_][^\n]{1,60}\s*\Z)")
#: The same behind a whole sentence: "It died in a week. – Bartholomew".
_LAST_SIGNED = re.compile(r"(?<=[.!?…)])\s?[\u2013\u2014-]{1,2}\s?(?=[^\W\d_][^\n]{1,40}\s*\Z)")
_STOPS = re.compile(r"\s*(?:[,!.:;?()<]|[\u2013\u2014-]|\n|\Z)")
_TEXT_ENDS = re.compile(r"[.!\s]*\Z")
#: What may stand between a signature and the end of its line: where its writer is from.
_LINE_ENDS = re.compile(
    r"[^\S\n]*[.,!)]*[^\S\n]*(?:\n|<|\Z)"
    r"|,?[^\S\n](?:(?:г\.|from|of|из|от|no)[^\S\n]?)?[^\W\d_][\w-]*(?:[ ,-]{1,2}[^\W\d_][\w-]*){0,2}"
    r"[.!]?[^\S\n]*(?:\n|\Z)"
)
_AND = re.compile(r"[^\S\n](?:and|&|и|un)[^\S\n](?=[^\W\d_])")
_PEOPLE = re.compile(r"\w+(?:[её]ц|[ая]нин|ietis|iete)")
_PATRONYMIC = re.compile(
    r"(?<![\w-])[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+(?:[оеё]вич|[оеё]вн(?:а|ы|е|ой|у)|инична|ьич)"
    r"[а-яё]{0,2}(?!\w)(?: [А-ЯЁ][а-яё]+(?:ов|ев|ин|ын|ова|ева|ина|ына|ский|ская)(?!\w))?"
)


def names(text: str) -> Iterator[_Found]:
    """Give the names of a text as ``(start, end, "name")``."""
    for match in _GREETING.finditer(text):
        yield from _addressed(text, match)
    closings = (
        (_CLOSING, True),
        (_CLOSING_ROLE, False),
        (_THANKS, False),
        (_LAST, False),
        (_LAST_SIGNED, True),
    )
    for pattern, sure in closings:
        for match in pattern.finditer(text):
            yield from _signed(text, match.end(), sure or (pattern is _THANKS and _closes(text, match)))
    yield from _introduced(text)
    yield from _served(text)
    yield from _titled(text)
    yield from _first(text)
    for match in _PATRONYMIC.finditer(text):
        yield match.start(), match.end(), "name"


def _addressed(text: str, match: re.Match[str]) -> Iterator[_Found]:
    """Give the name that a greeting is followed by."""
    run = person(text, match.end(), _titled_at(text, match)) or _vocative(text, match.end())
    if not run:
        return
    known, end = is_known_name(run[0][2]), run[-1][1]
    stops = _STOPS.match(text, end) is not None
    titled = _titled_at(text, match)
    if "!" in match["sep"] or "\n" in match["sep"]:
        known, titled, stops = known and stops, False, False
    if known or titled or stops or _AND.match(text, end):
        yield from _span(run)


def _titled_at(text: str, match: re.Match[str]) -> bool:
    """Say whether a title stands before or behind the word that a match is followed by."""
    if match["title"]:
        return True
    word = WORD.match(text, match.end())
    return word is not None and _TITLE_AFTER.match(text, word.end()) is not None


def _vocative(text: str, at: int) -> list[Word]:
    """Give a known name that is written without a capital, or a vocative that is an ordinary word too."""
    word = WORD.match(text, at)
    if word is not None and is_form(word.group()) and capital(word.group()) and not barred(word.group()):
        ends = _STOPS.match(text, word.end()) or _AND.match(text, word.end())
        return [(at, word.end(), word.group())] if ends else []
    return _lower_name(text, at)


def _signed(text: str, at: int, sure: bool) -> Iterator[_Found]:
    """Give the name, or the two, that a text or a line of it closes with."""
    run = person(text, at) or (_alone(text, at) if sure else [])
    if run and (second := _AND.match(text, run[-1][1])):
        run = [*run, *person(text, second.end())]
    if not run or not (_LINE_ENDS.match(text, run[-1][1]) or (sure and _STOPS.match(text, run[-1][1]))):
        return
    if sure or is_known_name(run[0][2]) or shaped(run):
        yield from _span(run)


def _alone(text: str, at: int) -> list[Word]:
    """Give the one word that a text ends in behind a closing, though it may be an ordinary word as well.

    Not of English: "Yours, Disappointed" is signed so.
    """
    word = WORD.match(text, at)
    if word is None or not capital(word.group()) or barred(word.group()) or word.group().isascii():
        return []
    return [(at, word.end(), word.group())] if _TEXT_ENDS.match(text, word.end()) else []


def _closes(text: str, match: re.Match[str]) -> bool:
    """Say whether behind thanks stands but a name: on a line of its own, or at the very end."""
    return "\n" in match.group() or (
        not {",", "!", "."}.isdisjoint(match.group()) and len(text[match.end() :].split()) <= 2
    )


def _introduced(text: str) -> Iterator[_Found]:
    """Give the names of those who say who they are."""
    for match in _STRONG.finditer(text):
        yield from _span(person(text, match.end()) or _lower_name(text, match.end(), sure=True))
    for match in _OWN.finditer(text):
        run = person(text, match.end())
        if run and (is_known_name(run[0][2]) or _ends(text, run)):
            yield from _span(run)


def _ends(text: str, run: list[Word]) -> bool:
    """Say whether an unknown name stands by itself: "I'm Nkechi, and" but not "I'm Scottish and"."""
    if not ENDS.match(text, run[-1][1]):
        return False
    return shaped(run) or not _plain(run[0][2])


def _plain(word: str) -> bool:
    """Say whether a word may say of what people one is; dictionaries of other languages hold names too."""
    return (word.isascii() and in_dictionary(word)) or _PEOPLE.fullmatch(word) is not None


def _served(text: str) -> Iterator[_Found]:
    """Give the names of those who served somebody, were thanked or spoken to."""
    for pattern in (_ROLE, _TO):
        for match in pattern.finditer(text):
            run = person(text, match.end()) or (_vocative(text, match.end()) if pattern is _TO else [])
            beside = (
                pattern is _ROLE
                and match["sep"].strip() not in {"", ":"}
                and match["sep"].strip()[0] in ",(–-"
            )
            if not run or (beside and not _STOPS.match(text, run[-1][1])):
                continue
            yield from _span(run)
            if second := _AND.match(text, run[-1][1]):
                yield from _span(person(text, second.end()) or _vocative(text, second.end()))


def _titled(text: str) -> Iterator[_Found]:
    """Give the names that a title or a place at work shows, or that are written out in full."""
    for match in _TITLED.finditer(text):
        yield from _span(person(text, match.end(), titled=True)[:2])
    for match in _TITLED_AFTER.finditer(text):
        if capital(match.group()) and not barred(match.group()):
            yield match.start(), match.end(), "name"
    for match in _PLACED.finditer(text):
        run = person(text, match.start())
        if run and run[-1][1] == match.end() and not ordinary(run[0][2]):
            yield from _span(run)
    for match in _FULL.finditer(text):
        if is_known_name(match[1]) and capital(match[1]) and is_surname(match[2]):
            yield match.start(), match.end(), "name"


def _first(text: str) -> Iterator[_Found]:
    """Give the names that a line begins with, of who is spoken to or speaks."""
    for match in _NAMED_FIRST.finditer(text):
        run = person(text, match.start("name"))
        if run and run[-1][1] == match.end("name"):
            yield from _span(run)
    for match in _SPOKEN_TO.finditer(text):
        name = match["name"]
        if (
            person(text, match.start("name"))
            and is_known_name(name.split()[0])
            and not ordinary(name.split()[0])
        ):
            yield match.start("name"), match.end("name"), "name"


def _lower_name(text: str, at: int, sure: bool = False) -> list[Word]:
    """Give a known name that is written without a capital; a sure one need not be known."""
    match = re.compile(r"[^\W\d_]{3,}").match(text, at)
    if (
        match is None
        or capital(match.group())
        or barred(match.group())
        or (not sure and not _STOPS.match(text, match.end()))
    ):
        return []
    word, ends = match.group(), _STOPS.match(text, match.end()) or _AND.match(text, match.end())
    known = is_known_name(word) and not (sure and not ends)
    if known or (sure and ends and not ordinary(word)):
        return [(match.start(), match.end(), word)]
    return []


def _span(run: list[Word]) -> Iterator[_Found]:
    if run:
        yield run[0][0], run[-1][1], "name"
