"""The lock of a run folder: one job writes into it at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from earful.errors import RunError
from earful.runs.files import told

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there
    fcntl = None  # type: ignore[assignment]

__all__ = ["LOCK", "locked"]

#: The file that is locked; it is there only while a job writes into the folder.
LOCK = ".lock"


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold a run folder, made where it does not exist, for one job alone.

    The system lets go of the lock when the process ends, however it ends; workers that outlive a killed job
    keep it until they are gone too.

    Raises
    ------
    RunError
        Another job writes into the folder, or it cannot be written to.
    """
    new = not run.exists()
    with told(run):
        run.mkdir(parents=True, exist_ok=True)
        lock = _lock(run / LOCK)
    try:
        yield
    finally:
        try:
            # Removed while it is still held, so that nobody locks a file that is about to go.
            with suppress(OSError):
                (run / LOCK).unlink()
        finally:
            os.close(lock)
        if new:
            with suppress(OSError):
                run.rmdir()  # a job that was refused leaves no folder behind


def _lock(path: Path) -> int:
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if _taken(lock, path):
                return lock
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)


def _taken(lock: int, path: Path) -> bool:
    try:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(lock, 20).decode("ascii", "replace").strip()
        raise RunError(
            f"another job{f' (process {holder})' if holder else ''} is writing into it",
            where=str(path.parent),
            fix="wait for it to end, or choose another -o",
        ) from None
    # The one who held it may have removed it between the two calls: then a new file is what counts.
    if not path.exists() or not os.path.samestat(os.fstat(lock), path.stat()):
        return False
    os.ftruncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return True
