"""Where rows come from: files, folders, globs, addresses, standard input, queries, data frames.

Gzip and a zip archive of one table are opened on the way.
"""

from __future__ import annotations

import glob
import hashlib
import io
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from earful.errors import InputError
from earful.readers.archives import ZIP_MAGIC, unpacked
from earful.readers.lakes import (
    Away,
    FolderSource,
    Remote,
    copy_of,
    files_in,
    find_remote,
    local_files,
    partition_of,
)
from earful.readers.query import Query, QuerySource, spool_query
from earful.readers.urls import is_url

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FileSource", "FrameSource", "Source", "break_of", "find_sources"]

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 16
_ALLOWED = "paths, folders of Parquet, globs, addresses, - for standard input, queries, DataFrames"
#: What is lost at most, in compressed bytes, before a damaged place.
_PIECE = 1 << 11


class GunzipStream(io.RawIOBase):
    """Reads gzip and gives what can be read, even where the stream ends early.

    ``gzip`` raises in the middle of a damaged stream and drops what it had in hand; here the good bytes come
    first and :attr:`broken` then says what went wrong.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._chunks = self._inflated()
        self._rest = b""
        self.broken: str | None = None

    def readable(self) -> bool:
        """Say that the stream can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with inflated bytes; 0 at the end, sound or not."""
        chunk = self._rest or next(self._chunks, b"")
        size = min(len(chunk), len(buffer))
        buffer[:size], self._rest = chunk[:size], chunk[size:]
        return size

    def close(self) -> None:
        """Close the file below as well."""
        self._stream.close()
        super().close()

    def _inflated(self) -> Iterator[bytes]:
        """Give what one gzip stream after another holds; zero bytes after a stream are padding."""
        inflate, members, between, data = zlib.decompressobj(wbits=31), 0, True, b""
        while data := data or self._stream.read(_CHUNK):
            if between and members:
                data = data.lstrip(b"\0")
                if not _GZIP_MAGIC.startswith(data[:2]):
                    self.broken = "the gzip stream is followed by something that is not gzip"
                    return
                if not data:
                    continue
            try:
                chunk = inflate.decompress(data[:_PIECE], _CHUNK)
            except zlib.error as error:
                self.broken = f"the gzip stream is damaged, rows before the place may be garbled ({error})"
                return
            data = (inflate.unused_data or inflate.unconsumed_tail) + data[_PIECE:]
            between = inflate.eof
            if between:
                inflate, members = zlib.decompressobj(wbits=31), members + 1
            if chunk:
                yield chunk
        if not between:
            self.broken = "the gzip stream ends early"


@dataclass(frozen=True)
class FileSource:
    """A file that can be read again and again.

    Attributes
    ----------
    path
        Where the bytes are; for standard input a spooled copy.
    name
        What the user calls it: the file's name, or ``stdin``.
    given
        The path as it was given, for messages; ``-`` for standard input.
    gzipped
        The bytes are a gzip stream.
    notes
        Plain sentences for the user.
    away
        Where it lies elsewhere, for a machine that does not have the copy at ``path``.
    """

    path: Path
    name: str
    given: str
    gzipped: bool
    stamp: tuple[int, int]
    notes: tuple[str, ...] = ()
    away: Away | None = None

    @property
    def ending(self) -> str:
        """The file name's ending in lower case, without ``.gz``: ``.csv``."""
        name = Path(self.given).name.lower()
        return Path(name.removesuffix(".gz") if self.gzipped else name).suffix

    def open(self) -> BinaryIO:
        """Open the content, inflated where it is gzip; :func:`break_of` tells afterwards if it broke off.

        Raises
        ------
        InputError
            The file cannot be opened, or changed since it was first looked at.
        """
        stream: BinaryIO
        try:
            stream = self.path.open("rb")
        except OSError as error:
            if self.away is None:
                raise _cannot_open(self.given, error) from None
            return self.away.open()
        if _stamp(os.fstat(stream.fileno())) != self.stamp:
            stream.close()
            raise InputError("changed while it was being read", where=self.given, fix="run it again")
        if self.gzipped:
            return io.BufferedReader(GunzipStream(stream), _CHUNK)
        return stream

    def head(self, size: int) -> bytes:
        """Give the first bytes of the content."""
        with self.open() as stream:
            return stream.read(size)

    def digest(self) -> str:
        """Give the sha256 of the file's bytes as they lie on disk."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class FrameSource:
    """A pandas DataFrame."""

    frame: pd.DataFrame
    name: str
    notes: tuple[str, ...] = ()
    given: str = "DataFrame"


Source = FileSource | FolderSource | FrameSource | QuerySource


def break_of(stream: BinaryIO) -> str | None:
    """Say why a stream ended before its proper end; ``None`` where it did not, or is not read so far."""
    raw = getattr(stream, "raw", None)
    return raw.broken if isinstance(raw, GunzipStream) else None


def find_sources(
    inputs: Sequence[str | os.PathLike[str] | pd.DataFrame | Query], spooled: list[Path]
) -> list[Source]:
    """Find what the inputs name, in the order given.

    Parameters
    ----------
    inputs
        Paths of files and of folders of Parquet files, globs (sorted), addresses (``s3://bucket/*.csv``),
        ``-`` for standard input, queries, DataFrames. A file that comes up twice is read once.
    spooled
        Gets the temporary files and folders that were made; the caller deletes them.

    Raises
    ------
    InputError
        An input is missing, empty, or cannot be opened; a directory holds no Parquet files; a glob matches
        nothing.
    """
    if not inputs:
        raise InputError("no input was given", allowed=_ALLOWED)
    found: dict[str, FrameSource | QuerySource | Remote | str] = {}
    times: Counter[str] = Counter()
    for item in inputs:
        if _is_frame(item):
            number = 1 + sum(isinstance(one, FrameSource) for one in found.values())
            name = "dataframe" if number == 1 else f"dataframe {number}"
            found[f"\0{name}"] = FrameSource(cast("pd.DataFrame", item), name)
            continue
        if isinstance(item, Query):
            number = 1 + sum(isinstance(one, QuerySource) for one in found.values())
            name = "query" if number == 1 else f"query {number}"
            found[f"\0{name}"] = spool_query(item, name, spooled)
            continue
        if not isinstance(item, str | os.PathLike):
            raise InputError(f"an input is a {type(item).__name__}", allowed=_ALLOWED)
        for key, one in _expand(os.fspath(item)):
            found.setdefault(key, one)
            times[key] += 1
    names = _names([one if isinstance(one, str) else one.given for one in found.values() if _is_place(one)])
    return [_source(one, times[key], names, spooled) for key, one in found.items()]


def _is_place(one: Any) -> bool:
    return isinstance(one, str | Remote)


def _source(
    one: FrameSource | QuerySource | Remote | str, times: int, names: dict[str, str], spooled: list[Path]
) -> Source:
    """Make a source of what was found."""
    if isinstance(one, FrameSource | QuerySource):
        return one
    notes = (f"given {times} times, read once",) if times > 1 else ()
    if isinstance(one, Remote):
        return _fetched(one, names[one.given], notes, spooled)
    if one != "-" and os.path.isdir(one):
        chosen, told = files_in(local_files(Path(one)), one)
        places = {name: Path(one) / name for name in chosen}
        return _folder(places, names[one], one, (*notes, *told))
    return _file(one, names[one], spooled, notes)


def _fetched(one: Remote, name: str, notes: tuple[str, ...], spooled: list[Path]) -> Source:
    """Make a source of a copy of what lies elsewhere."""
    path, there, aways = copy_of(one, spooled)
    if not one.folder:
        source = _opened(path, name, one.given, notes, spooled)
        return replace(source, away=aways[0]) if source.path == path else source
    chosen, told = files_in(there, one.given)
    found = _folder(
        {inside: path / str(number) for number, inside in enumerate(chosen)},
        name,
        one.given,
        (*notes, *told),
    )
    pairs = zip(found.files, aways, strict=True)
    return replace(found, files=tuple(replace(file, away=away) for file, away in pairs))


def _folder(places: dict[str, Path], name: str, given: str, notes: tuple[str, ...]) -> FolderSource:
    """Make one source of the Parquet files of a folder: name in the folder -> where it lies."""
    base = given.rstrip("/")
    files = tuple(_opened(path, name, f"{base}/{inside}", ()) for inside, path in places.items())
    return FolderSource(files, tuple(map(partition_of, places)), name, given, notes)


def _is_frame(item: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(item, pandas.DataFrame)


def _expand(path: str) -> list[tuple[str, str | Remote]]:
    """Give what an input names, each with what tells it from others."""
    if path == "-":
        return [(path, path)]
    if is_url(path) and not os.path.lexists(path):
        return [(one.given, one) for one in find_remote(path)]
    return [(os.path.realpath(one), one) for one in _matching(path)]


def _matching(path: str) -> list[str]:
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    matches = sorted(match for match in glob.glob(path, recursive=True) if not os.path.isdir(match))
    if not matches:
        raise InputError("no file matches", where=path, fix="check the pattern and the folder it starts in")
    return matches


def _names(paths: list[str]) -> dict[str, str]:
    """Name each file by its last part, or by the whole path where two files share that."""
    bases = [Path(path).name for path in paths]
    return {
        path: "stdin" if path == "-" else base if bases.count(base) == 1 else Path(path).as_posix()
        for path, base in zip(paths, bases, strict=True)
    }


def _file(given: str, name: str, spooled: list[Path], notes: tuple[str, ...]) -> FileSource:
    path = Path(given)
    try:
        if given == "-":
            path = _spool(sys.stdin.buffer, spooled)
        else:
            if not stat.S_ISREG(path.stat().st_mode):
                with path.open("rb") as stream:
                    path = _spool(stream, spooled)
    except OSError as error:
        raise _cannot_open(given, error) from None
    return _opened(path, name, given, notes, spooled)


def _opened(
    path: Path, name: str, given: str, notes: tuple[str, ...], spooled: list[Path] | None = None
) -> FileSource:
    """Make a source of a file that can be read again; of an archive's table where ``spooled`` takes it."""
    try:
        with path.open("rb") as stream:
            magic = stream.read(2)
            stamp = _stamp(os.fstat(stream.fileno()))
    except OSError as error:
        raise _cannot_open(given, error) from None
    if not magic:
        raise InputError("is empty (0 bytes)", where=given, fix="check that the export finished")
    if spooled is not None and magic == ZIP_MAGIC and (inside := unpacked(path, given, spooled)):
        path, entry = inside
        return _opened(
            path, name, f"{given}/{entry}", (*notes, f"the table {entry!r} in the archive is read")
        )
    # Another process may work in another folder.
    return FileSource(path.absolute(), name, given, magic == _GZIP_MAGIC, stamp, notes)


def _spool(stream: BinaryIO, spooled: list[Path]) -> Path:
    with tempfile.NamedTemporaryFile(prefix="earful-", delete=False) as copy:
        spooled.append(Path(copy.name))
        shutil.copyfileobj(stream, copy)
    return spooled[-1]


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return (status.st_size, status.st_mtime_ns)


def _cannot_open(given: str, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError("does not exist", where=given, fix="check the path")
    return InputError(
        f"cannot be read ({error.strerror or error})", where=given, fix="check the path and its rights"
    )
