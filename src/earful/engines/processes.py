"""Processes beside this one: how they are begun, and that they end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from earful.models.cores import is_own_process, own_process

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

__all__ = ["context", "forks", "start_child"]


def forks() -> bool:
    """Say whether processes are forked, so that what is loaded here is held once; else they start anew.

    A program that calls us may have threads whose locks a forked child would wait for.
    """
    return sys.platform == "linux" and is_own_process()


def context() -> ForkContext | SpawnContext:
    """Give what begins processes."""
    return multiprocessing.get_context("fork") if forks() else multiprocessing.get_context("spawn")


def start_child() -> None:
    """Make this process one of ours that works for its parent."""
    # An interrupt is the parent's to handle: it lets the part at hand be finished and takes no more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    own_process()


def _end_with_parent() -> None:
    """End this process when its parent is gone: a killed job must leave no worker behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
