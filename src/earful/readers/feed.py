"""All inputs of a run as one stream of batches."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.readers.inputs import Inputs, Surveyed, find_inputs
from earful.readers.query import Query
from earful.readers.rejects import Record, Reject
from earful.readers.rows import RowMaker
from earful.schema import INPUT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Feed", "as_batch", "in_batches", "open_inputs"]

#: A record with its row, its source and what makes a row of it.
_Record = tuple[int, str, RowMaker, Record]


def open_inputs(
    inputs: Sequence[str | os.PathLike[str] | pd.DataFrame | Query],
    config: InputConfig | None = None,
    scales: ScalesConfig | None = None,
    cuts: Mapping[str, str] | None = None,
) -> Feed:
    """Survey the inputs by a full first pass and give them as one stream of rows.

    Parameters
    ----------
    inputs
        As :func:`~earful.readers.sources.find_sources` takes them. A file that comes up twice is read once.
    config
        Column mapping, format, encoding and delimiter, where they are not to be recognised.
    scales
        Scales, where they are not to be recognised.
    cuts
        What the rows are cut by besides product and touchpoint: its name -> the header of its column, as
        ``config.LoyaltyConfig.cuts`` gives them.

    Raises
    ------
    InputError
        An input as a whole cannot be used; one clear line. A row that cannot be used is a reject instead.
    """
    found = find_inputs(inputs, config, scales, cuts)
    try:
        return Feed(found, found.survey())
    except BaseException:
        found.close()
        raise


class Feed:
    """The rows of all inputs, in input order.

    Attributes
    ----------
    surveys
        One per source, in input order.
    plans
        How the rows of each are read.
    n_rows
        Rows of all sources, rejects counted in.
    fingerprint
        sha256 over the content of the sources, in hex: the same content in the same order gives the same.
    schema
        Columns of the rows: ``schema.INPUT``, and further ones that they are cut by.
    """

    def __init__(self, inputs: Inputs, surveyed: Surveyed) -> None:
        self._inputs = inputs
        self.schema = inputs.schema
        self.surveys, self.plans = surveyed.surveys, surveyed.plans
        self.fingerprint = surveyed.fingerprint
        self._readers = surveyed.readers
        self.n_rows = sum(survey.n_rows for survey in self.surveys)

    @property
    def divisible(self) -> bool:
        """Whether a copy of the feed, where the files are seen, reads any rows without all before them."""
        return None not in self._readers

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the copy of standard input, if there is one; the feed cannot be read afterwards."""
        self._inputs.close()

    def describe(self) -> list[str]:
        """Say in plain lines what was read and how, source by source."""
        return [line for survey in self.surveys for line in survey.describe()]

    def batches(
        self, size: int, start_row: int = 0, limit: int | None = None, first: int | None = None
    ) -> Iterator[tuple[pa.Table, list[Reject]]]:
        """Give the rows in batches.

        Parameters
        ----------
        size
            Rows a batch, accepted and rejected together; the last batch may be shorter.
        start_row
            First row wanted.
        limit
            Rows wanted in all, accepted and rejected together; ``None`` for all.
        first
            Rows of the first batch, where it is to be of another size.

        Yields
        ------
        reviews
            The accepted rows, as :attr:`schema` says.
        rejects
            The rows refused.

        Raises
        ------
        InputError
            A source changed since it was surveyed.
        """
        if size < 1 or start_row < 0 or (limit is not None and limit < 0):
            raise ValueError(f"size must be >= 1, start_row and limit >= 0; got {size}, {start_row}, {limit}")
        stop = self.n_rows if limit is None else min(self.n_rows, start_row + limit)
        records = self._records(start_row, stop)
        for batch in in_batches(records, size, first):
            yield as_batch(batch, self.schema)

    def _records(self, start: int, stop: int) -> Iterator[_Record]:
        first = 0
        for index, survey in enumerate(self.surveys):
            after = first + survey.n_rows
            if start < after and first < stop:
                maker = RowMaker(self.plans[index])
                reader = self._readers[index] or self._inputs.reader(index, survey.format)
                at, records = reader.records_from(max(0, start - first))
                row = first + at - 1
                for row, record in enumerate(records, first + at):
                    if row >= min(after, stop):
                        break
                    if row >= start:
                        yield row, survey.source, maker, record
                if row < min(after, stop) - 1:
                    raise InputError(
                        "changed while it was being read",
                        where=survey.path or survey.source,
                        fix="run it again",
                    )
                if stop >= after:
                    self._inputs.let_go()  # read to its end: a sheet need not stay in memory
            first = after


def in_batches(
    records: Iterator[_Record], size: int, first: int | None = None, full: bool = False
) -> Iterator[list[_Record]]:
    """Give so many records together, of the first so many; ``full`` leaves out a shorter rest."""
    wanted = size if first is None else first
    while batch := list(itertools.islice(records, wanted)):
        if len(batch) == wanted or not full:
            yield batch
        wanted = size


def as_batch(records: Iterable[_Record], schema: pa.Schema = INPUT) -> tuple[pa.Table, list[Reject]]:
    """Make each record a row or a reject."""
    columns: dict[str, list[Any]] = {name: [] for name in schema.names}
    rejects: list[Reject] = []
    for row, source, maker, record in records:
        cells: dict[str, Any] = {}
        problem = record.problem
        if not problem and record.values is not None:
            cells, problem = maker.make(record.values)
        if problem:
            rejects.append(Reject(row, source, record.line, problem, record.content))
            continue
        cells["row"], cells["source"] = row, source
        for name, column in columns.items():
            column.append(cells.get(name))
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema), rejects
