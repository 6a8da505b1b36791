"""What a change of the index is made of: themes mentioned more or less often, and meaning more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earful.comparison.columns import COMPARE_PARTS, KEYS, joinable, keyed
from earful.loyalty.intervals import normal_quantile

if TYPE_CHECKING:
    from earful.comparison.reading import Reading

__all__ = ["change_parts", "split"]

Floats = NDArray[np.float64]

_MENTION = ["theme", "polarity"]
_MEASURED = ["n", "share", "adjusted", "adjusted_low", "adjusted_high"]


def change_parts(before: Reading, after: Reading, groups: pd.DataFrame) -> pd.DataFrame:
    """Split the change of the index of every group among the themes (Kitagawa 1955, Oaxaca 1973).

    A theme's part is its adjusted effect in the later run less that in the earlier one: points of the index
    that go with its mentions, the other themes, product, language and length held equal.

    Parameters
    ----------
    before, after
        The runs, cut the same way.
    groups
        As ``shifts.group_changes`` gives it.

    Returns
    -------
    DataFrame
        As ``columns.COMPARE_PARTS``: of each group whose change is told, the themes whose effect is known in
        either run, the largest part first, and last the rest, without a theme. A theme that too few reviews
        of a run carry to know its effect counts as not mentioned there. The parts of a group add up to the
        change of its index.
    """
    told = groups[groups["index_change"].notna()]
    sides = [_effects(reading) for reading in (before, after)]
    if told.empty or not any(len(side) for side in sides):
        return pd.DataFrame(columns=[*COMPARE_PARTS.names, "value"])
    both = sides[0].merge(sides[1], on=[*KEYS, *_MENTION], how="outer", suffixes=("_before", "_after"))
    both = both.merge(joinable(told)[KEYS], on=KEYS)
    old, new = (
        {name: both[f"{name}_{end}"].fillna(0.0).to_numpy(dtype=np.float64) for name in _MEASURED}
        for end in ("before", "after")
    )
    both["mix"], both["severity"] = split(
        old["share"] / 100, old["adjusted"], new["share"] / 100, new["adjusted"]
    )
    both["part"] = new["adjusted"] - old["adjusted"]
    half = normal_quantile(before.level) * np.sqrt(_variance(old, before.level) + _variance(new, after.level))
    both["part_low"], both["part_high"] = both["part"] - half, both["part"] + half
    both["label"] = both["theme"].map(before.labels | after.labels)
    tables = []
    for row in joinable(told).to_dict("records"):
        own = both[np.logical_and.reduce([both[name] == row[name] for name in KEYS])]
        own = own.sort_values(["part", *_MENTION], key=_largest_first, kind="stable")
        rest = {name: row[name] for name in KEYS} | {"part": row["index_change"] - own["part"].sum()}
        tables += [own, pd.DataFrame([rest])] if len(own) else []
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return found.reindex(columns=[*COMPARE_PARTS.names, "value"])


def split(
    share_before: Floats, effect_before: Floats, share_after: Floats, effect_after: Floats
) -> tuple[Floats, Floats]:
    """Tell a theme that is mentioned oftener from one that means more where it is mentioned.

    Both are weighed at the average of the two periods, so that turning them round turns each part round.

    Parameters
    ----------
    share_before, share_after
        Share of reviews that carry the theme, in [0, 1], not 0 twice. Where it is 0 a mention is taken to
        mean what it means in the other period.
    effect_before, effect_after
        Points of the index that go with it: the share times what one mention means.

    Returns
    -------
    mix, severity
        In points; together ``effect_after - effect_before``.
    """
    old = effect_before / np.where(share_before > 0, share_before, np.nan)
    new = effect_after / np.where(share_after > 0, share_after, np.nan)
    old, new = np.where(np.isnan(old), new, old), np.where(np.isnan(new), old, new)
    mix = (share_after - share_before) * (old + new) / 2
    severity = (new - old) * (share_before + share_after) / 2
    return mix, severity


def _effects(reading: Reading) -> pd.DataFrame:
    drivers = keyed(reading.run.drivers, reading.by)
    known = drivers["adjusted"].notna() & drivers["polarity"].isin(["negative", "positive"])
    return joinable(drivers[known])[[*KEYS, *_MENTION, *_MEASURED]].astype(dict.fromkeys(_MENTION, object))


def _variance(side: dict[str, Floats], level: float) -> Floats:
    """Give the variance of share times slope, both of which are estimates."""
    error = (side["adjusted_high"] - side["adjusted_low"]) / 2 / normal_quantile(level)
    share, known = side["share"] / 100, side["n"] > 0
    some = np.where(known, share, 1.0)
    slope, reviews = side["adjusted"] / some, np.maximum(side["n"], 1.0) / some
    variance: Floats = np.where(known, error**2 + slope**2 * share * (1 - share) / reviews, 0.0)
    return variance


def _largest_first(values: pd.Series) -> pd.Series:
    return -values.abs() if values.name == "part" else values
