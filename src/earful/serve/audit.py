"""Who changed what, and when: one JSON line a change, only ever added to."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Audit"]

#: Of a value so much is kept.
_LONGEST = 500
#: Lines that are read back.
_READ_BYTES = 200_000


class Audit:
    """The log of changes made in the browser and over the API.

    Parameters
    ----------
    path
        Its file; without one the changes of this server's lifetime are kept in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines: list[str] = []
        self._lock = threading.Lock()

    def note(self, person: str, did: str, **what: Any) -> None:
        """Note a change: who made it, what it was, and to what."""
        told = {name: _short(value) for name, value in what.items()}
        at = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"at": at, "who": _short(person), "did": did, **told}, ensure_ascii=False)
        with self._lock:
            if self._path is None:
                self._lines = [*self._lines[-999:], line]
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as out:
                out.write(line + "\n")

    def last(self, most: int = 50) -> list[dict[str, Any]]:
        """Give the last changes, the latest first."""
        lines = self._lines
        if self._path is not None and self._path.is_file():
            with self._path.open("rb") as log:
                log.seek(max(0, self._path.stat().st_size - _READ_BYTES))
                lines = log.read().decode("utf-8", "replace").splitlines()
        found = []
        for line in reversed(lines):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue  # the first one may be cut
            if len(found) == most:
                break
        return found


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return value
