"""The documented columns of what a comparison writes, as ``schema.py`` does for a run."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from earful.schema import LOYALTY
from earful.schema import described as _f

__all__ = [
    "COMPARE",
    "COMPARE_CHANGES",
    "COMPARE_PARTS",
    "COMPARE_THEMES",
    "KEYS",
    "TABLES",
    "is_further",
    "joinable",
    "keyed",
    "named",
]

_NAMES = ["grouping", "product", "touchpoint", "period"]
#: What names a group while runs are compared: the value of a further column stands in ``value``.
KEYS = [*_NAMES, "value"]


def keyed(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put the value of a further column that a run is cut by where all of them stand."""
    return table if "value" in table else table.assign(value=table[by] if is_further(by) else None)


def is_further(by: str) -> bool:
    """Say whether groups are cut by a column beyond ours."""
    return not set(by.split(",")) <= {*_NAMES}


def joinable(table: pd.DataFrame) -> pd.DataFrame:
    """Write an empty text where a group column does not apply, so that groups can be joined."""
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), "") for name in KEYS})


def named(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Give a finished table with its group columns as a run's tables have them, empty where not cut by."""
    for name in KEYS[1:]:
        known = table[name].notna() & (table[name] != "")
        table[name] = table[name].astype(object).where(known, None)
    return table.rename(columns={"value": by}) if is_further(by) else table.drop(columns="value")


def _interval(name: str, doc: str) -> list[pa.Field]:
    return [
        _f(name, pa.float64(), doc),
        _f(f"{name}_low", pa.float64(), "lower end of its interval"),
        _f(f"{name}_high", pa.float64(), "upper end of its interval"),
    ]


def _change(name: str, what: str, unit: str) -> list[pa.Field]:
    return [
        _f(f"{name}_before", pa.float64(), f"{what} in the first run"),
        _f(f"{name}_after", pa.float64(), f"{what} in the second run"),
        *_interval(f"{name}_change", f"second less first, in {unit}"),
        _f(f"{name}_q", pa.float64(), "false discovery rate of the change over the groups, in [0, 1]"),
        _f(f"{name}_call", pa.string(), "up or down where the change is called, else empty"),
        _f(
            f"{name}_needed",
            pa.float64(),
            "how many times as many reviews would call a change of this size four times in five; null where "
            "it is called or below 3",
        ),
    ]


_GROUP = [LOYALTY.field(name) for name in _NAMES]
_MEASURE = _f("measure", pa.string(), "what is the measured side: nps, recommend, csat or rating")
_UNITS = "points for nps, percent for recommend and csat, 0 to 1 of the scale for rating"

#: One row per group of one run, the overall row first.
COMPARE = pa.schema(
    [
        *_GROUP,
        _f("n_reviews", pa.int64(), "reviews in the group"),
        _f("n_words", pa.int64(), "of those, with words"),
        _f("n_measured", pa.int64(), "of those, with an answer of the measured side"),
        _f("n_both", pa.int64(), "of those, with both"),
        _f("compared", pa.bool_(), "enough reviews to count in the correlations and to be tested"),
        *_interval("mean_score", "mean sentiment of the words, in [-1, 1]"),
        *_interval("words_nps", "NPS that words alone lead to expect, no score looked at, in [-100, 100]"),
        *_interval("index", "estimated loyalty index; it uses the answers, so it is no check on them"),
        _f("grade", pa.string(), "A to D: how much the index can carry"),
        _MEASURE,
        *_interval("measured", f"the measured side; {_UNITS}"),
        *_interval("difference", "words_nps less measured NPS, in points; null where NPS was not asked"),
        *_interval(
            "gap",
            "mean answer less what such words go with in the rest of the run, over reviews with both; "
            "units of measured",
        ),
        _f("q_value", pa.float64(), "false discovery rate of the gap over the groups, in [0, 1]"),
        _f("parts", pa.string(), "above (answers better than the words) or below where they part, else null"),
        _f("n_mismatches", pa.int64(), "reviews whose words and score part, as the run flagged them"),
    ]
)

#: One row per group of two runs, the overall row first.
COMPARE_CHANGES = pa.schema(
    [
        *_GROUP,
        _f("in_runs", pa.string(), "both, before (the first run alone) or after (the second alone)"),
        _f("n_reviews_before", pa.int64(), "reviews in the first run; null where the group is not in it"),
        _f("n_reviews_after", pa.int64(), "reviews in the second run"),
        *_change("index", "index before it is drawn to the others (claim)", "points"),
        _MEASURE,
        *_change("measured", "the measured side", f"its units: {_UNITS}"),
        *_change("words", "NPS that the words alone lead to expect", "points"),
    ]
)

#: One row per theme and polarity of two runs, overall and by group.
COMPARE_THEMES = pa.schema(
    [
        *_GROUP,
        _f("theme", pa.string(), "theme id"),
        _f("label", pa.string(), "the theme's name in English"),
        _f("polarity", pa.string(), "negative or positive: which mentions count"),
        _f("n_before", pa.int64(), "reviews of the first run that carry the theme with that polarity"),
        _f("n_after", pa.int64(), "reviews of the second run that do"),
        _f("share_before", pa.float64(), "n_before over the reviews with words, in percent"),
        _f("share_after", pa.float64(), "n_after over the reviews with words, in percent"),
        *_interval("change", "second share less first, in percentage points (Newcombe 1998)"),
        _f("q_value", pa.float64(), "false discovery rate of the change over all rows tested, in [0, 1]"),
        _f("call", pa.string(), "up or down where the change is called, else empty"),
        _f("impact_before", pa.float64(), "impact on the index in the first run; null below 20 reviews"),
        _f("impact_after", pa.float64(), "impact on the index in the second run"),
    ]
)

#: What the change of each group's index is made of in two runs; the last row of a group is the rest.
COMPARE_PARTS = pa.schema(
    [
        *_GROUP,
        _f("theme", pa.string(), "theme id; null in the row of the rest, which no theme explains"),
        _f("label", pa.string(), "the theme's name in English"),
        _f("polarity", pa.string(), "negative or positive: which mentions count"),
        *_interval("part", "points of the change that go with the theme; a group's add up to its change"),
        _f("mix", pa.float64(), "of these, those from being mentioned more or less often"),
        _f("severity", pa.float64(), "of these, those from meaning more or less where it is mentioned"),
    ]
)

TABLES = {
    "compare": COMPARE,
    "compare_changes": COMPARE_CHANGES,
    "compare_themes": COMPARE_THEMES,
    "compare_parts": COMPARE_PARTS,
}
