"""Engines: where the stages run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from earful.errors import ConfigError

if TYPE_CHECKING:
    from earful.engines.worker import Slices, Work, Worker
    from earful.runs.parts import Receipt

__all__ = ["ENGINES", "check_engine", "run_parts"]

ENGINES = ("local", "ray")


def run_parts(
    work: Iterator[Work],
    worker: Worker,
    done: Callable[[Receipt], None],
    engine: str = "local",
    *,
    address: str | None = None,
    workers: int = 1,
    slices: Slices | None = None,
) -> None:
    """Make every part that is not there yet.

    Parameters
    ----------
    work
        The parts' input, in input order.
    worker
        What makes a part, wherever it is sent.
    done
        Called with each part's receipt, those found from before included.
    engine
        One of :data:`ENGINES`.
    address
        Of the ray cluster.
    workers
        How many processes, or actors of the cluster.
    slices
        Reads the parts' input where they are made, which a cluster does rather than be sent ``work``.

    Raises
    ------
    ConfigError
        The cluster does not answer.
    RunError
        A worker was killed, or a part cannot be written.
    """
    if engine == "ray":
        from earful.engines import cluster

        cluster.run_parts(work, worker, done, address=address, workers=workers, slices=slices)
    else:
        from earful.engines import local

        local.run_parts(work, worker, done, workers)


def check_engine(engine: str, parts: str | None = None) -> None:
    """Refuse an engine that cannot work, before anything is written.

    Parameters
    ----------
    engine
        Its name.
    parts
        Where it is to keep its parts, if not in the run folder.

    Raises
    ------
    ConfigError
        There is no such engine, it is not installed, or it keeps parts in the run folder alone.
    """
    if engine not in ENGINES:
        raise ConfigError(f"engine {engine!r} is not known", where="--engine", allowed=", ".join(ENGINES))
    if engine == "ray" and find_spec("ray") is None:
        raise ConfigError("ray is not installed", where="--engine ray", fix="pip install 'earful[ray]'")
    if parts is not None and engine != "ray":
        raise ConfigError(
            f"the engine {engine} keeps its parts in the run folder", where="--parts", fix="add --engine ray"
        )
