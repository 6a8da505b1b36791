"""Two loyalty tables side by side: which groups moved, with the false calls kept in check."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from earful.loyalty.frames import Floats
from earful.loyalty.intervals import false_discovery, normal_quantile

__all__ = ["changes"]

#: Standard errors that a change must have to be called four times in five at 5 %, and the least worth it.
_POWER, _LEAST = 2.8, 3.0
#: Degrees of freedom of an error that is taken as known.
_MANY = 1e9
_KEY = ["grouping", "product", "touchpoint", "period", "scale"]
#: Where the value of a further column stands, if the tables are cut by one.
_FURTHER = "value"


def changes(
    before: pd.DataFrame, after: pd.DataFrame, level: float = 0.95, max_q: float = 0.10
) -> pd.DataFrame:
    """Compare the index of every group in two runs.

    Only groups under the same definition are compared: a group whose anchor, scale or cut points differ
    between the runs is left out. The estimates behind the claim intervals decide, with their own errors,
    taken as independent (different customers answered): they are neither shrunken nor cut off at the ends of
    the scale, both of which would hide a change. Their errors are estimates themselves, of each group's own
    answers: Student's t with the degrees of freedom of both (Welch 1947). Tables of earlier versions have the
    intervals only.

    Parameters
    ----------
    before, after
        Loyalty tables of the two runs, as ``schema.LOYALTY``; a further column that both are cut by stands in
        ``value``.
    level
        Level of the tables' intervals and of those of the changes.
    max_q
        Share of false calls that is put up with, on average over comparisons, one without a call counting as
        none false (Benjamini and Hochberg 1995, over all groups compared).

    Returns
    -------
    DataFrame
        ``grouping``, ``product``, ``touchpoint``, ``period``, ``scale``, ``before``, ``after``, ``change``,
        ``change_low``, ``change_high`` (points), ``q_value``, ``call`` (up, down, or empty) and ``needed``
        (how many times as many reviews would call a change of this size four times in five; NaN where there
        is a call or hardly a change), the largest change first.
    """
    z = normal_quantile(level)
    key = [*_KEY, *([_FURTHER] if _FURTHER in before and _FURTHER in after else [])]
    sides = [_side(table, z, key) for table in (before, after)]
    both = sides[0].merge(sides[1], on=key, suffixes=("_before", "_after"))
    change = both["index_after"] - both["index_before"]
    variances = [np.square(both[f"error_{when}"].to_numpy(dtype=np.float64)) for when in ("before", "after")]
    dfs = [both[f"df_{when}"].to_numpy(dtype=np.float64) for when in ("before", "after")]
    error, df = _welch(variances, dfs)
    p = _two_sided(change.to_numpy(dtype=np.float64), error, df)
    reach = special.stdtrit(df, 0.5 + level / 2) * error
    q = false_discovery(p)
    call = np.where(q <= max_q, np.where(change > 0, "up", "down"), "")
    found = both[key].assign(
        before=both["index_before"],
        after=both["index_after"],
        change=change,
        change_low=change - reach,
        change_high=change + reach,
        q_value=q,
        call=call,
        needed=_needed(np.asarray(change, dtype=np.float64), error, call),
    )
    order = np.argsort(-np.abs(change.to_numpy()), kind="stable")
    return found.iloc[order].reset_index(drop=True)


def _welch(variances: list[Floats], dfs: list[Floats]) -> tuple[Floats, Floats]:
    """Give the error of a difference, and its degrees of freedom (Welch 1947); as many as can be for none."""
    total: Floats = np.asarray(sum(variances))
    with np.errstate(invalid="ignore", divide="ignore"):
        df = total**2 / sum(v**2 / n for v, n in zip(variances, dfs, strict=True))
    return np.sqrt(total), np.where(np.isfinite(df), np.maximum(df, 1.0), _MANY)


def _two_sided(change: Floats, error: Floats, df: Floats) -> Floats:
    """Give the p-value of no change; 1 where there is no error to judge it by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(error > 0, np.abs(change) / error, np.where(np.isnan(error), np.nan, 0.0))
    return np.asarray(2 * special.stdtr(df, -size))


def _needed(change: Floats, error: Floats, call: NDArray[np.str_]) -> Floats:
    """Say how many times as many reviews a change of this size would need; errors fall with their root."""
    size = np.abs(change)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = (_POWER * error / size) ** 2
    return np.where((call == "") & (size >= _LEAST) & (times > 1), times, np.nan)


def _side(table: pd.DataFrame, z: float, key: list[str]) -> pd.DataFrame:
    known = table[table["index"].notna()].copy()
    # An end that was cut off at 100 or -100 understates the error: the other end tells.
    half = np.maximum(known["index"] - known["index_low"], known["index_high"] - known["index"])
    error, df = half / z, pd.Series(_MANY, index=known.index)
    if "claim" in known:
        told = known["claim"].notna() & known["claim_error"].notna()
        known["index"] = known["claim"].where(told, known["index"])
        error = known["claim_error"].where(told, error)
        if "claim_df" in known:
            df = known["claim_df"].where(told & known["claim_df"].notna(), df)
    for name in [name for name in key if name != "scale"]:
        known[name] = known[name].astype(object).where(known[name].notna(), "")
    # What stands behind the definition (provisional, CSAT, CES) may differ between runs; the definition not.
    known["scale"] = known["scale"].str.extract(r"^([^;(]*?)(?:, prior-bridged|, provisional|;| \(|$)")[0]
    return known[[*key, "index"]].assign(error=error, df=df)
