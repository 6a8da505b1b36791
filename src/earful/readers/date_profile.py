"""What a full pass saw in a column of dates: in which order they are, what cannot be read, what cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from earful.readers.dates import LONGEST, DateForm, DateOrder, from_iso, is_serial, read_date, spaced
from earful.readers.rejects import count

__all__ = ["DateProfile"]

_RELATIVE = re.compile(
    r"\b(?:ago|yesterday|today|just now|last (?:week|month|year)|назад|вчера|сегодня|позавчера|днес)\b"
    r"|\b(?:онзи ден|vakar|šodien|aizvakar)\b|^(?:преди|pirms|il y a|vor|hace) \w"
)


def _by_order(value: Any, zone: tzinfo) -> dict[bool, datetime | None]:
    """Read a cell with the month first and with the day first; one in which it is no date is left out."""
    found: dict[bool, datetime | None] = {}
    for order in (True, False):
        try:
            found[order] = read_date(value, order, zone=zone)
        except ValueError:
            continue
        if isinstance(value, str) and from_iso(value) is not None:
            return dict.fromkeys((True, False), found[order])
    return found


_cached_orders = lru_cache(maxsize=8192)(_by_order)


@dataclass(slots=True)
class DateProfile:
    """What a full pass saw in a date column; the same for any order of the rows."""

    zone: tzinfo | None = None
    day_first: int = 0
    month_first: int = 0
    either: int = 0
    unread: int = 0
    serials: int = 0
    relative: int = 0
    future: int = 0
    #: The file is from where the day comes first: it is told of no file in English.
    abroad: bool = False
    latest: datetime | None = None
    example: str | None = None
    _examples: dict[bool, str] = field(default_factory=dict)
    _tomorrow: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=1))

    def add(self, value: Any, times: int = 1) -> bool:
        """Take in a cell, and how often it came up; say whether it is a date in one order or the other."""
        if is_serial(value):
            self.serials += times
            return True
        zone = self.zone or UTC
        short = isinstance(value, str) and len(value) <= 40
        by_order = _cached_orders(value, zone) if short else _by_order(value, zone)
        if not by_order:
            self._add_unread(value, times)
        elif len(by_order) == 1:
            month_first = True in by_order
            self.month_first += times * month_first
            self.day_first += times * (not month_first)
            self._examples[month_first] = _least(self._examples.get(month_first), value)
        elif by_order[True] != by_order[False]:
            self.either += times
        moments = [moment for moment in by_order.values() if moment]
        if moments and min(moments) > self._tomorrow:
            self.future += times
            self.latest = max([min(moments), *([self.latest] if self.latest else [])])
        return bool(moments)

    def _add_unread(self, value: Any, times: int) -> None:
        if isinstance(value, str) and len(value) <= LONGEST and _RELATIVE.search(spaced(value)):
            self.relative += times
            return
        self.unread += times
        self.example = _least(self.example, value)

    @property
    def order(self) -> DateOrder:
        """Whether the month comes first; where no date tells, it does in English alone."""
        return self.month_first >= self.day_first and not (self.abroad and self._untold)

    @property
    def _untold(self) -> bool:
        return not self.month_first and not self.day_first

    @property
    def form(self) -> DateForm:
        """How the dates of the column are written."""
        return DateForm(self.order, self.serials > 0, self.zone or UTC)

    def describe(self, column: str) -> list[str]:
        """Say what the user should know: what had to be assumed, what cannot be read, what cannot be."""
        notes = []
        if self.either and self._untold:
            taken = (
                "day first was taken, as the file is not in English"
                if self.abroad
                else "month first was taken"
            )
            notes.append(
                f"the dates in {column!r} can be read day first or month first and no row tells; {taken}"
            )
        if self.serials:
            days = count(self.serials, "cell of", "cells of")
            notes.append(f"{days} {column!r} are days as a spreadsheet numbers them (45294 is 2024-01-03)")
        if self.zone is not None:
            notes.append(
                f"times in {column!r} that name no zone were read as {self.zone}, as its header says"
            )
        return notes + self._losses(column)

    def _losses(self, column: str) -> list[str]:
        notes = []
        lost, example = self.unread, self.example
        against = self._examples.get(not self.order)
        if against is not None:
            lost += self.day_first if self.order else self.month_first
            example = _least(example, against)
        if lost:
            dates = count(lost, "date", "dates")
            notes.append(f"{dates} in {column!r} cannot be read and became null, for instance {example!r}")
        if self.relative:
            dates = count(self.relative, "cell", "cells")
            notes.append(
                f"{dates} in {column!r} count from the day of the export ('3 weeks ago') and became null; "
                "export the dates themselves"
            )
        if self.future and self.latest is not None:
            dates = count(self.future, "date", "dates")
            notes.append(f"{dates} in {column!r} lie in the future, the latest is {self.latest:%Y-%m-%d}")
        return notes


def _least(first: str | None, value: Any) -> str:
    text = str(value)[:60]
    return text if first is None else min(first, text)
