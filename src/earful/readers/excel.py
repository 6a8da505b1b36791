"""Excel workbooks (``.xlsx``, and ``.xls`` of before 2007)."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError, nearest
from earful.readers.columns import fold
from earful.readers.header import FIRST_ROWS, Row, find_header, is_empty, is_header, n_filled
from earful.readers.oversize import far_corner, hindrance
from earful.readers.reader import Reader, unique_names
from earful.readers.rejects import Record, listed
from earful.readers.sources import FileSource
from earful.readers.totals import no_row, without_totals

__all__ = ["ExcelReader"]

#: A sheet is read whole, so what it unpacks to is bounded.
_LIMIT = 1 << 30


@contextmanager
def _silenced() -> Iterator[None]:
    """Let nothing be written to standard error below Python: a panic of the parser tells its whole stack."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class ExcelReader(Reader):
    """Reads a sheet (format ``excel``): the one that is set, else the first visible one with a table.

    Where none is set, further visible sheets with the same header (a month or a store each) are read with it,
    one after another; a column ``sheet`` says which. A sheet whose rows all stand in others is a selection of
    them and is not read.

    A title above the table is passed over, and a header of several rows is read as one (:mod:`.header`). A
    cell that is merged over several rows stands in each of them. Rows without a filled cell are no rows.
    Lines are the sheet's row numbers.

    Raises
    ------
    InputError
        The file is no sound workbook, is over the size limit, has no such sheet, or holds no rows.
    """

    columns: list[str]

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._source, self._config = source, config
        self._check_size()
        (first, rows), *others = self._read()
        header = find_header(rows[:FIRST_ROWS], config, source.given, text=False)
        self.notes += header.notes
        self._rows = [row for row in rows if row[0] > header.line]
        width = max([len(header.cells), *(len(cells) for _, cells in self._rows[:1])])
        cells = [*header.cells, *[None] * (width - len(header.cells))]
        self._places = [
            place
            for place, cell in enumerate(cells)
            if not is_empty(cell) or any(not is_empty(row[place]) for _, row in self._rows)
        ]
        self.columns = unique_names(cells[place] for place in self._places)
        self.questions = {
            name: header.questions[place]
            for name, place in zip(self.columns, self._places, strict=True)
            if place in header.questions
        }

        self._sheets: list[tuple[str, int]] = []
        if config.sheet is None and others:
            self._add_sheets(first, header.cells, others)

    def _add_sheets(self, first: str, cells: list[Any], others: list[tuple[str, list[Row]]]) -> None:
        """Add the rows of further sheets with the same header; say which are read and which are not."""
        names, width = _header_names(cells), max(self._places) + 1
        at_place = {place: name for name, place in names.items()}
        alike: list[tuple[str, list[Row]]] = [(first, self._rows)]
        unlike: list[str] = []
        for name, rows in others:
            header = find_header(rows[:FIRST_ROWS], self._config, self._source.given, text=False)
            own = _header_names(header.cells)
            if not names or own.keys() != names.keys() or header.line >= rows[-1][0]:
                unlike.append(name)
                continue
            taken = [own.get(at_place.get(place, "")) for place in range(width)]
            lines = [row for row in rows if row[0] > header.line]
            alike.append(
                (
                    name,
                    [
                        (line, [None if place is None else row[place] for place in taken])
                        for line, row in lines
                    ],
                )
            )
        whole, selections = _without_selections(alike)
        read, skipped = [name for name, _ in whole], [*selections, *unlike]
        self._rows = [row for _, rows in whole for row in rows]
        if len(whole) > 1:
            self._sheets = [(name, len(rows)) for name, rows in whole]
            self.columns = unique_names([*self.columns, "sheet"])
            self.notes.append(
                f"sheets {listed(read, 10)} have one header and are read together; --sheet NAME reads one"
            )
        if selections:
            self.notes.append(f"the rows of {listed(selections, 10)} all stand in other sheets")
        if skipped:
            what = f"sheet {read[0]!r} is read" if len(read) == 1 else f"{len(read)} sheets are read"
            self.notes.append(f"{what}; not {listed(skipped, 10)}; --sheet NAME reads another")

    def records(self) -> Iterator[Record]:
        """Give the rows in order; the sheets are held in memory."""
        if not self._sheets:
            yield from without_totals(self._records(self._rows))
            return
        start = 0
        for name, n in self._sheets:
            for record in without_totals(self._records(self._rows[start : start + n])):
                assert record.values is not None
                yield Record(record.line, {**record.values, self.columns[-1]: name}, record.problem)
            start += n

    def _records(self, rows: list[Row]) -> Iterator[Record]:
        for line, cells in rows:
            values = [None if is_empty(cells[place]) else cells[place] for place in self._places]
            record = dict(zip(self.columns, values, strict=False))
            yield Record(line, record, no_row(record))

    def _check_size(self) -> None:
        if self._source.head(4) == b"\xd0\xcf\x11\xe0":
            # Of an old binary workbook nothing is packed, and nothing says how far its sheets reach.
            trouble = hindrance(self._source.path)
            if trouble:
                raise self._damaged(trouble)
            return
        try:
            with zipfile.ZipFile(self._source.path) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
                corner = far_corner(archive) if size <= _LIMIT else None
        except (zipfile.BadZipFile, OSError, ValueError, zlib.error, EOFError, NotImplementedError) as error:
            raise self._damaged(error) from None
        if corner:
            raise InputError(
                f"has a sheet that spans {corner}, most of it empty: a stray mark stands in its far corner",
                where=self._source.given,
                fix="delete the empty rows and columns and save it again, or save it as .csv",
            )
        if size > _LIMIT:
            raise InputError(
                f"is too large: it unpacks to {size >> 20} MiB",
                where=self._source.given,
                allowed=f"up to {_LIMIT >> 20} MiB",
                fix="save the sheet as .csv",
            )

    def _read(self) -> list[tuple[str, list[Row]]]:
        """Give the sheet to read with its rows, and behind it the other visible ones that have rows."""
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        try:
            with _silenced(), CalamineWorkbook.from_path(str(self._source.path)) as book:
                sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
                shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
                if self._config.sheet is not None:
                    name = self._named([one.name for one in sheets])
                    tables = [(name, self._rows_of(book.get_sheet_by_name(name)))]
                else:
                    tables = self._tables(book, shown)
        except BaseException as error:
            # The parser panics at some broken files, which is no Exception of Python's.
            if isinstance(error, CalamineError | OSError) or type(error).__name__ == "PanicException":
                raise self._damaged(error) from None
            raise
        if not tables or not tables[0][1]:
            raise InputError("holds no rows", where=self._source.given, fix="check that the export finished")
        return tables

    def _named(self, sheets: list[str]) -> str:
        """Give the sheet that is set, by its name or else its number from 1."""
        wanted = str(self._config.sheet)
        for name in sheets:
            if name.strip().casefold() == wanted.strip().casefold():
                return name
        if wanted.isdigit() and 1 <= int(wanted) <= len(sheets):
            return sheets[int(wanted) - 1]
        raise InputError(
            f"there is no sheet {wanted!r}{nearest(wanted, sheets)}",
            where=self._source.given,
            allowed=listed(sheets, 20),
            fix="mend --sheet",
        )

    def _tables(self, book: Any, sheets: list[str]) -> list[tuple[str, list[Row]]]:
        """Give the sheets that have rows: first the first whose header is known, else the first of all."""
        filled = [(name, rows) for name in sheets if (rows := self._rows_of(book.get_sheet_by_name(name)))]
        if len(filled) > 1:
            first = next((one for one in filled if self._is_table(one[1][:FIRST_ROWS])), filled[0])
            filled = [first, *(one for one in filled if one is not first)]
        return filled

    def _is_table(self, rows: list[Row]) -> bool:
        header = find_header(rows, self._config, self._source.given, text=False)
        return header.line < rows[-1][0] and is_header(header.cells, list(header.questions.values()))

    @staticmethod
    def _rows_of(sheet: Any) -> list[Row]:
        """Give the rows that have a filled cell, with their numbers."""
        below: dict[tuple[int, int], tuple[int, int]] = {}
        for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
            below.update({(row, left): (top, left) for row in range(top + 1, bottom + 1)})
        merged = {row for row, _ in below}
        rows: list[Row] = []
        table = sheet.to_python(skip_empty_area=False)
        for line, cells in enumerate(table):
            if not n_filled(cells):
                continue
            if line in merged:
                cells = [
                    table[below[line, column][0]][column] if (line, column) in below else cell
                    for column, cell in enumerate(cells)
                ]
            rows.append((line + 1, cells))
        return rows

    def _damaged(self, error: BaseException | str) -> InputError:
        return InputError(
            f"is no sound Excel workbook ({error})",
            where=self._source.given,
            allowed=".xlsx",
            fix="open it in Excel and save it again, or save it as .csv",
        )


def _header_names(cells: list[Any]) -> dict[str, int]:
    """Give the names of a header and where they stand; nothing where one stands twice."""
    names = [(fold(str(cell)), place) for place, cell in enumerate(cells) if not is_empty(cell)]
    found = dict(names)
    return found if len(found) == len(names) else {}


def _without_selections(
    tables: list[tuple[str, list[Row]]],
) -> tuple[list[tuple[str, list[Row]]], list[str]]:
    """Part sheets from those whose rows, as many times as there, all stand in a larger one."""
    counts = [Counter(repr(cells) for _, cells in rows) for _, rows in tables]
    whole, selections = [], []
    for at, (name, rows) in enumerate(tables):
        larger = (
            other
            for place, other in enumerate(counts)
            if place != at and (len(tables[place][1]), -place) > (len(rows), -at)
        )
        (
            selections.append(name)
            if any(counts[at] <= other for other in larger)
            else whole.append((name, rows))
        )
    return whole, selections
