"""How numbers are written for people: a true minus, sensible rounding, intervals beside values.

All in the form of the language that is spoken (see ``words.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from earful.pages.words import decimal, say, when

__all__ = [
    "count",
    "date",
    "day",
    "estimate",
    "finite",
    "interval",
    "moment",
    "month",
    "percent",
    "plain",
    "points",
    "q_value",
    "reach",
    "several",
    "short_number",
    "signed",
]

_MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"


def finite(value: Any) -> float | None:
    """Give a number as a float, and ``None`` for what is missing, not a number or infinite."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def signed(value: Any, decimals: int = 0) -> str:
    """Write points with their sign: ``+34``, ``−12``, ``0``; a dash where there is no number."""
    number = finite(value)
    if number is None:
        return _DASH
    text = decimal(abs(number), decimals)
    if not text.strip("0.,"):
        return text
    return ("+" if number > 0 else _MINUS) + text


def points(value: Any) -> str:
    """Write index points: whole, with their sign."""
    return signed(value, 0)


def percent(value: Any) -> str:
    """Write a share that is given in percent: one decimal below ten, whole above."""
    number = finite(value)
    if number is None:
        return _DASH
    decimals = 1 if 0 < abs(number) < 9.95 else 0
    return f"{decimal(number, decimals)}\N{NO-BREAK SPACE}%"


def estimate(row: Any, name: str) -> tuple[float | None, float | None, float | None]:
    """Give a number of a row with the ends of its interval; a column that is not there counts as missing."""
    value, low, high = (finite(row.get(f"{name}{end}")) for end in ("", "_low", "_high"))
    return value, low, high


def reach(low: Any, high: Any, show: Callable[[Any], str] = points) -> str:
    """Write an interval as its ends are written: ``−19 to −5``; nothing where it has none."""
    if finite(low) is None or finite(high) is None:
        return ""
    return say("range", low=show(low), high=show(high))


def interval(low: Any, high: Any, decimals: int = 0) -> str:
    """Write an interval of signed points; a dash where it has none."""
    return reach(low, high, lambda end: signed(end, decimals)) or _DASH


def count(value: Any) -> str:
    """Write a count with thousands parted: ``12,480``."""
    number = finite(value)
    return _DASH if number is None else decimal(number)


def plain(value: Any, decimals: int = 1) -> str:
    """Write a number with so many decimals and no sign of its own; a dash where there is none."""
    number = finite(value)
    return _DASH if number is None else decimal(number, decimals)


def short_number(value: Any) -> str:
    """Write a number with no more decimals than it has, two at most: ``4``, ``4.5``."""
    number = finite(value)
    if number is None:
        return _DASH
    return decimal(
        number, next(places for places in (0, 1, 2) if places == 2 or round(number, places) == number)
    )


def several(value: Any, noun: str) -> str:
    """Write a count with its English noun: ``1 row``, ``2 rows``."""
    return f"{count(value)} {noun}" + ("" if finite(value) == 1 else "s")


def q_value(value: Any) -> str:
    """Write a false discovery rate: three decimals at most, ``< 0.001`` below."""
    number = finite(value)
    if number is None:
        return _DASH
    if number < 0.001:
        return f"< {decimal(0.001, 3)}"
    return decimal(number, 3 if number < 0.1 else 2)


def date(micros: int | None) -> str:
    """Write microseconds since 1970 (UTC) as a day: ``4 Sep 2026``; empty where there is no date."""
    try:
        day = datetime.fromtimestamp((micros or 0) // 1_000_000, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return "" if micros is None else when(day, "day")


def day(iso_day: str) -> str:
    """Write a day that is given as YYYY-MM-DD: ``4 Sep 2026``."""
    return when(datetime.strptime(iso_day, "%Y-%m-%d").replace(tzinfo=UTC), "day")


def month(iso_day: str) -> str:
    """Write the first day of a period shortly: ``Sep 2026`` for the first of a month, else the day."""
    try:
        day = datetime.strptime(iso_day[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return iso_day[:20]
    return when(day, "month" if day.day == 1 else "day")


def moment(iso: Any) -> str:
    """Write a point in time: ``21 Nov 2026, 23:40 UTC``; as it stands where it is not ISO 8601."""
    try:
        at = datetime.fromisoformat(str(iso))
    except ValueError:
        return str(iso)[:40]
    at = at.astimezone(UTC) if at.tzinfo else at
    return when(at, "moment") + (" UTC" if at.tzinfo else "")
