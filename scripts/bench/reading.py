"""Measure reading: rows of CSV surveyed, read, cleaned and deduplicated, beside a bare read by pyarrow.

The rows are made up from the bundled sample. Each step runs in a process of its own, so that its peak of
memory is its own; seconds are of the processor, all threads together.

python -m scripts.bench.reading --rows 1000000
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from earful.data import demo_inputs
from earful.jobs.hygiene import near_duplicates
from earful.jobs.slices import FeedSlices
from earful.pipeline import Batch
from earful.readers import open_inputs
from earful.runs.store import Store
from earful.schema import REVIEWS, conform
from earful.text.normalise import Normalise

_HEADER = ("review_id", "created_at", "product", "country", "author", "review", "stars", "nps")
_COUNTRIES = ("LV", "BG", "DE", "GB", "")
#: Share of rows that repeat the one before in every field but the id, and of those nearly so.
_REPEATED, _NEAR = 0.02, 0.02
_BATCH = 4096
#: Rows in a part, as a run has them.
_PART = 512


def make_rows(path: Path, n: int) -> None:
    """Write rows of two to four sentences, a few of them twice or nearly so; the same for the same number."""
    draw = random.Random(7)
    texts = _texts()
    products = [f"Product {number}" for number in range(500)]
    row: list[object] = []
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_HEADER)
        for number in range(n):
            chance = draw.random()
            if not row or chance >= _REPEATED + _NEAR:
                text = " ".join(draw.choice(texts) for _ in range(draw.randint(2, 4)))
                date = f"2026-{draw.randint(1, 9):02d}-{draw.randint(1, 28):02d} {draw.randint(8, 20):02d}:00"
                row = [0, date, draw.choice(products), draw.choice(_COUNTRIES), f"c{draw.randrange(n)}"]
                row += [text, draw.randint(1, 5), draw.randint(0, 10) if draw.random() < 0.5 else ""]
            elif chance < _NEAR:
                row = [*row[:5], f"{row[5]}!", *row[6:]]
            row[0] = f"r{number}"
            writer.writerow(row)


def _texts() -> list[str]:
    with open_inputs(demo_inputs()) as feed:
        batches = [table.column("text").to_pylist() for table, _ in feed.batches(1000)]
    return [text for batch in batches for text in batch if text]


def bare(path: Path, folder: Path) -> str:
    """Read the file with pyarrow.csv alone."""
    from pyarrow import csv as arrow

    return f"{arrow.read_csv(path).num_rows:,} rows"


def survey(path: Path, folder: Path) -> str:
    """Look through the file: columns, scales, dates."""
    with open_inputs([path]) as feed:
        return f"{feed.n_rows:,} rows"


def in_order(path: Path, folder: Path) -> str:
    """Survey the file and read its rows, as one process does for all that make parts."""
    with open_inputs([path]) as feed:
        return f"{sum(len(table) for table, _ in feed.batches(_PART)):,} rows"


def in_slices(path: Path, folder: Path) -> str:
    """Survey the file and read each part's rows by themselves, as the actors of a cluster do."""
    with open_inputs([path]) as feed:
        slices = FeedSlices(feed, None, _PART)
        return f"{sum(len(slices(part)[0]) for part in range(len(slices))):,} rows"


def read(path: Path, folder: Path) -> str:
    """Survey, read and clean the rows, and write them in parts as a run does."""
    cleaner, accepted, refused = Normalise(), 0, 0
    with open_inputs([path]) as feed:
        for number, (table, rejects) in enumerate(feed.batches(_BATCH)):
            cleaned = cleaner(Batch(table))
            pq.write_table(conform(cleaned.reviews, REVIEWS), folder / f"{number:06d}.parquet")
            accepted, refused = accepted + len(table), refused + len(rejects)
    return f"{accepted:,} rows, {refused:,} refused"


def deduplicate(path: Path, folder: Path) -> str:
    """Find the rows that repeat others, and those that nearly do, in what was written."""
    with Store(str(folder / "*.parquet"), "", "") as store:
        same = store.duplicates()
        near = near_duplicates(store, same)
    return f"{len(same):,} repeated, {len(near):,} nearly"


STEPS: dict[str, Callable[[Path, Path], str]] = {
    "bare pyarrow.csv": bare,
    "survey": survey,
    "survey, rows in order": in_order,
    "survey, rows part by part": in_slices,
    "survey, read, clean, write": read,
    "deduplicate": deduplicate,
}


def main() -> None:
    """Print a table of the steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="earful-reading-") as folder:
        path = Path(folder) / "rows.csv"
        make_rows(path, options.rows)
        print(f"{options.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, pyarrow {pa.__version__}\n")
        print("| step | result | processor s | rows/s | peak MB |\n|---|---|---|---|---|")
        for name in STEPS:
            told, seconds, peak = _measured(name, path, Path(folder))
            print(f"| {name} | {told} | {seconds:.1f} | {options.rows / seconds:,.0f} | {peak:,.0f} |")


def _measured(name: str, path: Path, folder: Path) -> tuple[str, float, float]:
    """Run a step in a process of its own; give what it says, its seconds and its peak in megabytes."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_run, (name, path, folder))


def _run(name: str, path: Path, folder: Path) -> tuple[str, float, float]:
    began = time.process_time()
    told = STEPS[name](path, folder)
    return told, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
