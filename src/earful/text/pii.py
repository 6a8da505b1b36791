"""Personal details in a text: where they stand, of what kind, and the text with them masked.

What is found: e-mail addresses, phone numbers, payment cards, IBANs, national ids and documents, profiles
and handles, and names after greetings, in signatures and introductions. A number has to show two things at
once (a check digit, the way it is written, a word beside it), as a check digit alone lets a tenth of all
numbers through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from earful.text.pii_names import names
from earful.text.pii_numbers import numbers
from earful.text.pii_words import listed

__all__ = ["MASK", "Detail", "find", "is_personal_header", "mask"]

#: Stands for every character of a detail: no letter, digit, emoji or part of an emoticon.
MASK = "×"

_LABEL = r"[\w-]{1,63}"
_AT_WORDS = ("(at", "[at", "{at", "( at", "[ at", "(ет", "(ат", "[pie", "(pie", " at ", "собака")
_DOT = r"(?:dot|точка|punkts)"
_EMAIL = re.compile(
    rf"(?<![\w.+%-])[\w.+%'-]{{1,64}}+(?:@|&#64;|%40)(?:{_LABEL}\.){{1,8}}[^\W\d_]{{2,24}}"
    rf"|(?<![\w.+-])[\w.+-]{{2,64}}+\s?[(\[{{]\s?(?:at|собака|ет|ат|pie|et)\s?[)\]}}]\s?"
    rf"[\w-]{{1,63}}(?:\s?(?:\.|[(\[{{]\s?{_DOT}\s?[)\]}}]|{_DOT}\s)\s?[\w-]{{2,24}}){{1,3}}"
    rf"|(?<![\w.+-])(?!(?:e-?mail|mail|me|us|contact)\sat\s)(?:[\w+-]{{1,30}}\s{_DOT}\s)?[\w.+-]{{2,64}}+\s(?:собака|at)\s[\w-]{{1,63}}(?:\s{_DOT}\s[\w-]{{2,24}}){{1,3}}"
    rf"|(?<![\w.+-])[\w.+-]{{2,64}}+\sсобака\s(?:{_LABEL}\.){{1,4}}[^\W\d_]{{2,24}}",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"(?:https?://)?(?<![\w.-])(?:www\.|m\.|[a-z]{2}\.)?"
    rf"(?:{listed('handles', 'host')})"
    rf"/(?!(?:{listed('handles', 'shared')})(?![\w.-]))(?:(?:in|u|user|profile|people|c|channel)/)?"
    r"[@\w.%+-]*\w(?:\?id=\d+)?/?",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    rf"(?<![\w@/.])@(?!(?:{listed('handles', 'word')})\b)(?=\w*[^\W\d_])\w(?:[\w.]{{0,30}}\w)(?![\w@])",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"(?<!\w)(?:{listed('handles', 'label')})(?P<sep>\s?[:=\u2013-]\s?|\s(?:is|это|е|ir|мой|мій)\s|\s)"
    r"(?P<name>@?[A-Za-z][\w.]{2,30}\w(?::[\w.]{3,30})?)(?![\w@])",
    re.IGNORECASE,
)
_HEADER = re.compile(rf"(?<![^\W_])(?:{listed('headers', 'whole')})(?![^\W_])", re.IGNORECASE)


class Detail(NamedTuple):
    """A personal detail: half-open code points of the text, and its kind."""

    start: int
    end: int
    kind: str


def find(text: str) -> list[Detail]:
    """Find the personal details of a text.

    Parameters
    ----------
    text
        The text as received; markup may be in it.

    Returns
    -------
    list of Detail
        In the order of the text and without overlap. Kinds: ``email``, ``profile``, ``handle``, ``phone``,
        ``card``, ``iban``, ``id``, ``document`` and ``name``.

    Examples
    --------
    >>> find("Write to anna@example.org")
    [Detail(start=9, end=25, kind='email')]
    """
    found: list[Detail] = []
    taken = bytearray(len(text))
    for start, end, kind in _all(text):
        # Who comes first has it: an address holds what looks like a handle, a card what looks like a phone.
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Detail(start, end, kind))
    return sorted(found)


def mask(text: str) -> tuple[str, int]:
    """Mask the personal details of a text by as many characters as they have.

    Returns
    -------
    str
        A text of the same length.
    int
        How many details there were.
    """
    details = find(text)
    if not details:
        return text, 0
    pieces, position = [], 0
    for start, end, _ in details:
        pieces += [text[position:start], MASK * (end - start)]
        position = end
    return "".join([*pieces, text[position:]]), len(details)


def is_personal_header(header: str) -> bool:
    """Say whether the cells of a column are personal as a whole, going by its header.

    Examples
    --------
    >>> is_personal_header("Customer e-mail"), is_personal_header("Product name"), is_personal_header("Stars")
    (True, False, False)
    """
    plain = header.replace("_", " ")
    found = [match.group().lower() for match in _HEADER.finditer(plain)]
    # "name" says nothing beside what is named: a product's, a store's.
    plain_name = {"name", "имя", "име"}
    return bool(found) and (not set(found) <= plain_name or plain.strip().lower() in plain_name)


def _all(text: str) -> Iterator[tuple[int, int, str]]:
    """Give what may be a detail, the surest kinds first."""
    lowered = text.lower()
    if "@" in text or "%40" in text or "&#64;" in text or _at_in_words(lowered):
        for match in _EMAIL.finditer(text):
            yield match.start(), match.end(), "email"
    if "/" in text:
        for match in _PROFILE.finditer(text):
            yield match.start(), match.end(), "profile"
    if "@" in text:
        for match in _HANDLE.finditer(text):
            yield match.start(), match.end(), "handle"
    for match in _LABELLED.finditer(text):
        if match["sep"].strip() in {":", "="} or any(sign in "._0123456789@" for sign in match["name"]):
            yield match.start("name"), match.end("name"), "handle"
    yield from numbers(text)
    yield from names(text)


def _at_in_words(lowered: str) -> bool:
    return any(word in lowered for word in _AT_WORDS)
