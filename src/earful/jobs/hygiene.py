"""What only all rows together can tell of their worth: texts that are nearly the same, and bursts.

Nothing is left out for it: rows are marked and counted, and what to make of them is the reader's to decide.
Only what is plainly one review given several times counts as one in the index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from earful.text.near import folded, near_folded

if TYPE_CHECKING:
    from earful.runs.store import Store

__all__ = ["copies", "near_duplicates"]

#: What rows of nearly the same words must have in common to be one review given twice, beside their day.
_SAME = ("touchpoint", "channel", "author_id", "rating", "nps", "csat", "ces", "recommended")


def near_duplicates(store: Store, repeats: Collection[int]) -> dict[int, int]:
    """Map each row whose text is nearly that of another of its product to the first such row.

    ``repeats``, rows that repeat another in every field, are left to ``duplicate_of``.
    """
    found: dict[int, int] = {}
    for rows, texts in store.texts_by_product(folded, repeats):
        for group in near_folded(texts):
            first, *others = sorted(rows[place] for place in group)
            found |= dict.fromkeys(others, first)
    return found


def copies(rows: pd.DataFrame, duplicates: Mapping[int, int], near: Mapping[int, int]) -> pd.Series:
    """Count of how many copies each row is one: together they count as one review.

    Copies are exact repeats, and rows of nearly the same words by one known customer that agree in everything
    else: on what day, by what channel, with what scores. The same words by another customer, or by nobody
    knows whom, may be a stock phrase of many ("Order 4711 came in time, all as ordered"), and count for as
    many.

    Parameters
    ----------
    rows
        One row per review, as the store gives them.
    duplicates, near
        Row -> the first row that it repeats, or nearly repeats.
    """
    first = rows["row"].map(lambda own: duplicates.get(own, own))
    members = {*near, *near.values()}
    known = rows["author_id"].notna() if "author_id" in rows else False
    alike = rows[rows["row"].isin(members) & known]
    if len(alike):
        keys = [alike["row"].map(lambda own: near.get(own, own)).rename("group")]
        keys += [alike[name] for name in _SAME if name in alike]
        if "created_at" in alike:
            keys.append(pd.to_datetime(alike["created_at"], utc=True).dt.floor("D"))
        leader = alike["row"].groupby(keys, dropna=False, observed=True).transform("min")
        led = dict(zip(alike["row"].tolist(), leader.tolist(), strict=True))
        first = first.map(lambda own: led.get(own, own))
    return first.map(first.value_counts())
