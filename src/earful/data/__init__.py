"""Data that comes with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["demo_inputs"]


def demo_inputs() -> list[Path]:
    """Give the files of the bundled sample: reviews with stars, and a survey with NPS and CSAT."""
    folder = Path(__file__).parent / "demo"
    return [folder / "reviews.csv", folder / "survey.jsonl"]
