"""Jobs in the background, one at a time: an upload analysed, a changed taxonomy applied."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from earful.errors import EarfulError, RunError
from earful.runs.files import write_json
from earful.serve.house import House

__all__ = ["Job", "Jobs", "State"]

State = Literal["waiting", "running", "done", "failed", "stopped"]

#: Where jobs and uploaded files lie in the folder of runs, and what a job is kept in.
WORK, KEPT = ".uploads", "job.json"
#: Seconds that a job has to stop by itself, and jobs that may wait.
_PATIENCE, _WAITING = 20.0, 20


@dataclass
class Job:
    """A job: what it does, how far it is, and how it ended.

    Attributes
    ----------
    spec
        What its process is told.
    run
        The name of the run's folder that it writes.
    done, total
        Rows; ``total`` is 0 while it is not known.
    served
        The name under which the finished run is served.
    """

    id: str
    spec: dict[str, Any]
    run: str
    by: str
    state: State = "waiting"
    doing: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    served: str = ""
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ("done", "failed", "stopped")

    @property
    def resumable(self) -> bool:
        """Whether it can go on where it stopped."""
        return self.state in ("failed", "stopped") and self.spec["kind"] == "analyze"

    def shown(self) -> dict[str, Any]:
        """Give what a caller may know of it: no folder of this machine."""
        names = ("id", "run", "state", "doing", "done", "total", "error", "served", "at")
        return {name: getattr(self, name) for name in names} | {"kind": self.spec["kind"]}


class Jobs:
    """The jobs of a server.

    Parameters
    ----------
    house
        Serves the runs that are finished, and knows where they are written.
    command
        What does a job in a process of its own.
    """

    def __init__(
        self, house: House, command: Sequence[str] = (sys.executable, "-m", "earful.serve.worker")
    ) -> None:
        self._house, self._command = house, list(command)
        self._jobs: dict[str, Job] = {}
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        for path in sorted(self.work.glob(f"*/{KEPT}")) if house.home else ():
            with contextlib.suppress(OSError, ValueError, TypeError):
                job = Job(**json.loads(path.read_text(encoding="utf-8")))
                job.state = job.state if job.over else "stopped"
                self._jobs[job.id] = job

    @property
    def work(self) -> Path:
        """Where jobs and uploaded files lie.

        Raises
        ------
        RunError
            This server makes no runs.
        """
        if self._house.home is None:
            raise RunError("makes no runs here", fix="start it with --new FOLDER")
        return self._house.home / WORK

    @property
    def running(self) -> int:
        """How many jobs run."""
        return sum(job.state == "running" for job in self._jobs.values())

    def all(self) -> list[Job]:
        """Give the jobs, the latest first."""
        return sorted(self._jobs.values(), key=lambda job: job.at, reverse=True)

    def get(self, name: str) -> Job:
        """Give a job by its id.

        Raises
        ------
        RunError
            There is none.
        """
        if name not in self._jobs:
            raise RunError(f"is no job: {name[:40]!r}")
        return self._jobs[name]

    def new_id(self) -> str:
        """Give a fresh id and make its folder."""
        name = secrets.token_hex(8)
        (self.work / name).mkdir(parents=True)
        return name

    def free_run(self, wanted: str) -> Path:
        """Give a folder for a new run, by its name or the next free one after it."""
        assert self._house.home is not None
        kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in wanted).strip("-.")[:60]
        base = kept or "run"
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, 10_000))
        taken = {job.run for job in self._jobs.values() if not job.over}
        return next(
            path for name in names if name not in taken and not (path := self._house.home / name).exists()
        )

    def start(self, job_id: str, spec: dict[str, Any], by: str) -> Job:
        """Put a job into the queue.

        Raises
        ------
        RunError
            Too many wait already.
        """
        with self._lock:
            if sum(not job.over for job in self._jobs.values()) >= _WAITING:
                raise RunError("has too many jobs waiting", fix="wait for one of them, or stop it")
            job = Job(job_id, spec | {"resume": False}, Path(spec["output"]).name, by)
            self._jobs[job_id] = job
            self._put(job)
        return job

    def resume(self, job: Job) -> None:
        """Go on with a job that stopped."""
        with self._lock:
            if not job.resumable:
                raise RunError(f"is {job.state} and cannot go on")
            job.spec["resume"], job.state, job.error = True, "waiting", ""
            self._put(job)

    def stop(self, job: Job) -> None:
        """Stop a job: one that waits at once, one that runs as soon as it can."""
        with self._lock:
            if job.state == "waiting":
                job.state = "stopped"
                self._keep(job)
            elif job.state == "running" and self._process is not None:
                job.doing = "Stopping"
                self._process.send_signal(signal.SIGINT)
                timer = threading.Timer(_PATIENCE, self._process.kill)
                timer.daemon = True
                timer.start()

    def close(self) -> None:
        """Stop what runs and take no more."""
        self._queue.put(None)
        for job in self.all():
            self.stop(job)
        if self._thread is not None:
            self._thread.join(_PATIENCE + 1)

    def _put(self, job: Job) -> None:
        self._keep(job)
        self._queue.put(job.id)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work_off, name="earful-jobs", daemon=True)
            self._thread.start()

    def _keep(self, job: Job) -> None:
        folder = self.work / job.id
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / KEPT, asdict(job))

    def _work_off(self) -> None:
        while (name := self._queue.get()) is not None:
            job = self._jobs[name]
            if job.state == "waiting":
                self._run(job)

    def _run(self, job: Job) -> None:
        with self._lock:
            job.state, job.doing = "running", "Starting"
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                # An interrupt at the server's terminal is the server's: it stops its jobs itself.
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        assert process.stdin is not None
        assert process.stdout is not None
        # One that ends before it was told what to do is told of by how it ended.
        with contextlib.suppress(BrokenPipeError), process.stdin as told:
            told.write(json.dumps(job.spec))
        with process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):
                    for key, value in json.loads(line).items():
                        setattr(job, key, value)
        code = process.wait()
        with self._lock:
            self._process = None
            self._end(job, code)
            self._keep(job)

    def _end(self, job: Job, code: int) -> None:
        job.doing = ""
        if code == 0:
            try:
                job.served = self._house.add(Path(job.spec["output"])).name
                job.state = "done"
            except EarfulError as error:
                job.state, job.error = "failed", str(error)
        elif code == 1 and job.error:
            job.state = "failed"
        elif code in (130, -signal.SIGINT, -signal.SIGKILL):
            job.state = "stopped"
        else:
            job.state, job.error = "failed", job.error or f"its process ended with {code}"
