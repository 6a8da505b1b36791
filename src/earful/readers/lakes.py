"""Folders of Parquet as one source, and files that lie elsewhere (``s3://`` and the like), by fsspec."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote

from earful.errors import InputError
from earful.readers.urls import without_secrets

if TYPE_CHECKING:
    from earful.readers.sources import FileSource

__all__ = [
    "Away",
    "FolderSource",
    "Remote",
    "copy_of",
    "files_in",
    "find_remote",
    "local_files",
    "partition_of",
]

_PARQUET = (".parquet", ".pq")
_DATA = (*_PARQUET, ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".gz")
#: What stands for no value in the name of a partition.
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
#: Parts of a path by which a table is told whose files hold rows that were deleted since.
_TABLES = {"_delta_log": "a Delta table", ".hoodie": "a Hudi table"}
#: A question mark is no pattern in these.
_WEB = ("http://", "https://")
#: Under what names stores tell one content of a file from another.
_VERSIONS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "updated")
#: Bytes that are fetched at once of a file of which a part is read.
_BLOCK = 1 << 20
_INSTALL = "pip install 'earful[lakes]'"


@dataclass(frozen=True)
class FolderSource:
    """A folder of Parquet files that are one table.

    Attributes
    ----------
    files
        The files, in the order of their paths.
    partitions
        Of each file the columns that its path holds: ``country=LV/part-0.parquet``.
    """

    files: tuple[FileSource, ...]
    partitions: tuple[Mapping[str, str | None], ...]
    name: str
    given: str
    notes: tuple[str, ...] = ()

    def digest(self) -> str:
        """Give the sha256 over the files and what their paths say."""
        digest = hashlib.sha256()
        for file, partition in zip(self.files, self.partitions, strict=True):
            digest.update(repr((sorted(partition.items()), file.digest())).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


@dataclass(frozen=True)
class Remote:
    """A file, or a folder of Parquet files, that lies elsewhere.

    Attributes
    ----------
    system
        The file system of fsspec that knows it.
    path
        Where it is there.
    given
        How it is shown: without keys.
    folder
        Whether it is a folder.
    """

    system: Any
    path: str
    given: str
    folder: bool

    def away(self, inside: str = "") -> Away | None:
        """Give where it lies, or a file in it; ``None`` where its store tells no versions."""
        file = self
        if inside:
            path, given = (f"{one.rstrip('/')}/{inside}" for one in (self.path, self.given))
            file = Remote(self.system, path, given, False)
        version = _version_of(file)
        return None if version is None else Away(file, version)


@dataclass(frozen=True)
class Away:
    """A file where it lies elsewhere, as it was before a copy of it was made here.

    Attributes
    ----------
    file
        The file.
    version
        What its store tells one content from another by.
    """

    file: Remote
    version: str

    def open(self) -> BinaryIO:
        """Open it for reading here and there in it.

        Raises
        ------
        InputError
            It cannot be reached, or is another one by now.
        """
        file = self.file
        try:
            if _version_of(file) == self.version:
                return cast(BinaryIO, file.system.open(file.path, "rb", block_size=_BLOCK))
        except Exception as error:  # as below
            raise _unreachable(file.given, error) from None
        raise InputError("changed while it was being read", where=file.given, fix="run it again")


def files_in(names: Iterable[str], where: str) -> tuple[list[str], tuple[str, ...]]:
    """Choose the Parquet files of a folder.

    Parameters
    ----------
    names
        Paths of its files, relative to it, with slashes.
    where
        The folder, for messages.

    Returns
    -------
    tuple
        The files in the order of their paths, and notes on what else lies there.

    Raises
    ------
    InputError
        There are none, or they belong to a table that keeps rows which were deleted.
    """
    found, others = [], []
    for name in sorted(names):
        parts = PurePosixPath(name).parts
        table = next((what for part, what in _TABLES.items() if part in parts), None)
        if name.endswith(".metadata.json") and "metadata" in parts:
            table = "an Iceberg table"
        if table:
            raise InputError(
                f"is {table}: its files hold rows that were deleted or replaced since",
                where=where,
                fix="write the rows as they are now to a folder of Parquet files, and name that",
            )
        if any(part.startswith((".", "_")) for part in parts):
            continue  # what writers leave beside their files
        if name.lower().endswith(_PARQUET):
            found.append(name)
        elif name.lower().endswith(_DATA):
            others.append(name)
    if not found:
        raise InputError(
            "is a directory without Parquet files",
            where=where,
            fix=f"name the files in it, for instance '{where.rstrip('/')}/*.csv'",
        )
    verb = "file is" if len(others) == 1 else "files are"
    notes = (f"{len(others)} other {verb} not read: {', '.join(others[:3])}",) if others else ()
    return found, notes


def partition_of(name: str) -> dict[str, str | None]:
    """Read the columns that the path of a file holds: ``country=LV/part-0.parquet``."""
    pairs = (part.partition("=") for part in PurePosixPath(name).parts[:-1] if "=" in part)
    return {unquote(key): None if value == _NO_VALUE else unquote(value) for key, _, value in pairs if key}


def local_files(folder: Path) -> list[str]:
    """Give the files below a folder, relative to it, with slashes."""
    return [
        (Path(root) / name).relative_to(folder).as_posix()
        for root, _, files in os.walk(folder)
        for name in files
    ]


def find_remote(url: str) -> list[Remote]:
    """Find what an address names: a file, a folder of Parquet files, or the files of a pattern, sorted.

    Raises
    ------
    InputError
        A package is missing, or there is nothing that can be read.
    """
    given = without_secrets(url)
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError:
        raise InputError("needs the package fsspec", where=given, fix=_INSTALL) from None
    try:
        system, path = url_to_fs(url)
        if glob.has_magic(url) and not url.lower().startswith(_WEB):
            matches = sorted(match for match in system.glob(path) if not system.isdir(match))
            if not matches:
                raise InputError("no file matches", where=given, fix="check the pattern")
            head = given.partition("://")[0]
            return [Remote(system, match, f"{head}://{match.lstrip('/')}", False) for match in matches]
        if not url.lower().startswith(_WEB) and not system.exists(path):
            raise InputError("does not exist", where=given, fix="check the address")
        return [Remote(system, path, given, not url.lower().startswith(_WEB) and system.isdir(path))]
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"needs a package ({error})", where=given, fix=_INSTALL) from None
    except Exception as error:  # each kind of store has errors of its own
        raise _unreachable(given, error) from None


def copy_of(remote: Remote, spooled: list[Path]) -> tuple[Path, list[str], list[Away | None]]:
    """Copy a file or a folder here; give where, the files of a folder, and where each that is copied lies.

    What a store tells of a file is asked before it is copied: who reads it there later reads the same.
    """
    try:
        if not remote.folder:
            away = remote.away()
            with tempfile.NamedTemporaryFile(prefix="earful-", delete=False) as copy:
                spooled.append(Path(copy.name))
                with remote.system.open(remote.path, "rb") as stream:
                    shutil.copyfileobj(stream, copy, 1 << 20)
            return spooled[-1], [], [away]
        base = remote.path.rstrip("/")
        names = [one[len(base) :].lstrip("/") for one in remote.system.find(base)]
        chosen, _ = files_in(names, remote.given)
        root = Path(tempfile.mkdtemp(prefix="earful-"))
        spooled.append(root)
        aways = [remote.away(name) for name in chosen]
        for number, name in enumerate(chosen):
            # Names from elsewhere are never paths here.
            with (
                (root / str(number)).open("wb") as copy,
                remote.system.open(f"{base}/{name}", "rb") as stream,
            ):
                shutil.copyfileobj(stream, copy, 1 << 20)
        return root, names, aways
    except InputError:
        raise
    except Exception as error:  # as above
        raise _unreachable(remote.given, error) from None


def _version_of(file: Remote) -> str | None:
    """Give what a store tells one content of a file from another by."""
    info = file.system.info(file.path)
    told = next((info[name] for name in _VERSIONS if info.get(name)), None)
    return None if told is None else f"{info.get('size')} {told}"


def _unreachable(given: str, error: Exception) -> InputError:
    said = without_secrets(" ".join(str(error).split())[:200]) or type(error).__name__
    return InputError(f"cannot be read ({said})", where=given, fix="check the address and your access to it")
