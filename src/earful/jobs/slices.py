"""The rows of a part, read by whoever makes it: what is sent to a machine is the number of the part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from earful.jobs.redaction import entering

if TYPE_CHECKING:
    from earful.engines.worker import Rows
    from earful.jobs.redaction import Redactor
    from earful.readers import Feed

__all__ = ["FeedSlices"]


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
    """

    feed: Feed
    redactor: Redactor | None
    size: int
    limit: int | None = None

    def __len__(self) -> int:
        return -(-self._rows // self.size)

    def __call__(self, part: int) -> Rows:
        """Read a batch.

        Raises
        ------
        InputError
            The file is not seen from here, or is another one.
        """
        start = part * self.size
        batches = self.feed.batches(self.size, start, min(self.size, self._rows - start))
        table, rejects = next(entering(self.feed, batches, self.redactor))
        return table, [reject.to_json() for reject in rejects]

    @property
    def _rows(self) -> int:
        return self.feed.n_rows if self.limit is None else min(self.limit, self.feed.n_rows)
