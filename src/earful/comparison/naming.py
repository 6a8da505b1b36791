"""How groups are named for people."""

from __future__ import annotations

from typing import Any

from earful.pages import names
from earful.pages.numbers import month

__all__ = ["group_name"]


def group_name(row: Any, by: str) -> str:
    """Name the group of a row of a comparison's table; ``Everything`` for the overall row."""
    if row["grouping"] == "overall":
        return "Everything"
    parts = []
    for column in by.split(","):
        value = str(row[column])
        if column == "touchpoint":
            parts.append(names.touchpoint(value))
        else:
            parts.append(month(value) if column == "period" else names.short(value, 48))
    return ", ".join(parts)
