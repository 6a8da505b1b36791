"""Earful: an earful of customer feedback turned into one loyalty number a company can defend.

Importing this loads neither torch nor spaCy nor transformers nor pandas; each name loads what it needs
when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earful.comparison import Comparison, compare
    from earful.jobs.analyze import analyze
    from earful.jobs.correct import correct
    from earful.jobs.preview import Preview, preview
    from earful.jobs.retry import retry
    from earful.jobs.score import score
    from earful.jobs.tag import tag
    from earful.readers.query import Query
    from earful.runs.run import Run, open_run

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "earful.comparison",
    "Preview": "earful.jobs.preview",
    "Query": "earful.readers.query",
    "Run": "earful.runs.run",
    "analyze": "earful.jobs.analyze",
    "compare": "earful.comparison",
    "correct": "earful.jobs.correct",
    "open_run": "earful.runs.run",
    "preview": "earful.jobs.preview",
    "retry": "earful.jobs.retry",
    "score": "earful.jobs.score",
    "tag": "earful.jobs.tag",
}

__all__ = [
    "Comparison",
    "Preview",
    "Query",
    "Run",
    "__version__",
    "analyze",
    "compare",
    "correct",
    "open_run",
    "preview",
    "retry",
    "score",
    "tag",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'earful' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
