"""All inputs of a run before their rows are read: where they come from, and what a full pass finds out."""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from earful.config import InputConfig, ScalesConfig
from earful.errors import InputError
from earful.readers.cells import holds_json
from earful.readers.cuts import check_cuts
from earful.readers.detect import find_format
from earful.readers.lakes import FolderSource
from earful.readers.nested import holds_rows
from earful.readers.reader import Reader
from earful.readers.rejects import Record
from earful.readers.sources import FileSource, FrameSource, Source, find_sources
from earful.readers.split import SplitReader
from earful.readers.survey import Plan, Survey, survey_source
from earful.registry import READERS
from earful.schema import OWN_CUTS, input_of

if TYPE_CHECKING:
    import os

    import pandas as pd

    from earful.readers.query import Query

__all__ = ["Inputs", "Surveyed", "find_inputs"]

#: Formats in whose cells an object is text.
_TABLES = frozenset({"csv", "excel", "frame", "html", "parquet", "sql"})
#: Formats of objects, which may hold their rows inside.
_OBJECTS = frozenset({"json", "jsonl"})


@dataclass(frozen=True)
class Surveyed:
    """What a full pass over all sources found.

    Attributes
    ----------
    surveys
        One per source, in input order.
    plans
        How the rows of each are read.
    fingerprint
        sha256 over the content of the sources, in hex: the same content in the same order gives the same.
    readers
        Of each source that can be read from the middle what reads it so, else ``None``.
    """

    surveys: list[Survey]
    plans: list[Plan]
    fingerprint: str
    readers: list[Reader | None]


def find_inputs(
    inputs: Sequence[str | os.PathLike[str] | pd.DataFrame | Query],
    config: InputConfig | None = None,
    scales: ScalesConfig | None = None,
    cuts: Mapping[str, str] | None = None,
) -> Inputs:
    """Find what is to be read, without reading it; parameters and errors as ``feed.open_inputs`` has them."""
    spooled: list[Path] = []
    try:
        sources = find_sources(inputs, spooled)
        return Inputs(sources, config or InputConfig(), scales or ScalesConfig(), spooled, cuts)
    except BaseException:
        _delete(spooled)
        raise


class Inputs:
    """The sources of a run and the settings that they are read by.

    Attributes
    ----------
    sources
        In input order.
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
        self.sources = list(sources)
        self._config, self._scales = config, scales
        self._by_channel = "channel" in (cuts or {})
        self._cuts = {name: header for name, header in (cuts or {}).items() if name not in OWN_CUTS}
        self.schema = input_of(self._cuts)
        self._open: tuple[int, Reader] | None = None
        self._deleting = weakref.finalize(self, _delete, list(spooled))

    def __getstate__(self) -> dict[str, Any]:
        # Copies of standard input are this process's to delete.
        return self.__dict__ | {"_open": None, "_deleting": None}

    def close(self) -> None:
        """Delete the copy of standard input, if there is one; nothing can be read afterwards."""
        if self._deleting is not None:
            self._deleting()

    @property
    def size(self) -> int:
        """Bytes of the files, packed as they lie."""
        return sum(file.stamp[0] for source in self.sources for file in _files(source))

    def survey(self) -> Surveyed:
        """Go over all sources once and settle how the rows of each are read.

        Raises
        ------
        InputError
            A source as a whole cannot be used, or none holds a row.
        """
        surveys: list[Survey] = []
        plans: list[Plan] = []
        readers: list[Reader | None] = []
        digest = hashlib.sha256()
        for index in range(len(self.sources)):
            survey, plan, checksum = self._survey(index)
            surveys.append(survey)
            plans.append(plan)
            reader = self.reader(index, survey.format)
            readers.append(reader if reader.divisible else None)
            digest.update(checksum.encode())
        if not any(survey.n_rows for survey in surveys):
            where = ", ".join(survey.path or survey.source for survey in surveys[:3])
            raise InputError("holds no rows", where=where, fix="check that the export finished")
        self._check_cuts(surveys, plans)
        return Surveyed(surveys, plans, digest.hexdigest(), readers)

    def _survey(self, index: int) -> tuple[Survey, Plan, str]:
        """Go over a source; give what was found, and the sha256 of its content."""
        source = self.sources[index]
        format_ = self.format_of(index)
        records, digest = self.reader(index, format_).records(), hashlib.sha256()
        if isinstance(source, FrameSource):
            records = _hashed(records, digest)
        survey, plan = self.survey_of(index, format_, records)
        survey.notes[:0] = source.notes
        return survey, plan, digest.hexdigest() if isinstance(source, FrameSource) else source.digest()

    def survey_of(self, index: int, format_: str, records: Iterable[Record]) -> tuple[Survey, Plan]:
        """Settle how a source is read, going by these records of it."""
        source = self.sources[index]
        path = None if isinstance(source, FrameSource) else source.given
        reader = self.reader(index, format_)
        return survey_source(
            source.name, path, format_, reader, records, self._config, self._scales, self._cuts
        )

    def format_of(self, index: int) -> str:
        """Name the reader of a source."""
        return find_format(self.sources[index], self._config)

    def reader(self, index: int, format_: str) -> Reader:
        """Give the reader of a source; the last one is kept, for it may hold a whole sheet, read once."""
        if self._open is None or self._open[0] != index:
            source = self.sources[index]
            reader = cast(Reader, READERS.get(format_, InputError)(source, self._config))
            if format_ in _TABLES:
                reader = holds_json(reader, self._asked_for())
            if format_ in _OBJECTS:
                reader = holds_rows(reader)
            self._open = index, SplitReader(reader, source.given) if self._config.per_touchpoint else reader
        return self._open[1]

    def let_go(self) -> None:
        """Let go of the reader that is kept."""
        self._open = None

    def _asked_for(self) -> set[str]:
        """Give their columns that the settings name."""
        named = {*self._cuts.values()}
        for theirs in self._config.columns.values():
            named |= {theirs} if isinstance(theirs, str) else {*theirs}
        return named

    def _check_cuts(self, surveys: Sequence[Survey], plans: Sequence[Plan]) -> None:
        """Check what the rows are cut by over all sources; note where a source has nothing of it."""
        if not self._cuts and not self._by_channel:
            return
        where = ", ".join(survey.path or survey.source for survey in surveys[:3])
        names = [
            name for survey in surveys for name in (*survey.mapping.values(), *survey.parts, *survey.ignored)
        ]
        found = [plan.cuts for plan in plans]
        check_cuts(self._cuts, found, names, where)
        if self._by_channel and not any("channel" in survey.mapping for survey in surveys):
            fix = "name its column: --map channel=COLUMN"
            raise InputError("no column was recognised as channel to cut by", where=where, fix=fix)
        for survey, cuts in zip(surveys, found, strict=True):
            survey.notes.extend(
                f"has no column {header!r}: its rows stand in the group without {name}"
                for name, header in self._cuts.items()
                if name not in cuts
            )


def _files(source: Source) -> Sequence[FileSource]:
    if isinstance(source, FolderSource):
        return source.files
    return [source] if isinstance(source, FileSource) else []


def _hashed(records: Iterator[Record], digest: Any) -> Iterator[Record]:
    for record in records:
        digest.update(repr(record.values).encode("utf-8", "surrogatepass"))
        yield record


def _delete(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
