"""The rows of a part, read by whoever makes it: what is sent to a machine is the number of the part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earful.jobs.redaction import entering

if TYPE_CHECKING:
    from earful.engines.worker import Rows
    from earful.jobs.redaction import Batches, Redactor
    from earful.readers import Feed
    from earful.readers.head import Head

__all__ = ["FeedSlices", "rows_of"]


def rows_of(feed: Feed | Head, batches: Batches, redactor: Redactor | None) -> Iterator[Rows]:
    """Give what each batch of a feed makes a part of: its rows as they may enter a job, rejects as lines."""
    for table, rejects in entering(feed, batches, redactor):
        yield table, [reject.to_json() for reject in rejects]


@dataclass(frozen=True)
class FeedSlices:
    """The rows of a feed in batches, each read by itself; any copy of it reads the same.

    Attributes
    ----------
    feed
        What is read; it must be divisible.
    redactor
        What the rows are masked by, if they are.
    size
        Rows a batch.
    limit
        Rows in all; ``None`` for all there are.
    first
        Rows of the first batch, where it is of another size.
    """

    feed: Feed
    redactor: Redactor | None
    size: int
    limit: int | None = None
    first: int | None = None

    def __len__(self) -> int:
        return min(1, self._rows) + max(0, -(-(self._rows - self._start(1)) // self.size))

    def __call__(self, part: int) -> Rows:
        """Read a batch.

        Raises
        ------
        InputError
            The file is not seen from here, or is another one.
        """
        start, stop = self._start(part), min(self._rows, self._start(part + 1))
        batches = self.feed.batches(max(1, stop - start), start, stop - start)
        return next(rows_of(self.feed, batches, self.redactor))

    def _start(self, part: int) -> int:
        first = self.size if self.first is None else self.first
        return 0 if part == 0 else first + (part - 1) * self.size

    @property
    def _rows(self) -> int:
        return self.feed.n_rows if self.limit is None else min(self.limit, self.feed.n_rows)
