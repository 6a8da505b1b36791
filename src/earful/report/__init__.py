"""The report of a run: one page that opens from disk."""

from __future__ import annotations

from earful.report.page import write_report

__all__ = ["write_report"]
