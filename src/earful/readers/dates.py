"""Dates as people and programs write them, to UTC.

Read: ISO 8601 and its kin (``2019-05-25 15:54``, ``2019/05/25``, ``20190525``, ``2019-05``), ``25.05.2019``,
``5/25/2019`` or ``25/5/2019`` (which of the two is decided for the whole source), dates with the month in
words (:mod:`.months`), the last two also at the end of a few words without digits
("Reviewed in ... on ..."), and Unix times in seconds, milliseconds, microseconds or nanoseconds; days as a
spreadsheet numbers them where the whole column tells. A date without a time zone is taken as UTC unless the
header names one ("Created (Europe/Riga)"). Years outside 1970..2100 are not believed.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from earful.readers.months import month_by_start
from earful.readers.values import is_missing

__all__ = [
    "LONGEST",
    "DateForm",
    "DateOrder",
    "from_iso",
    "is_plain_date",
    "is_serial",
    "read_date",
    "spaced",
    "zone_in_header",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1970, 2101)
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "msk": 180, "мск": 180, "eet": 120, "eest": 180, "cet": 60, "cest": 120,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip
_ZONE = (
    r"\(?(?P<zone>z|utc|gmt|msk|мск|eest|eet|cest|cet|[ecmp][sd]t|(?:utc|gmt) ?[+-]\d{1,2}(?::?\d{2})?"
    r"|[+-]\d{2}(?::?\d{2})?)\)?"
)
_TIME = (
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    rf"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?ч(?:\.|ас[а-я]*)?| uhr)?(?: ?{_ZONE})?(?: ?\([^()]{{1,60}}\))?"
)
_AT = r"t| |, ?| в | at | à | um | a las | alle | às | o |,? godz\.? |,? ?plkst\.? ?|, в |,? ?[-–|] ?"
_AFTER = rf"(?:(?:{_AT})?{_TIME})?"
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,4}}) ?(?P<mark>[./-]) ?(?P<b>\d{{1,2}}) ?(?P=mark) ?(?P<c>\d{{1,4}})\.?(?: ?г\.?)?{_AFTER}"
)
_YEAR_MONTH = re.compile(r"(?P<a>\d{4})[-/.](?P<b>\d{1,2})")
_CLOCK = rf"(?:t(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}}){_ZONE}?)?"
#: What programs write, and Python reads by itself.
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{3}(?:\d{3})?)?)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?",
    re.ASCII,
)
_COMPACT = re.compile(rf"(?P<a>\d{{4}})(?P<b>\d{{2}})(?P<c>\d{{2}}){_CLOCK}")
_WEEKDAY = r"(?:[^\W\d_]{2,14}\.?,? )?"
_WORD = r"(?:de )?(?P<month>[^\W\d_]{2,12})\.?"
_YEAR = r"(?:de )?(?P<year>\d{4}|['’]?\d{2})"
_YEAR_MARK = r"(?: ?г\.?| ?года?| ?[mr]\.)?"
_DAY_MONTH = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|-?го)?[ ./-]{_WORD},?[ ./-]{_YEAR}"
    rf"{_YEAR_MARK}{_AFTER}"
)
_MONTH_DAY = re.compile(
    rf"{_WEEKDAY}{_WORD}[ -](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ -](?P<year>\d{{4}}){_AFTER}"
)
_MONTH_YEAR = re.compile(rf"{_WORD},?[ -](?:de )?(?P<year>\d{{4}}){_YEAR_MARK}")
_LATVIAN = re.compile(rf"(?P<year>\d{{4}})\. ?(?:gada|g\.) (?P<day>\d{{1,2}})\. ?{_WORD}{_AFTER}")
_TWITTER = re.compile(rf"{_WEEKDAY}{_WORD} (?P<day>\d{{1,2}}) {_TIME} (?P<year>\d{{4}})")
#: "Jan-24" and "Jan '24", as a spreadsheet shows a month.
_MONTH_SHORT = re.compile(rf"{_WORD}(?:-|[ -]?['’])(?P<year>\d{{2}})")
_WORDED = (_DAY_MONTH, _MONTH_DAY, _LATVIAN, _TWITTER, _MONTH_YEAR, _MONTH_SHORT)
_MIDNIGHT = time()
#: "2024年1月5日", and the Korean form.
_SIGNED = re.compile(r"(?P<a>\d{4}) ?[年년] ?(?P<b>\d{1,2}) ?[月월](?: ?(?P<c>\d{1,2}) ?[日일])?" + _AFTER)
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?")
#: "(edited)" behind a date.
_REMARK = re.compile(r"(?<=\d) ?\([^()\d]{1,40}\)$")
_FIRST_DIGIT = re.compile(r"\d")
#: How long a cell with words before its date may be.
LONGEST = 140
_SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,12})?")
#: The days that a spreadsheet counts from its day 0 and that are believed: from 1970 to 2100.
_SERIAL_DAYS = (25_569, 73_415)
_DAY_0 = datetime(1899, 12, 30)
_HEADER_ZONE = re.compile(
    r"[(\[]([^()\[\]]{1,40})[)\]]|\b(?:in|по|време|laiks) ((?:utc|gmt|msk|мск)(?:[+-]\d{1,2})?)\b", re.I
)
_OFFSET = re.compile(r"(?:utc|gmt)? ?([+-])(\d{1,2})(?::?(\d{2}))?")
#: From this absolute value on, a Unix time is in the finer unit: (limit, units a second).
_EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))

DateOrder = bool
"""Whether the month comes first in dates such as ``5/6/2019``."""


class DateForm(NamedTuple):
    """How the dates of one column are written.

    Attributes
    ----------
    month_first
        The month comes first in dates such as ``5/6/2019``.
    serial
        Numbers of five digits are the days of a spreadsheet.
    zone
        Where the clock hung that a time without a zone was read from.
    """

    month_first: DateOrder = True
    serial: bool = False
    zone: tzinfo = UTC


def read_date(
    value: Any, month_first: DateOrder, serial: bool = False, zone: tzinfo = UTC
) -> datetime | None:
    """Read a cell as a moment, UTC; the rest is as in :class:`DateForm`.

    Raises
    ------
    ValueError
        The cell is not a date, or lies outside the years 1970 to 2100.
    """
    moment = _moment(value, month_first, serial)
    if moment is None:
        return None
    if moment.tzinfo is None:
        # A date without a time of day is the day that was meant, wherever the clock hung.
        moment = moment.replace(tzinfo=zone if moment.time() != _MIDNIGHT else UTC)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = moment.replace(tzinfo=UTC)
    if moment.year not in _YEARS:
        raise ValueError(f"{value} is outside the years {_YEARS[0]}..{_YEARS[-1]}")
    return moment


def is_plain_date(value: Any) -> bool:
    """Say whether a cell is a date on the face of it: no bare number, no words before it."""
    if isinstance(value, date):
        return True
    if not isinstance(value, str) or not 6 <= len(value) <= 40:
        return False
    return from_iso(value) is not None or _is_written(value)


@lru_cache(maxsize=8192)
def _is_written(value: str) -> bool:
    if value.isdigit():
        return False
    if not (value[0].isdigit() or value[0].isalpha()) or not any(letter.isdigit() for letter in value):
        return False
    for month_first in (True, False):
        try:
            _read_text(spaced(value), month_first, False)
        except ValueError:
            continue
        return not _NUMBER.fullmatch(value) and not _COMPACT.fullmatch(value)
    return False


def zone_in_header(header: str) -> tzinfo | None:
    """Read a time zone out of a header: ``Created (America/New_York)``, ``Date (UTC+3)``, ``Time [MSK]``."""
    for match in _HEADER_ZONE.finditer(header):
        name = (match.group(1) or match.group(2)).strip()
        folded = name.casefold()
        if folded in _ZONES:
            return timezone(timedelta(minutes=_ZONES[folded]))
        if offset := _OFFSET.fullmatch(folded):
            minutes = int(offset[2]) * 60 + int(offset[3] or 0)
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
        if "/" in name:
            try:
                return ZoneInfo(name.replace(" ", "_"))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return None


def spaced(text: str) -> str:
    """Fold a cell for reading: no case, white space collapsed."""
    return " ".join(text.replace("\0", "").replace("\ufeff", "").split()).casefold()


def _moment(value: Any, month_first: DateOrder, serial: bool) -> datetime | None:
    if isinstance(value, str):
        moment = from_iso(value)
        if moment is not None:
            return moment
        text = spaced(value)
        if serial and _SERIAL.fullmatch(text):
            return _from_serial(float(text.replace(",", ".")))
        return None if is_missing(text) else _read_text(text, month_first)
    if is_missing(value):
        return None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a date")
    if serial and _SERIAL_DAYS[0] <= value < _SERIAL_DAYS[1]:
        return _from_serial(value)
    return _read_text(str(value), month_first) if 1e7 <= value < 1e8 else _from_number(value)


def from_iso(text: str) -> datetime | None:
    """Read a moment as programs write it: many times as fast as the other ways, to the same answer."""
    if not _ISO.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_serial(days: float) -> datetime:
    if not _SERIAL_DAYS[0] <= days < _SERIAL_DAYS[1]:
        raise ValueError(f"{days:g} is no day of a spreadsheet from 1970 to 2100")
    # Such numbers are cut to a few digits: no second is exact.
    return _DAY_0 + timedelta(seconds=round(days * 86_400))


@lru_cache(maxsize=8192)
def _read_text(text: str, month_first: DateOrder, led: bool = True) -> datetime:
    if match := _COMPACT.fullmatch(text) or _SIGNED.fullmatch(text):
        return _build(int(match["a"]), int(match["b"]), int(match["c"] or 1), match)
    if match := _NUMERIC.fullmatch(text):
        return _from_parts(match, month_first)
    if match := _YEAR_MONTH.fullmatch(text):
        return datetime(int(match["a"]), int(match["b"]), 1)
    if _NUMBER.fullmatch(text):
        return _from_number(float(text) if "." in text else int(text))
    if len(text) <= LONGEST:
        for pattern in _WORDED:
            match = pattern.fullmatch(text)
            month = month_by_start(match["month"]) if match else None
            if match and month:
                return _build(_year(match["year"]), month, int(match.groupdict().get("day") or 1), match)
        if (bare := _REMARK.sub("", text)) != text:
            return _read_text(bare, month_first, led)
        if led:
            return _after_words(text, month_first)
    raise ValueError(f"{text[:60]!r} is not a date")


def _after_words(text: str, month_first: DateOrder) -> datetime:
    """Read the date that some words end in, with the month before its digits or after them.

    As in "Reviewed in the United States on May 3, 2023".
    """
    digit = _FIRST_DIGIT.search(text)
    if digit is not None and digit.start():
        words, rest = text[: digit.start()].split(), text[digit.start() :].rstrip(")")
        for tail in (f"{words[-1].lstrip('(')} {rest}" if words else rest, rest):
            if tail != text:
                try:
                    return _read_text(tail, month_first, False)
                except ValueError:
                    continue
    raise ValueError(f"{text[:60]!r} is not a date")


def _year(digits: str) -> int:
    year = int(digits.lstrip("'’"))
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


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
    moment = datetime(year, month, day, hour, minute, min(second, 59), micro)
    zone = parts.get("zone")
    return moment if not zone else moment.replace(tzinfo=UTC) - timedelta(minutes=_offset(zone))


def _offset(zone: str) -> int:
    """Give a zone's minutes ahead of UTC."""
    if zone in _ZONES:
        return _ZONES[zone]
    digits = zone.removeprefix("utc").removeprefix("gmt").replace(":", "").strip()
    hours, minutes = (digits[1:3], digits[3:5]) if len(digits) != 4 else (digits[1:2], digits[2:4])
    ahead = int(hours) * 60 + int(minutes or 0)
    return -ahead if digits[0] == "-" else ahead


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


def is_serial(value: Any) -> bool:
    """Say whether a cell is a day as a spreadsheet numbers it."""
    if isinstance(value, str):
        text = value.strip()
        if not _SERIAL.fullmatch(text):
            return False
        value = float(text.replace(",", "."))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and _SERIAL_DAYS[0] <= value < _SERIAL_DAYS[1]
