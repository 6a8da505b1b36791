"""What a reader hands on: a record as it stood in the source, and the reject it may become."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from earful.readers.values import unboxed

__all__ = ["Record", "Reject", "count", "listed", "shortened"]

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stood in the source.

    Attributes
    ----------
    line
        Physical line (or sheet row) it starts on, from 1; ``None`` where the source has no lines.
    values
        Their column names -> cells; ``None`` where the row could not be taken apart.
    problem
        Why it could not, or is no answer (a row of totals); ``None`` where it can be read.
    raw
        The row's own text where ``values`` is ``None``.
    """

    line: int | None
    values: dict[str, Any] | None
    problem: str | None = None
    raw: str = ""

    @property
    def content(self) -> dict[str, Any] | str:
        """The row itself, as ``rejects.jsonl`` keeps it."""
        return self.raw if self.values is None else self.values


@dataclass(frozen=True, slots=True)
class Reject:
    """An input row that was refused.

    Attributes
    ----------
    row
        0-based number of the row over all inputs.
    source
        Name of the file or stream.
    line
        Physical line it starts on, from 1; ``None`` where the source has no lines.
    reason
        Why it was refused, in words.
    record
        The row itself: its cells, or its text where it could not be taken apart.
    """

    row: int
    source: str
    line: int | None
    reason: str
    record: dict[str, Any] | str

    def to_json(self) -> str:
        """Write the reject as one line of JSON; a byte that did not decode shows as its hex code."""
        fields = {
            "row": self.row,
            "source": self.source,
            "line": self.line,
            "reason": self.reason,
            "record": _plain(self.record),
        }
        return _SURROGATE.sub(_show_surrogate, json.dumps(fields, ensure_ascii=False, allow_nan=False))


def count(n: int, one: str, many: str) -> str:
    """Put a number before the right form of a noun: ``1 row``, ``1,200 rows``."""
    return f"1 {one}" if n == 1 else f"{n:,} {many}"


def listed(names: Sequence[str], limit: int) -> str:
    """Quote names for a message, and say how many more there are."""
    more = f", and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(map(repr, names[:limit])) + more


def headers(names: Sequence[str]) -> str:
    """Quote the columns of a source for a message, long names and long lists cut."""
    return listed([shortened(name) for name in names], 30)


def shortened(text: str, limit: int = 38) -> str:
    """Cut a text for a line of the terminal."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _show_surrogate(match: re.Match[str]) -> str:
    code = ord(match.group())
    # The decoder's marks (see encoding.py) stand for bytes; any other half of a pair shows as itself.
    return f"\\\\x{code - 0xDC00:02x}" if 0xDC00 <= code <= 0xDCFF else f"\\u{code:04x}"


def _plain(value: Any) -> Any:
    """Give a value that JSON can hold."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    plain = unboxed(value)
    if plain is not value:
        return _plain(plain)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
