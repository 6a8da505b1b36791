"""Excel workbooks (``.xlsx``, and ``.xls`` of before 2007)."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError, nearest
from earful.readers.header import FIRST_ROWS, TOTAL, Row, find_header, is_empty, is_header, is_total, n_filled
from earful.readers.reader import Reader, unique_names
from earful.readers.rejects import Record, listed
from earful.readers.sources import FileSource

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
    """Reads one sheet (format ``excel``): the one that is set, else the first visible one with a table.

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
        rows = self._read()
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

    def records(self) -> Iterator[Record]:
        """Give the rows in order; the sheet is held in memory."""
        for line, cells in self._rows:
            values = [None if is_empty(cells[place]) else cells[place] for place in self._places]
            problem = TOTAL if is_total(values) else None
            yield Record(line, dict(zip(self.columns, values, strict=True)), problem)

    def _check_size(self) -> None:
        if self._source.head(4) == b"\xd0\xcf\x11\xe0":
            return  # of an old binary workbook nothing is packed
        try:
            with zipfile.ZipFile(self._source.path) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise self._damaged(error) from None
        if size > _LIMIT:
            raise InputError(
                f"is too large: it unpacks to {size >> 20} MiB",
                where=self._source.given,
                allowed=f"up to {_LIMIT >> 20} MiB",
                fix="save the sheet as .csv",
            )

    def _read(self) -> list[Row]:
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        try:
            with _silenced(), CalamineWorkbook.from_path(str(self._source.path)) as book:
                sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
                shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
                if self._config.sheet is not None:
                    rows = self._rows_of(book.get_sheet_by_name(self._named([one.name for one in sheets])))
                else:
                    rows = self._first_table(book, shown)
        except BaseException as error:
            # The parser panics at some broken files, which is no Exception of Python's.
            if isinstance(error, CalamineError | OSError) or type(error).__name__ == "PanicException":
                raise self._damaged(error) from None
            raise
        if not rows:
            raise InputError("holds no rows", where=self._source.given, fix="check that the export finished")
        return rows

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

    def _first_table(self, book: Any, sheets: list[str]) -> list[Row]:
        """Give the rows of the first sheet whose header is known; else of the first that has rows."""
        filled = [(name, sheet) for name in sheets if self._rows_of(sheet := book.get_sheet_by_name(name), 1)]
        if not filled:
            return []
        tables = (one for one in filled if self._is_table(self._rows_of(one[1], FIRST_ROWS)))
        name, sheet = filled[0] if len(filled) == 1 else next(tables, filled[0])
        others = [other for other, _ in filled if other != name]
        if others:
            self.notes.append(f"sheet {name!r} is read; not {listed(others, 10)}; --sheet NAME reads another")
        return self._rows_of(sheet)

    def _is_table(self, rows: list[Row]) -> bool:
        header = find_header(rows, self._config, self._source.given, text=False)
        return header.line < rows[-1][0] and is_header(header.cells, list(header.questions.values()))

    @staticmethod
    def _rows_of(sheet: Any, limit: int | None = None) -> list[Row]:
        """Give the rows that have a filled cell, with their numbers, up to so many."""
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
            if limit is not None and len(rows) >= limit:
                break
        return rows

    def _damaged(self, error: BaseException) -> InputError:
        return InputError(
            f"is no sound Excel workbook ({error})",
            where=self._source.given,
            allowed=".xlsx",
            fix="open it in Excel and save it again, or save it as .csv",
        )
