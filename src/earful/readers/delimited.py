"""Delimited text: CSV, TSV and their kin, with any one-character delimiter.

The delimiter is found by clevercsv. A row keeps the number of the physical line it starts on. A quote that is
never closed costs the one line it stands on, not the rest of the file: that line is rejected and reading goes
on at the next.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.encoding import MARK, RECORD_LIMIT, TOO_LONG, LineReader, undecodable
from earful.readers.header import (
    FIRST_ROWS,
    TITLE_ROWS,
    Header,
    Row,
    find_header,
    is_filled,
    is_header,
)
from earful.readers.marks import Mark, MarkedReader
from earful.readers.reader import UNNAMED, unique_names
from earful.readers.rejects import Record, count
from earful.readers.sources import FileSource
from earful.readers.totals import no_row, without_totals

__all__ = ["DelimitedReader"]

_DELIMITERS = [",", ";", "\t", "|"]
_RARE = "~^¦¬§\x01:"
#: A header as R writes it: names in quotes, parted by spaces.
_BY_SPACES = re.compile(r'"[^"]+"(?: "[^"]+")+')
_SNIFF_CHARS = 1 << 14
_SNIFF_LINES = 200
#: What no dialect is told by, and what clevercsv takes seconds over.
_LONG_WORD = re.compile(r"(\w{40})\w+")
#: So many first lines have to be quoted as a whole.
_FEWEST_WRAPPED = 2
#: By so many lines it is told what quotes cells.
_QUOTED_LINES = 40
#: Stands for the delimiter of a file of one column: the control character meant to part fields, in no text.
_NO_DELIMITER = "\x1f"
#: Broken quotes are read again from the next line; a file that makes us do so over this many characters in
#: all is not worth going on with.
_REREAD_LIMIT = 1 << 30


class DelimitedReader(MarkedReader):
    """Reads delimited text (format ``csv``).

    The header is the first line that is not blank, unless a title or a second row of the header can be told
    (:mod:`.header`). Lines that are blank, or hold nothing but delimiters, are no rows.

    Raises
    ------
    InputError
        The header cannot be read, or the quoting is broken throughout.
    """

    columns: list[str]

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        super().__init__(source, config)
        self._wrapped, self._spaced, self._quote = False, False, '"'
        self.delimiter, self._escape = self._find_dialect(config.delimiter, config.skip_rows)
        with closing(self._lines()) as lines:
            header = self._header(self._rows(lines), config)
        self._start = header.line
        self.columns = unique_names(header.cells)
        self.questions = {self.columns[place]: asked for place, asked in header.questions.items()}
        self.notes += header.notes

    def _read(self, start: Mark) -> Iterator[Record]:
        said = Counter(start.said)
        return without_totals(self._read_all(start, said), start.row, said)

    def _read_all(self, start: Mark, said: Counter[str]) -> Iterator[Record]:
        row = start.row
        with closing(self._lines_from(start)) as lines:
            rows = self._rows(lines)
            rows.width = len(self.columns) if self.delimiter == "\t" and not self._wrapped else None
            for line, fields, text, problem in rows:
                if line > self._start and (fields is None or any(map(is_filled, fields))):
                    yield self._record(line, fields, text, problem or rows.cut())
                    row += 1
                    if rows.between:
                        self._mark(row, lines, said)
            yield from self._lost(lines)

    def _rows(self, lines: LineReader) -> _Rows:
        rows = _Rows(lines, self.delimiter or _NO_DELIMITER, self._escape, self._wrapped)
        rows.quote, rows.spaced = self._quote, self._spaced
        return rows

    def _header(self, rows: _Rows, config: InputConfig) -> Header:
        """Find the header among the first rows that are not blank."""
        first: list[Row] = []
        broken: dict[int, str] = {}
        for line, fields, text, problem in rows:
            if fields is not None and (not any(map(is_filled, fields)) or (not first and _is_hint(text))):
                continue
            problem = problem or undecodable(text, self.encoding)
            if problem:
                broken[line] = problem
            if fields is not None:
                first.append((line, fields))
            if len(first) + len(broken) >= FIRST_ROWS or (fields is None and not first):
                break
        if broken and (not first or min(broken) < first[0][0]):
            self._refuse_header(min(broken), broken)
        header = find_header(first, config, self._source.given, text=True)
        at = next((line for line in broken if line <= header.line), None)
        if at is not None:
            self._refuse_header(at, broken)
        below = [cells for line, cells in first if line > header.line]
        if (
            below
            and all(len(cells) == len(header.cells) + 1 for cells in below)
            and any(c[-1] for c in below)
        ):
            # R names no column for the names of its rows.
            header.cells = [None, *header.cells]
            header.questions = {place + 1: asked for place, asked in header.questions.items()}
        return header

    def _refuse_header(self, line: int, broken: dict[int, str]) -> None:
        raise InputError(
            f"the header cannot be read: {broken[line]}", where=f"{self._source.given} line {line}"
        )

    def _record(self, line: int, fields: list[str] | None, text: str, problem: str | None) -> Record:
        problem = problem or undecodable(text, self.encoding)
        if fields is None or problem:
            return Record(line, None, problem, text)
        width, want = len(fields), len(self.columns)
        if width > want and not any(fields[want:]):
            fields = fields[:want]
        elif width < want and all(name.startswith(UNNAMED) for name in self.columns[width:]):
            fields = fields + [""] * (want - width)
        if len(fields) != want:
            found = count(width, "field", "fields")
            return Record(line, None, f"{found} where the header has {want}", text)
        values = dict(zip(self.columns, fields, strict=True))
        return Record(line, values, no_row(values))

    def _find_dialect(self, configured: str | None, skipped: int) -> tuple[str | None, str | None]:
        """Give the delimiter (``None`` for a file of one column) and the escape character, if any."""
        delimiter = {"\\t": "\t", "tab": "\t"}.get(configured or "", configured)
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0'):
            raise InputError(
                f"{configured!r} cannot be a delimiter",
                where="input.delimiter",
                allowed="one character, or \\t",
            )
        sample = self._sample()[skipped:]
        filled = [line for line in sample if line.strip("\ufeff \t\r\n\0")]
        first = _first_row(filled)
        if (inner := _wrapped_by(filled)) and delimiter in {None, inner}:
            self._wrapped = True
            self.notes.append(
                "each line is one cell in quotes, which was taken apart by the delimiter inside"
            )
            return inner, None
        if delimiter is None and _is_hint(first):
            delimiter = first.strip("\ufeff \r\n")[len("sep=") :]
        if delimiter is None and _BY_SPACES.fullmatch(first.strip("\ufeff \r\n")):
            delimiter = " "
        dialect = _sniffed(sample, first, delimiter)
        escape = dialect.escapechar if dialect is not None and any('\\"' in line for line in sample) else None
        if delimiter is None:
            delimiter = dialect.delimiter if dialect is not None else None
            if not delimiter or delimiter not in first:
                # A comma in the texts of a file of one column is no delimiter: the header would have it too.
                delimiter = _delimiter_in(first) or _delimiter_below(filled[1:]) or _rare_delimiter(first)
        self._spaced = _is_spaced(filled, delimiter)
        self._quote = _quote_of(filled, delimiter)
        return delimiter, "\\" if escape == "\\" else None

    def _sample(self) -> list[str]:
        """Give the file's first lines, whole where they are not overlong."""
        sample: list[str] = []
        size = 0
        with closing(self._lines()) as lines:
            for line in lines:
                sample.append(MARK.sub("?", line[:_SNIFF_CHARS].replace("\0", "")))
                size += len(line)
                if len(sample) >= _SNIFF_LINES or size >= _SNIFF_CHARS:
                    break
        return sample


def _first_row(lines: list[str]) -> str:
    """Give the first row, over several lines where its cells are."""
    row = ""
    for line in lines[:FIRST_ROWS]:
        row += line
        if row.count('"') % 2 == 0:
            return row
    return next(iter(lines), "")


def _quote_of(lines: list[str], delimiter: str | None) -> str:
    """Give the sign that cells are quoted by: an apostrophe where all cells of the rows stand in such."""
    rows = [line.strip("\ufeff \r\n") for line in lines[1:_QUOTED_LINES]]
    between = f"'{delimiter}'"
    quoted = [line[:1] == line[-1:] == "'" and between in line and '"' not in line for line in rows]
    return "'" if delimiter and len(rows) > 1 and all(quoted) else '"'


def _wrapped_by(lines: list[str]) -> str | None:
    """Find the delimiter inside lines that are each one cell in quotes."""
    stripped = [line.strip("\ufeff \r\n") for line in lines]
    if len(stripped) < _FEWEST_WRAPPED or not all(line[:1] == '"' for line in stripped[:_FEWEST_WRAPPED]):
        return None
    header = _unquoted(stripped[0])
    delimiter = _delimiter_in(header) if header != stripped[0] else None
    if delimiter is None:
        return None
    names = next(csv.reader([header], delimiter=delimiter), [])
    return delimiter if is_header(names) else None


def _sniffed(sample: list[str], first: str, delimiter: str | None) -> Any:
    """Ask clevercsv for the dialect, where the answer could matter: the library takes a while to load.

    It does not where nothing is escaped and the delimiter is known, or the header has but one that it may be.
    """
    marks = [mark for mark in _DELIMITERS if mark in first]
    settled = delimiter is not None or not marks or [_delimiter_in(first)] == marks
    if settled and not any('\\"' in line for line in sample):
        return None
    from clevercsv import Sniffer
    from clevercsv.exceptions import Error as SniffError

    try:
        return Sniffer().sniff(_LONG_WORD.sub(r"\1", "".join(sample)), delimiters=_DELIMITERS)
    except SniffError:
        return None


def _delimiter_in(header: str) -> str | None:
    """Find what parts the names in a header: the commonest delimiter that is not followed by a space."""
    counts = {mark: header.count(mark) - header.count(mark + " ") for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: counts[mark])
    return best if counts[best] else None


def _delimiter_below(lines: list[str]) -> str | None:
    """Find the delimiter of a header that stands below a title, by the names in it."""
    for line in lines[:TITLE_ROWS]:
        delimiter = _delimiter_in(line)
        if delimiter and is_header(line.strip("\r\n").split(delimiter)):
            return delimiter
    return None


def _rare_delimiter(header: str) -> str | None:
    """Find a delimiter that few programs use, by the names it parts."""
    return next((mark for mark in _RARE if is_header(header.strip("\ufeff \r\n").split(mark))), None)


def _is_spaced(lines: list[str], delimiter: str | None) -> bool:
    """Say whether a space stands behind each delimiter, so that a quoted cell begins with one."""
    if not delimiter or delimiter == "\t" or not lines or delimiter not in lines[0]:
        return False
    named = lines[0].count(delimiter) == lines[0].count(f"{delimiter} ")
    return named and any(f'{delimiter} "' in line for line in lines[1:])


def _is_hint(line: str) -> bool:
    """Spot the line by which a file tells Excel its delimiter: ``sep=;``."""
    line = line.strip("\ufeff \r\n")
    return len(line) == len("sep=") + 1 and line.lower().startswith("sep=")


class _RowTooLongError(Exception):
    """A row passed the limit."""


class _Rows:
    """Takes lines apart into rows: ``(line number, fields or None, the row's text, problem or None)``.

    Of a row that the strict reader refuses the first line is mended; those after it are read again.

    Attributes
    ----------
    width
        Of a file that may be written without quotes, how many cells a row has: a line of so many is a row,
        whatever quotes stand in it.
    quote
        What cells are quoted by.
    spaced
        A space behind a delimiter is no part of the cell.
    """

    width: int | None = None
    quote: str = '"'
    spaced: bool = False

    def __init__(self, lines: LineReader, delimiter: str, escape: str | None, wrapped: bool = False) -> None:
        # The limit is one for the whole process; it is only ever raised.
        csv.field_size_limit(max(csv.field_size_limit(), RECORD_LIMIT + 1))
        self._lines = lines
        self._delimiter, self._escape = _NO_DELIMITER if wrapped else delimiter, escape
        self._inner = delimiter if wrapped else None
        self._number, self._reread, self._size = lines.number, 0, 0
        self._taken: list[str] = []
        self._returned: deque[str] = deque()

    def __iter__(self) -> Iterator[tuple[int, list[str] | None, str, str | None]]:
        while True:
            try:
                yield from self._strictly()
                return
            except (csv.Error, _RowTooLongError) as error:
                yield self._mend(error)

    def _strictly(self) -> Iterator[tuple[int, list[str] | None, str, str | None]]:
        if self.width is not None and self._escape is None:
            yield from self._by_line(self.width)
            return
        self._taken, self._size = [], 0
        reader = csv.reader(
            self._feed(),
            delimiter=self._delimiter,
            escapechar=self._escape,
            quotechar=self.quote,
            skipinitialspace=self.spaced,
            strict=True,
        )
        for fields in reader:
            yield self._row(self._opened(fields), "".join(self._taken), None)
            self._taken, self._size = [], 0

    def _opened(self, fields: list[str]) -> list[str] | None:
        """Take apart a row whose only cell is a row."""
        if self._inner is None or len(fields) != 1:
            return fields
        inside = fields[0].splitlines(keepends=True)
        try:
            rows = list(csv.reader(inside, delimiter=self._inner, strict=True))
        except csv.Error:
            return _split_leniently(fields[0], self._inner)
        return rows[0] if len(rows) == 1 else fields

    def _by_line(self, width: int) -> Iterator[tuple[int, list[str] | None, str, str | None]]:
        """Give a row for each line of as many cells as the header has, and read the others strictly."""
        while line := self._next():
            self._taken, self._size = [], 0
            cells = line.rstrip("\r\n").split(self._delimiter)
            if len(cells) == width and not self._goes_on(cells[-1], width):
                self._taken = [line]
                self._number += 1
                yield self._row(list(map(_unquoted, cells)), line, None)
                continue
            self._returned.appendleft(line)
            reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
            fields = next(reader, None)
            if fields is not None:
                yield self._row(fields, "".join(self._taken), None)

    def _goes_on(self, cell: str, width: int) -> bool:
        """Say whether the last cell of a line goes on in the next: it opens a quote, and that is no row."""
        if not cell.startswith('"') or (len(cell) > 1 and cell.endswith('"')):
            return False
        following = self._next()
        if not following:
            return False
        self._returned.appendleft(following)
        return following.count(self._delimiter) + 1 != width

    def _next(self) -> str:
        return self._returned.popleft() if self._returned else self._lines.read()

    def _row(
        self, fields: list[str] | None, text: str, problem: str | None
    ) -> tuple[int, list[str] | None, str, str | None]:
        line = self._number - len(self._taken) + 1
        if len(text) > RECORD_LIMIT:
            return line, None, text[:RECORD_LIMIT], f"the row {TOO_LONG}"
        return line, fields, text, problem

    def _feed(self) -> Iterator[str]:
        """Give the lines, keeping those of the row in hand."""
        while line := self._next():
            self._taken.append(line)
            self._number += 1
            self._size += len(line)
            yield line
            if self._size > RECORD_LIMIT:
                raise _RowTooLongError

    @property
    def between(self) -> bool:
        """Whether the next row begins where the lines stand."""
        return not self._returned

    def cut(self) -> str | None:
        """Say why the row in hand is only the beginning of a row; ``None`` where it is whole."""
        return None if self._returned else self._lines.cut()

    def _mend(self, error: Exception) -> tuple[int, list[str] | None, str, str | None]:
        """Take what the strict reader refused: a stray quote in one line, or a quote left open."""
        text, *rest = self._taken
        self._returned.extendleft(reversed(rest))
        self._number -= len(rest)
        self._reread += sum(map(len, rest))
        self._taken = [text]
        if self._reread > _REREAD_LIMIT:
            raise InputError(
                f"the quoting is broken throughout (got as far as line {self._number})",
                fix="export the file again with quotes doubled inside quoted cells",
            ) from error
        line = text[:RECORD_LIMIT].rstrip("\r\n")
        fields = None if rest else _split_leniently(line, self._delimiter, self.quote)
        fields = self._opened(fields) if fields else fields
        return self._row(fields, text, None if fields else "a quote is opened and not properly closed")


def _unquoted(cell: str) -> str:
    """Take off the quotes of a quoted cell; any others are the cell's own."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def _split_leniently(line: str, delimiter: str, quote: str = '"') -> list[str] | None:
    """Split one line in which quotes stand inside quoted cells; ``None`` where a quote stays open.

    Only a quote that a delimiter or the end of the line follows closes a cell.
    """
    fields: list[str] = []
    at = 0
    while True:
        if line.startswith(quote, at):
            end = line.find(quote + delimiter, at + 1)
            if end < 0:
                if len(line) == at + 1 or not line.endswith(quote):
                    return None
                end = len(line) - 1
            fields.append(line[at + 1 : end].replace(2 * quote, quote))
            at = end + 1
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            fields.append(line[at:end])
            at = end
        if at >= len(line):
            return fields
        at += 1
