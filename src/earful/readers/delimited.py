"""Delimited text: CSV, TSV and their kin, with any one-character delimiter.

The delimiter is found by clevercsv. A row keeps the number of the physical line it starts on. A quote that is
never closed costs the one line it stands on, not the rest of the file: that line is rejected and reading goes
on at the next.
"""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.encoding import MARK, RECORD_LIMIT, LineReader, find_encoding, undecodable
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["DelimitedReader", "unique_names"]

_DELIMITERS = [",", ";", "\t", "|"]
_SNIFF_CHARS = 1 << 14
_SNIFF_LINES = 200
#: Stands for the delimiter of a file of one column: the control character meant to part fields, in no text.
_NO_DELIMITER = "\x1f"
_TOO_LONG = f"is longer than {RECORD_LIMIT:,} characters"
#: Broken quotes are read again from the next line; a file that makes us do so over this many characters in
#: all is not worth going on with.
_REREAD_LIMIT = 1 << 30


class DelimitedReader:
    """Reads delimited text (format ``csv``).

    The first line that is not blank is the header. Blank lines are no rows; a line of nothing but delimiters
    is one, though there is nothing in it.

    Raises
    ------
    InputError
        The header cannot be read, or the quoting is broken throughout.
    """

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self._source = source
        self.encoding: str | None
        self.encoding, notes = find_encoding(source, config.encoding)
        self.notes = list(notes)
        self.delimiter: str | None
        self.delimiter, self._escape = self._find_dialect(config.delimiter)
        self._header: list[str] = []
        records = self._records()
        next(records)
        records.close()
        self.columns: list[str] | None = self._header

    def records(self) -> Iterator[Record]:
        """Give the rows in file order; memory is bounded by the longest row."""
        return itertools.islice(self._records(), 1, None)

    def _records(self) -> Generator[Record, None, None]:
        """Give the header's record, then the rows."""
        assert self.encoding is not None
        lines = LineReader(self._source, self.encoding)
        rows = _Rows(lines, self.delimiter or _NO_DELIMITER, self._escape)
        try:
            yield self._read_header(rows)
            for line, fields, text, problem in rows:
                if fields is not None and not text.strip():
                    continue
                yield self._record(line, fields, text, problem or rows.cut())
            if broken := lines.end():
                self._note(f"{broken} at line {lines.number}; what followed is lost")
                if not lines.cut():
                    yield Record(lines.number + 1, None, f"{broken}; what followed is lost")
        finally:
            lines.close()

    def _read_header(self, rows: _Rows) -> Record:
        for line, fields, text, problem in rows:
            if fields is not None and (
                not any(field.strip("\ufeff \t\0") for field in fields) or _is_hint(text)
            ):
                continue
            problem = problem or undecodable(text, str(self.encoding))
            if fields is None or problem:
                raise InputError(
                    f"the header cannot be read: {problem}", where=f"{self._source.given} line {line}"
                )
            self._header = unique_names(fields)
            return Record(line, None, raw=text)
        raise InputError("holds no rows", where=self._source.given, fix="check that the export finished")

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _record(self, line: int, fields: list[str] | None, text: str, problem: str | None) -> Record:
        problem = problem or undecodable(text, str(self.encoding))
        if fields is None or problem:
            return Record(line, None, problem, text)
        width, want = len(fields), len(self._header)
        if width > want and not any(fields[want:]):
            fields = fields[:want]
        elif width < want and all(name.startswith(_UNNAMED) for name in self._header[width:]):
            fields = fields + [""] * (want - width)
        if len(fields) != want:
            return Record(line, None, f"{_count(width)} where the header has {want}", text)
        return Record(line, dict(zip(self._header, fields, strict=True)))

    def _find_dialect(self, configured: str | None) -> tuple[str | None, str | None]:
        """Give the delimiter (``None`` for a file of one column) and the escape character, if any."""
        delimiter = {"\\t": "\t", "tab": "\t"}.get(configured or "", configured)
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
            raise InputError(
                f"{configured!r} cannot be a delimiter",
                where="input.delimiter",
                allowed="one character, or \\t",
            )
        sample = self._sample()
        first = next((line for line in sample if line.strip("\ufeff \t\r\n\0")), "")
        if delimiter is None and _is_hint(first):
            delimiter = first.strip("\ufeff \r\n")[len("sep=") :]
        from clevercsv import Sniffer
        from clevercsv.exceptions import Error as SniffError

        try:
            dialect: Any = Sniffer().sniff("".join(sample), delimiters=_DELIMITERS)
        except SniffError:
            dialect = None
        escape = dialect.escapechar if dialect is not None and any('\\"' in line for line in sample) else None
        if delimiter is None:
            delimiter = dialect.delimiter if dialect is not None else None
            if not delimiter or delimiter not in first:
                # A comma in the texts of a file of one column is no delimiter: the header would have it too.
                delimiter = _delimiter_in(first)
        return delimiter, "\\" if escape == "\\" else None

    def _sample(self) -> list[str]:
        """Give the file's first lines, whole where they are not overlong."""
        assert self.encoding is not None
        lines = LineReader(self._source, self.encoding)
        sample: list[str] = []
        size = 0
        try:
            while len(sample) < _SNIFF_LINES and size < _SNIFF_CHARS:
                line = lines.read()
                if not line:
                    break
                sample.append(MARK.sub("?", line[:_SNIFF_CHARS].replace("\0", "")))
                size += len(line)
        finally:
            lines.close()
        return sample


_UNNAMED = "column "


def unique_names(cells: list[Any]) -> list[str]:
    """Give each header cell a name of its own: white space collapsed, blanks and repeats numbered."""
    names: list[str] = []
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = " ".join(str("" if cell is None else cell).replace("\ufeff", "").replace("\0", "").split())
        name = name or f"{_UNNAMED}{number}"
        unique, repeat = name, 1
        while unique in seen:
            repeat += 1
            unique = f"{name} ({repeat})"
        seen.add(unique)
        names.append(unique)
    return names


def _delimiter_in(header: str) -> str | None:
    """Find what parts the names in a header: the commonest delimiter that is not followed by a space."""
    counts = {mark: header.count(mark) - header.count(mark + " ") for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else None


def _is_hint(line: str) -> bool:
    """Spot the line by which a file tells Excel its delimiter: ``sep=;``."""
    line = line.strip("\ufeff \r\n")
    return len(line) == len("sep=") + 1 and line.lower().startswith("sep=")


def _count(fields: int) -> str:
    return "1 field" if fields == 1 else f"{fields} fields"


class _LineFeed:
    """Feeds lines to ``csv.reader``, keeps those of the row in hand, and can give lines back."""

    def __init__(self, lines: LineReader) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self._size = 0

    def __iter__(self) -> _LineFeed:
        return self

    def __next__(self) -> str:
        if self._size > RECORD_LIMIT:
            raise _RowTooLongError
        line = self._returned.popleft() if self._returned else self._lines.read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.number += 1
        self._size += len(line)
        return line

    def cut(self) -> str | None:
        """Say why the last line is cut, where it is the one in hand."""
        return None if self._returned else self._lines.cut()

    def start_row(self) -> int:
        """Forget the last row; give the number of the line the next one starts on."""
        self.taken = []
        self._size = 0
        return self.number + 1

    def give_back(self) -> int:
        """Give back all lines of the row in hand but the first; give the number of characters."""
        rest = self.taken[1:]
        self._returned.extendleft(reversed(rest))
        self.taken = self.taken[:1]
        self.number -= len(rest)
        return sum(map(len, rest))


class _RowTooLongError(Exception):
    """A row passed the limit."""


class _Rows:
    """Takes lines apart into rows: ``(line number, fields or None, the row's text, problem or None)``."""

    def __init__(self, lines: LineReader, delimiter: str, escape: str | None) -> None:
        # The limit is one for the whole process; it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), RECORD_LIMIT + 1))
        self._feed = _LineFeed(lines)
        self._delimiter = delimiter
        self._reader = csv.reader(self._feed, delimiter=delimiter, escapechar=escape, strict=True)
        self._reread = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | None, str, str | None]]:
        return self

    def cut(self) -> str | None:
        """Say why the row in hand is only the beginning of a row; ``None`` where it is whole."""
        return self._feed.cut()

    def __next__(self) -> tuple[int, list[str] | None, str, str | None]:
        line = self._feed.start_row()
        try:
            fields = next(self._reader)
        except (csv.Error, _RowTooLongError) as error:
            return self._mend(line, error)
        text = "".join(self._feed.taken)
        if len(text) > RECORD_LIMIT:
            return line, None, text[:RECORD_LIMIT], f"the row {_TOO_LONG}"
        return line, fields, text, None

    def _mend(self, line: int, error: Exception) -> tuple[int, list[str] | None, str, str | None]:
        """Take what the strict reader refused: a stray quote in one line, or a quote left open."""
        many = len(self._feed.taken) > 1
        self._reread += self._feed.give_back()
        if self._reread > _REREAD_LIMIT:
            raise InputError(
                f"the quoting is broken throughout (got as far as line {line})",
                fix="export the file again with quotes doubled inside quoted cells",
            ) from error
        text = self._feed.taken[0]
        if len(text) > RECORD_LIMIT:
            return line, None, text[:RECORD_LIMIT], f"the row {_TOO_LONG}"
        fields = None if many else _split_leniently(text.rstrip("\r\n"), self._delimiter)
        return line, fields, text, None if fields else "a quote is opened and not properly closed"


def _split_leniently(line: str, delimiter: str) -> list[str] | None:
    """Split one line in which quotes stand inside quoted cells; ``None`` where a quote stays open.

    Only a quote that a delimiter or the end of the line follows closes a cell.
    """
    fields: list[str] = []
    at = 0
    while True:
        if line.startswith('"', at):
            end = line.find('"' + delimiter, at + 1)
            if end < 0:
                if len(line) == at + 1 or not line.endswith('"'):
                    return None
                end = len(line) - 1
            fields.append(line[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            fields.append(line[at:end])
            at = end
        if at >= len(line):
            return fields
        at += 1
