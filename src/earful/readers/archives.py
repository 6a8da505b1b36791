"""Zip archives with one table inside, as programs hand out their exports."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from earful.errors import InputError
from earful.readers.rejects import listed

__all__ = ["ZIP_MAGIC", "unpacked"]

#: The first bytes of an archive.
ZIP_MAGIC = b"PK"
_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".tab", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls"})
_ENDINGS |= {".parquet", ".pq", ".html", ".htm", ".gz"}
#: What other programs' documents, zip archives too, have inside: a name's beginning, and what it is.
_DOCUMENTS = (
    ("xl/", ""),
    ("word/", "a Word document"),
    ("ppt/", "a presentation"),
    ("content.xml", "an OpenDocument file"),
    ("Index/", "an Apple iWork document"),
)
_CHUNK = 1 << 20
#: A table is unpacked to disk, up to this size in bytes.
LIMIT = 8 << 30


def unpacked(path: Path, given: str, spooled: list[Path]) -> tuple[Path, str] | None:
    """Unpack the table of a zip archive to a temporary file.

    Parameters
    ----------
    path
        The file.
    given
        Its path as it was given, for messages.
    spooled
        Gets the temporary file; the caller deletes it.

    Returns
    -------
    tuple
        Where the table is, and its name in the archive; ``None`` where the file is a workbook, or damaged so
        that the archive cannot be opened.

    Raises
    ------
    InputError
        There is no table in the archive, or there are several, or it is too large or broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entry = _table_in(archive, given)
            if entry is None:
                return None
            with tempfile.NamedTemporaryFile(prefix="earful-", delete=False) as copy:
                spooled.append(Path(copy.name))
                left = LIMIT
                with archive.open(entry) as member:
                    while chunk := member.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            _refuse_size(given, entry.filename)
                        copy.write(chunk)
            return spooled[-1], entry.filename
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        if not zipfile.is_zipfile(path):
            return None
        what = f"is a zip archive whose content cannot be unpacked ({error})"
        raise InputError(what, where=given, fix="pack or download it again") from None


def _table_in(archive: zipfile.ZipFile, given: str) -> zipfile.ZipInfo | None:
    """Find the one table of an archive; ``None`` where it is a workbook itself."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    for start, what in _DOCUMENTS:
        if any(entry.filename.startswith(start) for entry in entries):
            if not what:
                return None
            raise InputError(f"is {what}", where=given, fix="save or export its table as .xlsx or .csv")
    tables = [entry for entry in entries if _is_table(entry.filename)]
    if len(tables) != 1:
        names = listed([entry.filename for entry in tables or entries], 6)
        what = (
            f"is a zip archive of {len(tables)} tables: {names}"
            if tables
            else "is a zip archive without a table"
        )
        if names and not tables:
            what += f": it holds {names}"
        fix = "unpack it, and name the tables that belong together" if tables else "unpack it first"
        raise InputError(what, where=given, allowed="one table in a zip archive", fix=fix)
    (entry,) = tables
    if entry.flag_bits & 1:
        raise InputError("is a zip archive with a password", where=given, fix="unpack it first")
    if entry.file_size > LIMIT:
        _refuse_size(given, entry.filename)
    return entry


def _is_table(name: str) -> bool:
    """Say whether an entry may be a table, and no mark of the system that packed it."""
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() in _ENDINGS and path.stem.lower() not in {"readme", "license"}


def _refuse_size(given: str, name: str) -> None:
    raise InputError(
        f"is too large: {name!r} unpacks to more than {LIMIT >> 30} GiB", where=given, fix="unpack it first"
    )
