"""What was refused, counted by reason, with examples; read line by line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earful.pages.words import say, stated

__all__ = ["Refusals", "refusals"]

#: Reasons told apart before the rest is put together; examples kept of each; code points shown of a record.
_REASONS, _EXAMPLES, _SHOWN = 200, 2, 220
_VALUE = re.compile(r"(?<!\w)[-+]?\d[\d.,]*|'[^']{0,200}'|\"[^\"]{0,200}\"")
#: Stands for what is put together.
_OTHER = "other reasons"


@dataclass(slots=True)
class Example:
    """One refused row: where it stood, why, and what it said."""

    place: str
    reason: str
    record: str


@dataclass(slots=True)
class Refusal:
    """One kind of reason; ``alike`` says that its rows differ in the values that the reason names."""

    reason: str
    n: int = 0
    alike: bool = False
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Refusals:
    """All refused rows: how many, and by kind of reason, the most frequent first."""

    n: int
    kinds: list[Refusal]


def refusals(path: Path) -> Refusals:
    """Count the lines of ``rejects.jsonl`` by reason.

    Reasons that differ only in a number or a quoted value count as one kind, shown as the first of them.
    """
    kinds: dict[str, Refusal] = {}
    n = 0
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    n += 1
                    _count(line, kinds)
    ordered = sorted(kinds.values(), key=lambda kind: (kind.reason == _OTHER, -kind.n, kind.reason))
    for kind in ordered:
        kind.reason = say("rows.other") if kind.reason == _OTHER else stated(kind.reason)
    return Refusals(n, ordered)


def _count(line: str, kinds: dict[str, Refusal]) -> None:
    try:
        reject = json.loads(line)
    except (ValueError, RecursionError):
        reject = None
    if not isinstance(reject, dict):
        reject = {"reason": say("rows.unreadable"), "record": line[:_SHOWN]}
    reason = str(reject.get("reason") or say("rows.unsaid"))
    key = _VALUE.sub("#", reason[:500])
    if key not in kinds:
        if len(kinds) >= _REASONS:
            key = _OTHER
        kinds.setdefault(key, Refusal(_OTHER if key == _OTHER else reason[:300]))
    kind = kinds[key]
    kind.n += 1
    kind.alike = kind.alike or (key != _OTHER and kind.reason != reason[:300])
    if len(kind.examples) < _EXAMPLES:
        kind.examples.append(Example(_place(reject), reason[:300], _record(reject.get("record"))))


def _place(reject: dict[str, Any]) -> str:
    source = str(reject.get("source") or "input")[:120]
    line, row = reject.get("line"), reject.get("row")
    if line is not None:
        return say("rows.line", source=source, line=str(line)[:20])
    return source if row is None else say("rows.row", source=source, row=str(row)[:20])


def _record(record: Any) -> str:
    if isinstance(record, dict):
        shown = "; ".join(
            f"{str(k)[:60]}: {str(v)[:_SHOWN]}" for k, v in list(record.items())[:40] if v not in (None, "")
        )
    elif isinstance(record, list):
        shown = "; ".join(str(v)[:_SHOWN] for v in record[:40])
    else:
        shown = "" if record is None else str(record)
    shown = " ".join(shown[: 4 * _SHOWN].split())
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
