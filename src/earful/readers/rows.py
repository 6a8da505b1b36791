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
from earful.schema import SIGNALS

__all__ = ["RowMaker"]

_NAMES = ("product", "touchpoint", "channel", "author_id")


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
