from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from earful.config import InputConfig, ScalesConfig
from earful.readers import Feed, Reject, Survey, open_inputs


@dataclass
class Outcome:
    """All that came out of a source."""

    feed: Feed
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    @property
    def survey(self) -> Survey:
        return self.feed.surveys[0]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def _read_all(
    inputs: list[Any], config: dict | None = None, scales: dict | None = None, size: int = 3
) -> Outcome:
    feed = open_inputs(inputs, InputConfig(**(config or {})), ScalesConfig(**(scales or {})))
    outcome = Outcome(feed)
    for table, rejects in feed.batches(size):
        outcome.rows += table.to_pylist()
        outcome.rejects += rejects
    # What holds for every source: nothing is lost, nothing comes twice.
    numbers = sorted([row["row"] for row in outcome.rows] + [reject.row for reject in outcome.rejects])
    assert numbers == list(range(feed.n_rows))
    return outcome


@pytest.fixture
def read_all() -> Callable[..., Outcome]:
    """Read inputs, checking that no row is lost."""
    return _read_all


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Outcome]:
    """Write content to a file of that name and read it."""

    def _read(content: str | bytes, name: str = "data.csv", **keywords: Any) -> Outcome:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return _read_all([path], **keywords)

    return _read
