"""What this process may do: how many cores it works with, and whether it is one of our own."""

from __future__ import annotations

import gc
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["cores", "is_own_process", "own_process", "share_turns", "turn", "use_cores"]

#: New containers between two looks for cycles that nothing holds any more; Python has 700.
_GARBAGE = 50_000

_most: int | None = None
_turns: AbstractContextManager[Any] | None = None
_own = False


def cores() -> int:
    """Give ``OMP_NUM_THREADS`` where it is set, else the cores that this process may use, at least 1."""
    return _there() if _most is None else _most


def _there() -> int:
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use_cores(most: int) -> None:
    """Let this process work with so many cores: it is one of several."""
    global _most
    _most = most


def share_turns(turns: AbstractContextManager[Any] | None) -> None:
    """Let the network of this process wait for a core with others, who were given the same turns.

    ``None`` leaves it by itself again. A process that is at something else takes no turn, nor does one that
    has nothing left to do: its core is the others'.
    """
    global _turns
    _turns = turns


def turn() -> AbstractContextManager[Any]:
    """Give what is held while one run of the network keeps a core busy."""
    return nullcontext() if _turns is None else _turns


def own_process() -> None:
    """Tell that this process is a command or a worker of ours: nobody else's code runs in it."""
    global _own
    _own = True
    # It holds large models for as long as it lives, and makes hardly any cycles: looks for them cost a tenth.
    gc.set_threshold(_GARBAGE)


def is_own_process() -> bool:
    """Say whether this process is a command or a worker of ours."""
    return _own
