"""Sentiment alone: texts in, one scored row each out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.config import CPU, Config, InputConfig, SentimentConfig
from earful.engines.worker import process
from earful.jobs.rowwise import Texts, file_schema, read_file, read_texts
from earful.models.devices import check_device
from earful.schema import REVIEWS

if TYPE_CHECKING:
    import pandas as pd

    from earful.jobs.watcher import Watcher

__all__ = ["score", "score_file"]

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
FILE_SCORES = file_schema(_SCORED)


def score(texts: Texts, *, model: str = "auto", device: str = CPU) -> pd.DataFrame:
    """Score the sentiment of texts.

    Parameters
    ----------
    texts
        Any number of texts; ``None`` and texts without words get empty scores. Of a DataFrame the text is
        found as that of a file is, its title read with it.
    model
        ``auto``, ``fast``, ``accurate``, a folder, or a Hugging Face hub id.
    device
        Where it runs: ``cpu``, or a GPU, ``cuda`` or ``cuda:N``, whose numbers differ a little.

    Returns
    -------
    DataFrame
        One row per text, in the same order and under the index of a Series or DataFrame: ``row``, ``lang``,
        ``lang_confidence``, ``p_negative``, ``p_neutral``, ``p_positive`` (sum 1), ``sentiment``, ``score``
        in [-1, 1], ``non_answer``, ``truncated``.

    Raises
    ------
    TypeError
        ``texts`` is one string or a mapping, or holds something other than strings.
    InputError
        ``texts`` is a DataFrame in which no column is plainly the text.
    ModelError
        The model cannot be used.

    Examples
    --------
    >>> import earful
    >>> earful.score(["Отличный сервис!", "Terrible, never again."])["sentiment"].tolist()
    ['positive', 'negative']
    """
    return read_texts(texts, SCORES, partial(_reader, SentimentConfig(model=model, device=device)))


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
    ConfigError
        The device is not there.
    """
    from earful.jobs.analyze import resolve

    settings = resolve(config)
    check_device(settings.sentiment.device)
    return read_file(
        source,
        output,
        FILE_SCORES,
        lambda: _reader(settings.sentiment, settings.input.question),
        settings,
        watcher,
    )


def _reader(sentiment: SentimentConfig, question: str | None = None) -> Callable[[pa.Table], pa.Table]:
    from earful.jobs.assembly import Assembly

    wanted = [f"reviews.{field.name}" for field in _SCORED]
    config = Config(sentiment=sentiment, input=InputConfig(question=question))
    stages = Assembly(config).stages(wanted)
    return lambda table: process(table, stages).reviews
