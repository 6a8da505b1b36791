"""A run for those who work in spreadsheets: CSV that they open without a question, and a workbook.

Nothing of it is run as a formula or followed as a link, whatever a customer wrote.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from earful.report.tables import Tables
from earful.runs.files import spreadsheet_safe, whole
from earful.runs.store import quoted
from earful.schema import OWN_CUTS

__all__ = ["write_csv_files", "write_workbook"]

#: What a sheet and a cell can hold.
_SHEET_ROWS, _CELL = 1_048_576, 32_767
_BATCH = 20_000
#: When a workbook says it was made: the same run gives the same bytes.
_MADE = datetime(2000, 1, 1)
#: A moment as a count of microseconds: time zones would need an extension of the database.
_MOMENT = "epoch_us(r.created_at) AS created_at"
_MENTIONS = f"""
    SELECT r.review_id, r.product, r.touchpoint, {{further}}{_MOMENT}, m.theme, m.polarity, m.term, m.score,
        m.confidence, m.matcher, m.corrected, r.rating, r.nps, r.lang, r.text, m.row, m.segment, m.start,
        m."end"
    FROM mentions m JOIN reviews r ON r.row = m.row ORDER BY m.row, m.segment, m.start, m.theme, m.term"""
_REVIEWS = f"""
    SELECT r.review_id, r.product, r.touchpoint, r.channel, r.author_id, {{further}}{_MOMENT}, r.sentiment,
        r.score, found.themes, r.rating, r.nps, r.csat, r.ces, r.recommended, r.nps_text, r.mismatch,
        r.lang, r.non_answer, r.duplicate_of, r.near_duplicate_of, r.burst, r.aside, r.pii, r.corrected,
        r.title, r.text, r.source, r.row
    FROM reviews r LEFT JOIN (
        SELECT row, string_agg(DISTINCT theme, '; ' ORDER BY theme) AS themes FROM mentions GROUP BY row
    ) found ON found.row = r.row ORDER BY r.row"""
_FILES = {"reviews": _REVIEWS, "mentions": _MENTIONS}
_SHEETS = {
    "loyalty": "SELECT * FROM loyalty ORDER BY ALL",
    "themes": "SELECT * FROM themes ORDER BY ALL",
    "drivers": "SELECT * FROM drivers ORDER BY ALL",
    "reviews": _REVIEWS,
    "mentions": _MENTIONS,
}


def write_csv_files(run: Path, folder: Path, bom: bool = True) -> list[Path]:
    """Write ``reviews.csv``, with the themes of each, and ``mentions.csv``, both with text, product and id.

    Parameters
    ----------
    run
        The run folder.
    folder
        Where to write; made where it is not there.
    bom
        Begin with the mark by which spreadsheets know UTF-8.

    Returns
    -------
    list of Path
        The files.
    """
    from pyarrow import csv

    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with Tables(run) as tables:
        for name, sql in _FILES.items():
            sql = sql.format(further=_further(tables))
            with whole(folder / f"{name}.csv") as path, path.open("wb") as out:
                out.write(codecs.BOM_UTF8 if bom else b"")
                batches = (_with_moments(batch) for batch in tables.batches(sql, _BATCH))
                first = next(batches)
                with csv.CSVWriter(out, first.schema) as writer:
                    for batch in _chained(first, batches):
                        writer.write_table(spreadsheet_safe(batch).cast(first.schema))
            made.append(folder / f"{name}.csv")
    return made


def write_workbook(run: Path, out: Path) -> Path:
    """Write a workbook with the sheets loyalty, themes, drivers, reviews and mentions, row by row.

    What a sheet has no room for goes on in a further one (``mentions 2``); a text longer than a cell can hold
    is cut, with an ellipsis.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Tables(run) as tables, whole(out) as path, xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": _MADE})
        date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        formats = {"head": book.add_format({"bold": True}), "date": date}
        for name, sql in _SHEETS.items():
            batches = tables.batches(sql.format(further=_further(tables)), _BATCH)
            _write_sheets(book, formats, name, map(_with_moments, batches))
    return out


def _further(tables: Tables) -> str:
    """Write the further columns that the run is cut by, as the columns of a query."""
    return "".join(f"r.{quoted(name)}, " for name in tables.cuts if name not in OWN_CUTS)


def _write_sheets(book: Any, formats: dict[str, Any], name: str, batches: Iterator[pa.Table]) -> None:
    sheet, line, numbers = None, _SHEET_ROWS, count(1)
    for batch in batches:
        moments = [pa.types.is_timestamp(field.type) for field in batch.schema]
        columns = [column.to_pylist() for column in batch.columns]
        if sheet is None:
            sheet, line = _new_sheet(book, formats, name, next(numbers), batch.column_names), 1
        for row in zip(*columns, strict=True):
            if line >= _SHEET_ROWS:
                sheet, line = _new_sheet(book, formats, name, next(numbers), batch.column_names), 1
            _write_row(sheet, line, row, moments, formats["date"])
            line += 1


def _new_sheet(book: Any, formats: dict[str, Any], name: str, number: int, columns: Sequence[str]) -> Any:
    sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column, formats["head"])
    return sheet


def _write_row(sheet: Any, line: int, row: Sequence[Any], moments: Sequence[bool], date: Any) -> None:
    for at, (cell, moment) in enumerate(zip(row, moments, strict=True)):
        if cell is None:
            continue
        if moment:
            sheet.write_datetime(line, at, cell, date)
        elif isinstance(cell, str):
            sheet.write_string(line, at, _fitting(cell))
        elif isinstance(cell, bool):
            sheet.write_boolean(line, at, cell)
        elif math.isfinite(cell):
            sheet.write_number(line, at, cell)


def _fitting(text: str) -> str:
    """Cut a text to what a cell can hold; a sign beyond the first plane of Unicode counts twice there."""
    if 2 * len(text) <= _CELL or len(text.encode("utf-16-le", "replace")) <= 2 * _CELL:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * _CELL - 2].decode("utf-16-le", "ignore") + "…"


def _with_moments(batch: pa.Table) -> pa.Table:
    """Turn counts of microseconds into moments without a zone: a spreadsheet knows none."""
    if "created_at" not in batch.column_names:
        return batch
    at = batch.column_names.index("created_at")
    moments = batch.column(at).cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
    return batch.set_column(at, "created_at", moments)


def _chained(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest
