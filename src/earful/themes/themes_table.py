"""The themes table: how loud each theme is by group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.config import Config, LoyaltyConfig
from earful.loyalty.frames import Flags, Grouping, groupings
from earful.loyalty.intervals import adjusted_wald_nps, wilson
from earful.schema import THEMES, cut_by
from earful.tables import to_table
from earful.themes.taxonomy import Taxonomy

__all__ = ["themes_table"]

_POLARITIES = ("negative", "neutral", "positive")


def themes_table(
    mentions: pd.DataFrame, reviews: pd.DataFrame, config: LoyaltyConfig, taxonomy: Taxonomy
) -> pa.Table:
    """Count every theme overall, by product, by touchpoint, by both, by period and by further columns.

    Parameters
    ----------
    mentions
        ``row``, ``segment``, ``theme`` and ``polarity``, one row per mention. A segment that carries a theme
        twice the same way counts once; one that praises and blames it, once for each.
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
    found = mentions[["row", "segment", "theme", "polarity"]].drop_duplicates()
    found = found.assign(touchpoint=found["theme"].map(touchpoint_of).astype(object))
    own = "touchpoint" in reviews and bool(reviews["touchpoint"].notna().any())
    told = None if own else found[["row", "touchpoint"]].drop_duplicates()
    words = np.ones(len(reviews), dtype=bool)
    if "has_words" in reviews:
        words = reviews["has_words"].fillna(False).to_numpy(dtype=bool)
    at = pd.Series(np.arange(len(reviews), dtype=np.int64), index=reviews["row"].to_numpy())
    found = found.assign(at=at.reindex(found["row"]).to_numpy())
    found = found.dropna(subset=["at"]).astype({"at": np.int64}).drop(columns=["row", "segment"])
    cuts = groupings(reviews, Config(loyalty=config), told)
    blocks = [_block(cut, found, words, config.level, only_own_touchpoint=not own) for cut in cuts]
    if not any(map(len, blocks)):
        return cut_by(THEMES, config.cuts).empty_table()
    table = pd.concat([block for block in blocks if len(block)], ignore_index=True)
    labels = {theme.id: theme.label() for theme in taxonomy.themes}
    return to_table(
        table.assign(label=[labels.get(theme, theme) for theme in table["theme"]]),
        cut_by(THEMES, config.cuts),
    )


def _block(
    grouping: Grouping,
    found: pd.DataFrame,
    words: Flags,
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
    sizes = here.groupby(["code", "theme", "polarity"], observed=True).size()
    counts = sizes.unstack("polarity", fill_value=0)
    counts = counts.reindex(columns=list(_POLARITIES), fill_value=0)
    table = pd.DataFrame({f"n_{name}": counts[name] for name in _POLARITIES})
    table["n_mentions"] = counts.sum(axis=1)
    table["n_reviews"] = here.groupby(["code", "theme"], observed=True)["at"].nunique()
    table = table.reset_index().sort_values(
        ["code", "n_negative", "n_mentions", "theme"], ascending=[True, False, False, True]
    )
    base = np.bincount(grouping.code, weights=words[grouping.row], minlength=len(grouping))
    total = np.maximum(base[table["code"].to_numpy()], table["n_reviews"].to_numpy())
    share = wilson(table["n_reviews"], total, level)
    net = adjusted_wald_nps(table["n_positive"], table["n_neutral"], table["n_negative"], level)
    table = table.assign(
        **share.percent().named("share"), net_sentiment=net.estimate, net_low=net.low, net_high=net.high
    )
    labels = grouping.labels.iloc[table["code"]].set_axis(table.index)
    return table.assign(grouping=grouping.name, **{str(name): labels[name] for name in labels})
