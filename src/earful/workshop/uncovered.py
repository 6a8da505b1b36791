"""What a run's taxonomy does not cover, read from the run folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from earful.encoder import encoder_called
from earful.runs.run import Run, open_run
from earful.themes.meaning import Bytes, from_bytes

__all__ = ["uncovered_segments"]


#: Columns that are read of each table.
_READ = {
    "reviews": ["row", "text", "lang", "non_answer"],
    "segments": ["row", "segment", "start", "end", "p_negative", "p_neutral", "p_positive"],
    "mentions": ["row", "segment"],
}


def uncovered_segments(
    run: Run | str | Path, *, complaints: bool = True
) -> tuple[list[str], list[str], Bytes | None]:
    """Return the words, languages and vectors of a run's segments that carry no theme.

    There are no vectors where the run's settings left them out.

    Parameters
    ----------
    run
        A finished run, or its folder.
    complaints
        Only segments whose likeliest polarity is negative.

    Raises
    ------
    RunError
        The folder is not a finished run.
    """
    run = run if isinstance(run, Run) else open_run(run)
    tables = {name: run.table(name, columns).to_pandas() for name, columns in _READ.items()}
    segments = tables["segments"]
    if complaints:
        segments = segments[segments["p_negative"] > segments[["p_neutral", "p_positive"]].max(axis=1)]
    covered = tables["mentions"].drop_duplicates().assign(covered=True)
    segments = segments.merge(covered, on=["row", "segment"], how="left")
    segments = segments[segments["covered"].isna()].merge(tables["reviews"], on="row")
    segments = segments[~segments["non_answer"].fillna(False).astype(bool)].sort_values(["row", "segment"])
    texts = [
        text[start:end]
        for text, start, end in zip(segments["text"], segments["start"], segments["end"], strict=True)
    ]
    return texts, segments["lang"].fillna("und").tolist(), _vectors(run, segments)


def _vectors(run: Run, segments: pd.DataFrame) -> Bytes | None:
    """Return the kept vectors of some segments, shape (n, size), a row group at a time."""
    if not run.has("embeddings"):
        return None
    encoder = encoder_called(run.manifest.get("encoder", {}).get("name"))
    run.check_vectors(encoder.name, encoder.checksum)
    place = {pair: at for at, pair in enumerate(zip(segments["row"], segments["segment"], strict=True))}
    found = np.zeros((len(segments), encoder.size), dtype=np.int8)
    stored = pq.ParquetFile(run.file("embeddings"))
    for number in range(stored.num_row_groups):
        group = stored.read_row_group(number)
        pairs = zip(group.column("row").to_pylist(), group.column("segment").to_pylist(), strict=True)
        own = [(at, place[pair]) for at, pair in enumerate(pairs) if pair in place]
        if own:
            kept = group.column("vector").take([at for at, _ in own]).to_pylist()
            found[[to for _, to in own]] = from_bytes(kept)
    return found
