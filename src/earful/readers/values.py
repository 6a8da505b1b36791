"""Cells to values: strings, numbers with the scale they name, yes or no."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import Any, TypeVar

from earful.readers.months import month_number
from earful.readers.words import choice, is_unanswered, word_number

__all__ = [
    "HALF_PAIR",
    "Number",
    "as_flag",
    "as_number",
    "as_text",
    "is_lost",
    "is_missing",
    "or_none",
    "unboxed",
]

_Value = TypeVar("_Value")

Number = tuple[float, float | None]
"""A value and the best value of its own scale, where the cell names one: ``4/5`` is ``(4.0, 5.0)``."""

#: What a spreadsheet shows where it could not work a cell out, in lower case: what stood there islost.
_SPREADSHEET_ERRORS = frozenset(
    (
        *("#n/a", "#value!", "#name?", "#ref!", "#div/0!", "#num!", "#null!", "#error!", "#spill!", "#calc!"),
        *("#getting_data", "#field!", "#blocked!", "#unknown!", "#connect!", "#н/д", "#знач!", "#имя?"),
        *("#ссылка!", "#дел/0!", "#число!", "#пусто!", "#стойност!", "#име?", "#реф!", "#дел/0!", "#число!"),
        *("#vērtība!", "#nosaukums?", "#wert!", "#bezug!", "#nv", "#zahl!", "#valeur!", "#nom?", "#valor!"),
    )
)
#: What people and programs write for nothing, folded to lower case.
_MISSING = frozenset(
    (
        *_SPREADSHEET_ERRORS,
        *("", "na", "n/a", "n.a.", "n.a", "nan", "<na>", "nat", "none", "null", "nil", "\\n", "n/p"),
        *("-", "--", "---", "–", "—", ".", "?", "(blank)", "(null)", "(none)", "unknown", "skipped"),
        *("no answer", "no response", "not applicable", "not available", "not answered", "missing"),
        *("н/д", "нд", "нет данных", "нет ответа", "нет", "не указано", "не применимо"),
        *("няма", "няма данни", "няма отговор", "неприложимо"),
        *("nav", "nav datu", "nav atbildes", "nav zināms", "nav piemērojams"),
    )
)
#: What a cell that stands for nothing can begin with; most others are told by their first character.
_MISSING_STARTS = frozenset(start for word in _MISSING for start in (word[:1], word[:1].upper()))
_LOOSE_SPACE = str.maketrans(
    # The last two are the cap of a key around a digit, and what asks for a picture of a sign.
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\0": None,
        "\ufeff": None,
        "\u200b": None,
        "\u20e3": None,
        "\ufe0f": None,
    }
)
_NUMERAL = r"[+-]?\d{1,15}(?:[.,]\d{1,15})?"
_PLAIN_NUMBER = re.compile(rf"({_NUMERAL})(?:[eE]([+-]?\d{{1,2}}))?")
_UNIT = (
    r"(?:stars?|points?|bubbles?|зв[её]зд\w{0,3}|балл\w{0,3}|звезди|точки|zvaigzn\w{0,3}|ball\w{0,3}|punkt\w{0,3}"
    r"|sterne?n?|ster(?:ren)?|étoiles?|estrellas?|estrelas?|stelle|stele|gwiazd\w{0,3}|žvaigžd\w{0,4}|зір\w{0,4}|yıldız"
    r"|pts?|★|⭐|☆|🌟|\*)(?: ratings?\b)?"
)
#: What stands before an answer in its own cell: "Rating: 4", "Оценка 4 из 5".
_LABEL = (
    r"(?:(?:rated|rating|score|stars?|nps|csat|ces|оценка|оцен[её]но|рейтинг|балл|vērtējums|atzīme|note|bewertung"
    r"|nota|puntuación)(?: ?[:=–—-] ?| ))?"
)
_OF = r"(?:/|\\|out of|of|из|от|no|von|sur|de|su|av|iš|z|über)"
_OUT_OF = re.compile(
    rf"{_LABEL}({_NUMERAL})(?: ?{_UNIT}\ufe0f?)? ?{_OF} ?(\d{{1,3}})(?:[.,]0{{1,2}})?(?: ?{_UNIT}\ufe0f?)?"
)
#: "5 stars out of five".
_OF_WORDS = re.compile(rf"\d.* {_OF} [^\W\d_]+")
_PERCENT = re.compile(rf"{_LABEL}({_NUMERAL}) ?(?:%|percent|процент\w{{0,3}}|procent\w{{0,3}})")
_COUNTED = re.compile(rf"{_LABEL}({_NUMERAL})(?: ?-?{_UNIT}\ufe0f?)?")
#: "(5) Very satisfied".
_BRACKETED = re.compile(r"^[(\[](\d{1,3})[)\]] ?(?=[^\W\d_])")
#: A choice with its words: "5 - Very satisfied", "0 = not at all likely", "10: extremely likely".
_WORDED = re.compile(rf"({_NUMERAL}) ?(?:[-–—:=.)] ?|\()([^\W\d_][^\d]{{1,80}})")
#: The same the other way round: "Very satisfied (5)", "Extremely likely - 10".
_WORDS_FIRST = re.compile(r"([^\W\d_][^\d]{1,80}?)(?: [-–—=] | ?: ?| ?\()(\d{1,3}(?:[.,]\d)?)\)?")
#: How a page names its rows of round marks: "ui_bubble_rating bubble_45".
_BUBBLES = re.compile(r"(?:\w+[ _])*bubble[ _](\d)(\d)")
_STARS = re.compile(r"([★⭐🌟✭✮●⬤❤♥]*)([½⯪⯨◐]?)([☆✩○◯♡🤍]*)")
#: "⭐ 5".
_SIGN_FIRST = re.compile(r"^[★⭐🌟☆]\ufe0f? ?(?=\d)")
_HALF = re.compile(r"(?<=\d) ?½")
#: Half of a surrogate pair: JSON can spell it, no encoding can write it.
HALF_PAIR = re.compile("[\ud800-\udfff]")


def or_none(read: Callable[[Any], _Value | None], value: Any) -> _Value | None:
    """Read a cell where one that cannot be read is as good as an empty one."""
    try:
        return read(value)
    except ValueError:
        return None


def unboxed(value: Any) -> Any:
    """Give the Python value in a scalar of NumPy's or the like; anything else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def _folded(text: str) -> str:
    return text.translate(_LOOSE_SPACE).strip().casefold()


def is_missing(value: Any) -> bool:
    """Say whether a cell stands for nothing: empty, NaN, or a word for it in one of the languages."""
    if value is None:
        return True
    if isinstance(value, str):
        if len(value) >= 20:
            return False
        first = value[:1]
        # A letter or digit that none begins with: folding leaves nothing out before it.
        if first.isascii() and first.isalnum() and first not in _MISSING_STARTS:
            return False
        return _folded(value) in _MISSING
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in {"NaTType", "NAType"}


def is_lost(value: Any) -> bool:
    """Say whether a spreadsheet lost what stood in a cell, and shows an error such as ``#VALUE!``."""
    return isinstance(value, str) and value[:1] == "#" and _folded(value) in _SPREADSHEET_ERRORS


def as_text(value: Any) -> str | None:
    """Give a cell as a string: numbers without a false ``.0`` or exponent, nested values as JSON.

    A half of a surrogate pair, which JSON can spell and no encoding can write, becomes U+FFFD; the survey of
    the source counts them and says so.
    """
    if isinstance(value, str):
        if not value.isascii() and HALF_PAIR.search(value):
            return HALF_PAIR.sub("\ufffd", value)
        return value
    if value is None:
        return None
    return _other_as_text(value)


def _other_as_text(value: Any) -> str | None:
    value = unboxed(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e22 else repr(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value.is_finite() else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def as_number(value: Any) -> Number | None:
    """Read a cell as a score.

    Reads numbers with a point or a comma, ``4/5``, ``4 out of 5``, ``4 из 5``, ``80%``, ``4 stars``,
    ``5 звёзд``, ``★★★★☆``, ``★★★½``, ``five`` and ``5 - very satisfied``; ``None`` where the cell stands for
    nothing.

    Raises
    ------
    ValueError
        The cell is something else.
    """
    if isinstance(value, str):
        return _number_in(value) if len(value) <= 200 else _refuse(value)
    if is_missing(value):
        return None
    value = unboxed(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return _refuse(value)
    number = float(value)
    if math.isnan(number):
        return None
    return (number, None) if math.isfinite(number) else _refuse(value)


def _refuse(value: Any) -> Number | None:
    raise ValueError(f"{str(value)[:60]!r} is not a number")


@lru_cache(maxsize=4096)
def _number_in(cell: str) -> Number | None:
    text = _folded(unescape(cell) if "&" in cell else cell)
    if text in _MISSING:
        return None
    if match := _PLAIN_NUMBER.fullmatch(text):
        return _float(match.group(1)) * 10.0 ** int(match.group(2) or 0), None
    text = _BRACKETED.sub(r"\1 - ", text)
    text = _SIGN_FIRST.sub("", _HALF.sub(".5", text.replace("_", " ")))
    if text[0].isalpha() and word_number(first := text.split()[0]) is not None:
        text = _in_digits(text) if first != text else f"{word_number(text):g}"
    elif _OF_WORDS.search(text):
        text = _in_digits(text)
    return _number_with_words(cell, text.rstrip(" .,;!") or text)


def _in_digits(text: str) -> str:
    """Write the numbers of a text in digits: "five out of five"."""
    numbers = ((word, word_number(word)) for word in text.split())
    return " ".join(word if number is None else f"{number:g}" for word, number in numbers)


def _number_with_words(cell: str, text: str) -> Number | None:
    if match := _OUT_OF.fullmatch(text):
        best = float(match.group(2))
        return (_float(match.group(1)), best) if best > 0 else _refuse(cell)
    if match := _PERCENT.fullmatch(text):
        return _float(match.group(1)), 100.0
    if match := _BUBBLES.fullmatch(text):
        return float(f"{match.group(1)}.{match.group(2)}"), 5.0
    if match := _COUNTED.fullmatch(text):
        return _float(match.group(1)), None
    # "5-Apr" is what a spreadsheet made of 4/5, and no choice.
    if (match := _WORDED.fullmatch(text)) and not month_number(match.group(2)):
        return _float(match.group(1)), None
    if (match := _WORDS_FIRST.fullmatch(text)) and not month_number(match.group(1)):
        return _float(match.group(2)), None
    if match := _STARS.fullmatch(text.replace("\ufe0f", "").replace(" ", "")):
        full, half, rest = len(match.group(1)), 0.5 * len(match.group(2)), len(match.group(3))
        best = float(math.ceil(full + half + rest))
        return (full + half, best if rest else None) if best <= 10 else _refuse(cell)
    return _refuse(cell)


def _float(numeral: str) -> float:
    return float(numeral.replace(",", "."))


def as_flag(value: Any) -> bool | None:
    """Read a cell as yes or no; ``None`` where it stands for nothing.

    Raises
    ------
    ValueError
        The cell is neither.
    """
    value = unboxed(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    said = None if value is None else choice(str(value))
    if isinstance(said, bool):
        return said
    if is_missing(value) or (isinstance(value, str) and is_unanswered(value)):
        return None
    raise ValueError(f"{str(value)[:60]!r} is neither yes nor no")
