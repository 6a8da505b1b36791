"""Measure speed: processor seconds that each stage takes for 1,000 reviews, and the whole job, on one file.

Processor time, of all threads, so that what else the machine does tells little.

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
    every = sum(seconds.values())
    print(f"{platform.machine()}, Python {platform.python_version()}, {rows:,} rows, {segments:,} segments\n")
    print("| stage | seconds for 1,000 reviews | share | rows/s | segments/s |\n|---|---|---|---|---|")
    for name, spent in seconds.items():
        share = f"{1000 * spent / rows:.3f} | {100 * spent / every:.1f} %"
        print(f"| {name} | {share} | {rows / max(spent, 1e-9):,.0f} | {segments / max(spent, 1e-9):,.0f} |")
    for workers in options.workers:
        with tempfile.TemporaryDirectory() as folder:
            began, used = time.perf_counter(), _used()
            analyze(options.source, folder, config=config, limit=options.limit, workers=workers)
            spent = time.perf_counter() - began
        who = f"whole job, {workers} worker{'s' * (workers > 1)}, by the clock"
        taken = f"{1000 * (_used() - used) / rows:.3f} | "
        print(f"| {who} | {taken} | {rows / max(spent, 1e-9):,.0f} | {segments / max(spent, 1e-9):,.0f} |")
    print(f"\npeak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _used() -> float:
    """Give the processor seconds of this process and of those it started and saw end."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _stages(source: str, limit: int, config: Config, stages: list) -> tuple[dict[str, float], int, int]:  # type: ignore[type-arg]
    began = time.process_time()
    feed = open_inputs([source], config.input, config.scales)
    seconds = {"survey": time.process_time() - began, "reading of rows": 0.0}
    seconds |= {stage.name: 0.0 for stage in stages}
    rows = segments = 0
    batches = feed.batches(512, limit=limit)
    while True:
        began = time.process_time()
        table, _rejects = next(batches, (None, None))
        seconds["reading of rows"] += time.process_time() - began
        if table is None:
            break
        batch = Batch(table)
        with vocabulary_zone():
            for stage in stages:
                began = time.process_time()
                batch = run_stages(batch, [stage])
                seconds[stage.name] += time.process_time() - began
            rows += len(batch)
            segments += batch.segments.num_rows if batch.segments is not None else 0
            batch = replace(batch, texts=(), docs=())
    return seconds, rows, segments


if __name__ == "__main__":
    main()
