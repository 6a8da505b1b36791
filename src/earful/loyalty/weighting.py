"""Whom the rows of a run stand for: given weights, known shares of customers, and what is left open.

Customers who answer are not all customers. Post-stratification gives each answer the share of its group among
all customers over its share among the answers; raking does the same for several margins in turn (Deming and
Stephan 1940).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earful.errors import InputError
from earful.loyalty.frames import Floats, Ints

__all__ = [
    "CAP",
    "MARGINS",
    "Weighting",
    "check_margins",
    "effective_n",
    "rake",
    "read_margins",
    "tipping_bias",
    "weigh",
]

Margins = Mapping[str, Mapping[str, float]]

#: No answer counts for more than this many average ones.
CAP = 5.0
#: A group with fewer answers than this is put together with the other small ones of its margin.
MIN_CELL = 10
_OTHER, _SMALL = "\0other", "\0othersmall"
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


def weigh(rows: pd.DataFrame, margins: Margins | None, where: str = "margins") -> Weighting | None:
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
        ``margins`` names something that rows cannot be told apart by, or that no row has; or every weight
        is 0.
    """
    given = rows["weight"].to_numpy(np.float64, na_value=np.nan) if "weight" in rows else np.empty(0)
    has_weights = bool(np.nansum(given) > 0)
    if len(given) and not np.isnan(given).all() and not has_weights:
        raise InputError(
            "every weight is 0, so nobody is left to speak of",
            where="weight",
            allowed="weights above 0 for some rows",
            fix='leave the column out with --map weight=""',
        )
    if not len(rows) or (not has_weights and not margins):
        return None
    done, warnings = [], []
    base, missing = np.ones(len(rows)), np.isnan(given)
    if has_weights:
        base = np.where(missing, np.nanmean(given), given)
        done.append("weighted as given")
    if has_weights and missing.any():
        warnings.append(
            f"rows without a weight count as much as the mean of the others: {int(missing.sum()):,}"
        )
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


def read_margins(path: str | Path) -> dict[str, dict[str, float]]:
    """Read known shares of customers from a small CSV file: ``column,value,share``.

    Returns
    -------
    dict
        Column -> value -> share, the shares of each column summing to 1 (counts or percents will do in the
        file).

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, has a share that is no number or below 0, or shares below 1
        that do not sum to 1.
    """
    found: dict[str, dict[str, float]] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = {"column", "value", "share"} - set(reader.fieldnames or ())
            if missing:
                raise InputError(
                    f"lacks {', '.join(sorted(missing))}", where=str(path), allowed="column,value,share"
                )
            for line, row in enumerate(reader, start=2):
                share = _share(row["share"], f"{path}, line {line}")
                values = found.setdefault(row["column"], {})
                values[row["value"]] = values.get(row["value"], 0.0) + share
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path)) from None
    for column, values in found.items():
        total = sum(values.values())
        if total <= 0:
            raise InputError(f"the shares of {column!r} sum to 0", where=str(path))
        # Shares that are none of counts or percents: what is missing would be made up by the others.
        if max(values.values()) <= 1 and abs(total - 1) > 0.01 and total != round(total):
            raise InputError(
                f"the shares of {column!r} sum to {total:.3g}",
                where=str(path),
                allowed="shares that sum to 1, percents that sum to 100, or counts",
                fix="add the groups that are missing",
            )
        found[column] = {value: share / total for value, share in values.items()}
    return found


def _share(text: str | None, where: str) -> float:
    try:
        share = float(text or "")
    except ValueError:
        share = float("nan")
    if not 0 <= share < float("inf"):
        raise InputError(f"share is {text!r}", where=where, allowed="a number of at least 0")
    return share


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


def rake(
    frame: pd.DataFrame,
    margins: Margins,
    cap: float = CAP,
    base: ArrayLike | None = None,
) -> Floats:
    """Weigh rows so that every margin comes out as it is among all customers.

    Parameters
    ----------
    frame
        One row per answer, with the columns that ``margins`` names. A missing or unlisted value keeps its own
        share: nothing is known of it.
    margins
        Column -> value -> share, as ``read_margins`` gives. One column is post-stratification.
    cap
        Largest weight, as a multiple of the mean.
    base
        Weights to start from, shape (n,); equal by default. A row of weight 0 keeps it.

    Returns
    -------
    Floats
        Weights with mean 1, shape (n,).
    """
    n = len(frame)
    weight = np.ones(n) if base is None else np.asarray(base, dtype=np.float64)
    if n == 0 or weight.sum() <= 0:
        return weight
    weight = weight / weight.mean()
    cells = [_cells(frame[column], shares) for column, shares in margins.items()]
    for _ in range(100):
        before = weight.copy()
        for code, target in cells:
            held = np.bincount(code, weight, len(target)) / weight.sum()
            weight = weight * (target / np.maximum(held, 1e-300))[code]
        weight = _capped(weight / weight.mean(), cap)
        if np.abs(weight - before).max() < 1e-9:
            break
    return weight


def _capped(weight: Floats, cap: float) -> Floats:
    """Bring weights down to the cap, and the others up so that the mean stays 1."""
    for _ in range(len(weight)):
        over = weight >= cap
        if not (weight > cap + 1e-12).any() or not weight[~over].any():
            break
        weight = np.where(over, cap, weight * (len(weight) - cap * over.sum()) / weight[~over].sum())
    return weight


def _cells(values: pd.Series, shares: Mapping[str, float]) -> tuple[Ints, Floats]:
    """Cell of each row, and the share each cell should have; small cells together."""
    known = [str(value) if str(value) in shares else _OTHER for value in values.astype(object)]
    named = pd.Series(known, dtype=object).where(values.notna().to_numpy(), _OTHER)
    counts = named[named != _OTHER].value_counts()
    small = sorted(counts.index[counts < MIN_CELL])
    wanted = {**shares, _SMALL: sum(shares[value] for value in small)}
    code, names = pd.factorize(named.replace(small, _SMALL) if len(small) > 1 else named, sort=True)
    held = np.bincount(code) / max(len(code), 1)
    unknown = float(held[names == _OTHER].sum())
    target = np.array([wanted.get(name, unknown) for name in names], dtype=np.float64)
    listed = names != _OTHER
    target[listed] *= (1 - unknown) / max(float(target[listed].sum()), 1e-300)
    return code.astype(np.int64), target


def effective_n(weight: ArrayLike) -> float:
    """Give how many equal rows the weighted ones are worth (Kish 1965)."""
    w = np.asarray(weight, dtype=np.float64)
    return float(w.sum() ** 2 / np.sum(w**2)) if np.sum(w**2) > 0 else 0.0


def tipping_bias(index: ArrayLike, target: float, n_rated: ArrayLike, n_rows: ArrayLike) -> Floats:
    """Say how different the silent customers would have to be for the index to reach the target.

    The index takes customers without an answer to be like those with one whose words and scores are the same.
    If they were ``delta`` points away, the index would move by ``delta`` times their share. The smaller this
    tipping ``delta`` is in size, the weaker the conclusion "above" or "below the target".

    Parameters
    ----------
    index, n_rated, n_rows
        Of each group, shape (n_groups,).
    target
        The number the conclusion is about, e.g. last year's or a rival's index.

    Returns
    -------
    Floats
        Points, shape (n_groups,); infinite where everybody answered.
    """
    rated, rows = np.asarray(n_rated, dtype=np.float64), np.asarray(n_rows, dtype=np.float64)
    gap = target - np.asarray(index, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        silent = 1 - rated / rows
        return np.asarray(np.where(silent > 0, gap / silent, np.copysign(np.inf, gap)))


def _frame(rows: pd.DataFrame, margins: Mapping[str, Any], where: str) -> pd.DataFrame:
    """Give the columns that the margins name as they would be written."""
    check_margins(margins, where)
    frame = {}
    for name in margins:
        values = rows["score"].notna() if name == "words" else rows.get(name)
        if values is None or not values.notna().any():
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


def _unmatched(frame: pd.DataFrame, margins: Margins, where: str) -> list[str]:
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
