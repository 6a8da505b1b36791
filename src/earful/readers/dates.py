"""Dates as people and programs write them, to UTC.

Read: ISO 8601 and its kin (``2019-05-25 15:54``, ``2019/05/25``, ``20190525``, ``2019-05``), ``25.05.2019``,
``5/25/2019`` or ``25/5/2019`` (which of the two is decided for the whole source), dates with the month in
words (English, Russian, Bulgarian, Latvian), and Unix times in seconds, milliseconds, microseconds or
nanoseconds. A date without a time zone is taken as UTC. Years outside 1970..2100 are not believed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from earful.readers.rejects import count
from earful.readers.values import is_missing

__all__ = ["DateOrder", "DateProfile", "read_date"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1970, 2101)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "msk": 180, "мск": 180, "eet": 120, "eest": 180, "cet": 60, "cest": 120,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_MONTHS = (
    *("jan янв яну", "feb фев", "mar мар", "apr апр", "may май мая mai", "jun июн юни jūn"),
    *("jul июл юли jūl", "aug авг", "sep сен сеп", "oct окт okt", "nov ноя ное", "dec дек"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_ZONE = r"(?P<zone>z|utc|gmt|msk|мск|eest|eet|cest|cet|[ecmp][sd]t|(?:utc|gmt)?[+-]\d{2}:?\d{2}|[+-]\d{2})"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    rf"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?{_ZONE})?"
)
_AFTER = rf"(?:(?:t| |, ?| в | at | plkst\. ?|, в )?{_TIME})?"
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,4}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}})\.?(?: ?г\.?)?{_AFTER}"
)
_YEAR_MONTH = re.compile(r"(?P<a>\d{4})[-/.](?P<b>\d{1,2})")
_CLOCK = rf"(?:t(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}}){_ZONE}?)?"
_COMPACT = re.compile(rf"(?P<a>\d{{4}})(?P<b>\d{{2}})(?P<c>\d{{2}}){_CLOCK}")
_WEEKDAY = r"(?:[^\W\d_]{2,14}\.?,? )?"
_WORD = r"(?P<month>[^\W\d_]{3,12})\.?"
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]{_WORD},?[ -](?P<year>\d{{4}})"
    rf"(?: ?г\.?| ?года?)?{_AFTER}"
)
_MONTH_DAY = re.compile(rf"{_WEEKDAY}{_WORD} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_AFTER}")
_LATVIAN = re.compile(rf"(?P<year>\d{{4}})\. ?(?:gada|g\.) (?P<day>\d{{1,2}})\. ?{_WORD}{_AFTER}")
_TWITTER = re.compile(rf"{_WEEKDAY}{_WORD} (?P<day>\d{{1,2}}) {_TIME} (?P<year>\d{{4}})")
_WORDED = (_DAY_MONTH, _MONTH_DAY, _LATVIAN, _TWITTER)
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?")
#: From this absolute value on, a Unix time is in the finer unit: (limit, units a second).
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))

DateOrder = bool
"""Whether the month comes first in dates such as ``5/6/2019``."""


def read_date(value: Any, month_first: DateOrder) -> datetime | None:
    """Read a cell as a moment, UTC.

    Raises
    ------
    ValueError
        The cell is not a date, or lies outside the years 1970 to 2100.
    """
    moment = _moment(value, month_first)
    if moment is not None and moment.year not in _YEARS:
        raise ValueError(f"{value} is outside the years {_YEARS[0]}..{_YEARS[-1]}")
    return moment


def _moment(value: Any, month_first: DateOrder) -> datetime | None:
    if isinstance(value, str):
        text = " ".join(value.replace("\0", "").replace("\ufeff", "").split()).casefold()
        return None if is_missing(text) else _read_text(text, month_first)
    if is_missing(value):
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    if isinstance(value, datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a date")
    return _read_text(str(value), month_first) if 1e7 <= value < 1e8 else _from_number(value)


@lru_cache(maxsize=8192)
def _read_text(text: str, month_first: DateOrder) -> datetime:
    if match := _COMPACT.fullmatch(text):
        return _build(int(match["a"]), int(match["b"]), int(match["c"]), match)
    if match := _NUMERIC.fullmatch(text):
        return _from_parts(match, month_first)
    if match := _YEAR_MONTH.fullmatch(text):
        return datetime(int(match["a"]), int(match["b"]), 1, tzinfo=UTC)
    if _NUMBER.fullmatch(text):
        return _from_number(float(text) if "." in text else int(text))
    if len(text) <= 60:
        for pattern in _WORDED:
            match = pattern.fullmatch(text)
            month = _MONTH.get(match["month"][:3]) if match else None
            if match and month:
                return _build(int(match["year"]), month, int(match["day"]), match)
    raise ValueError(f"{text[:60]!r} is not a date")


def _from_parts(match: re.Match[str], month_first: DateOrder) -> datetime:
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == 4:
        return _build(a, b, c, match)
    year = c if len(match["c"]) > 2 else c + (2000 if c < 70 else 1900)
    # With points the day comes first the world over.
    day, month = (b, a) if month_first and match["mark"] != "." else (a, b)
    return _build(year, month, day, match)


def _build(year: int, month: int, day: int, match: re.Match[str]) -> datetime:
    parts = match.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = parts.get("half")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"hour {hour} with am or pm")
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
    moment = datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=UTC)
    return moment - timedelta(minutes=_offset(parts.get("zone")))


def _offset(zone: str | None) -> int:
    """Give a zone's minutes ahead of UTC."""
    if not zone:
        return 0
    if zone in _ZONES:
        return _ZONES[zone]
    digits = zone.removeprefix("utc").removeprefix("gmt").replace(":", "")
    minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
    return -minutes if digits[0] == "-" else minutes


def _from_number(value: int | float) -> datetime:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a date")
    if value < 1e8:
        raise ValueError(f"{value} is too small for a Unix time")
    units = next(units for limit, units in _EPOCH_UNITS if value >= limit)
    try:
        return _EPOCH + timedelta(
            microseconds=round(value * (1e6 / units)) if units <= 1e6 else int(value) // 1000
        )
    except OverflowError:
        raise ValueError(f"{value} is not a date") from None


@dataclass(slots=True)
class DateProfile:
    """What a full pass saw in a date column; the same for any order of the rows."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    unread: int = 0
    example: str | None = None
    _examples: dict[bool, str] = field(default_factory=dict)

    def add(self, value: Any) -> bool:
        """Take in a cell; say whether it is a date in one order or the other."""
        by_order: dict[bool, datetime | None] = {}
        for order in (True, False):
            try:
                by_order[order] = read_date(value, order)
            except ValueError:
                continue
        if not by_order:
            self.unread += 1
            self.example = _least(self.example, value)
        elif len(by_order) == 1:
            month_first = True in by_order
            self.month_first += month_first
            self.day_first += not month_first
            self._examples[month_first] = _least(self._examples.get(month_first), value)
        elif by_order[True] != by_order[False]:
            self.either += 1
        return any(by_order.values())

    @property
    def order(self) -> DateOrder:
        """Whether the month comes first; where nothing tells, it does, as in pandas and DuckDB."""
        return self.month_first >= self.day_first

    def describe(self, column: str) -> list[str]:
        """Say what the user should know: an order that had to be assumed, dates that cannot be read."""
        notes = []
        if self.either and not self.month_first and not self.day_first:
            notes.append(
                f"the dates in {column!r} can be read day first or month first and no row tells;"
                " month first was taken"
            )
        lost, example = self.unread, self.example
        against = self._examples.get(not self.order)
        if against is not None:
            lost += self.day_first if self.order else self.month_first
            example = _least(example, against)
        if lost:
            dates = count(lost, "date", "dates")
            notes.append(f"{dates} in {column!r} cannot be read and became null, for instance {example!r}")
        return notes


def _least(first: str | None, value: Any) -> str:
    text = str(value)[:60]
    return text if first is None else min(first, text)
