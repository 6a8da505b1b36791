"""Cells to values: strings, numbers with the scale they name, yes or no."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["HALF_PAIR", "Number", "as_flag", "as_number", "as_text", "is_missing", "or_none", "unboxed"]

_Value = TypeVar("_Value")

Number = tuple[float, float | None]
"""A value and the best value of its own scale, where the cell names one: ``4/5`` is ``(4.0, 5.0)``."""

#: What people and programs write for nothing, folded to lower case.
_MISSING = frozenset(
    (
        *("", "na", "n/a", "#n/a", "n.a.", "n.a", "nan", "<na>", "nat", "none", "null", "nil", "\\n", "n/p"),
        *("-", "--", "---", "–", "—", ".", "?", "(blank)", "(null)", "(none)", "unknown", "skipped"),
        *("no answer", "no response", "not applicable", "not available", "not answered"),
        *("н/д", "нд", "нет данных", "нет ответа", "нет", "не указано", "не применимо"),
        *("няма", "няма данни", "няма отговор", "неприложимо"),
        *("nav", "nav datu", "nav atbildes", "nav zināms", "nav piemērojams"),
    )
)
_LOOSE_SPACE = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\0": None, "\ufeff": None, "\u200b": None}
)
_YES = frozenset(
    (
        *("yes", "y", "yep", "true", "t", "1", "1.0", "recommended", "recommend", "✓", "✔"),
        *("да", "д", "истина", "рекомендую", "рекомендует", "рекомендуется", "порекомендую", "советую"),
        *("препоръчвам", "препоръчва", "вярно", "jā", "ja", "j", "patiess", "iesaku", "iesaka", "ieteiktu"),
        *("oui", "sí", "si", "tak", "taip", "так"),
    )
)
_NO = frozenset(
    (
        *("no", "n", "nope", "false", "f", "0", "0.0", "not recommended", "not recommend", "✗", "✘", "✕"),
        *("don't recommend", "do not recommend", "нет", "н", "ложь", "не рекомендую", "не рекомендует"),
        *("не советую", "не порекомендую", "не", "лъжа", "не препоръчвам", "не препоръчва"),
        *("nē", "ne", "aplams", "neiesaku", "neiesaka", "neieteiktu", "non", "nie", "nein", "ні"),
    )
)

_NUMERAL = r"[+-]?\d{1,15}(?:[.,]\d{1,15})?"
_PLAIN_NUMBER = re.compile(rf"({_NUMERAL})(?:[eE]([+-]?\d{{1,2}}))?")
_UNIT = (
    r"(?:stars?|points?|зв[её]зд\w{0,3}|балл\w{0,3}|звезди|точки|zvaigzn\w{0,3}|ball\w{0,3}|punkt\w{0,3}"
    r"|sterne?|étoiles?|★|⭐|☆|🌟)"
)
_OUT_OF = re.compile(
    rf"(?:rated |оценка |vērtējums )?({_NUMERAL}) ?(?:/|\\|out of|of|из|от|no) ?(\d{{1,3}})"
    rf"(?: ?{_UNIT}\ufe0f?)?"
)
_PERCENT = re.compile(rf"({_NUMERAL}) ?(?:%|percent|процент\w{{0,3}}|procent\w{{0,3}})")
_COUNTED = re.compile(rf"({_NUMERAL}) ?-?{_UNIT}\ufe0f?")
#: A choice with its words: "5 - Very satisfied", "0 = not at all likely", "10: extremely likely".
_WORDED = re.compile(rf"({_NUMERAL}) ?(?:[-–—:=.)] ?|\()[^\W\d_][^\d]{{1,80}}")
_STARS = re.compile(r"([★⭐🌟]*)([☆✩]*)")
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
        return len(value) < 20 and _folded(value) in _MISSING
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in {"NaTType", "NAType"}


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
    ``5 звёзд``, ``★★★★☆`` and ``5 - very satisfied``; ``None`` where the cell stands for nothing.

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
    text = _folded(cell)
    if text in _MISSING:
        return None
    if match := _PLAIN_NUMBER.fullmatch(text):
        return _float(match.group(1)) * 10.0 ** int(match.group(2) or 0), None
    if match := _OUT_OF.fullmatch(text):
        best = float(match.group(2))
        return (_float(match.group(1)), best) if best > 0 else _refuse(cell)
    if match := _PERCENT.fullmatch(text):
        return _float(match.group(1)), 100.0
    if match := _COUNTED.fullmatch(text) or _WORDED.fullmatch(text):
        return _float(match.group(1)), None
    if match := _STARS.fullmatch(text.replace("\ufe0f", "").replace(" ", "")):
        full, rest = len(match.group(1)), len(match.group(2))
        return (float(full), float(full + rest) if rest else None) if full + rest <= 10 else _refuse(cell)
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
    text = "" if value is None else _folded(str(value))
    if text in _YES or text in _NO:
        return text in _YES
    if is_missing(value):
        return None
    raise ValueError(f"{str(value)[:60]!r} is neither yes nor no")
