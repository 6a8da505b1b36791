"""What every network does with a text before and after: small letters, no odd blanks, windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from earful.encoder.calibration import Floats

__all__ = ["averaged", "plain", "windows"]


def plain(text: str) -> str:
    """Take away what says nothing: capitals, runs of blanks, dots at the end."""
    return " ".join(text.split()).rstrip(" .…").lower()


def windows(length: int, room: int) -> list[slice]:
    """Cut ``length`` pieces into windows of like size, the fewest that hold at most ``room`` each."""
    count = max(1, -(-length // room))
    return [slice(length * at // count, length * (at + 1) // count) for at in range(count)]


def averaged(read: Sequence[Floats], lengths: Sequence[int]) -> Floats:
    """Give the mean of what was read in each window, shape (3,), by length."""
    weights = np.array(lengths, dtype=np.float64)
    mean: Floats = (np.stack(read) * weights[:, None]).sum(axis=0) / weights.sum()
    return mean
