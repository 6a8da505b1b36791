"""What only all rows together can tell of their worth: texts that are nearly the same, and bursts.

Nothing is left out for it: rows are marked and counted, and what to make of them is the reader's to decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from earful.text.near import near_groups

if TYPE_CHECKING:
    from earful.runs.store import Store

__all__ = ["near_duplicates"]


def near_duplicates(store: Store) -> dict[int, int]:
    """Map each row whose text is nearly that of another of its product to the first such row.

    Rows that repeat another in every field are left to ``duplicate_of``.
    """
    found: dict[int, int] = {}
    for rows, texts in store.texts_by_product():
        for group in near_groups(texts):
            first, *others = sorted(rows[place] for place in group)
            found |= dict.fromkeys(others, first)
    return found
