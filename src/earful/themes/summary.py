"""Themes counted: how loud each one is by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.config import Config, LoyaltyConfig
from earful.loyalty.frames import Grouping, groupings
from earful.loyalty.intervals import adjusted_wald_nps, wilson
from earful.schema import THEMES
from earful.themes.taxonomy import Taxonomy

__all__ = ["themes_table"]

_POLARITIES = ("negative", "neutral", "positive")


def themes_table(
    mentions: pd.DataFrame, reviews: pd.DataFrame, config: LoyaltyConfig, taxonomy: Taxonomy
) -> pa.Table:
    """Count every theme overall, by product, by touchpoint, by both and by period.

    Parameters
    ----------
    mentions
        ``row``, ``segment``, ``theme`` and ``polarity``, one row per mention. A segment that carries a theme
        twice counts once.
    reviews
        ``row`` and where there are any ``product``, ``touchpoint``, ``created_at``; ``has_words`` says which
        reviews count in the base of the shares (all, where the column is missing).
    config
        What to cut by, the length of a period, and the level of the intervals.
    taxonomy
        Gives the labels, and each theme's touchpoint: where no review has a touchpoint of its own, the group
        of a touchpoint is the reviews that mention one of its themes, and only those themes stand in it.

    Returns
    -------
    pyarrow.Table
        As ``schema.THEMES``: groupings in the order of the loyalty table, in each group the themes with the
        most negative mentions first. Shares carry Wilson intervals, net sentiment adjusted Wald intervals;
        both take mentions as independent.
    """
    touchpoint_of = {theme.id: theme.touchpoint for theme in taxonomy.themes}
    found = mentions[["row", "segment", "theme", "polarity"]].drop_duplicates(["row", "segment", "theme"])
    found = found.assign(touchpoint=found["theme"].map(touchpoint_of).astype(object))
    own = "touchpoint" in reviews and bool(reviews["touchpoint"].notna().any())
    told = None if own else found[["row", "touchpoint"]].drop_duplicates()
    words = _has_words(reviews)
    at = pd.Series(np.arange(len(reviews), dtype=np.int64), index=reviews["row"].to_numpy())
    found = found.assign(at=at.reindex(found["row"]).to_numpy())
    found = found.dropna(subset=["at"]).astype({"at": np.int64})
    blocks = [
        _block(grouping, found, words, config.level, only_own_touchpoint=not own)
        for grouping in groupings(reviews, Config(loyalty=config), told)
    ]
    blocks = [block for block in blocks if len(block)]
    if not blocks:
        return THEMES.empty_table()
    table = pd.concat(blocks, ignore_index=True)
    labels = {theme.id: theme.label() for theme in taxonomy.themes}
    table["label"] = [labels.get(theme, theme) for theme in table["theme"]]
    return pa.table([_array(table[field.name], field.type) for field in THEMES], schema=THEMES)


def _has_words(reviews: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if "has_words" not in reviews:
        return np.ones(len(reviews), dtype=bool)
    return reviews["has_words"].fillna(False).to_numpy(dtype=bool)


def _block(
    grouping: Grouping,
    found: pd.DataFrame,
    words: np.ndarray[Any, np.dtype[np.bool_]],
    level: float,
    *,
    only_own_touchpoint: bool,
) -> pd.DataFrame:
    members = pd.DataFrame({"at": grouping.row, "code": grouping.code})
    here = found.merge(members, on="at")
    if only_own_touchpoint and "touchpoint" in grouping.labels:
        # A review about delivery and price stands in both groups; its price themes belong to price only.
        group_touchpoint = grouping.labels["touchpoint"].to_numpy(dtype=object)[here["code"].to_numpy()]
        here = here[here["touchpoint"].to_numpy(dtype=object) == group_touchpoint]
    if here.empty:
        return pd.DataFrame()
    counts = here.groupby(["code", "theme", "polarity"]).size().unstack("polarity", fill_value=0)
    counts = counts.reindex(columns=list(_POLARITIES), fill_value=0)
    table = pd.DataFrame({f"n_{name}": counts[name] for name in _POLARITIES})
    table["n_mentions"] = counts.sum(axis=1)
    table["n_reviews"] = here.groupby(["code", "theme"])["at"].nunique()
    table = table.reset_index().sort_values(
        ["code", "n_negative", "n_mentions", "theme"], ascending=[True, False, False, True]
    )
    base = np.bincount(grouping.code, weights=words[grouping.row], minlength=len(grouping))
    total = np.maximum(base[table["code"].to_numpy()], table["n_reviews"].to_numpy())
    share = wilson(table["n_reviews"], total, level)
    net = adjusted_wald_nps(table["n_positive"], table["n_neutral"], table["n_negative"], level)
    table["share"], table["share_low"], table["share_high"] = (100 * values for values in share)
    table["net_sentiment"], table["net_low"], table["net_high"] = net
    table["grouping"] = grouping.name
    code = table["code"].to_numpy()
    for name in ("product", "touchpoint", "period"):
        known = name in grouping.labels
        table[name] = grouping.labels[name].to_numpy(dtype=object)[code] if known else None
    return table.reset_index(drop=True)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    items = values.tolist()
    if pa.types.is_floating(kind):
        items = [round(float(value), 6) for value in items]
    elif pa.types.is_string(kind):
        items = [value if isinstance(value, str) else None for value in items]
    return pa.array(items, type=kind)
