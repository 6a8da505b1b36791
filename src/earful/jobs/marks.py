"""What only all rows together can tell of each: repeats, bursts, and scores that their words gainsay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from earful.jobs.hygiene import near_duplicates
from earful.loyalty.mismatch import mismatches
from earful.pipeline import with_columns

if TYPE_CHECKING:
    import pandas as pd

    from earful.runs.store import Store

__all__ = ["Marks"]


@dataclass
class Marks:
    """The marks of a run's rows, in arrays: a million rows of them take a few megabytes.

    Attributes
    ----------
    duplicates, near
        Row -> the first row that it repeats, or nearly repeats.
    bursts
        ``row`` and ``burst``, of the rows that have a time of day, in order.
    mismatched
        ``row``, ``mismatch`` and ``mismatch_q`` of every row, in order; ``None`` until the rows were seen.
    """

    duplicates: Mapping[int, int]
    near: Mapping[int, int]
    bursts: pa.Table
    mismatched: pa.Table | None = None

    @classmethod
    def of(cls, store: Store) -> Marks:
        """Ask the tables of a run."""
        duplicates = store.duplicates()
        return cls(duplicates, near_duplicates(store, set(duplicates)), store.bursts())

    def compare(self, rows: pd.DataFrame) -> None:
        """Look whose score and words part, and write it into the rows too."""
        found = mismatches(rows)
        rows["mismatch"], rows["mismatch_q"] = found["mismatch"], found["mismatch_q"]
        columns = {
            "row": pa.array(rows["row"].to_numpy()),
            "mismatch": pa.array(found["mismatch"], pa.string(), from_pandas=True),
            "mismatch_q": pa.array(found["mismatch_q"].to_numpy(), pa.float64(), from_pandas=True),
        }
        self.mismatched = pa.table(columns).sort_by("row")

    def counts(self) -> dict[str, int]:
        """Count the marked rows, for the manifest."""
        marked = sum(chunk.true_count for chunk in self.bursts.column("burst").chunks)
        return {"duplicates": len(self.duplicates), "near_duplicates": len(self.near), "bursts": marked}

    def fill(self, part: pa.Table) -> pa.Table:
        """Fill a part's columns which only the whole run could know."""
        assert self.mismatched is not None, "the rows were not compared yet"
        own = part.column("row").to_numpy()
        return with_columns(
            part,
            {
                "duplicate_of": pa.array(map(self.duplicates.get, own.tolist()), pa.int64()),
                "near_duplicate_of": pa.array(map(self.near.get, own.tolist()), pa.int64()),
                "burst": _found(self.bursts, "burst", own),
                "mismatch": _found(self.mismatched, "mismatch", own),
                "mismatch_q": _found(self.mismatched, "mismatch_q", own),
            },
        )


def _found(table: pa.Table, name: str, rows: np.ndarray) -> pa.ChunkedArray:
    """Look up a column by row, in a table that is sorted by it; null where there is none."""
    known = table.column("row").to_numpy()
    if not len(known):
        return pa.chunked_array([pa.nulls(len(rows), table.schema.field(name).type)])
    at = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    return table.column(name).take(pa.array(at, mask=known[at] != rows))
