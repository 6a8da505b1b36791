"""The engine for one machine: parts made in this process, or in worker processes."""

from __future__ import annotations

import gc
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import pyarrow as pa

from earful.engines.processes import context, forks, start_child
from earful.engines.worker import Work, Worker, unfinished_work
from earful.errors import RunError
from earful.models.cores import cores, share_turns
from earful.runs.parts import Receipt

__all__ = ["run_parts"]

#: Parts that wait for each worker process, which must not wait for this one.
_AHEAD = 2

_worker: Worker | None = None


def run_parts(work: Iterator[Work], worker: Worker, done: Callable[[Receipt], None], workers: int) -> None:
    """Make every part that is not there yet; one worker works in this process."""
    todo = unfinished_work(work, worker.parts, done)
    if workers <= 1:
        for item in todo:
            done(worker(*item))
        return
    try:
        _run_pool(todo, worker, workers, done)
    except BrokenProcessPool:
        raise RunError(
            "a worker process was killed, as a rule because the memory was used up",
            where=str(worker.parts.run),
            fix="repeat the command with --resume and fewer --workers",
        ) from None


def _run_pool(todo: Iterator[Work], worker: Worker, workers: int, done: Callable[[Receipt], None]) -> None:
    """Work here and in one process fewer than there are workers: nobody waits while those start.

    Each runs the network on as many cores as there are, and all of them take turns: so no core rests while
    one process is at what is done on one core, or has no part left, and no more runs go on than there are
    cores.
    """
    # The first part here loads what is loaded late, dictionaries above all: forked workers share it.
    for first in islice(todo, 1):
        done(worker(*first))
    if forks():
        gc.collect()
        gc.freeze()
    turns = context().Semaphore(cores())
    share_turns(turns)
    pool = ProcessPoolExecutor(workers - 1, context(), initializer=_start_worker, initargs=(worker, turns))
    waiting: deque[Future[Receipt]] = deque()
    try:
        item = next(todo, None)
        while item is not None:
            further = next(todo, None)
            while waiting and waiting[0].done():
                done(waiting.popleft().result())
            # The last part is made here, so that no process is begun for what this one would wait for.
            if further is not None and len(waiting) < _AHEAD * (workers - 1):
                waiting.append(_submit(pool, item))
            else:
                done(worker(*item))
            item = further
        while waiting:
            done(waiting.popleft().result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        share_turns(None)
        gc.unfreeze()


def _submit(pool: ProcessPoolExecutor, item: Work) -> Future[Receipt]:
    with warnings.catch_warnings():
        # Of threads beside a fork: ours hold no lock that a worker needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pool.submit(_work, *item)


def _start_worker(worker: Worker, turns: AbstractContextManager[Any]) -> None:
    global _worker
    start_child()
    share_turns(turns)
    worker.load()
    _worker = worker


def _work(part: int, table: pa.Table, rejects: list[str]) -> Receipt:
    assert _worker is not None, "the worker was not started"
    return _worker(part, table, rejects)
