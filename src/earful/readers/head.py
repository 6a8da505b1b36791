"""The first rows of a large input, and rows read by what these alone tell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pyarrow as pa

from earful.errors import InputError
from earful.readers.feed import as_batch, in_batches
from earful.readers.inputs import Inputs
from earful.readers.rejects import Reject
from earful.readers.rows import RowMaker
from earful.readers.survey import Plan, Survey

__all__ = ["Head", "head_of"]

#: Inputs of fewer bytes are surveyed in a few seconds.
_LARGE = 1 << 24
#: So many rows are looked at.
_FIRST = 4096
#: Formats whose first rows can be had without the others.
_STREAMED = frozenset({"csv", "jsonl", "parquet"})


class Head:
    """The first source of an input as its first rows show it.

    Attributes
    ----------
    surveys
        What they told; of the first source alone.
    plan
        How its rows would be read.
    """

    def __init__(self, inputs: Inputs, format_: str, survey: Survey, plan: Plan) -> None:
        self._inputs, self._format = inputs, format_
        self.surveys, self.plan = [survey], plan

    def batches(
        self, size: int, limit: int | None = None, first: int | None = None
    ) -> Iterator[tuple[pa.Table, list[Reject]]]:
        """Give the full batches of the source, as :meth:`.feed.Feed.batches` would by the same plan.

        The last one, which rows of the next source may belong to, is left out; and so is what follows a place
        that cannot be read.
        """
        maker = RowMaker(self.plan)
        records = islice(self._inputs.reader(0, self._format).records(), limit)
        rows = ((row, self.surveys[0].source, maker, record) for row, record in enumerate(records))
        try:
            for batch in in_batches(rows, size, first, full=True):
                yield as_batch(batch, self._inputs.schema)
        except InputError:
            return  # the survey comes to this place too, and says it


def head_of(inputs: Inputs) -> Head | None:
    """Look at the first rows of an input, where it is large and they can be had.

    ``None`` too where they tell too little: all rows may tell more.
    """
    if inputs.size < _LARGE:
        return None
    try:
        format_ = inputs.format_of(0)
        if format_ not in _STREAMED:
            return None
        records = islice(inputs.reader(0, format_).records(), _FIRST)
        return Head(inputs, format_, *inputs.survey_of(0, format_, records))
    except InputError:
        return None
