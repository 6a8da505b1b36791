"""The engine for a cluster: actors of ray, one set of models each, that make the same parts as local workers.

The folder of the run must lie where every machine sees it, unless there is a depot for the parts. A part is
whole or not there, whoever makes it, so the parts of an actor whose machine dies are made again by a new one:
nothing is lost or doubled.

Where the input can be read from the middle, an actor is sent the number of a part and reads its rows itself;
of an input that it does not see, or that is read from the beginning alone, it is sent the rows.
"""

from __future__ import annotations

import os
from collections import Counter, deque
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
    from earful.engines import Engine
    from earful.runs.parts import Parts, Receipt

__all__ = ["run_parts"]

#: Parts that wait at each actor, so that it never waits for the reader.
_AHEAD = 2
#: How often a part is tried before it is taken for what kills the actors.
_TRIES = 5
#: Seconds that the first actor may take to come, as a machine may have to be started for it.
_PATIENCE = 900


def run_parts(
    work: Iterator[Work],
    worker: Worker,
    done: Callable[[Receipt], None],
    engine: Engine,
    slices: Slices | None = None,
) -> None:
    """Make every part that is not there yet, as :meth:`earful.engines.Engine.run_parts`."""
    ray = _ray()
    worker.parts.run = worker.parts.run.resolve()
    worker.parts.folder = worker.parts.run / PARTS
    with _connected(ray, engine):
        pool = _Pool(ray, worker, engine, slices)
        todo: Iterator[_Item] = work if slices is None else ((part,) for part in range(len(slices)))
        try:
            for item in unfinished_work(todo, worker.parts, done):
                while pool.full:
                    pool.step(done)
                pool.add(item)
            while pool.busy:
                pool.step(done)
        finally:
            pool.close()


#: A part's number, and what it is made of where that is not read by the actor.
_Item = tuple[int] | Work


@dataclass(frozen=True)
class _Try:
    item: _Item
    number: int = 1


class _Pool:
    """Actors, and the parts that wait at each; one that has done its parts gets new ones.

    Only actors that the cluster has found room for get any: with fewer than were asked for the work is done
    all the same, and those that come later take their share.
    """

    def __init__(self, ray: Any, worker: Worker, engine: Engine, slices: Slices | None) -> None:
        self._ray, self._parts, self._slices, self._engine = ray, worker.parts, slices, engine
        self._class = ray.remote(num_cpus=1, num_gpus=engine.share)(_Maker)
        sent = replace(worker, parts=SentParts.of(worker.parts))
        self._shared = ray.put(sent), worker.parts.plan(), ray.put(slices)
        self._failed = 0
        self._todo: deque[_Try] = deque()
        self._actors: list[Any] = []
        self._coming: dict[Any, Any] = {}
        self._waiting: dict[Any, tuple[_Try, Any]] = {}
        for _ in range(engine.workers):
            self._begin()

    @property
    def full(self) -> bool:
        """Whether every actor that is there has as many parts as it should."""
        return len(self._todo) + len(self._waiting) >= _AHEAD * max(1, len(self._actors))

    @property
    def busy(self) -> bool:
        """Whether a part is still to be made."""
        return bool(self._todo or self._waiting)

    def add(self, item: _Item) -> None:
        """Take a part."""
        self._todo.append(_Try(item))
        self._give()

    def step(self, done: Callable[[Receipt], None]) -> None:
        """Wait for any part, or for an actor; what was at an actor that died is given to another.

        Raises
        ------
        RunError
            A part cannot be made, or is not where this machine sees it, or no actor comes.
        """
        patience = None if self._actors else _PATIENCE
        found, _ = self._ray.wait([*self._waiting, *self._coming], num_returns=1, timeout=patience)
        if not found:
            raise self._unplaced()
        for ready in found:
            if ready in self._coming:
                self._welcome(ready)
            else:
                receipt = self._receipt(ready)
                if receipt is not None:
                    done(receipt)
        self._give()

    def close(self) -> None:
        """Give the actors' cores back to the cluster."""
        for actor in [*self._actors, *self._coming.values()]:
            self._ray.kill(actor)

    def _begin(self) -> None:
        """Ask for an actor."""
        actor = self._class.remote(*self._shared)
        self._coming[actor.is_there.remote()] = actor

    def _welcome(self, ready: Any) -> None:
        """Count an actor among those that are there, or ask for another where it died on its way."""
        actor = self._coming.pop(ready)
        try:
            self._ray.get(ready)
        except self._ray.exceptions.RayError as error:
            self._failed += 1
            if self._failed >= _TRIES:
                raise RunError(
                    f"{_TRIES} workers died before they began ({_first_line(error)})", where="--engine ray"
                ) from None
            self._begin()
        else:
            self._failed = 0
            self._actors.append(actor)

    def _give(self) -> None:
        """Give parts to the actors with the fewest, as many as each should have."""
        busy = Counter(actor for _, actor in self._waiting.values())
        while self._todo and self._actors:
            actor = min(self._actors, key=lambda one: busy[one])
            if busy[actor] >= _AHEAD:
                return
            busy[actor] += 1
            attempt = self._todo.popleft()
            self._waiting[actor.make.remote(*attempt.item)] = attempt, actor

    def _receipt(self, ready: Any) -> Receipt | None:
        """Take what an actor says of a part; ``None`` where the part is to be made again."""
        attempt, actor = self._waiting.pop(ready)
        errors = self._ray.exceptions
        try:
            receipt: Receipt | None = self._ray.get(ready)
        except errors.RayTaskError as error:
            if isinstance(error.cause, EarfulError):
                raise error.cause from None
            raise
        except (errors.RayActorError, errors.OutOfMemoryError, errors.ObjectLostError) as error:
            self._again(attempt, actor, error)
            return None
        if receipt is None:
            self._send(attempt)
        else:
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

    def _again(self, attempt: _Try, actor: Any, error: Exception) -> None:
        if attempt.number >= _TRIES:
            raise RunError(
                f"part {attempt.item[0]} was tried {_TRIES} times, and its actor died each time "
                f"({_first_line(error)})",
                where=str(self._parts.run),
                fix="repeat the command with --resume and fewer --workers or a smaller --batch-size",
            ) from None
        if actor in self._actors:  # whose other part is told later
            self._actors.remove(actor)
            self._begin()
        self._todo.appendleft(replace(attempt, number=attempt.number + 1))

    def _send(self, attempt: _Try) -> None:
        """Read for an actor what it does not see; what is not seen from here either is the job's error."""
        assert self._slices is not None
        part = attempt.item[0]
        self._todo.appendleft(replace(attempt, item=(part, *self._slices(part))))

    def _unplaced(self) -> RunError:
        there = self._ray.cluster_resources()
        wanted = f" and {self._engine.share:g} of a GPU" if self._engine.share else ""
        minutes = f"{_PATIENCE / 60:.3g} minutes"
        return RunError(
            f"the cluster found no room for a worker in {minutes}: each wants a core{wanted}, and "
            f"it has {there.get('CPU', 0):g} cores and {there.get('GPU', 0):g} GPUs",
            where="--engine ray",
            fix="wait until others are done, or add a machine, and repeat the command with --resume",
        )


class _Maker:
    """An actor: the worker of every engine, with models of its own."""

    def __init__(self, worker: Worker, plan: bytes, slices: Slices | None) -> None:
        own_process()
        use_cores(1)
        self._worker, self._slices = worker, slices
        self._plan: bytes | None = plan

    def is_there(self) -> None:
        """Answer, as soon as there is room for this actor."""

    def make(self, part: int, *rows: Any) -> Receipt | None:
        """Make a part of these rows or of those read here; ``None`` where the input is not seen.

        What goes wrong is told from here, as an actor that is not made tells nothing.
        """
        self._check()
        found = rows or self._read(part)
        return None if found is None else self._worker(part, *found)

    def _check(self) -> None:
        """Check, before the first part, that it will be where the others are."""
        if self._plan is not None and not self._worker.parts.is_planned(self._plan):
            raise _unshared(self._worker.parts)
        self._plan = None

    def _read(self, part: int) -> Rows | None:
        assert self._slices is not None
        try:
            return self._slices(part)
        except (InputError, OSError):
            return None


@contextmanager
def _connected(ray: Any, engine: Engine) -> Iterator[None]:
    """Join the cluster, unless the program around is in one already; leave it as it was found."""
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address=engine.address or "auto", log_to_driver=False, logging_level="ERROR")
    except ConnectionError as error:
        if engine.address is not None:
            raise ConfigError(
                f"no ray cluster answers at {engine.address} ({_first_line(error)})",
                where="--address",
                fix="start one with: ray start --head",
            ) from None
        ray.init(num_cpus=engine.workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
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


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def _ray() -> Any:
    # What goes wrong is told once, by us.
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
    import ray

    return ray
