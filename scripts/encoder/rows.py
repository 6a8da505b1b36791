"""Read files of rows: gzipped JSON Lines, JSON Lines and tables with tabs."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parent
REPOSITORY = SCRIPTS.parent
DATA = REPOSITORY.parent / "shared" / "data"
#: Where weights, caches and logs lie: never in the repository.
WORK = Path(os.environ.get("EARFUL_WORK", REPOSITORY.parent / "work"))
LABELS = ("negative", "neutral", "positive")
#: Sentences written to trip models up, never trained on: of all sorts, and of kinds in published suites.
SUITES = tuple(REPOSITORY / "tests" / "sentiment" / name for name in ("behaviour", "kinds"))


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Return the rows of a file, one after the other; a line that is cut off or no row is left out."""
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8") as lines:
        if ".tsv" in path.name:
            head = next(lines).rstrip("\n").split("\t")
            for line in lines:
                yield dict(zip(head, line.rstrip("\n").split("\t"), strict=False))
            return
        for line in lines:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # another program may be writing the file
                continue
            if isinstance(row, dict):
                yield row


def key_of(text: str) -> str:
    """Return what two writings of the same text share."""
    return " ".join(text.lower().split())


def unit_of(text: str) -> float:
    """Place a text in [0, 1) by its hash: the same on every machine and in every run."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def measured_on(data: Path = DATA) -> set[str]:
    """Return dev and test texts of 25 characters or more: some stand in the train split of another set."""
    found: set[str] = set()
    for folder in ("sentiment", "absa", "themes", "loyalty"):
        for path in sorted((data / folder).glob("*.jsonl.gz")):
            if path.name.startswith("mabsa-"):
                continue
            for row in read_rows(path):
                if row.get("split") != "train" and len(row.get("text") or "") >= 25:
                    found.add(key_of(row["text"]))
    for folder in SUITES:
        for path in sorted(folder.glob("*.tsv")):
            found.update(key_of(row["text"]) for row in read_rows(path))
    return found
