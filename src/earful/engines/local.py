"""The engine for one machine: batches in this process, or in worker processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

import pyarrow as pa

from earful.pipeline import Batch, Stage, run_stages
from earful.runs.parts import Parts, Receipt

__all__ = ["process", "run_parts"]

#: One part's work: its number, its accepted rows, its rejects as JSON lines.
Work = tuple[int, pa.Table, list[str]]

_worker: tuple[Parts, Sequence[Stage]] | None = None


def process(table: pa.Table, stages: Sequence[Stage]) -> Batch:
    """Take one batch of input rows through the stages and give back its tables alone."""
    from earful.text.tokens import vocabulary_zone

    if table.num_rows == 0:
        return Batch(table)
    with vocabulary_zone():
        # The docs must not outlive the zone that their words live in.
        return run_stages(Batch(table), stages).tables()


def run_parts(
    work: Iterator[Work],
    parts: Parts,
    stages: Sequence[Stage],
    make_stages: Callable[[], Sequence[Stage]],
    workers: int,
    done: Callable[[Receipt], None],
) -> None:
    """Make every part that is not there yet.

    Parameters
    ----------
    work
        The parts' input, in input order.
    parts
        Where the parts go.
    stages
        The stages, ready to run in this process.
    make_stages
        Makes the same stages in a worker process, where it is sent.
    workers
        How many processes; 1 works in this one.
    done
        Called with each part's receipt, those found from before included.
    """
    todo = _skip_finished(work, parts, done)
    if workers <= 1:
        for part, table, rejects in todo:
            done(parts.write(part, process(table, stages), rejects))
    else:
        _run_pool(todo, parts, make_stages, workers, done)


def _skip_finished(work: Iterator[Work], parts: Parts, done: Callable[[Receipt], None]) -> Iterator[Work]:
    for item in work:
        receipt = parts.receipt(item[0])
        if receipt is None:
            yield item
        else:
            done(receipt)


def _run_pool(
    todo: Iterator[Work],
    parts: Parts,
    make_stages: Callable[[], Sequence[Stage]],
    workers: int,
    done: Callable[[Receipt], None],
) -> None:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(parts, make_stages))
    waiting: deque[Future[Receipt]] = deque()
    try:
        for part, table, rejects in todo:
            waiting.append(pool.submit(_work, part, table, rejects))
            # A bounded queue: the reader must not run ahead of the workers and fill the memory.
            if len(waiting) > 2 * workers:
                done(waiting.popleft().result())
        while waiting:
            done(waiting.popleft().result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(parts: Parts, make_stages: Callable[[], Sequence[Stage]]) -> None:
    global _worker
    # An interrupt is the parent's to handle: it lets the part at hand be finished and takes no more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    from earful.text.tokens import spare_torch

    spare_torch()

    _worker = (parts, make_stages())


def _work(part: int, table: pa.Table, rejects: list[str]) -> Receipt:
    assert _worker is not None, "the worker was not started"
    parts, stages = _worker
    return parts.write(part, process(table, stages), rejects)
