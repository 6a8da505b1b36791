"""What names a group, in a form that tables can be joined on."""

from __future__ import annotations

import pandas as pd

__all__ = ["KEYS", "joinable"]

KEYS = ["grouping", "product", "touchpoint", "period"]


def joinable(table: pd.DataFrame) -> pd.DataFrame:
    """Write an empty text where a group column does not apply, so that groups can be joined."""
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), "") for name in KEYS})
