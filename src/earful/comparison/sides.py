"""One run's groups side by side: words, index and measured answers, and where they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earful.comparison.agreement import Agreement, agreement
from earful.comparison.columns import COMPARE, KEYS
from earful.comparison.gaps import MIN_ANSWERS, Gaps, gaps
from earful.loyalty.frames import Grouping
from earful.loyalty.intervals import Interval, mean_interval
from earful.loyalty.moments import Moments

if TYPE_CHECKING:
    from earful.comparison.measures import Measure
    from earful.comparison.reading import Reading

__all__ = ["Sides", "most_apart", "sides", "words_interval"]

Floats = NDArray[np.float64]

#: Columns that are set against the measured side, the one that looks at no score first.
SIDES = ("words_nps", "mean_score", "index")


@dataclass(frozen=True)
class Sides:
    """What one run's comparison found.

    Attributes
    ----------
    table
        One row per group, the overall row first; columns as ``columns.COMPARE``.
    agreements
        Agreement of ``words_nps``, ``mean_score`` and ``index`` with the measured side over those compared.
    gaps
        The gaps by group, in the order of the reading's groups.
    """

    table: pd.DataFrame
    agreements: dict[str, Agreement]
    gaps: Gaps


def sides(reading: Reading, measure: Measure, least: int) -> Sides:
    """Set the groups' words against their measured side.

    Parameters
    ----------
    reading
        The run.
    measure
        The measured side.
    least
        Reviews that a group needs to be compared.
    """
    words, cut = reading.words, reading.grouping
    enough = _n(cut, ~np.isnan(words)) >= MIN_ANSWERS
    enough &= _n(cut, ~np.isnan(measure.values)) >= MIN_ANSWERS
    compared = enough & (reading.groups["n_reviews"].to_numpy(dtype=np.float64) >= least)
    found = gaps(cut, words, measure.values, compared, reading.level)
    table = pd.concat(
        [
            _block(reading, measure, reading.whole, reading.overall),
            _block(reading, measure, cut, reading.groups).assign(
                compared=compared,
                gap=found.gap,
                gap_low=found.low,
                gap_high=found.high,
                q_value=found.q_value,
                parts=found.parts,
            ),
        ],
        ignore_index=True,
    ).reindex(columns=[*COMPARE.names, "value"])
    shown = table.iloc[1:][compared]
    measured = shown["measured"].to_numpy(dtype=np.float64)
    agreements = {
        name: agreement(shown[name].to_numpy(dtype=np.float64), measured, reading.level) for name in SIDES
    }
    return Sides(table, agreements, found)


def most_apart(groups: pd.DataFrame, most: int = 4) -> list[int]:
    """Give the groups (by position) that part most: the surest first, else the widest gaps."""
    known = groups[groups["gap"].notna()]
    if known["parts"].notna().any():
        known = known[known["parts"].notna()]
        return known.sort_values(["q_value", "gap"], kind="stable").index.tolist()[:most]
    order = known["gap"].abs().sort_values(ascending=False, kind="stable")
    return [int(at) for at in order.index[:most]]


def words_interval(reading: Reading, cut: Grouping) -> Interval:
    """Give the mean of ``words_nps`` in every group, with Student's t interval."""
    n, mean, variance = _moments(reading.words, cut)
    return mean_interval(mean, variance, n, reading.level, (-100.0, 100.0))


def _block(reading: Reading, measure: Measure, cut: Grouping, groups: pd.DataFrame) -> pd.DataFrame:
    words = reading.words
    spoken, asked = ~np.isnan(words), ~np.isnan(measure.values)
    flagged = reading.rows["mismatch"].notna().to_numpy()
    expected = words_interval(reading, cut)
    block: dict[str, Any] = {
        **{name: groups[name].tolist() for name in KEYS},
        "n_reviews": groups["n_reviews"].tolist(),
        "n_words": _n(cut, spoken),
        "n_measured": _n(cut, asked),
        "n_both": _n(cut, spoken & asked),
        "compared": False,
        **_copied(groups, "mean_score", "mean_score"),
        **_named("words_nps", expected),
        **_copied(groups, "index", "index"),
        "grade": groups["grade"].tolist(),
        "measure": measure.name,
        **_copied(groups, measure.column, "measured"),
        **_named("difference", _difference(reading, measure, cut, words)),
        "n_mismatches": _n(cut, flagged),
    }
    return pd.DataFrame(block)


def _difference(reading: Reading, measure: Measure, cut: Grouping, words: Floats) -> Interval:
    """Mean of the words less mean of the answers, each over the rows that have it.

    The two overlap in the rows with both, whose covariance takes from the variance.
    """
    groups = len(cut)
    if measure.name != "nps":
        nothing = np.full(groups, np.nan)
        return Interval(nothing, nothing, nothing)
    n_words, mean_words, var_words = _moments(words, cut)
    n_asked, mean_asked, var_asked = _moments(measure.values, cut)
    both = ~(np.isnan(words) | np.isnan(measure.values))
    n_both, at_words, _ = _moments(np.where(both, words, np.nan), cut)
    _, at_asked, _ = _moments(np.where(both, measure.values, np.nan), cut)
    here = both[cut.row]
    at, code = cut.row[here], cut.code[here]
    product = (words[at] - at_words[code]) * (measure.values[at] - at_asked[code])
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = np.where(n_both > 1, np.bincount(code, product, groups) / (n_both - 1), 0.0)
        variance = var_words / n_words + var_asked / n_asked - 2 * n_both * covariance / (n_words * n_asked)
    n = np.minimum(n_words, n_asked)
    spread = np.maximum(variance, 0) * n
    return mean_interval(mean_words - mean_asked, spread, n, reading.level, (-200.0, 200.0))


def _n(cut: Grouping, here: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.bincount(cut.code[here[cut.row]], minlength=len(cut)).astype(np.int64)


def _moments(values: Floats, cut: Grouping) -> tuple[Floats, Floats, Floats]:
    """Count, mean and sample variance of each group; both 0 where there is nothing to tell them from."""
    here = values[cut.row]
    known = ~np.isnan(here)
    got = Moments.of(cut.code[known], here[known], np.ones(int(known.sum())), len(cut))
    return got.weight, got.mean, got.variance


def _named(name: str, interval: Interval) -> dict[str, Floats]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _copied(groups: pd.DataFrame, column: str, name: str) -> dict[str, list[float]]:
    return {
        f"{name}{end}": groups[f"{column}{end}"].astype(np.float64).tolist() for end in ("", "_low", "_high")
    }
