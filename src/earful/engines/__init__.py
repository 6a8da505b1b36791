"""Engines: where the stages run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from earful.config import CPU
from earful.errors import ConfigError
from earful.models.devices import check_device

if TYPE_CHECKING:
    from earful.engines.worker import Slices, Work, Worker
    from earful.runs.parts import Receipt

__all__ = ["ENGINES", "Engine"]

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)


@dataclass(frozen=True)
class Engine:
    """Where the stages run, and with how much.

    Attributes
    ----------
    name
        One of :data:`ENGINES`.
    address
        Of the ray cluster.
    workers
        How many processes, or actors of the cluster.
    gpus
        Of each actor: 1, or a fraction of one GPU; ``None`` for 1 where the device is one.
    device
        Where networks run, as the setting ``sentiment.device`` calls it.
    """

    name: str = LOCAL
    address: str | None = None
    workers: int = 1
    gpus: float | None = None
    device: str = CPU

    @property
    def share(self) -> float:
        """GPUs that each actor asks the cluster for."""
        return self.gpus or float(self.device.startswith("cuda"))

    @property
    def is_cluster(self) -> bool:
        """Whether others work than this machine."""
        return self.name == RAY

    def check(self, parts: str | None = None) -> None:
        """Refuse what cannot work, before anything is written.

        Parameters
        ----------
        parts
            Where parts are to be kept, if not in the run folder.

        Raises
        ------
        ConfigError
            There is no such engine, it is not installed, it keeps parts in the run folder alone, or it cannot
            work on its device.
        """
        if self.name not in ENGINES:
            raise ConfigError(
                f"engine {self.name!r} is not known", where="--engine", allowed=", ".join(ENGINES)
            )
        if self.is_cluster and find_spec("ray") is None:
            raise ConfigError("ray is not installed", where="--engine ray", fix="pip install 'earful[ray]'")
        if parts is not None and not self.is_cluster:
            raise ConfigError(
                f"the engine {self.name} keeps its parts in the run folder",
                where="--parts",
                fix="add --engine ray",
            )
        self._check_gpus()
        if not self.is_cluster:
            check_device(self.device)

    def _check_gpus(self) -> None:
        if self.gpus is not None and not (self.is_cluster and self.device != CPU):
            raise ConfigError(
                "is the share of a GPU that each worker of a cluster gets",
                where="--gpus",
                fix="add --engine ray --device cuda, or leave it out",
            )
        if self.gpus is not None and not 0 < self.gpus <= 1:
            raise ConfigError(f"got {self.gpus:g}", where="--gpus", allowed="above 0 and at most 1")
        if self.is_cluster and ":" in self.device:
            raise ConfigError(
                f"got {self.device}",
                where="--device",
                allowed="cuda: the cluster says which worker has which GPU",
            )
        if not self.is_cluster and self.workers > 1 and self.device != CPU:
            raise ConfigError(
                "one process alone works with a GPU of this machine",
                where="--workers",
                fix="leave --workers out, or add --engine ray",
            )

    def run_parts(
        self,
        work: Iterator[Work],
        worker: Worker,
        done: Callable[[Receipt], None],
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
        slices
            Reads the parts' input where they are made, which a cluster does rather than be sent ``work``.

        Raises
        ------
        ConfigError
            The cluster does not answer.
        RunError
            A worker was killed, or a part cannot be written.
        """
        if self.is_cluster:
            from earful.engines import cluster

            cluster.run_parts(work, worker, done, self, slices)
        else:
            from earful.engines import local

            local.run_parts(work, worker, done, self.workers)
