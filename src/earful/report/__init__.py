"""The report of a run: one page that opens from disk."""

from __future__ import annotations

from earful.pages.html import write_report

__all__ = ["write_report"]
