"""What every engine runs: one part's rows through the stages, written as a part with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from earful.pipeline import Batch, Stage, run_stages
from earful.runs.parts import Parts, Receipt

__all__ = ["Rows", "Slices", "Work", "Worker", "process", "unfinished_work"]

#: What a part is made of: its accepted rows, its rejects as JSON lines.
Rows = tuple[pa.Table, list[str]]
#: One part's work: its number, and what it is made of.
Work = tuple[int, pa.Table, list[str]]

#: What begins with the number of a part.
Numbered = TypeVar("Numbered", bound=tuple[Any, ...])


class Slices(Protocol):
    """Reads what each part is made of, in any process that sees the input."""

    def __len__(self) -> int:
        """Give how many parts there are."""
        ...

    def __call__(self, part: int) -> Rows:
        """Read what a part is made of; :exc:`InputError` where the input is not seen."""
        ...


def process(table: pa.Table, stages: Sequence[Stage]) -> Batch:
    """Take one batch of input rows through the stages and give back its tables alone."""
    from earful.text.tokens import vocabulary_zone

    if table.num_rows == 0:
        return Batch(table)
    with vocabulary_zone():
        # The docs must not outlive the zone that their words live in.
        return run_stages(Batch(table), stages).tables()


@dataclass
class Worker:
    """Makes parts, in any process: what is sent there is how to make the stages, not what they load.

    Attributes
    ----------
    parts
        Where the parts go.
    make_stages
        Makes the stages.
    stages
        Those that are loaded in this process.
    """

    parts: Parts
    make_stages: Callable[[], Sequence[Stage]]
    stages: Sequence[Stage] | None = None

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"stages": None}

    def load(self) -> Sequence[Stage]:
        """Make the stages, where they are not there yet."""
        if self.stages is None:
            self.stages = self.make_stages()
        return self.stages

    def __call__(self, part: int, table: pa.Table, rejects: list[str]) -> Receipt:
        """Make a part."""
        return self.parts.write(part, process(table, self.load()), rejects)


def unfinished_work(
    work: Iterator[Numbered], parts: Parts, done: Callable[[Receipt], None]
) -> Iterator[Numbered]:
    """Give the work whose part is not there; tell of the others' receipts on the way."""
    for item in work:
        receipt = parts.receipt(item[0])
        if receipt is None:
            yield item
        else:
            done(receipt)
