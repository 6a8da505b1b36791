"""Measure speed: rows and segments per second of each stage, and of the whole job, on one file.

python -m scripts.bench.stages ../shared/data/loyalty/zomato_restaurants.jsonl.gz --limit 5000
"""

from __future__ import annotations

import argparse
import platform
import resource
import tempfile
import time
from dataclasses import replace

from earful import analyze
from earful.config import Config, SentimentConfig
from earful.jobs.assembly import Assembly
from earful.pipeline import Batch, run_stages
from earful.readers import open_inputs
from earful.text.tokens import vocabulary_zone


def main() -> None:
    """Print a table of stages, then the whole job."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source")
    parser.add_argument("--limit", type=int, default=5000)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()

    config = Config(sentiment=SentimentConfig(model=options.model))
    stages = Assembly(config).run_stages
    seconds, rows, segments = _stages(options.source, options.limit, config, stages)
    print(f"{platform.machine()}, Python {platform.python_version()}, {rows:,} rows, {segments:,} segments\n")
    print("| stage | seconds | rows/s | segments/s |\n|---|---|---|---|")
    for name, spent in seconds.items():
        print(f"| {name} | {spent:.2f} | {rows / spent:,.0f} | {segments / spent:,.0f} |")
    for workers in options.workers:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            analyze(options.source, folder, config=config, limit=options.limit, workers=workers)
            spent = time.perf_counter() - began
        who = f"whole job, {workers} worker{'s' * (workers > 1)}"
        print(f"| {who} | {spent:.2f} | {rows / spent:,.0f} | {segments / spent:,.0f} |")
    print(f"\npeak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _stages(source: str, limit: int, config: Config, stages: list) -> tuple[dict[str, float], int, int]:  # type: ignore[type-arg]
    seconds: dict[str, float] = {stage.name: 0.0 for stage in stages}
    rows = segments = 0
    feed = open_inputs([source], config.input, config.scales)
    for table, _rejects in feed.batches(512, limit=limit):
        batch = Batch(table)
        with vocabulary_zone():
            for stage in stages:
                began = time.perf_counter()
                batch = run_stages(batch, [stage])
                seconds[stage.name] += time.perf_counter() - began
            rows += len(batch)
            segments += batch.segments.num_rows if batch.segments is not None else 0
            batch = replace(batch, texts=(), docs=())
    return seconds, rows, segments


if __name__ == "__main__":
    main()
