"""What all rows together tell: the tables of a drawn run are those that were looked at once and kept."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.jobs.finish import write_aggregates
from earful.jobs.marks import Marks
from earful.runs.store import Store
from tests.jobs.drawn_run import SETTINGS, assembly, draw

KEPT = Path(__file__).parent / "kept"
TABLES = ("loyalty", "themes", "drivers", "repairs", "trends", "emerging", "coverage")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    parts = draw(folder)
    with Store(*(parts.pattern(name) for name in ("reviews", "segments", "mentions"))) as store:
        marks = Marks.of(store)
        rows = store.rows(SETTINGS["loyalty"]["by"][2:])
        marks.compare(rows)
        write_aggregates(folder, store, assembly(), rows, store.mentions(), marks)
    reviews = pa.concat_tables(
        marks.fill(pq.ParquetFile(path).read()) for path in sorted(folder.glob("parts/*/reviews.parquet"))
    )
    pq.write_table(reviews.select(["row", *MARKED]), folder / "marked.parquet")
    return folder


MARKED = ("duplicate_of", "near_duplicate_of", "burst", "mismatch", "mismatch_q")


@pytest.mark.parametrize("name", [*TABLES, "marked"])
def test_the_tables_are_those_that_were_kept(finished, name):
    kept, made = (pd.read_parquet(folder / f"{name}.parquet") for folder in (KEPT, finished))
    assert kept.notna().any().sum() > 4
    pd.testing.assert_frame_equal(made, kept, rtol=1e-6, atol=2e-6)
