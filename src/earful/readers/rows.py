"""A record to a row of ``schema.INPUT``, or the reason it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from earful.input_columns import INPUT_COLUMNS, Kind
from earful.readers.columns import is_field
from earful.readers.dates import DateForm, read_date
from earful.readers.fields import says_nothing
from earful.readers.scales import ScaleRule
from earful.readers.survey import Plan
from earful.readers.values import as_flag, as_number, as_text, is_lost, is_missing, or_none
from earful.schema import SIGNALS, STAGES

__all__ = ["RowMaker"]

#: What a row's own id is made of besides date, words and scores; one more name would change every id.
_IDENTITY = ("product", "touchpoint", "channel", "author_id")


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
        self._cells = [
            (ours, theirs, _READ[INPUT_COLUMNS[ours].kind])
            for ours, theirs in plan.mapping.items()
            if INPUT_COLUMNS[ours].kind in _READ
        ]
        self._stages = tuple(name for name in STAGES if name in plan.mapping)

    def make(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
        """Give the row's cells by our names, and why it is refused: empty where it is not.

        ``row`` and ``source`` are left to the caller.
        """
        row: dict[str, Any] = {}
        if self._plan.export is not None:
            values, refused = self._plan.export.mended(values)
            if refused:
                return row, refused
        problems: list[str] = []
        unread = self._add_cells(row, values)
        if "weight" in self._mapping:
            self._add_weight(row, values, problems)
        if row.get("retained") is None and row.get("churned") is not None:
            row["retained"] = not row["churned"]
        row["created_at"], written = self._date(values)
        if self._stages or "received" in self._mapping:
            self._add_complaint(row, values)
            if "created_at" not in self._mapping:
                row["created_at"] = row.get("received_at")
        for name, cut in self._plan.cuts.items():
            row[name] = cut.value(values.get(cut.theirs))
        if not problems and not row["text"] and all(row.get(name) is None for name in _ANSWERS):
            problems += unread or ["no text and no score"]
        if not problems:
            row["review_id"] = row.get("review_id") or _content_id(row, written)
        return row, "; ".join(problems)

    def _add_cells(self, row: dict[str, Any], values: Mapping[str, Any]) -> list[str]:
        """Fill in what cells say by themselves; say what cannot be read."""
        unread: list[str] = []
        for signal, rule in self._plan.rules.items():
            if self._answers(signal, values):
                self._add_number(row, values, signal, rule, unread)
        for ours, theirs, read in self._cells:
            try:
                row[ours] = read(values.get(theirs))
            except ValueError as error:
                unread.append(f"{ours}: column {theirs!r}: {error}")
        if self._plan.parts:
            row["text"], row["fields"] = _joined(self._plan.parts, values)
        text, title = row.get("text"), row.get("title")
        # A headline on its own is what the customer said; it must not be weighed twice.
        row["text"], row["title"] = (title or "", None) if text is None else (text, title)
        return unread

    def _answers(self, signal: str, values: Mapping[str, Any]) -> bool:
        """Say whether a row's score answers a question, where another column names it."""
        typed = self._plan.typed
        if typed is None or typed.theirs != self._mapping[signal]:
            return True
        return typed.signal(values.get(typed.by)) == signal

    def _add_number(
        self, row: dict[str, Any], values: Mapping[str, Any], ours: str, rule: ScaleRule, unread: list[str]
    ) -> None:
        """Fill in a score with its scale; a cell that is no answer leaves both empty."""
        theirs = self._mapping[ours]
        worst, best = (
            None if column is None else values.get(column) for column in (rule.min_column, rule.max_column)
        )
        try:
            answer = rule.answer(values.get(theirs), worst, best)
        except ValueError as error:
            # The words of the row are worth keeping; the survey has counted the cell, and says so.
            unread.append(f"{ours}: column {theirs!r}: {error}")
            return
        if answer is not None:
            row[ours], row[f"{ours}_min"], row[f"{ours}_max"] = answer

    def _add_weight(self, row: dict[str, Any], values: Mapping[str, Any], problems: list[str]) -> None:
        """Fill in a weight; one that cannot be a weight refuses the row, for no other would be right."""
        theirs = self._mapping["weight"]
        try:
            number = as_number(values.get(theirs))
        except ValueError as error:
            problems.append(f"weight: column {theirs!r}: {error}")
            return
        if number is None:
            return
        if number[0] < 0:
            problems.append(f"weight: {number[0]:g} in column {theirs!r} is below 0")
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

    def _moment(self, values: Mapping[str, Any], ours: str) -> tuple[bool | None, datetime | None]:
        """Give whether a stage was reached, and when; neither where the cell cannot be read."""
        cell = values.get(self._mapping[ours])
        if is_missing(cell):
            return False, None
        flag = or_none(as_flag, cell)
        if flag is not None:
            return flag, None
        try:
            moment = read_date(cell, *self._plan.dates.get(ours, DateForm()))
        except ValueError:
            return None, None
        return moment is not None, moment

    def _date(self, values: Mapping[str, Any]) -> tuple[datetime | None, str | None]:
        """Give the moment, and how it was written where it cannot be read."""
        theirs = self._mapping.get("created_at")
        cell = None if theirs is None else values.get(theirs)
        try:
            return read_date(cell, *self._plan.dates.get("created_at", DateForm())), None
        except ValueError:
            return None, as_text(cell)


def _label(cell: Any) -> str | None:
    return None if is_missing(cell) else (as_text(cell) or "").strip() or None


def _words(cell: Any) -> str | None:
    text = None if is_lost(cell) else as_text(cell)
    return text if text is not None and text.strip(" \t\r\n\0\u00a0\ufeff\u200b") else None


def _joined(parts: Mapping[str, str], values: Mapping[str, Any]) -> tuple[str | None, list[int] | None]:
    """Make one text of its parts, each after the name of its field; a field that says nothing is left out.

    Give besides where names stand that are not to be scored: a question is the asker's words. The name of a
    field of praise or of complaint stays, for without it nobody knows what "the smell" is.
    """
    lines: list[str] = []
    unscored: list[int] = []
    at = 0
    for theirs, label in parts.items():
        words = _words(values.get(theirs))
        if words is None or says_nothing(words):
            continue
        name = label if label.endswith("?") else f"{label}:"
        if not is_field(theirs) and not is_field(label):
            unscored += [at, at + len(name) + 1]
        lines.append(f"{name} {words.strip()}")
        at += len(lines[-1]) + 1
    return "\n".join(lines) or None, unscored or None


def _amount(cell: Any) -> float | None:
    number = or_none(as_number, cell)
    return None if number is None or number[0] < 0 else number[0]


#: How a cell becomes a value by itself; scores, weights, dates and stages need more than their cell.
_READ: dict[Kind, Callable[[Any], Any]] = {
    "id": _label,
    "label": _label,
    "words": _words,
    "flag": as_flag,
    "amount": _amount,
    "outcome": lambda cell: or_none(as_flag, cell),
}
#: A row without words needs one of these.
_ANSWERS = (*SIGNALS, "recommended")


def _content_id(row: Mapping[str, Any], written_date: str | None) -> str:
    """Hash what a row says. Neither its place nor its file is in it, nor what other rows decide (scales)."""
    moment = row["created_at"]
    content = [
        *(row.get(name) for name in _IDENTITY),
        moment.isoformat() if moment is not None else written_date,
        row["title"],
        row["text"],
        *(row.get(name) for name in _ANSWERS),
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode())
    return "h" + digest.hexdigest()[:16]
