"""Whom the rows of a run stand for: weights that were given, and known shares of customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earful.errors import InputError
from earful.loyalty.weighting import CAP, effective_n, rake

__all__ = ["MARGINS", "Weighting", "check_margins", "weigh"]

Floats = NDArray[np.float64]

#: What a margins file may name in its first column. ``words`` is yes where a row has words.
MARGINS = ("product", "touchpoint", "channel", "lang", "source", "rating", "csat", "recommended", "words")


@dataclass(frozen=True, slots=True)
class Weighting:
    """Weights of the rows of a run.

    Attributes
    ----------
    weight
        Mean 1, shape (n,).
    stamp
        What was done, for the definition on the number.
    warnings
        What a reader should know of it, in plain sentences.
    summary
        The same as numbers, for the manifest.
    """

    weight: Floats
    stamp: str
    warnings: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


def weigh(
    rows: pd.DataFrame, margins: Mapping[str, Mapping[str, float]] | None, where: str = "margins"
) -> Weighting | None:
    """Weigh the rows by the weights that were given and by known shares of customers.

    Parameters
    ----------
    rows
        One row per review in canonical order, with ``weight`` and what ``margins`` names.
    margins
        Column -> value -> share, as ``read_margins`` gives; ``None`` for none.
    where
        What the margins are called in messages.

    Returns
    -------
    Weighting or None
        ``None`` where nothing is weighted.

    Raises
    ------
    InputError
        ``margins`` names something that rows cannot be told apart by, or that no row has.
    """
    given = rows["weight"].to_numpy(np.float64, na_value=np.nan) if "weight" in rows else np.empty(0)
    has_weights = bool(np.nansum(given) > 0)
    if not len(rows) or (not has_weights and not margins):
        return None
    done, warnings = [], []
    base = np.ones(len(rows))
    if has_weights:
        base, told = _given(given)
        done.append("weighted as given")
        warnings += told
    weight = base / base.mean()
    if margins:
        frame = _frame(rows, margins, where)
        weight = rake(frame, margins, base=base)
        done.append(f"post-stratified by {', '.join(margins)}")
        warnings += _unmatched(frame, margins, where)
    capped = int(np.sum(weight >= CAP - 1e-9)) if margins else 0
    if capped:
        warnings.append(
            f"{capped:,} rows were weighted at the cap of {CAP:g} times the mean: the shares in {where} are "
            "not fully met"
        )
    summary = {
        "how": "; ".join(done),
        "rows": len(rows),
        "n_effective": round(effective_n(weight), 1),
        "largest": round(float(weight.max()), 3),
        "capped": capped,
    }
    return Weighting(weight, "; ".join(done), warnings, summary)


def check_margins(margins: Mapping[str, Any], where: str) -> None:
    """Refuse margins that name something that rows cannot be told apart by.

    Raises
    ------
    InputError
        A name is not among ``MARGINS``.
    """
    for name in margins:
        if name not in MARGINS:
            raise InputError(
                f"names {name!r}, which rows cannot be told apart by", where=where, allowed=", ".join(MARGINS)
            )


def _given(given: Floats) -> tuple[Floats, list[str]]:
    """Fill in what was not given with the mean of what was."""
    missing = np.isnan(given)
    if not missing.any():
        return given, []
    base = np.where(missing, np.nanmean(given), given)
    return base, [f"rows without a weight count as much as the mean of the others: {int(missing.sum()):,}"]


def _frame(rows: pd.DataFrame, margins: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Give the columns that the margins name as they would be written."""
    check_margins(margins, where)
    frame = {}
    for name in margins:
        values = rows["score"].notna() if name == "words" else rows[name]
        if not values.notna().any():
            raise InputError(
                f"names {name!r}, which no row has", where=where, fix=f"map it with --map {name}=COLUMN"
            )
        frame[name] = pd.Series([_written(value) for value in values.tolist()], dtype=object)
    return pd.DataFrame(frame)


def _written(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _unmatched(frame: pd.DataFrame, margins: Mapping[str, Mapping[str, float]], where: str) -> list[str]:
    """Name the shares that no row stands for, and count the rows that no share is given for."""
    found = []
    for name, shares in margins.items():
        here = set(frame[name].dropna())
        lost = [(value, share) for value, share in shares.items() if value not in here and share > 0]
        if lost:
            named = ", ".join(f"{value} ({100 * share:.0f} %)" for value, share in lost[:5])
            found.append(
                f"{where}: no row has {name} = {named}; the other shares stand for these customers too"
            )
        unlisted = int((~frame[name].isin(list(shares))).sum())
        if unlisted:
            found.append(
                f"{where}: {unlisted:,} rows have a {name} that is not listed; they keep their share"
            )
    return found
