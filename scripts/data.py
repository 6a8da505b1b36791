"""Where the public data lie, and how one of their files is read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd

DEFAULT_DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


def read_rows(path: Path) -> pd.DataFrame:
    """Read a gzipped JSON Lines file or a TSV; values stay as written."""
    if path.name.endswith((".tsv", ".tsv.gz")):
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, quoting=3)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return pd.DataFrame([json.loads(line) for line in lines])
