"""A file of orders: who ordered, when, and for how much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from earful.errors import InputError
from earful.readers.columns import candidates, fold
from earful.readers.date_profile import DateProfile
from earful.readers.dates import read_date
from earful.readers.values import as_number, as_text, is_missing

__all__ = ["read_orders"]

#: What a column of orders may be called besides what reviews' columns are.
_NAMES = {
    "author_id": ("author id", "customer id", "customer"),
    "ordered_at": ("ordered at", "order date", "order time", "purchase date", "date"),
    "amount": ("amount", "value", "total", "price", "revenue"),
}
_LIKE = {"author_id": "author_id", "created_at": "ordered_at", "order_value": "amount"}


def read_orders(path: str | Path) -> pd.DataFrame:
    """Read a CSV or Parquet file of orders.

    Returns
    -------
    DataFrame
        ``author_id`` (string), ``ordered_at`` (UTC) and ``amount``; missing where a cell cannot be read.

    Raises
    ------
    InputError
        The file cannot be read, or has no column of customers or of times.
    """
    source = Path(path)
    try:
        if source.suffix.lower() == ".parquet":
            raw = pd.read_parquet(source)
        else:
            raw = pd.read_csv(source, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", where=str(path), allowed="CSV, Parquet") from None
    found = _columns([str(name) for name in raw.columns])
    for ours, what in (("author_id", "customers"), ("ordered_at", "times")):
        if ours not in found:
            raise InputError(
                f"has no column of {what}",
                where=str(path),
                allowed=", ".join(_NAMES[ours]),
                fix=f"name one of its columns {ours}",
            )
    cells = {ours: raw[theirs].tolist() for ours, theirs in found.items()}
    profile = DateProfile()
    for cell in cells["ordered_at"]:
        if not is_missing(cell):
            profile.add(cell)
    moments = pd.Series([_read(read_date, cell, *profile.form) for cell in cells["ordered_at"]], dtype=object)
    amounts = [_read(as_number, cell) for cell in cells.get("amount", [None] * len(raw))]
    return pd.DataFrame(
        {
            "author_id": pd.Series([_name(cell) for cell in cells["author_id"]], dtype=object),
            "ordered_at": pd.to_datetime(moments, utc=True),
            "amount": [None if number is None else number[0] for number in amounts],
        }
    ).astype({"amount": "float64"})


def _columns(headers: list[str]) -> dict[str, str]:
    folded = {fold(header): header for header in reversed(headers)}
    found: dict[str, str] = {}
    for ours, names in _NAMES.items():
        known = [folded[fold(name)] for name in names if fold(name) in folded]
        if known:
            found[ours] = known[0]
    for header in headers:
        for offer in candidates(header):
            if offer.ours in _LIKE and header not in found.values():
                found.setdefault(_LIKE[offer.ours], header)
    return found


def _name(cell: object) -> str | None:
    text = None if is_missing(cell) else as_text(cell)
    return text.strip() if text else None


def _read(read: Callable[..., Any], cell: object, *more: object) -> Any:
    try:
        return read(cell, *more)
    except ValueError:
        return None
