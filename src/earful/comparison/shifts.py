"""Two runs side by side: which groups and which themes changed, with the false calls kept in check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from earful.comparison.columns import COMPARE_CHANGES, KEYS, joinable, keyed
from earful.comparison.gaps import MAX_Q
from earful.comparison.sides import words_interval
from earful.loyalty.changes import changes
from earful.loyalty.frames import Grouping, column
from earful.loyalty.intervals import false_discovery, wilson

if TYPE_CHECKING:
    from earful.comparison.measures import Measure
    from earful.comparison.reading import Reading

__all__ = ["MIN_REVIEWS", "group_changes", "leading", "share_change", "theme_changes"]

Floats = NDArray[np.float64]

#: Reviews that carry a theme, of both runs together, from which its change is tested.
MIN_REVIEWS = 20
_THEME = [*KEYS, "theme", "polarity"]
_COMPARED = ("index", "measured", "words")
_CLAIM = ["claim", "claim_error", "claim_df"]
#: Stands for a definition where there is none to differ.
_WORDS = "NPS of words"


def leading(before: Reading, after: Reading) -> str:
    """Say what two runs are compared by first: ``index``, or ``words`` where it has no answers in common.

    Without answers the index of either run may be off by the same, which its interval has to allow for and
    its change need not: the words alone tell smaller changes.
    """
    anchors = {reading.anchor for reading in (before, after)}
    asked = all(bool(np.any(~np.isnan(reading.answer))) for reading in (before, after))
    if anchors == {""}:
        return "index" if asked else "words"
    return (
        "index" if len(anchors) == 1 and anchors != {"words"} and (asked or anchors != {"nps"}) else "words"
    )


def group_changes(before: Reading, after: Reading, measure: Measure | None, least: int) -> pd.DataFrame:
    """Compare the index, the measured side and the words of every group of two runs.

    Parameters
    ----------
    before, after
        The runs, cut the same way.
    measure
        The measured side, ``None`` where the runs have none in common.
    least
        Reviews that a group needs in each run for its changes to be told.

    Returns
    -------
    DataFrame
        As ``columns.COMPARE_CHANGES``: the overall row first, then the groups of either run, those with a
        call first and of them the largest change. Calls take the runs as independent; the false discovery
        rate is kept over the groups, for each of the three.
    """
    parts = [
        _changes([_side(reading, measure, whole) for reading in (before, after)], before.level, least)
        for whole in (True, False)
    ]
    called = parts[1][[f"{name}_call" for name in _COMPARED]].isin(["up", "down"]).any(axis=1)
    size = parts[1][f"{leading(before, after)}_change"].abs().fillna(-1)
    order = np.lexsort((np.arange(len(size)), -size.to_numpy(), ~called.to_numpy()))
    table = pd.concat([parts[0], parts[1].iloc[order]], ignore_index=True)
    table["measure"] = measure.name if measure else None
    return table.reindex(columns=[*COMPARE_CHANGES.names, "value"])


def theme_changes(before: Reading, after: Reading, least: int) -> pd.DataFrame:
    """Compare how often each theme is complained of and praised, overall and in every group of both runs.

    Parameters
    ----------
    before, after
        The runs, cut the same way.
    least
        Reviews with words that a group needs in each run.

    Returns
    -------
    DataFrame
        As ``columns.COMPARE_THEMES``, the overall rows first, the largest change first. Themes that fewer
        than 20 reviews of both runs together carry with that polarity are left out.
    """
    tables = [_carried(reading) for reading in (before, after)]
    both = tables[0].merge(tables[1], on=_THEME, how="outer", suffixes=("_before", "_after"))
    for end, reading in (("before", before), ("after", after)):
        both = both.merge(_spoken(reading).rename(columns={"of": f"of_{end}"}), on=KEYS, how="left")
        both[f"n_{end}"] = both[f"n_{end}"].fillna(0)
    kept = both[["of_before", "of_after"]].ge(max(least, 1)).all(axis=1)
    kept &= both["n_before"] + both["n_after"] >= MIN_REVIEWS
    both = both[kept].reset_index(drop=True)
    n_before, n_after, of_before, of_after = (
        both[name].to_numpy(dtype=np.float64) for name in ("n_before", "n_after", "of_before", "of_after")
    )
    change, low, high, p = share_change(n_before, of_before, n_after, of_after, before.level)
    q = false_discovery(p)
    found = both[_THEME].assign(
        label=both["theme"].map(before.labels | after.labels),
        n_before=n_before.astype(np.int64),
        n_after=n_after.astype(np.int64),
        share_before=100 * n_before / np.maximum(of_before, 1),
        share_after=100 * n_after / np.maximum(of_after, 1),
        change=100 * change,
        change_low=100 * low,
        change_high=100 * high,
        q_value=q,
        call=np.where(q <= MAX_Q, np.where(change > 0, "up", "down"), ""),
    )
    for end, reading in (("before", before), ("after", after)):
        impact = joinable(keyed(reading.run.drivers, reading.by))[[*_THEME, "impact"]]
        found = found.merge(impact.rename(columns={"impact": f"impact_{end}"}), on=_THEME, how="left")
    found["_first"], found["_size"] = found["grouping"] != "overall", -found["change"].abs()
    order = ["_first", "_size", *KEYS[1:], "theme", "polarity"]
    return found.sort_values(order, kind="stable", ignore_index=True).drop(columns=["_first", "_size"])


def share_change(
    n_before: Floats, of_before: Floats, n_after: Floats, of_after: Floats, level: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Change of a share between two independent samples: the change, its interval, and the p-value.

    The interval is Newcombe's (1998, method 10: the two Wilson intervals put together), the test the pooled
    z-test of two proportions. Shares are in [0, 1].
    """
    old, new = wilson(n_before, of_before, level), wilson(n_after, of_after, level)
    change = new.estimate - old.estimate
    low = change - np.sqrt((new.estimate - new.low) ** 2 + (old.high - old.estimate) ** 2)
    high = change + np.sqrt((new.high - new.estimate) ** 2 + (old.estimate - old.low) ** 2)
    share = (n_before + n_after) / np.maximum(of_before + of_after, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(share * (1 - share) * (1 / of_before + 1 / of_after))
        z = np.where(error > 0, np.abs(change) / error, 0.0)
    return change, low, high, 2 * special.ndtr(-z)


def _side(reading: Reading, measure: Measure | None, whole: bool) -> pd.DataFrame:
    """Give the groups of a run with index, measured side and words, each as value, low and high."""
    groups = reading.overall if whole else reading.groups
    cut = reading.whole if whole else reading.grouping
    words = words_interval(reading, cut)
    columns = [*KEYS, "scale", "n_reviews", "index", "index_low", "index_high", *_CLAIM]
    # Runs of earlier versions lack some of them.
    side = groups.reindex(columns=columns)
    # What changes is the estimate behind the claim: the shrunken index would hide half of it.
    side["index"] = side["claim"].where(side["claim_error"].notna(), side["index"])
    for end, values in zip(("", "_low", "_high"), words, strict=True):
        side[f"words{end}"] = values
        side[f"measured{end}"] = groups[f"{measure.column}{end}"] if measure else np.nan
    return side


def _changes(runs: list[pd.DataFrame], level: float, least: int) -> pd.DataFrame:
    sides = [joinable(table) for table in runs]
    values = ["n_reviews", *_COMPARED]
    table = sides[0][[*KEYS, *values]].merge(
        sides[1][[*KEYS, *values]],
        on=KEYS,
        how="outer",
        suffixes=("_before", "_after"),
        indicator="in_runs",
    )
    table["in_runs"] = table["in_runs"].astype(str).replace({"left_only": "before", "right_only": "after"})
    large = [side[side["n_reviews"] >= least] for side in sides]
    for name in _COMPARED:
        as_index = {f"{name}{end}": f"index{end}" for end in ("", "_low", "_high")}
        more = _CLAIM if name == "index" else []
        old, new = (side[[*KEYS, "scale", *as_index, *more]].rename(columns=as_index) for side in large)
        if name == "words":
            # Words are read the same way whatever was asked.
            old, new = old.assign(scale=_WORDS), new.assign(scale=_WORDS)
        found = changes(old, new, level, MAX_Q).drop(columns=["scale", "before", "after"])
        ours = {f"change{end}": f"{name}_change{end}" for end in ("", "_low", "_high")}
        ours |= {"q_value": f"{name}_q", "call": f"{name}_call", "needed": f"{name}_needed"}
        found = found.rename(columns=ours)
        table = table.merge(found, on=KEYS, how="left")
    return table


def _carried(reading: Reading) -> pd.DataFrame:
    """Count the reviews that carry each theme with each polarity, overall and by group."""
    told = reading.mentions[reading.mentions["polarity"].isin(["negative", "positive"])]
    told = told[["row", "theme", "polarity"]].drop_duplicates()
    at = pd.Series(np.arange(len(reading.rows)), index=reading.rows["row"].to_numpy())
    told = told.assign(at=at.reindex(told["row"]).to_numpy())
    blocks = []
    for cut, labels in _cuts(reading):
        members = pd.DataFrame({"at": cut.row, "code": cut.code})
        counts = told.merge(members, on="at").groupby(["code", "theme", "polarity"], observed=True).size()
        n = counts.rename("n").reset_index()
        blocks.append(n.join(labels, on="code").drop(columns="code"))
    return pd.concat(blocks, ignore_index=True)[[*_THEME, "n"]]


def _spoken(reading: Reading) -> pd.DataFrame:
    """Count the reviews with words, overall and by group."""
    spoken = ~np.isnan(column(reading.rows, "score"))
    blocks = [
        labels.assign(of=np.bincount(cut.code[spoken[cut.row]], minlength=len(cut)))
        for cut, labels in _cuts(reading)
    ]
    return pd.concat(blocks, ignore_index=True)[[*KEYS, "of"]]


def _cuts(reading: Reading) -> list[tuple[Grouping, pd.DataFrame]]:
    pairs = [(reading.whole, reading.overall), (reading.grouping, reading.groups)]
    return [(cut, joinable(groups[KEYS].reset_index(drop=True))) for cut, groups in pairs if len(groups)]
