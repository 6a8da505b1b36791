"""Sentiment alone: texts in, one scored row each out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.errors import InputError
from earful.schema import INPUT, REVIEWS, conform

if TYPE_CHECKING:
    import pandas as pd

    from earful.config import Config
    from earful.job import Watcher
    from earful.pipeline import Stage
    from earful.readers import Reject

__all__ = ["score", "score_file"]

_BATCH = 512

_SCORED = [
    REVIEWS.field(name)
    for name in (
        "row",
        "lang",
        "lang_confidence",
        "p_negative",
        "p_neutral",
        "p_positive",
        "sentiment",
        "score",
        "non_answer",
        "truncated",
    )
]

#: What ``score`` gives for texts.
SCORES = pa.schema(_SCORED)

#: What ``score_file`` writes: the same, with where the row came from and why it could not be scored.
FILE_SCORES = pa.schema(
    [
        _SCORED[0],
        *(REVIEWS.field(name) for name in ("source", "review_id", "text")),
        *_SCORED[1:],
        pa.field(
            "rejected", pa.string(), metadata={b"doc": b"why the row was refused; null where it was scored"}
        ),
    ]
)


def score(texts: Sequence[str | None], *, model: str = "auto") -> pd.DataFrame:
    """Score the sentiment of texts.

    Parameters
    ----------
    texts
        Any number of texts; ``None`` and texts without words get empty scores.
    model
        ``auto``, ``fast``, ``accurate``, a folder, or a Hugging Face hub id.

    Returns
    -------
    DataFrame
        One row per text, in the same order: ``row``, ``lang``, ``lang_confidence``, ``p_negative``,
        ``p_neutral``, ``p_positive`` (sum 1), ``sentiment``, ``score`` in [-1, 1], ``non_answer``,
        ``truncated``.

    Raises
    ------
    TypeError
        ``texts`` is one string, or holds something other than strings.
    ModelError
        The model cannot be used.

    Examples
    --------
    >>> import earful
    >>> earful.score(["Отличный сервис!", "The zip broke."])["sentiment"].tolist()
    ['positive', 'negative']
    """
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, got one string; put it in a list")
    values = [_text(text, place) for place, text in enumerate(texts)]
    stages = _stages(model)
    tables = []
    for start in range(0, len(values), _BATCH):
        part = values[start : start + _BATCH]
        rows = pa.array(range(start, start + len(part)), pa.int64())
        tables.append(_scored(pa.table({"row": rows, "text": pa.array(part, pa.string())}), stages))
    frame: pd.DataFrame = pa.concat_tables([SCORES.empty_table(), *tables]).to_pandas()
    return frame


def score_file(
    source: str | Path,
    output: str | Path,
    *,
    config: Config | Mapping[str, Any] | str | Path | None = None,
    watcher: Watcher | None = None,
) -> Path:
    """Score the sentiment of a file: one output row per input row, in the same order.

    Parameters
    ----------
    source
        A file, a glob pattern, or ``-`` for standard input.
    output
        A ``.parquet``, ``.csv`` or ``.jsonl`` file. A row that cannot be used has empty scores and the reason
        in ``rejected``.
    config
        Settings, as :func:`earful.analyze` takes them.
    watcher
        Is told of the progress.

    Raises
    ------
    InputError
        The input cannot be read, or the output's ending is none of the three.
    """
    from earful.job import resolve
    from earful.parts import whole
    from earful.readers import open_inputs

    settings = resolve(config)
    target = Path(output)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise InputError(
            f"cannot write {target.suffix or 'a file with no ending'!r}",
            where=str(target),
            allowed=", ".join(_WRITERS),
        )
    feed = open_inputs([source], settings.input, settings.scales)
    if watcher:
        watcher.surveyed(feed)
    stages = _stages(settings.sentiment.model)

    def tables() -> Iterator[pa.Table]:
        done = 0
        for accepted, rejects in feed.batches(_BATCH):
            both = pa.concat_tables([_scored(accepted, stages, FILE_SCORES), _refused(rejects)])
            yield both.sort_by("row")
            done += both.num_rows
            if watcher:
                watcher.progressed(done, feed.n_rows)

    with whole(target) as path:
        write(tables(), path)
    return target


def _text(text: Any, place: int) -> str:
    if text is None or text != text:  # NaN, as pandas has it
        return ""
    if not isinstance(text, str):
        raise TypeError(f"texts[{place}] must be a string, got {type(text).__name__}")
    return text


def _stages(model: str) -> Sequence[Stage]:
    from earful.assembly import Assembly
    from earful.config import Config, SentimentConfig

    return Assembly(Config(sentiment=SentimentConfig(model=model))).reading


def _scored(table: pa.Table, stages: Sequence[Stage], schema: pa.Schema = SCORES) -> pa.Table:
    from earful.engines.local import process

    return conform(process(conform(table, INPUT), stages).reviews, schema)


def _refused(rejects: Sequence[Reject]) -> pa.Table:
    rows = {
        "row": pa.array([reject.row for reject in rejects], pa.int64()),
        "source": pa.array([reject.source for reject in rejects], pa.string()),
        "rejected": pa.array([reject.reason for reject in rejects], pa.string()),
    }
    return conform(pa.table(rows), FILE_SCORES)


def _write_parquet(tables: Iterator[pa.Table], path: Path) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, FILE_SCORES, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)


def _write_csv(tables: Iterator[pa.Table], path: Path) -> None:
    from pyarrow import csv

    from earful.parts import spreadsheet_safe

    with csv.CSVWriter(path, FILE_SCORES) as writer:
        for table in tables:
            writer.write_table(spreadsheet_safe(table))


def _write_jsonl(tables: Iterator[pa.Table], path: Path) -> None:
    import json

    with path.open("w", encoding="utf-8") as out:
        for table in tables:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())


_WRITERS = {".parquet": _write_parquet, ".csv": _write_csv, ".jsonl": _write_jsonl}
