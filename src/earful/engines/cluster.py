"""The engine for a cluster: actors of ray, one set of models each, that make the same parts as local workers.

The folder of the run must lie where every machine sees it. A part is whole or not there, whoever makes it, so
an actor whose machine dies is started anew elsewhere and its part is made again: nothing is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.engines.worker import Work, Worker, unfinished_work
from earful.errors import ConfigError, EarfulError, RunError
from earful.models.cores import own_process, use_cores
from earful.runs.run import PARTS, PLAN

if TYPE_CHECKING:
    from earful.runs.parts import Receipt

__all__ = ["run_parts"]

#: Parts that wait at each actor, so that it never waits for the reader.
_AHEAD = 2
#: How often an actor is started anew, and a part tried, when machines die. A part that kills every actor that
#: takes it must end the job at some time.
_RESTARTS, _RETRIES = 100, 3


def run_parts(
    work: Iterator[Work],
    worker: Worker,
    done: Callable[[Receipt], None],
    *,
    address: str | None,
    workers: int,
) -> None:
    """Make every part that is not there yet, as :func:`earful.engines.run_parts`."""
    ray = _ray()
    worker.parts.run = worker.parts.run.resolve()
    worker.parts.folder = worker.parts.run / PARTS
    with _connected(ray, address, workers):
        actors = _actors(ray, worker, workers)
        try:
            _run(ray, actors, unfinished_work(work, worker.parts, done), worker, done)
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, EarfulError):
                raise RunError(str(cause)) from None
            raise
        except (ray.exceptions.RayActorError, ray.exceptions.OutOfMemoryError) as error:
            first = str(error).strip().splitlines()[0][:200]
            raise RunError(
                f"an actor died and could not be started again ({first})",
                where=str(worker.parts.run),
                fix="repeat the command with --resume and fewer --workers",
            ) from None


def _run(
    ray: Any, actors: list[Any], todo: Iterator[Work], worker: Worker, done: Callable[[Receipt], None]
) -> None:
    """Keep every actor busy; an actor gets new work when it has done old work, so a slow one gets less."""
    waiting: dict[Any, Any] = {}
    for number, item in enumerate(todo):
        if number < _AHEAD * len(actors):
            actor = actors[number % len(actors)]
        else:
            actor = _one_done(ray, waiting, worker, done)
        waiting[actor.make.remote(*item)] = actor
    while waiting:
        _one_done(ray, waiting, worker, done)


def _one_done(ray: Any, waiting: dict[Any, Any], worker: Worker, done: Callable[[Receipt], None]) -> Any:
    """Wait for a part, check that it is there, and give the actor that is free."""
    (ready, *_), _ = ray.wait(list(waiting), num_returns=1)
    receipt: Receipt = ray.get(ready)
    if worker.parts.receipt(receipt.part) != receipt:
        raise _unshared(worker.parts.run)
    done(receipt)
    return waiting.pop(ready)


def _actors(ray: Any, worker: Worker, workers: int) -> list[Any]:
    class Maker:
        """An actor: the worker of every engine, with models of its own."""

        def __init__(self, worker: Worker, plan: bytes) -> None:
            own_process()
            use_cores(1)
            path = worker.parts.folder / PLAN
            if not path.is_file() or path.read_bytes() != plan:
                raise _unshared(worker.parts.run)
            worker.load()
            self._worker = worker

        def make(self, part: int, table: Any, rejects: list[str]) -> Receipt:
            """Make a part."""
            return self._worker(part, table, rejects)

    plan = (worker.parts.folder / PLAN).read_bytes()
    actor = ray.remote(num_cpus=1, max_restarts=_RESTARTS, max_task_retries=_RETRIES)(Maker)
    shared = ray.put(worker)
    return [actor.remote(shared, plan) for _ in range(workers)]


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


def _unshared(run: Path) -> RunError:
    return RunError(
        "is not the same folder on every machine of the cluster",
        where=str(run),
        allowed="a folder on storage that all machines share, under the same path",
        fix="choose another -o",
    )


def _ray() -> Any:
    try:
        import ray
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise ConfigError(
            "ray is not installed", where="--engine ray", fix="pip install 'earful[ray]'"
        ) from None
    return ray
