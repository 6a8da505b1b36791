"""Comparisons: text sentiment and index against the measured NPS, or run against run."""

from __future__ import annotations

from earful.comparison.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
