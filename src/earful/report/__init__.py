"""The report of a run: one page that opens from disk, and its siblings: slides, workbook, tables, summary."""

from __future__ import annotations

from earful.report.page import write_report
from earful.report.slides import write_slides
from earful.report.spreadsheet import write_csv_files, write_workbook
from earful.report.summary import write_summary

__all__ = ["write_csv_files", "write_report", "write_slides", "write_summary", "write_workbook"]
