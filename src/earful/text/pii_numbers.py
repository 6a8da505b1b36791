"""Numbers that are personal: phones, payment cards, IBANs, national ids, documents.

A check digit passes one random number in ten, so that it never decides alone: with it goes a word beside the
number, or the way such numbers are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from earful.text.pii_words import listed

__all__ = ["numbers"]

_Found = tuple[int, int, str]

#: Digits with what parts them, on one line; as long as the longest card with a separator at each place.
_RUN = re.compile(
    r"(?<![\w.,/@#+-])(?P<plus>(?:\+|00)\s?)?\(?\d(?:[ \u00a0().\u2011\u2013/-]{0,3}\d){5,21}(?![\w/@])"
)
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?!\w)")
_DATE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ \u00a0.]\d{3})+")
_CARD_GROUPS = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5}")
_CARD_ISSUERS = re.compile(r"4|5[0-8]|2[2-7]|3[0-9]|6")
_SNILS = re.compile(r"\d{3}-\d{3}-\d{3}[ -]\d{2}")
_PK = re.compile(r"\d{6}-\d{5}")
_LAST_GROUP = re.compile(r"[^\d]+\d+\Z")
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
#: Where national numbers are sought, the home markets first.
_REGIONS = ("RU", "BG", "LV", "GB", "US", "DE", "UA", "LT", "EE")
#: A phone written as phones are: with its trunk prefix, an area in brackets, or the American way.
_PHONE_SHAPES = re.compile(
    r"[078][ -]?\(\d{2,5}\)[ -]?\d{1,3}(?:[ -]?\d{2,4}){1,3}|\(0?\d{2,5}\)[ -]?\d{2,4}(?:[ -]\d{2,4}){1,3}"
    r"|8[ -]\d{3}[ -]\d{3}[ -]\d{2}[ -]?\d{2}"
    r"|0\d{2,4}([ /-])\d{2,4}\1?(?:[ -]?\d{2,4}){1,2}|\d{3}([-.])\d{3}\2\d{4}"
)
_BEFORE, _AFTER = 48, 24
_JOIN = (
    r"[\s:.,№#=\u2013-]*(?:(?:number|номер|номерът|серия|связи|звонка|numurs|mine|us on|\w{1,3})"
    r"[\s:.,№#=\u2013-]+){0,4}?"
)


def numbers(text: str) -> Iterator[_Found]:
    """Give the personal numbers of a text as ``(start, end, kind)``."""
    for match in _IBAN.finditer(text):
        if _is_iban(match.group(), text, match.start()):
            yield match.start(), match.end(), "iban"
    yield from _documents(text)
    for match in _RUN.finditer(text):
        # What follows a number may be an amount: "4276 ... 7890 500". Then it is the number without it.
        for run in _shortened(match.group()):
            kind = _kind(text, run, match.start(), match["plus"] is not None)
            if kind:
                yield match.start(), match.start() + len(run), kind
                break


def _shortened(run: str) -> Iterator[str]:
    """Give a run of digits whole, then without its last group, and without the last two."""
    yield run
    for _ in range(2):
        run = _LAST_GROUP.sub("", run)
        if run:
            yield run


def _kind(text: str, run: str, start: int, plus: bool) -> str | None:
    end = start + len(run)
    digits = "".join(sign for sign in run if sign.isdigit())
    if _ssn(run, text, start) or _national_id(run, digits, text, start, end):
        return "id"
    if _counts(text, start, end) and not _adjacent("card", text, start):
        return None
    if _card(run, digits, text, start):
        return "card"
    if _DATE.match(text, start) and not (len(digits) == 6 and _adjacent("phone", text, start)):
        return None
    return "phone" if _phone(run, digits, text, start, plus) else None


# --- words beside -------------------------------------------------------------------------------------------


@cache
def _pattern(what: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{listed('near', what)})(?!\w)", re.IGNORECASE)


@cache
def _adjacent_pattern(what: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{listed('near', what)})(?!\w){_JOIN}\Z", re.IGNORECASE)


def _near(what: str, text: str, start: int, end: int | None = None) -> bool:
    """Say whether a word that announces such a number stands before it, or close behind."""
    if _pattern(what).search(text[max(0, start - _BEFORE) : start]):
        return True
    return end is not None and _pattern(what).search(text[end : end + _AFTER]) is not None


def _adjacent(what: str, text: str, start: int) -> bool:
    """Say whether such a word stands right before the number, short words between them allowed."""
    return _adjacent_pattern(what).search(text[max(0, start - _BEFORE) : start]) is not None


_NOT_BEFORE = re.compile(rf"(?<!\w)(?:{listed('not', 'number')})(?!\w){_JOIN}\Z|[$€£₽№#]\s?\Z", re.IGNORECASE)
_UNIT_AFTER = re.compile(rf"\s?(?:{listed('not', 'unit')})(?!\w)", re.IGNORECASE)


def _counts(text: str, start: int, end: int) -> bool:
    """Say whether the number is an order's, an amount or the like."""
    return (
        _NOT_BEFORE.search(text[max(0, start - _BEFORE) : start]) is not None
        or _UNIT_AFTER.match(text, end) is not None
    )


# --- kinds --------------------------------------------------------------------------------------------------


def _is_iban(found: str, text: str, start: int) -> bool:
    from stdnum import iban

    plain = re.sub("[ -]", "", found).upper()
    return iban.is_valid(plain, check_country=False) or (_adjacent("iban", text, start) and len(plain) > 14)


def _card(run: str, digits: str, text: str, start: int) -> bool:
    """Say whether two of three hold: the check digit, the groups of four, a word beside it."""
    from stdnum import luhn

    if len(digits) not in range(13, 20) or not _CARD_ISSUERS.match(digits):
        return False
    grouped = _CARD_GROUPS.fullmatch(run) is not None
    if len(digits) == 16 and _adjacent("card", text, start):
        return True  # named as one: a digit may have been mistyped
    return luhn.is_valid(_ascii(digits)) + grouped + _near("card", text, start, start + len(run)) >= 2


def _ssn(run: str, text: str, start: int) -> bool:
    return _SSN.fullmatch(run) is not None and _near("document", text, start)


def _national_id(run: str, digits: str, text: str, start: int, end: int) -> bool:
    """Say whether the number is a citizen's: by its check digit and a word or its own shape, or named so."""
    plain = _ascii(digits)
    for what, length, valid, shape in _IDS:
        if len(plain) not in length:
            continue
        if _adjacent(what, text, start):
            return True
        if valid(plain) and (_near(what, text, start, end) or (shape and shape.fullmatch(run))):
            return True
    return False


def _egn(digits: str) -> bool:
    from stdnum.bg import egn, pnf

    return bool(egn.is_valid(digits) or pnf.is_valid(digits))


def _pvn(digits: str) -> bool:
    from stdnum.lv import pvn

    return bool(pvn.is_valid(digits))


def _inn(digits: str) -> bool:
    from stdnum.ru import inn

    return bool(inn.is_valid(digits))


def _snils(digits: str) -> bool:
    """Check a Russian pension number: nine digits weighted 9 to 1, modulo 101, with 100 as 0."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


_IDS: tuple[tuple[str, tuple[int, ...], Callable[[str], bool], re.Pattern[str] | None], ...] = (
    ("egn", (10,), _egn, None),
    ("pk", (11,), _pvn, _PK),
    ("snils", (11,), _snils, _SNILS),
    ("inn", (10, 12), _inn, None),
)


@cache
def _document_pattern() -> re.Pattern[str]:
    parts = (
        r"(?:[A-Za-zА-Я]{0,2}\d{6,10}|\d{2} ?\d{2}[ №-]{1,3}\d{6}|\d{3}-\d{2}-\d{4}"
        r"|[A-Z]{2} ?(?:\d{2} ?){3}[A-D])"
    )
    return re.compile(
        rf"(?<!\w)(?:{listed('near', 'document')})(?!\w){_JOIN}(?P<number>{parts})(?!\w)", re.IGNORECASE
    )


def _documents(text: str) -> Iterator[_Found]:
    for match in _document_pattern().finditer(text):
        yield match.start("number"), match.end("number"), "document"


def _phone(run: str, digits: str, text: str, start: int, plus: bool) -> bool:
    import phonenumbers

    end = start + len(run)
    if not 6 <= len(digits) <= 15:
        return False
    if plus and (run.startswith("+") or _near("phone", text, start, end)):
        return _possible("+" + digits.removeprefix("00"))
    adjacent = _adjacent("phone", text, start)
    if _THOUSANDS.fullmatch(run) and not adjacent:
        return False
    near = adjacent or _near("phone", text, start, end)
    shaped = _PHONE_SHAPES.fullmatch(run) is not None
    if adjacent and (len(digits) >= 7 or re.search(r"[ -]", run)):
        return True
    if not (near or shaped):
        return False
    for region in _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(run, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return shaped and near


def _possible(number: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(number, None)))
    except phonenumbers.NumberParseException:
        return False


def _ascii(digits: str) -> str:
    return "".join(str(int(digit)) for digit in digits)
