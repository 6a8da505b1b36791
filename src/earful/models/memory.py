"""Memory that is free again, given back to the system."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

__all__ = ["give_back"]


def give_back() -> None:
    """Give what is no longer held back to the system, so that a long job is as large as what it holds.

    Circles are left to Python's own time: looking through the dictionaries and models of a process for them
    takes seconds.
    """
    pa.default_memory_pool().release_unused()
    # glibc keeps what was freed until it is told; other libraries of C do not know the call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
