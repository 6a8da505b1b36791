"""Coverage: of the complaints, how many carry a theme; overall, by theme, product, language and more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

from earful.loyalty.intervals import wilson
from earful.schema import COVERAGE

__all__ = ["coverage_table"]


def coverage_table(
    complaints: pd.DataFrame, mentions: pd.DataFrame, level: float, cuts: Iterable[str] = ()
) -> pa.Table:
    """Count complaints with a theme.

    Parameters
    ----------
    complaints
        ``row``, ``segment``, ``product`` and ``lang``, one row per negative segment; and ``by NAME`` for each
        of ``cuts``.
    mentions
        ``row``, ``segment`` and ``theme``.
    level
        Level of the intervals (Wilson).
    cuts
        Names of further columns to cut by; complaints without a value are a group of their own.

    Returns
    -------
    pyarrow.Table
        As ``schema.COVERAGE``: overall first, then themes, products, languages and further columns, the most
        complaints first.
    """
    found = mentions[["row", "segment", "theme"]].drop_duplicates()
    themed = found[["row", "segment"]].drop_duplicates().assign(tagged=True)
    base = complaints.merge(themed, on=["row", "segment"], how="left")
    base["tagged"] = base["tagged"].fillna(False).astype(bool)
    blocks = [
        pd.DataFrame(
            {"grouping": ["overall"], "value": [None], "n": [len(base)], "k": [base["tagged"].sum()]}
        )
    ]
    by_theme = complaints.merge(found, on=["row", "segment"]).groupby("theme", observed=True).size()
    blocks.append(_block("theme", by_theme.index, len(base), by_theme.to_numpy()))
    columns = {"product": "product", "language": "lang", **{name: f"by {name}" for name in cuts}}
    for grouping, column in columns.items():
        named = base.groupby(column, dropna=column in ("product", "lang"), observed=True)
        groups = named["tagged"].agg(["size", "sum"])
        blocks.append(_block(grouping, groups.index, groups["size"].to_numpy(), groups["sum"].to_numpy()))
    table = pd.concat([block for block in blocks if len(block)], ignore_index=True)
    share = wilson(table["k"].to_numpy(), table["n"].to_numpy(), level)
    told: dict[str, Any] = {
        "grouping": table["grouping"],
        "value": table["value"].astype(object).where(table["value"].notna(), None),
        "n_complaints": table["n"],
        "n_with_theme": table["k"],
        **{
            name: (100 * part).round(6)
            for name, part in zip(("share", "share_low", "share_high"), share, strict=True)
        },
    }
    return pa.table(
        [pa.array(list(told[field.name]), field.type, from_pandas=True) for field in COVERAGE],
        schema=COVERAGE,
    )


def _block(grouping: str, values: pd.Index, n: object, k: object) -> pd.DataFrame:
    named = [None if pd.isna(value) else str(value) for value in values]
    block = pd.DataFrame({"grouping": grouping, "value": named, "n": n, "k": k})
    by = ["k" if grouping == "theme" else "n", "value"]
    return block.sort_values(by, ascending=[False, True])
