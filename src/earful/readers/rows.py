"""A record to a row of ``schema.INPUT``, or the reason it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from earful.readers.dates import read_date
from earful.readers.scales import ScaleRule
from earful.readers.survey import Plan
from earful.readers.values import as_flag, as_number, as_text, is_missing
from earful.schema import SIGNALS, STAGES

__all__ = ["RowMaker"]

_NAMES = ("product", "touchpoint", "channel", "author_id")
_AMOUNTS = ("orders", "order_value", "annual_value")
#: Flags that say whether a customer stayed, and whether they say so or the contrary.
_OUTCOMES = {"retained": True, "churned": False}


class RowMaker:
    """Makes rows of one source.

    Parameters
    ----------
    plan
        What the source's survey settled.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mapping = plan.mapping
        self._labels = tuple(name for name in _NAMES if name in plan.mapping)
        self._amounts = tuple(name for name in _AMOUNTS if name in plan.mapping)
        self._outcomes = tuple(name for name in _OUTCOMES if name in plan.mapping)
        self._stages = tuple(name for name in STAGES if name in plan.mapping)

    def make(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Give the row's cells by our names, and why it is refused: empty where it is not.

        ``row`` and ``source`` are left to the caller.
        """
        row: dict[str, Any] = {}
        problems: list[str] = []
        for name in self._labels:
            row[name] = self._label(values, name)
        self._add_words(row, values)
        for signal, rule in self._plan.rules.items():
            self._add_score(row, values, signal, rule, problems)
        self._add_flag(row, values, problems)
        moment, written = self._date(values)
        row["created_at"] = moment
        if "weight" in self._mapping:
            self._add_weight(row, values, problems)
        if self._stages or "received" in self._mapping:
            self._add_complaint(row, values)
            if "created_at" not in self._mapping:
                row["created_at"] = row.get("received_at")
        self._add_behaviour(row, values)
        if not problems and not row["text"] and row.get("recommended") is None and not _has_score(row):
            problems.append("no text and no score")
        if not problems:
            row["review_id"] = self._label(values, "review_id") or _content_id(row, written)
        return row, "; ".join(problems)

    def _label(self, values: Mapping[str, Any], name: str) -> str | None:
        theirs = self._mapping.get(name)
        value = None if theirs is None else values.get(theirs)
        if is_missing(value):
            return None
        text = as_text(value)
        return text.strip() or None if text is not None else None

    def _add_words(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        text, title = self._words(values, "text"), self._words(values, "title")
        if text is None and title is not None:
            # A headline on its own is what the customer said; it must not be weighed twice.
            text, title = title, None
        row["text"], row["title"] = text or "", title

    def _words(self, values: Mapping[str, Any], name: str) -> str | None:
        theirs = self._mapping.get(name)
        text = None if theirs is None else as_text(values.get(theirs))
        return text if text is not None and text.strip(" \t\r\n\0\u00a0\ufeff\u200b") else None

    def _add_score(
        self,
        row: dict[str, Any],
        values: Mapping[str, Any],
        signal: str,
        rule: ScaleRule,
        problems: list[str],
    ) -> None:
        theirs = self._mapping[signal]
        try:
            number = as_number(values.get(theirs))
            if number is None:
                return
            worst, best = _ends(number[1], rule, values)
        except ValueError as error:
            problems.append(f"{signal}: column {theirs!r}: {error}")
            return
        if not worst <= number[0] <= best:
            problems.append(
                f"{signal}: {number[0]:g} in column {theirs!r} is outside the scale {worst:g}..{best:g}"
                f" ({rule.scale.how})"
            )
            return
        row[signal], row[f"{signal}_min"], row[f"{signal}_max"] = number[0], worst, best

    def _add_flag(self, row: dict[str, Any], values: Mapping[str, Any], problems: list[str]) -> None:
        theirs = self._mapping.get("recommended")
        if theirs is None:
            return
        try:
            row["recommended"] = as_flag(values.get(theirs))
        except ValueError as error:
            problems.append(f"recommended: column {theirs!r}: {error}")

    def _add_weight(self, row: dict[str, Any], values: Mapping[str, Any], problems: list[str]) -> None:
        theirs = self._mapping["weight"]
        try:
            number = as_number(values.get(theirs))
        except ValueError as error:
            problems.append(f"weight: column {theirs!r}: {error}")
            return
        if number is not None and number[0] < 0:
            problems.append(f"weight: {number[0]:g} in column {theirs!r} is below 0")
        elif number is not None:
            row["weight"] = number[0]

    def _add_complaint(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Note what became of a complaint; a stage whose cell is empty was not reached yet.

        Where no column says which rows are complaints, all of the source are.
        """
        given = "received" in self._mapping
        said, moment = self._moment(values, "received") if given else (True, None)
        row["complaint"] = said
        if not said:
            return
        row["received_at"] = moment or row["created_at"]
        for stage in self._stages:
            row[stage], row[f"{stage}_at"] = self._moment(values, stage)

    def _moment(self, values: Mapping[str, Any], name: str) -> tuple[bool | None, datetime | None]:
        """Give whether a stage was reached, and when; neither where the cell cannot be read."""
        cell = values.get(self._mapping[name])
        if is_missing(cell):
            return False, None
        try:
            return as_flag(cell), None
        except ValueError:
            pass
        try:
            moment = read_date(cell, self._plan.stage_orders.get(name, True))
        except ValueError:
            return None, None
        return moment is not None, moment

    def _add_behaviour(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        for name in self._amounts:
            row[name] = self._amount(values, name)
        for name in self._outcomes:
            flag = self._flag(values, name)
            if flag is not None and row.get("retained") is None:
                row["retained"] = flag is _OUTCOMES[name]

    def _amount(self, values: Mapping[str, Any], name: str) -> float | None:
        try:
            number = as_number(values.get(self._mapping[name]))
        except ValueError:
            return None
        return None if number is None or number[0] < 0 else number[0]

    def _flag(self, values: Mapping[str, Any], name: str) -> bool | None:
        try:
            return as_flag(values.get(self._mapping[name]))
        except ValueError:
            return None

    def _date(self, values: Mapping[str, Any]) -> tuple[datetime | None, str | None]:
        """Give the moment, and how it was written where it cannot be read."""
        theirs = self._mapping.get("created_at")
        cell = None if theirs is None else values.get(theirs)
        try:
            return read_date(cell, self._plan.month_first), None
        except ValueError:
            return None, as_text(cell)


def _has_score(row: Mapping[str, Any]) -> bool:
    return any(row.get(signal) is not None for signal in SIGNALS)


def _ends(stated: float | None, rule: ScaleRule, values: Mapping[str, Any]) -> tuple[float, float]:
    """Give the worst and best value of a row's scale; ``stated`` is the best value its cell names."""
    if rule.fixed:
        if stated is not None and stated != rule.scale.max:
            raise ValueError(f"the cell says out of {stated:g}, the scale is set to ..{rule.scale.max:g}")
        return rule.scale.min, rule.scale.max
    best = _end(rule.max_column, values)
    worst = _end(rule.min_column, values)
    if best is None:
        best = stated
    if best is None:
        return (rule.scale.min if worst is None else worst), rule.scale.max
    worst = rule.worst_for(best) if worst is None else worst
    if worst >= best:
        raise ValueError(f"its scale {worst:g}..{best:g} has no room")
    return worst, best


def _end(column: str | None, values: Mapping[str, Any]) -> float | None:
    number = None if column is None else as_number(values.get(column))
    return None if number is None else number[0]


def _content_id(row: Mapping[str, Any], written_date: str | None) -> str:
    """Hash what a row says. Neither its place nor its file is in it, nor what other rows decide (scales)."""
    moment = row["created_at"]
    content = [
        *(row.get(name) for name in _NAMES),
        moment.isoformat() if moment is not None else written_date,
        row["title"],
        row["text"],
        *(row.get(signal) for signal in SIGNALS),
        row.get("recommended"),
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode())
    return "h" + digest.hexdigest()[:16]
