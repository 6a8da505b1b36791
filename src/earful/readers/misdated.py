"""Answers such as ``4/5`` that a spreadsheet took for dates.

A spreadsheet reads ``4/5`` as the fifth of April or the fourth of May, whichever its language says, and shows
``5-Apr`` or ``04.май``. One cell could be anything; a column tells, as the best answer of the scale, the 5,
is in every cell the same, and the other number never passes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from earful.readers.months import month_number

__all__ = ["Role", "day_and_month", "rating_in_dates"]

Role = Literal["day", "month"]
"""Which part of the date is the answer; the other is the best answer of the scale."""

#: The best answers of the scales that a date can hide: a month or a day stands for each.
_BEST = (5, 10, 7, 3, 4, 6)

_DAY_MONTH = re.compile(r"(\d{1,2})[-. /]{1,2}([^\W\d_]{3,12})\.?(?:[-. /]{1,2}(?:\d{4}|\d{2}))?\.?")
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?[-. /]{1,2}(\d{1,2})(?:,? \d{4})?")
_ISO = re.compile(r"\d{4}-(\d{2})-(\d{2})(?:[t ][\d:.]+)?")


def day_and_month(cell: Any) -> tuple[int, int] | None:
    """Give day and month of a cell that reads as a date without an hour of its own, else ``None``."""
    if isinstance(cell, date):
        return cell.day, cell.month
    if not isinstance(cell, str) or not 5 <= len(cell) <= 30:
        return None
    text = cell.strip().casefold()
    if match := _ISO.fullmatch(text):
        return int(match[2]), int(match[1])
    if match := _DAY_MONTH.fullmatch(text):
        day, word = match[1], match[2]
    elif match := _MONTH_DAY.fullmatch(text):
        day, word = match[2], match[1]
    else:
        return None
    month = month_number(word)
    return (int(day), month) if month and 1 <= int(day) <= 31 else None


def rating_in_dates(dates: Mapping[tuple[int, int], int]) -> tuple[Role, int] | None:
    """Tell which part of a column's dates is the answer, and the best answer; ``None`` where they are dates.

    Parameters
    ----------
    dates
        (day, month) -> how many cells.
    """
    found: list[tuple[int, Role, int]] = []
    roles: tuple[tuple[Role, int], ...] = (("month", 0), ("day", 1))
    for answer, at in roles:
        best = {one[at] for one in dates}
        if len(best) == 1 and (top := best.pop()) in _BEST and all(one[1 - at] <= top for one in dates):
            found.append((_BEST.index(top), answer, top))
    if not found:
        return None
    _, role, top = min(found)
    return role, top
