"""Tables in HTML pages: what help desks and shops call ``.xls``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.reader import TextReader, unique_names
from earful.readers.rejects import Record, count
from earful.readers.sources import FileSource

__all__ = ["HtmlReader"]

#: A page is taken apart whole, so its size is bounded.
_LIMIT = 256 << 20
_WIDEST = 10_000

_Row = tuple[int, list[str]]


class HtmlReader(TextReader):
    """Reads the longest table of an HTML page (format ``html``).

    The header is the table's first row. Rows without a filled cell are no rows; a cell that reaches over
    several rows or columns stands in each.

    Raises
    ------
    InputError
        The page is over the size limit, or has no table with rows.
    """

    columns: list[str]

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        super().__init__(source, config)
        parser, size = _Tables(), 0
        with closing(self._lines()) as lines:
            for line in lines:
                parser.feed(line)
                size += len(line)
                if size > _LIMIT:
                    raise InputError(
                        "is an HTML page that is too large to be read",
                        where=source.given,
                        allowed=f"up to {_LIMIT >> 20} MiB",
                        fix="export it as .csv or .xlsx",
                    )
        parser.close()
        tables = [rows for table in parser.tables if len(rows := [row for row in table if any(row[1])]) > 1]
        if not tables:
            raise InputError(
                "is an HTML page without a table of rows",
                where=source.given,
                fix="export the feedback as .csv or .xlsx",
            )
        (_, header), *self._rows = max(tables, key=len)
        if len(tables) > 1:
            others = count(len(tables) - 1, "other table is", "other tables are")
            self.notes.append(f"the longest table of the page is read; {others} not")
        self.columns = unique_names(header)

    def records(self) -> Iterator[Record]:
        """Give the rows in order; the table is held in memory."""
        want = len(self.columns)
        for line, cells in self._rows:
            if len(cells) > want and any(cells[want:]):
                problem = f"{count(len(cells), 'cell', 'cells')} where the header has {want}"
                yield Record(line, None, problem, "\t".join(cells))
                continue
            cells = cells[:want] + [""] * (want - len(cells))
            yield Record(line, {name: cell or None for name, cell in zip(self.columns, cells, strict=True)})


class _Tables(HTMLParser):
    """Collects the rows of a page's tables; a table inside a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[_Row]] = []
        self._open: list[list[_Row]] = []
        self._cell: list[str] | None = None
        self._span = 1
        #: Column -> the text that reaches down to it and how many rows more.
        self._down: dict[int, tuple[str, int]] = {}
        self._rows_down = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._open.append([])
            self.tables.append(self._open[-1])
            self._cell, self._down = None, {}
        elif not self._open:
            return
        elif tag == "tr":
            self._end_cell()
            self._open[-1].append((self.getpos()[0], []))
        elif tag in ("td", "th"):
            self._end_cell()
            if not self._open[-1]:
                self._open[-1].append((self.getpos()[0], []))
            given = dict(attrs)
            self._span, self._rows_down = _number(given.get("colspan")), _number(given.get("rowspan"))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "tr" and self._open and self._open[-1]:
            self._fill(self._open[-1][-1][1])
        if tag == "table" and self._open:
            self._open.pop()
            self._down = {}

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or not self._open or not self._open[-1]:
            self._cell = None
            return
        text, cells = "".join(self._cell).strip(), self._open[-1][-1][1]
        self._cell = None
        self._fill(cells)
        for _ in range(min(self._span, _WIDEST - len(cells))):
            if self._rows_down > 1:
                self._down[len(cells)] = (text, self._rows_down - 1)
            cells.append(text)

    def _fill(self, cells: list[str]) -> None:
        """Put what reaches down from the rows above where the row has come to."""
        while len(cells) in self._down and len(cells) < _WIDEST:
            text, left = self._down.pop(len(cells))
            if left > 1:
                self._down[len(cells)] = (text, left - 1)
            cells.append(text)


def _number(value: str | None) -> int:
    return min(int(value), 1_000) if value and value.isdecimal() and len(value) < 6 and int(value) else 1
