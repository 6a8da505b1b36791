"""Grow a small run into a large one for the dashboard's measurements: its rows many times, no model run.

python -m scripts.bench.grown RUN -o LARGE --rows 200000

Each copy of a review has an id, two words, a day and one of the run's products of its own, so that no two are
alike; what all rows together tell is worked out anew.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from earful.jobs.correct import opened_assembly
from earful.jobs.finish import remade
from earful.report import write_report
from earful.runs.parts import ROW_GROUP, regroup
from earful.runs.run import MANIFEST, open_run, write_manifest
from earful.schema import TABLES

_DAYS, _DAY = 180, 86_400_000_000


def main() -> None:
    """Write the large run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=200_000)
    given = parser.parse_args()
    small = open_run(given.run)
    shutil.copytree(given.run, given.out)
    reviews = pq.read_table(small.file("reviews"))
    times = -(-given.rows // reviews.num_rows)
    for name, table in TABLES.items():
        if table.parts and small.has(name):
            own = pq.read_table(small.file(name))
            with pq.ParquetWriter(given.out / f"{name}.parquet", own.schema, compression="zstd") as writer:
                for grown in regroup(_copies(own, times, reviews)):
                    writer.write_table(grown, row_group_size=ROW_GROUP)
    (given.out / MANIFEST).unlink()
    manifest = remade(given.out, small.manifest, opened_assembly(small), None)
    write_manifest(given.out, manifest)
    write_report(given.out)
    print(f"{times * reviews.num_rows:,} reviews in {given.out}")


def _copies(table: pa.Table, times: int, reviews: pa.Table) -> Iterator[pa.Table]:
    """Give a table so many times, each time with rows of its own."""
    random = np.random.default_rng(0)
    products = pc.unique(reviews["product"].drop_null()).to_pylist()
    apart = pc.max(reviews["row"]).as_py() + 1
    for copy in range(times):
        told = table
        row = pc.add(table["row"], copy * apart)
        changed: dict[str, pa.ChunkedArray | pa.Array] = {"row": row}
        if "review_id" in table.column_names:
            n = table.num_rows
            days = pa.array(random.integers(0, _DAYS, n) * _DAY).cast(pa.duration("us"))
            words = pa.array([f" {left} {right}" for left, right in random.integers(0, 10**6, (n, 2))])
            changed["review_id"] = pc.binary_join_element_wise(table["review_id"], f"{copy}", "-")
            changed["created_at"] = pc.subtract(table["created_at"], days)
            changed["product"] = pa.array(random.choice(products, n), pa.string())
            # What was nothing stays nothing: such rows have a score alone.
            grown = pc.binary_join_element_wise(table["text"], words, "")
            changed["text"] = pc.if_else(pc.equal(table["text"], ""), table["text"], grown)
        for name, column in changed.items():
            told = told.set_column(told.column_names.index(name), told.schema.field(name), column)
        yield told


if __name__ == "__main__":
    main()
