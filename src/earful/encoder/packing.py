"""Texts as piece numbers, put together in batches of bounded size, worked on by several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST_TEXT", "Ints", "Pieces", "in_batches", "work_on"]

#: Code points that are cut into pieces in one go: bounds the memory of a huge text.
LONGEST_TEXT = 20_000
_CUT_AT_ONCE = 512  # texts that are cut into pieces in one call
_AT_ONCE = 3_072  # pieces that go through the network together: bounds the memory, about 80 MB a thread

Ints = NDArray[np.int64]
Batch = tuple[list[int], list[Ints]]


class Pieces:
    """Cuts texts into pieces; the table's last two rows are the marks of begin and end."""

    def __init__(self, tokenizer: Any, n_pieces: int) -> None:
        self._tokenizer = tokenizer
        self._begin, self._end = n_pieces - 2, n_pieces - 1

    def cut(self, texts: Sequence[str]) -> list[Any]:
        """Give what the tokenizer says of the first :data:`LONGEST_TEXT` code points of each text."""
        whole = [text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8") for text in texts]
        found: list[Any] = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return found

    def names(self, text: str) -> list[str]:
        """Give the pieces of a text; what is in no piece is ``<unk>``."""
        return [self._tokenizer.id_to_token(number) for number in self.cut([text])[0].ids]

    def numbers(self, texts: Sequence[str], longest: int | None = None) -> Iterator[Ints]:
        """Give the piece numbers of each text between begin and end, at most ``longest`` in all."""
        last = None if longest is None else longest - 2
        for start in range(0, len(texts), _CUT_AT_ONCE):
            for cut in self.cut(texts[start : start + _CUT_AT_ONCE]):
                yield np.array([self._begin, *cut.ids[:last], self._end], dtype=np.int64)


def in_batches(numbered: Iterable[tuple[int, Ints]]) -> Iterator[Batch]:
    """Put texts together, each with its place, up to a bounded number of pieces."""
    places: list[int] = []
    waiting: list[Ints] = []
    size = 0
    for place, numbers in numbered:
        if waiting and size + len(numbers) > _AT_ONCE:
            yield places, waiting
            places, waiting, size = [], [], 0
        places.append(place)
        waiting.append(numbers)
        size += len(numbers)
    if waiting:
        yield places, waiting


def work_on(
    batches: Iterator[Batch], work: Callable[[Sequence[int], Sequence[Ints]], None], threads: int
) -> None:
    """Do the work for every batch, on several threads."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Threads over batches beat threads within a product; the sums are exact either way.
    with threadpool_limits(1, user_api="blas"):
        if threads == 1:
            for batch in batches:
                work(*batch)
            return
        with ThreadPoolExecutor(threads) as pool:
            waiting: list[Future[None]] = []
            for batch in batches:
                waiting.append(pool.submit(work, *batch))
                if len(waiting) > 2 * threads:
                    waiting.pop(0).result()
            for one in waiting:
                one.result()
