"""The report of a run: one page that opens from disk."""

from __future__ import annotations

from earful.report.page import write_report
from earful.report.spreadsheet import write_csv_files, write_workbook

__all__ = ["write_csv_files", "write_report", "write_workbook"]
