"""Which format a source is in: by its content first, by its ending second."""

from __future__ import annotations

import json
import re
import zipfile
from contextlib import closing

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.document import ASSIGNED
from earful.readers.encoding import LineReader, find_encoding
from earful.readers.exports import exports
from earful.readers.header import is_header
from earful.readers.lakes import FolderSource
from earful.readers.query import QuerySource
from earful.readers.reader import printed
from earful.readers.sources import FileSource, FrameSource, Source, break_of
from earful.registry import READERS

__all__ = ["find_format", "formats"]

_FOREIGN = (
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!", "a rar archive", "unpack it first"),
    (b"%PDF", "a PDF", "export the feedback as .csv or .xlsx"),
    (b"\x89PNG", "a picture", "export the feedback as .csv or .xlsx"),
    (b"\xff\xd8\xff", "a picture", "export the feedback as .csv or .xlsx"),
    (b"GIF8", "a picture", "export the feedback as .csv or .xlsx"),
    (b"SQLite format 3", "an SQLite database", "ask it: --sql sqlite:///FILE 'SELECT ...'"),
    (b"\x80\x04\x95", "a Python pickle", "save it as .parquet or .csv"),
    (b"\x80\x05\x95", "a Python pickle", "save it as .parquet or .csv"),
    (b"ORC", "an ORC file", "save it as .parquet"),
    (b"Obj\x01", "an Avro file", "save it as .parquet"),
)
#: The same, where the file may look like text from its first byte to its last.
_FOREIGN_TEXT = (
    (b"$FL2@(#)", "an SPSS file", "export it as .csv, with labels"),
    (b"$FL3@(#)", "an SPSS file", "export it as .csv, with labels"),
    (b"<stata_dta>", "a Stata file", "export it as .csv, with labels"),
    (b"X\n\0\0\0", "an R file", "write it with write.csv"),
    (b"RDX2\n", "an R file", "write it with write.csv"),
    (b"RDX3\n", "an R file", "write it with write.csv"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS file", "export it as .csv"),
    (b"ARROW1\0\0", "an Arrow file", "save it as .parquet"),
    (b"%PDF-", "a PDF", "export the feedback as .csv or .xlsx"),
    (b"{\\rtf", "a Word document (RTF)", "export the feedback as .csv or .xlsx"),
    (b"MIME-Version:", "a web archive (MHTML)", "open it in Excel and save it as .xlsx or .csv"),
)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_PAGE = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.I
)
_SPREADSHEET_XML = re.compile(rb"\s*<\?xml[^>]*>.{0,200}?(?:<\?mso-application|<(?:ss:)?Workbook\b)", re.S)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
#: Text that no reader is for, by its ending.
_FOREIGN_ENDINGS = {".yaml": "a YAML file", ".yml": "a YAML file", ".xml": "an XML file"}
_FORMATS = (
    "csv, tsv, json, jsonl, parquet, xlsx, xls, an HTML table, gzip of the text ones, a zip of one table"
)
_WHAT = {
    "csv": "delimited text: comma, semicolon, tab, bar or any other delimiter (.csv, .tsv, .txt), gzip too",
    "jsonl": "JSON Lines: one object a line (.jsonl, .ndjson), gzip too",
    "json": "one JSON array of objects, or an object with one inside (.json), gzip too",
    "parquet": "Apache Parquet (.parquet), or a folder of such files",
    "excel": "Excel workbook, first sheet with rows (.xlsx, .xls)",
    "html": "the longest table of an HTML page (.html, .xls)",
    "sql": "the rows of a database query: --sql URL QUERY (SQLite, PostgreSQL and others)",
    "frame": "a pandas DataFrame (from Python only)",
}
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b\0")
#: So few control characters are no sign of binary data, however short the file.
_FEW_CONTROLS = 4
_EXCEL = frozenset({".xlsx", ".xlsm"})
_PARQUET = frozenset({".parquet", ".pq"})


def formats() -> dict[str, str]:
    """List the formats that are read: name -> what it is; those that other packages bring come last."""
    return _WHAT | {
        name: f"from another package ({READERS.group})" for name in READERS.names() if name not in _WHAT
    }


def find_format(source: Source, config: InputConfig) -> str:
    """Name the reader for a source.

    Raises
    ------
    InputError
        The configured format is unknown, or the content is of no format that can be read.
    """
    if isinstance(source, FrameSource):
        return "frame"
    if isinstance(source, QuerySource):
        return "sql"
    if isinstance(source, FolderSource):
        return "parquet"
    if config.format is not None and config.format.strip().lower() not in exports():
        named = READERS.resolve(config.format, InputError, besides=exports())
        if named in ("frame", "sql"):
            raise InputError(
                f"is a file and cannot be read as {named!r}", where=source.given, allowed=_FORMATS
            )
        return named
    with source.open() as stream:
        head, broken = stream.read(1 << 16), break_of(stream)
    if not head:
        what = broken or ("is an empty gzip file" if source.gzipped else "is empty (0 bytes)")
        raise InputError(what, where=source.given, fix="check that the export finished")
    binary = _binary_format(source, head)
    if binary is not None:
        return binary
    _refuse_foreign(source, head)
    if _is_page(head):
        return "html"
    return _text_format(source, config)


def _binary_format(source: FileSource, head: bytes) -> str | None:
    name = "parquet" if head.startswith(b"PAR1") else None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        name = "excel"
        if not _is_workbook(source):
            what = "is a zip archive and no Excel workbook"
            raise InputError(what, where=source.given, allowed=_FORMATS, fix="unpack it first")
    if head.startswith(_OLD_OFFICE):
        name = "excel"
    if name is not None and source.gzipped:
        raise InputError(f"is {name} inside gzip", where=source.given, fix="unpack it with gunzip first")
    for endings, kind in ((_EXCEL, "an Excel workbook"), (_PARQUET, "a Parquet file")):
        if source.ending in endings and name is None:
            text = "text: name its format if it is, for instance --format csv"
            raise InputError(
                f"is named {source.ending} and is not {kind} (it starts with {head[:8]!r})",
                where=source.given,
                fix=f"export it again; it looks like {text if _is_text(head) else 'something else'}",
            )
    return name


def _is_workbook(source: FileSource) -> bool:
    if source.gzipped:
        return True
    try:
        with zipfile.ZipFile(source.path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        # Damaged or cut short: the Excel reader says so.
        return source.ending in _EXCEL or source.ending not in {".zip", ".docx", ".ods", ".pptx"}


def _is_page(head: bytes) -> bool:
    """Tell an HTML page with a table, in any encoding: the zeros and marks of UTF-16 aside it is ASCII."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    return _PAGE.match(plain) is not None and b"<t" in plain.lower()


def _refuse_foreign(source: FileSource, head: bytes) -> None:
    for magic, what, fix in _FOREIGN:
        if head.startswith(magic) and not _is_text(head):
            raise InputError(f"is {what}", where=source.given, allowed=_FORMATS, fix=fix)
    for magic, what, fix in _FOREIGN_TEXT:
        if head.startswith(magic):
            raise InputError(f"is {what}", where=source.given, allowed=_FORMATS, fix=fix)
    if _SPREADSHEET_XML.match(head):
        what, fix = "is an Excel 2003 XML file", "open it in Excel and save it as .xlsx or .csv"
        raise InputError(what, where=source.given, allowed=_FORMATS, fix=fix)
    foreign = "an XML file" if _XML.match(head) else _FOREIGN_ENDINGS.get(source.ending)
    if foreign and not _is_page(head):
        fix = "export it as .csv, .xlsx or .json"
        raise InputError(f"is {foreign}", where=source.given, allowed=_FORMATS, fix=fix)
    if head[257:262] == b"ustar":
        raise InputError("is a tar archive", where=source.given, allowed=_FORMATS, fix="unpack it first")
    if not _is_text(head):
        raise InputError("is not text and no format that is read", where=source.given, allowed=_FORMATS)


def _is_text(head: bytes) -> bool:
    """Tell text of any encoding from binary data by its control characters; zeros alone do not decide."""
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    # The code units of UTF-16 hold 0x04 in each Cyrillic letter.
    allowed = 0.02 if head.count(0) + head.count(4) < 0.1 * len(head) else 0.6
    return controls <= max(allowed * len(head), _FEW_CONTROLS)


def _text_format(source: FileSource, config: InputConfig) -> str:
    encoding, _ = find_encoding(source, config.encoding)
    first, more = _first_lines(source, encoding)
    start = first.lstrip()
    if source.ending in {".jsonl", ".ndjson"}:
        return "jsonl"
    if start.startswith("["):
        inner = start[1:].lstrip()[:1]
        return "json" if inner in {"{", "]"} or (not inner and more) or source.ending == ".json" else "csv"
    if start.startswith("{"):
        return _object_format(start, more, source)
    if ASSIGNED.match(start):
        return "json"
    return "json" if source.ending == ".json" and not _is_table(first) else "csv"


def _is_table(first: str) -> bool:
    """Tell the header of a table: a file may be named for what it was asked for."""
    return any(is_header(first.split(delimiter)) for delimiter in ",;\t|" if delimiter in first)


def _object_format(first: str, second: str, source: FileSource) -> str:
    """Tell one object over the whole file from one object a line."""
    value = _parse(first)
    if value is None:
        # The first line alone is no object: it is laid out over many lines, or that line is damaged.
        return "jsonl" if isinstance(_parse(second), dict) else "json"
    if second:
        return "jsonl"
    return "json" if any(isinstance(item, list | dict) for item in value.values()) else "jsonl"


def _parse(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = printed(text)
    return value if isinstance(value, dict) else None


def _first_lines(source: FileSource, encoding: str) -> tuple[str, str]:
    """Give the first two lines that are not blank."""
    with closing(LineReader(source, encoding)) as lines:
        filled = (text for line in lines if (text := line.strip(" \t\r\n\ufeff")))
        return next(filled, ""), next(filled, "")
