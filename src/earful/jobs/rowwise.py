"""Row-wise output: one row out for each row in, in the same order, as Parquet, CSV or JSON Lines."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from earful.errors import InputError
from earful.schema import INPUT, REVIEWS, conform, described

if TYPE_CHECKING:
    import pandas as pd

    from earful.config import Config
    from earful.jobs.watcher import Watcher
    from earful.readers import Reject

__all__ = ["Texts", "file_schema", "read_file", "read_texts"]

_BATCH = 512

#: What ``score`` and ``tag`` read: strings in a row, or a DataFrame.
Texts: TypeAlias = "Sequence[str | None] | pd.DataFrame"

#: Turns accepted input rows into output rows; the columns of the schema that it lacks become null.
Reader = Callable[[pa.Table], pa.Table]


def file_schema(fields: Sequence[pa.Field]) -> pa.Schema:
    """Give the columns of a file: ``fields`` (``row`` first), where a row came from, why it was refused."""
    origin = (REVIEWS.field(name) for name in ("source", "review_id", "text"))
    refused = described("rejected", pa.string(), "why the row was refused; null where it was read")
    return pa.schema([fields[0], *origin, *fields[1:], refused])


def read_texts(texts: Texts, schema: pa.Schema, make_reader: Callable[[], Reader]) -> pd.DataFrame:
    """Read texts as the rows of a file are read: one output row for each, in the same order.

    Of a DataFrame the text is found as that of a file is; what could be read otherwise is a warning.

    Raises
    ------
    TypeError
        ``texts`` is one string or a mapping, or holds something other than strings; raised before a model is
        loaded, as the next one is.
    InputError
        ``texts`` is a DataFrame, and none of its columns can be told to be the text.
    """
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, got one string; put it in a list")
    if isinstance(texts, Mapping):
        kind = type(texts).__name__
        raise TypeError(f"texts must be a sequence of strings, got a {kind}; give the column of its texts")
    given = _of_frame(texts) if hasattr(texts, "columns") else _of_texts(texts)
    read = make_reader()
    parts = [conform(read(given.slice(at, _BATCH)), schema) for at in range(0, given.num_rows, _BATCH)]
    frame: pd.DataFrame = pa.concat_tables([schema.empty_table(), *parts]).to_pandas()
    # The rows join the frame whose column the texts are.
    index = getattr(texts, "index", None)
    return frame if index is None or callable(index) else frame.set_axis(index)


def read_file(
    source: str | Path,
    output: str | Path,
    schema: pa.Schema,
    make_reader: Callable[[], Reader],
    config: Config,
    watcher: Watcher | None,
    finally_: Callable[[pa.Table], pa.Table] | None = None,
) -> Path:
    """Read a file's rows and write one output row for each, refused ones with their reason.

    Parameters
    ----------
    source
        A file, a glob pattern, or ``-`` for standard input.
    output
        A ``.parquet``, ``.csv`` or ``.jsonl`` file; written whole or not at all.
    schema
        What :func:`file_schema` gave.
    make_reader
        Loads what reads the rows, after input and output were found good.
    config, watcher
        As :func:`earful.analyze` takes them.
    finally_
        Changes each finished table before it is written.

    Raises
    ------
    InputError
        The input cannot be read, or the output's ending is none of the three.
    """
    from earful.jobs.redaction import entering, mask_surveys, redactor_of
    from earful.readers import open_inputs
    from earful.runs.files import whole

    target = Path(output)
    writer = _WRITERS.get(target.suffix.lower())
    if writer is None:
        what = f"cannot write {target.suffix or 'a file with no ending'!r}"
        raise InputError(what, where=str(target), allowed=", ".join(_WRITERS))
    feed = open_inputs([source], config.input, config.scales)
    redactor = redactor_of(config.input)
    mask_surveys(feed, redactor)
    if watcher:
        watcher.surveyed(feed)
    read, last, done = make_reader(), finally_ or (lambda table: table), 0
    with whole(target) as path, writer(path, last(schema.empty_table()).schema) as write:
        for accepted, rejects in entering(feed, feed.batches(_BATCH), redactor):
            both = pa.concat_tables([conform(read(accepted), schema), _refused(rejects, schema)])
            write(last(both.sort_by("row")))
            done += both.num_rows
            if watcher:
                watcher.progressed(done, feed.n_rows)
    return target


def _of_texts(texts: Iterable[str | None]) -> pa.Table:
    values = pa.array([_text(text, place) for place, text in enumerate(texts)], pa.string())
    return conform(pa.table({"row": pa.array(range(len(values)), pa.int64()), "text": values}), INPUT)


def _of_frame(frame: Any) -> pa.Table:
    """Give the rows of a frame, with an empty text where there is none."""
    from pandas.api.types import is_numeric_dtype

    from earful.config import InputConfig
    from earful.readers import open_inputs
    from earful.readers.reader import unique_names

    if not len(frame):
        return INPUT.empty_table()
    worded = [
        name
        for at, name in enumerate(unique_names(frame.columns))
        if not is_numeric_dtype(frame.dtypes.iloc[at])
        and any(isinstance(cell, str) for cell in frame.iloc[:, at].tolist())
    ]
    # The one column of words is the text, whatever it is called.
    config = InputConfig(columns={"text": worded[0]}) if len(worded) == 1 else InputConfig()
    with open_inputs([frame], config) as feed:
        (survey,) = feed.surveys
        if "text" not in survey.mapping:
            raise InputError(
                "has no column that is plainly the text",
                where="DataFrame",
                allowed=", ".join(worded) or "a column of strings",
                fix="give the column: frame[name]",
            )
        for doubt in survey.doubts:
            if doubt.ours == "text":
                warnings.warn(f"DataFrame: {doubt.what}; give the column: frame[name]", stacklevel=4)
        tables = [table for table, _ in feed.batches(_BATCH)]
        found = pa.concat_tables([INPUT.empty_table(), *tables])
        lacking = sorted(set(range(feed.n_rows)) - set(found.column("row").to_pylist()))
        texts = pa.array([""] * len(lacking), pa.string())
        blank = conform(pa.table({"row": pa.array(lacking, pa.int64()), "text": texts}), INPUT)
    return pa.concat_tables([found, blank]).sort_by("row")


def _text(text: Any, place: int) -> str:
    if text is None or text != text:  # NaN, as pandas has it
        return ""
    if not isinstance(text, str):
        raise TypeError(f"texts[{place}] must be a string, got {type(text).__name__}")
    return text


def _refused(rejects: Sequence[Reject], schema: pa.Schema) -> pa.Table:
    rows = {
        "row": pa.array([reject.row for reject in rejects], pa.int64()),
        "source": pa.array([reject.source for reject in rejects], pa.string()),
        "rejected": pa.array([reject.reason for reject in rejects], pa.string()),
    }
    return conform(pa.table(rows), schema)


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield writer.write_table


@contextmanager
def _csv(path: Path, schema: pa.Schema) -> Iterator[Any]:
    from pyarrow import csv

    from earful.runs.files import spreadsheet_safe

    flat = _flat(schema.empty_table()).schema
    with csv.CSVWriter(path, flat) as writer:
        yield lambda table: writer.write_table(spreadsheet_safe(_flat(table)).cast(flat))


@contextmanager
def _jsonl(path: Path, schema: pa.Schema) -> Iterator[Any]:
    with path.open("w", encoding="utf-8") as out:
        yield lambda table: out.writelines(
            json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()
        )


_WRITERS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}


def _flat(table: pa.Table) -> pa.Table:
    """Write lists as text, for CSV: ids parted by spaces, words by a bar."""
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            between = " | " if field.name in {"terms", "urgency"} else " "
            texts = [
                None if row is None else between.join(str(value) for value in row)
                for row in table.column(at).to_pylist()
            ]
            table = table.set_column(at, field.name, pa.array(texts, pa.string()))
    return table
