"""Coverage: of the complaints, how many carry a theme; overall, by theme, product and language."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from earful.loyalty.intervals import wilson
from earful.schema import COVERAGE

__all__ = ["coverage_table"]


def coverage_table(complaints: pd.DataFrame, mentions: pd.DataFrame, level: float) -> pa.Table:
    """Count complaints with a theme.

    Parameters
    ----------
    complaints
        ``row``, ``segment``, ``product`` and ``lang``, one row per negative segment.
    mentions
        ``row``, ``segment`` and ``theme``.
    level
        Level of the intervals (Wilson).

    Returns
    -------
    pyarrow.Table
        As ``schema.COVERAGE``: overall first, then themes, products and languages, the most complaints first.
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
    by_theme = complaints.merge(found, on=["row", "segment"]).groupby("theme").size()
    blocks.append(_block("theme", by_theme.index, len(base), by_theme.to_numpy()))
    for grouping, column in (("product", "product"), ("language", "lang")):
        groups = base.groupby(column)["tagged"].agg(["size", "sum"])
        blocks.append(_block(grouping, groups.index, groups["size"].to_numpy(), groups["sum"].to_numpy()))
    table = pd.concat([block for block in blocks if len(block)], ignore_index=True)
    share = wilson(table["k"].to_numpy(), table["n"].to_numpy(), level)
    columns: dict[str, Any] = {
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
        [pa.array(list(columns[field.name]), field.type, from_pandas=True) for field in COVERAGE],
        schema=COVERAGE,
    )


def _block(grouping: str, values: pd.Index, n: object, k: object) -> pd.DataFrame:
    block = pd.DataFrame({"grouping": grouping, "value": values.astype(str), "n": n, "k": k})
    by = ["k" if grouping == "theme" else "n", "value"]
    return block.sort_values(by, ascending=[False, True])
