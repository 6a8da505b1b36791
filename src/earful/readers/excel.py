"""Excel workbooks (``.xlsx``, and ``.xls`` of before 2007)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from earful.config import InputConfig
from earful.errors import InputError
from earful.readers.reader import Reader, unique_names
from earful.readers.rejects import Record
from earful.readers.sources import FileSource

__all__ = ["ExcelReader"]

#: A sheet is read whole, so what it unpacks to is bounded.
_LIMIT = 1 << 30
_HEADER_ROWS = 20

_Row = tuple[int, list[Any]]


class ExcelReader(Reader):
    """Reads the first visible sheet that has rows (format ``excel``).

    The header is the first row that is at least half as full as the fullest of the first rows, so that a
    title above the table is passed over. Rows without a filled cell are no rows. Lines are
    the sheet's row numbers.

    Raises
    ------
    InputError
        The file is no sound workbook, is over the size limit, or holds no rows.
    """

    columns: list[str]

    def __init__(self, source: FileSource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._source = source
        self._check_size()
        name, rows = self._read()
        top = max(_filled(cells) for _, cells in rows[:_HEADER_ROWS])
        start = next(i for i, (_, cells) in enumerate(rows) if 2 * _filled(cells) >= top)
        if start:
            self.notes.append(f"{start} row(s) above the header of sheet {name!r} are not read")
        self._rows = rows[start + 1 :]
        header = rows[start][1]
        self._places = [
            place
            for place, cell in enumerate(header)
            if not _is_empty(cell) or any(not _is_empty(cells[place]) for _, cells in self._rows)
        ]
        self.columns = unique_names(header[place] for place in self._places)

    def records(self) -> Iterator[Record]:
        """Give the rows in order; the sheet is held in memory."""
        for line, cells in self._rows:
            values = (None if _is_empty(cells[place]) else cells[place] for place in self._places)
            yield Record(line, dict(zip(self.columns, values, strict=True)))

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

    def _read(self) -> tuple[str, list[_Row]]:
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        try:
            with CalamineWorkbook.from_path(str(self._source.path)) as book:
                sheets = [
                    sheet.name
                    for sheet in book.sheets_metadata
                    if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
                ]
                for name in sheets:
                    cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    rows = [(line, row) for line, row in enumerate(cells, 1) if _filled(row)]
                    if rows:
                        others = [repr(other) for other in sheets if other != name]
                        if others:
                            self.notes.append(f"sheet {name!r} is read; not {', '.join(others[:10])}")
                        return name, rows
        except (CalamineError, OSError) as error:
            raise self._damaged(error) from None
        raise InputError("holds no rows", where=self._source.given, fix="check that the export finished")

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"is no sound Excel workbook ({error})",
            where=self._source.given,
            allowed=".xlsx",
            fix="open it in Excel and save it again, or save it as .csv",
        )


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled(row: list[Any]) -> int:
    return sum(not _is_empty(cell) for cell in row)
