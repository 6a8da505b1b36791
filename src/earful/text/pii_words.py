"""The words that personal details stand beside, as ``data/personal.toml`` lists them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FIRST_NAMES", "listed"]


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).parent / "data" / "personal.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def listed(section: str, key: str | None = None) -> str:
    """Return alternatives of a regular expression: those under a key, or of all languages of a section."""
    found = _words()[section]
    chosen = [found[key]] if key else list(found.values())
    return "|".join(part.replace("\n", "").strip() for part in chosen)


#: First names in lower case, of all languages.
FIRST_NAMES = frozenset(name for line in _words()["names"].values() for name in line.split())
