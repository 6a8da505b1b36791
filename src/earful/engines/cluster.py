"""The engine for a cluster: actors of ray, one set of models each, that make the same parts as local workers.

The folder of the run must lie where every machine sees it, unless there is a depot for the parts. A part is
whole or not there, whoever makes it, so the parts of an actor whose machine dies are made again by a new one:
nothing is lost or doubled.

Where the input can be read from the middle, an actor is sent the number of a part and reads its rows itself;
of an input that it does not see, or that is read from the beginning alone, it is sent the rows.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from earful.engines.worker import Rows, Slices, Work, Worker, unfinished_work
from earful.errors import ConfigError, EarfulError, InputError, RunError
from earful.models.cores import own_process, use_cores
from earful.runs.depot import SentParts
from earful.runs.run import PARTS

if TYPE_CHECKING:
    from earful.runs.parts import Parts, Receipt

__all__ = ["run_parts"]

#: Parts that wait at each actor, so that it never waits for the reader.
_AHEAD = 2
#: How often a part is tried before it is taken for what kills the actors.
_TRIES = 5


def run_parts(
    work: Iterator[Work],
    worker: Worker,
    done: Callable[[Receipt], None],
    *,
    address: str | None,
    workers: int,
    slices: Slices | None = None,
) -> None:
    """Make every part that is not there yet, as :func:`earful.engines.run_parts`."""
    ray = _ray()
    worker.parts.run = worker.parts.run.resolve()
    worker.parts.folder = worker.parts.run / PARTS
    with _connected(ray, address, workers):
        pool = _Pool(ray, worker, workers, slices)
        todo: Iterator[_Item] = work if slices is None else ((part,) for part in range(len(slices)))
        try:
            for item in unfinished_work(todo, worker.parts, done):
                if pool.full:
                    done(pool.next())
                pool.add(item)
            while pool.waiting:
                done(pool.next())
        finally:
            pool.close()


#: A part's number, and what it is made of where that is not read by the actor.
_Item = tuple[int] | Work


@dataclass(frozen=True)
class _Try:
    item: _Item
    place: int
    actor: Any
    number: int


class _Pool:
    """Actors, and the parts that wait at each; one that has done its parts gets new ones."""

    def __init__(self, ray: Any, worker: Worker, workers: int, slices: Slices | None) -> None:
        self._ray, self._parts, self._slices = ray, worker.parts, slices
        self._class = ray.remote(num_cpus=1)(_Maker)
        sent = replace(worker, parts=SentParts.of(worker.parts))
        self._shared = ray.put(sent), worker.parts.plan(), ray.put(slices)
        self._actors = [self._new() for _ in range(workers)]
        self.waiting: dict[Any, _Try] = {}

    @property
    def full(self) -> bool:
        """Whether every actor has as many parts as it should."""
        return len(self.waiting) >= _AHEAD * len(self._actors)

    def add(self, item: _Item) -> None:
        """Give a part to the actor with the fewest."""
        busy = Counter(attempt.place for attempt in self.waiting.values())
        self._give(item, min(range(len(self._actors)), key=lambda place: (busy[place], place)), 1)

    def next(self) -> Receipt:
        """Wait for any part; what was at an actor that died is given to a new one.

        Raises
        ------
        RunError
            A part cannot be made, or is not where this machine sees it.
        """
        errors = self._ray.exceptions
        while True:
            (ready, *_), _ = self._ray.wait(list(self.waiting), num_returns=1)
            attempt = self.waiting.pop(ready)
            try:
                receipt: Receipt | None = self._ray.get(ready)
            except errors.RayTaskError as error:
                if isinstance(error.cause, EarfulError):
                    raise error.cause from None
                raise
            except (errors.RayActorError, errors.OutOfMemoryError, errors.ObjectLostError) as error:
                self._again(attempt, error)
                continue
            if receipt is None:
                self._send(attempt)
                continue
            self._check(receipt)
            return receipt

    def _check(self, receipt: Receipt) -> None:
        """Check that a part is here as it was made, brought from the depot where there is one."""
        depot = self._parts.depot
        if depot is not None and not self._parts.fetch(receipt.part):
            raise RunError(
                f"part {receipt.part} is damaged there, or gone",
                where=depot.shown,
                fix="repeat the command with --resume",
            )
        if self._parts.receipt(receipt.part) != receipt:
            raise _unshared(self._parts)

    def close(self) -> None:
        """Give the actors' cores back to the cluster."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _again(self, attempt: _Try, error: Exception) -> None:
        if attempt.number >= _TRIES:
            first = str(error).strip().splitlines()[0][:200]
            raise RunError(
                f"part {attempt.item[0]} was tried {_TRIES} times, and its actor died each time ({first})",
                where=str(self._parts.run),
                fix="repeat the command with --resume and fewer --workers or a smaller --batch-size",
            ) from None
        if self._actors[attempt.place] is attempt.actor:
            self._actors[attempt.place] = self._new()
        self._give(attempt.item, attempt.place, attempt.number + 1)

    def _send(self, attempt: _Try) -> None:
        """Read for an actor what it does not see; what is not seen from here either is the job's error."""
        assert self._slices is not None
        part = attempt.item[0]
        self._give((part, *self._slices(part)), attempt.place, attempt.number)

    def _give(self, item: _Item, place: int, number: int) -> None:
        actor = self._actors[place]
        self.waiting[actor.make.remote(*item)] = _Try(item, place, actor, number)

    def _new(self) -> Any:
        return self._class.remote(*self._shared)


class _Maker:
    """An actor: the worker of every engine, with models of its own."""

    def __init__(self, worker: Worker, plan: bytes, slices: Slices | None) -> None:
        own_process()
        use_cores(1)
        self._worker, self._slices, self._plan = worker, slices, plan

    def make(self, part: int, *rows: Any) -> Receipt | None:
        """Make a part of these rows or of those read here; ``None`` where the input is not seen.

        What goes wrong is told from here, as an actor that is not made tells nothing.
        """
        self._check()
        found = rows or self._read(part)
        return None if found is None else self._worker(part, *found)

    def _check(self) -> None:
        """Check, before the first part, that it will be where the others are."""
        if self._plan and not self._worker.parts.is_planned(self._plan):
            raise _unshared(self._worker.parts)
        self._plan = b""

    def _read(self, part: int) -> Rows | None:
        assert self._slices is not None
        try:
            return self._slices(part)
        except (InputError, OSError):
            return None


@contextmanager
def _connected(ray: Any, address: str | None, workers: int) -> Iterator[None]:
    """Join the cluster, unless the program around is in one already; leave it as it was found."""
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address=address or "auto", log_to_driver=False, logging_level="ERROR")
    except ConnectionError as error:
        if address is not None:
            first = (str(error).strip().splitlines() or [""])[0][:200]
            raise ConfigError(
                f"no ray cluster answers at {address} ({first})",
                where="--address",
                fix="start one with: ray start --head",
            ) from None
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        yield
    finally:
        ray.shutdown()


def _unshared(parts: Parts) -> RunError:
    return RunError(
        "is not the same folder on every machine of the cluster",
        where=str(parts.run) if parts.depot is None else parts.depot.shown,
        allowed="a folder on storage that all machines share, under the same path",
        fix="choose another -o, or name a store for the parts: --parts s3://BUCKET/FOLDER",
    )


def _ray() -> Any:
    # What goes wrong is told once, by us.
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
    import ray

    return ray
