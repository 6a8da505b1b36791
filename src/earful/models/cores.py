"""How many cores there are to work with."""

from __future__ import annotations

import os

__all__ = ["cores"]


def cores() -> int:
    """Give ``OMP_NUM_THREADS`` where it is set, else the cores that this process may use, at least 1."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdigit() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
