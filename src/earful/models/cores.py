"""What this process may do: how many cores it works with, and whether it is one of our own."""

from __future__ import annotations

import gc
import os

__all__ = ["cores", "is_own_process", "own_process", "share_of", "use_cores"]

#: New containers between two looks for cycles that nothing holds any more; Python has 700.
_GARBAGE = 50_000

_most: int | None = None
_own = False


def cores() -> int:
    """Give ``OMP_NUM_THREADS`` where it is set, else the cores that this process may use, at least 1."""
    return _there() if _most is None else _most


def _there() -> int:
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_of(workers: int) -> int:
    """Give how many cores each of so many workers works with where they share what is there, at least 1."""
    return max(1, _there() // workers)


def use_cores(most: int) -> None:
    """Let this process work with so many cores: it is one of several."""
    global _most
    _most = most


def own_process() -> None:
    """Tell that this process is a command or a worker of ours: nobody else's code runs in it."""
    global _own
    _own = True
    # It holds large models for as long as it lives, and makes hardly any cycles: looks for them cost a tenth.
    gc.set_threshold(_GARBAGE)


def is_own_process() -> bool:
    """Say whether this process is a command or a worker of ours."""
    return _own
