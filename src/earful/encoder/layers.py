"""The layers of the encoder, run by onnxruntime: a state for each piece of a line.

What one line gives must not depend on the lines of its call. So a line is filled up to a length that follows
from itself alone, and stands only beside lines of that length; every product in the graph is one of rows by
themselves. Short lines are run several together, as a run has a price of its own; long ones one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from earful.models.cores import turn

__all__ = ["Layers", "Network", "filled_up", "groups"]

Floats = NDArray[np.float32]

_SHORT, _FULL = 64, 4  # lines of up to so many pieces are filled up to a multiple of so many
_TOGETHER = 128  # pieces that are run together


class Network(Protocol):
    """Takes rows of pieces and gives their states; those of a line do not depend on the lines beside it."""

    def states(self, lines: Sequence[Floats]) -> list[Floats]:
        """Return the states of each line, shape (pieces, width), from its rows of the same shape."""
        ...


class Layers:
    """A graph that takes rows of pieces and gives their states.

    Parameters
    ----------
    graph
        An ONNX graph: ``rows`` (n, pieces, width) and ``filled`` (n, pieces), 1 where a row is filled up,
        give ``states`` (n, pieces, width).
    threads
        How many runs go on at once. The answer is the same.
    """

    def __init__(self, graph: bytes, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._threads = threads

    def states(self, lines: Sequence[Floats]) -> list[Floats]:
        """Return the states of each line, shape (pieces, width), from its rows of the same shape."""
        out: list[Floats] = [np.zeros(0, np.float32)] * len(lines)

        def run(group: tuple[int, list[int]]) -> None:
            longest, places = group
            for place, states in zip(places, self._run([lines[at] for at in places], longest), strict=True):
                out[place] = states

        found = groups([len(line) for line in lines])
        if self._threads == 1:
            for group in found:
                run(group)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, found))
        return out

    def _run(self, lines: Sequence[Floats], longest: int) -> Iterator[Floats]:
        rows, filled = filled_up(lines, len(lines), longest)
        with turn():
            states: Any = self._session.run(None, {"rows": rows, "filled": filled})[0]
        return (states[at, : len(line)] for at, line in enumerate(lines))


def filled_up(lines: Sequence[Floats], count: int, longest: int) -> tuple[Floats, Floats]:
    """Return lines as one array, filled up to a length and with empty lines, and 1 where it is filled up.

    Shapes (count, longest, width) and (count, longest).
    """
    rows = np.zeros((count, longest, lines[0].shape[1]), np.float32)
    filled = np.ones((count, longest), np.float32)
    for at, line in enumerate(lines):
        rows[at, : len(line)] = line
        filled[at, : len(line)] = 0
    return rows, filled


def _filled_length(length: int) -> int:
    return -(-length // _FULL) * _FULL if length <= _SHORT else length


def groups(
    lengths: Sequence[int],
    filled_length: Callable[[int], int] = _filled_length,
    together: int = _TOGETHER,
) -> list[tuple[int, list[int]]]:
    """Return which lines are run together: to what length they are filled up, and their places.

    Parameters
    ----------
    lengths
        Pieces of each line.
    filled_length
        Tells from the length of a line, and from nothing else, to what it is filled up.
    together
        Pieces of a run at most, unless one line has more.
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for place, length in enumerate(lengths):
        alike[filled_length(length)].append(place)
    found = []
    for longest, places in sorted(alike.items(), reverse=True):
        step = max(1, together // longest)
        found += [(longest, places[at : at + step]) for at in range(0, len(places), step)]
    return found
