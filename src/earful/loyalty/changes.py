"""Two loyalty tables side by side: which groups moved, with the false calls kept in check."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from earful.loyalty.frames import Floats
from earful.loyalty.intervals import normal_quantile, two_sided_p

__all__ = ["changes"]

#: Standard errors that a change must have to be called four times in five at 5 %, and the least worth it.
_POWER, _LEAST = 2.8, 3.0
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
    the scale, both of which would hide a change. Tables of earlier versions have the intervals only.

    Parameters
    ----------
    before, after
        Loyalty tables of the two runs, as ``schema.LOYALTY``; a further column that both are cut by stands in
        ``value``.
    level
        Level of the tables' intervals and of those of the changes.
    max_q
        Share of false calls that is put up with (Benjamini and Hochberg 1995, over all groups compared).

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
    error = np.sqrt(both["error_before"] ** 2 + both["error_after"] ** 2)
    p = two_sided_p(change, error)
    q = stats.false_discovery_control(p) if len(p) else p
    call = np.where(q <= max_q, np.where(change > 0, "up", "down"), "")
    found = both[key].assign(
        before=both["index_before"],
        after=both["index_after"],
        change=change,
        change_low=change - z * error,
        change_high=change + z * error,
        q_value=q,
        call=call,
        needed=_needed(np.asarray(change, dtype=np.float64), np.asarray(error, dtype=np.float64), call),
    )
    order = np.argsort(-np.abs(change.to_numpy()), kind="stable")
    return found.iloc[order].reset_index(drop=True)


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
    error = half / z
    if "claim" in known:
        told = known["claim"].notna() & known["claim_error"].notna()
        known["index"] = known["claim"].where(told, known["index"])
        error = known["claim_error"].where(told, error)
    for name in [name for name in key if name != "scale"]:
        known[name] = known[name].astype(object).where(known[name].notna(), "")
    # What stands behind the definition (provisional, CSAT, CES) may differ between runs; the definition not.
    known["scale"] = known["scale"].str.extract(r"^([^;(]*?)(?:, prior-bridged|, provisional|;| \(|$)")[0]
    return known[[*key, "index"]].assign(error=error)
