"""All inputs of a run as one stream of batches."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.readers.cells import holds_json
from earful.readers.cuts import check_cuts
from earful.readers.detect import find_format
from earful.readers.nested import holds_rows
from earful.readers.query import Query
from earful.readers.reader import Reader
from earful.readers.rejects import Record, Reject
from earful.readers.rows import RowMaker
from earful.readers.sources import FrameSource, Source, find_sources
from earful.readers.split import SplitReader
from earful.readers.survey import Plan, Survey, survey_source
from earful.registry import READERS
from earful.schema import INPUT, OWN_CUTS, input_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Feed", "as_batch", "open_inputs"]

#: Formats in whose cells an object is text.
_TABLES = frozenset({"csv", "excel", "frame", "html", "parquet", "sql"})
#: Formats of objects, which may hold their rows inside.
_OBJECTS = frozenset({"json", "jsonl"})


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
    config, scales = config or InputConfig(), scales or ScalesConfig()
    spooled: list[Path] = []
    try:
        return Feed(find_sources(inputs, spooled), config, scales, spooled, cuts)
    except BaseException:
        _delete(spooled)
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

    def __init__(
        self,
        sources: Sequence[Source],
        config: InputConfig,
        scales: ScalesConfig,
        spooled: Sequence[Path] = (),
        cuts: Mapping[str, str] | None = None,
    ) -> None:
        self._cuts = {name: header for name, header in (cuts or {}).items() if name not in OWN_CUTS}
        self.schema = input_of(self._cuts)
        self._sources = list(sources)
        self._config = config
        self.plans: list[Plan] = []
        self._spooled = list(spooled)
        self._open: tuple[int, Reader] | None = None
        self.surveys: list[Survey] = []
        digest = hashlib.sha256()
        for source in self._sources:
            digest.update(self._survey(source, scales).encode())
        self.fingerprint = digest.hexdigest()
        self.n_rows = sum(survey.n_rows for survey in self.surveys)
        if not self.n_rows:
            where = ", ".join(survey.path or survey.source for survey in self.surveys[:3])
            raise InputError("holds no rows", where=where, fix="check that the export finished")
        self._check_cuts("channel" in (cuts or {}))
        self._finalizer = weakref.finalize(self, _delete, self._spooled)

    def __enter__(self) -> Feed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": None}

    def close(self) -> None:
        """Delete the copy of standard input, if there is one; the feed cannot be read afterwards."""
        self._finalizer()

    def describe(self) -> list[str]:
        """Say in plain lines what was read and how, source by source."""
        return [line for survey in self.surveys for line in survey.describe()]

    def batches(
        self, size: int, start_row: int = 0, limit: int | None = None
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
        while batch := list(itertools.islice(records, size)):
            yield as_batch(batch, self.schema)

    def _records(self, start: int, stop: int) -> Iterator[tuple[int, str, RowMaker, Record]]:
        first = 0
        for index, survey in enumerate(self.surveys):
            after = first + survey.n_rows
            if start < after and first < stop:
                maker = RowMaker(self.plans[index])
                row = first - 1
                for row, record in enumerate(self._reader(index, survey.format).records(), first):
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
                    self._open = None  # read to its end: a sheet need not stay in memory
            first = after

    def _check_cuts(self, by_channel: bool) -> None:
        """Check what the rows are cut by over all sources; note where a source has nothing of it."""
        if not self._cuts and not by_channel:
            return
        surveys = self.surveys
        where = ", ".join(survey.path or survey.source for survey in surveys[:3])
        names = [
            name for survey in surveys for name in (*survey.mapping.values(), *survey.parts, *survey.ignored)
        ]
        found = [plan.cuts for plan in self.plans]
        check_cuts(self._cuts, found, names, where)
        if by_channel and not any("channel" in survey.mapping for survey in surveys):
            fix = "name its column: --map channel=COLUMN"
            raise InputError("no column was recognised as channel to cut by", where=where, fix=fix)
        for survey, cuts in zip(surveys, found, strict=True):
            survey.notes.extend(
                f"has no column {header!r}: its rows stand in the group without {name}"
                for name, header in self._cuts.items()
                if name not in cuts
            )

    def _survey(self, source: Source, scales: ScalesConfig) -> str:
        """Go over a source and keep what was found; give the sha256 of its content."""
        format_ = find_format(source, self._config)
        reader = self._reader(len(self.surveys), format_)
        records, digest = reader.records(), hashlib.sha256()
        path = None if isinstance(source, FrameSource) else source.given
        if path is None:
            records = _hashed(records, digest)
        survey, plan = survey_source(
            source.name, path, format_, reader, records, self._config, scales, self._cuts
        )
        survey.notes[:0] = source.notes
        self.surveys.append(survey)
        self.plans.append(plan)
        return digest.hexdigest() if isinstance(source, FrameSource) else source.digest()

    def _asked_for(self) -> set[str]:
        """Give their columns that the settings name."""
        named = {*self._cuts.values()}
        for theirs in self._config.columns.values():
            named |= {theirs} if isinstance(theirs, str) else {*theirs}
        return named

    def _reader(self, index: int, format_: str) -> Reader:
        """Give the reader of a source; the last one is kept, for it may hold a whole sheet, read once."""
        if self._open is None or self._open[0] != index:
            source = self._sources[index]
            reader = cast(Reader, READERS.get(format_, InputError)(source, self._config))
            if format_ in _TABLES:
                reader = holds_json(reader, self._asked_for())
            if format_ in _OBJECTS:
                reader = holds_rows(reader)
            self._open = index, SplitReader(reader, source.given) if self._config.per_touchpoint else reader
        return self._open[1]


def _hashed(records: Iterator[Record], digest: Any) -> Iterator[Record]:
    for record in records:
        digest.update(repr(record.values).encode("utf-8", "surrogatepass"))
        yield record


def as_batch(
    records: Iterable[tuple[int, str, RowMaker, Record]], schema: pa.Schema = INPUT
) -> tuple[pa.Table, list[Reject]]:
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


def _delete(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
