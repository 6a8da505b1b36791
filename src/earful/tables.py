"""Records and frames as Arrow tables: each column of the type its schema names, numbers rounded alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["DECIMALS", "to_table"]

#: Decimals of every number in a table.
DECIMALS = 6


def to_table(rows: pd.DataFrame | Iterable[Mapping[Any, Any]], schema: pa.Schema) -> pa.Table:
    """Put a frame, or records, into a table of that schema.

    Numbers are rounded to :data:`DECIMALS`; NaN, ``None`` and columns that are not there become null. Columns
    that the schema does not name are dropped.
    """
    if isinstance(rows, pd.DataFrame):
        n, held = len(rows), {str(name): rows[name].tolist() for name in rows}
    else:
        records = list(rows)
        n, held = len(records), {name: [record.get(name) for record in records] for name in schema.names}
    columns = [_array(held.get(field.name, [None] * n), field.type) for field in schema]
    return pa.table(columns, schema=schema)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if not pa.types.is_floating(kind):
        return pa.array([None if pd.isna(value) else value for value in values], kind)
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    numbers = np.round(numbers, DECIMALS) + 0.0  # + 0.0: no minus zero
    return pa.array(numbers, kind, mask=np.isnan(numbers))
