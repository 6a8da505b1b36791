"""The main job: files in, a run folder out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from earful.config import Config, load_config, merged
from earful.errors import RunError
from earful.jobs.watcher import Watcher
from earful.runs.run import Run

__all__ = ["analyze", "resolve"]

BATCH_SIZE = 512


def resolve(
    config: Config | str | Path | Mapping[str, Any] | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    by: Sequence[str] | None = None,
    model: str | None = None,
    themes: str | Path | None = None,
    redact: bool | None = None,
    device: str | None = None,
) -> Config:
    """Resolve what a caller passed into settings; arguments win over ``config``.

    Raises
    ------
    ConfigError
        A setting is unknown or out of range.
    """
    given = {
        ("input", "columns"): columns,
        ("loyalty", "by"): by,
        ("sentiment", "model"): model,
        ("themes", "taxonomy"): None if themes is None else str(themes),
        ("input", "redact"): redact,
        ("sentiment", "device"): device,
    }
    overrides: dict[str, Any] = {}
    for (section, key), value in given.items():
        if value is not None:
            overrides = merged(overrides, {section: {key: value}})
    if config is None or isinstance(config, str | Path):
        return load_config(config, overrides)
    resolved = isinstance(config, Config)
    settings = config.model_dump(exclude_unset=True) if isinstance(config, Config) else config
    # What was resolved before is not set against the environment again.
    return load_config(overrides=merged(settings, overrides), environ={} if resolved else None)


def analyze(
    inputs: Any,
    output: str | Path | None = None,
    *,
    config: Config | str | Path | Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    by: Sequence[str] | None = None,
    model: str | None = None,
    themes: str | Path | None = None,
    redact: bool | None = None,
    device: str | None = None,
    engine: str = "local",
    address: str | None = None,
    parts: str | None = None,
    workers: int = 1,
    gpus: float | None = None,
    batch_size: int = BATCH_SIZE,
    limit: int | None = None,
    resume: bool = False,
    append: bool = False,
    watcher: Watcher | None = None,
    command: str | None = None,
) -> Run:
    """Turn feedback into scored rows, themes and a loyalty index per product and touchpoint.

    Parameters
    ----------
    inputs
        A path of a file or of a folder of Parquet files, a glob pattern, an address (``s3://...``), ``-`` for
        standard input, a :class:`~earful.Query`, a DataFrame, or a list of these.
    output
        The run folder. A finished run that stands there is replaced, an unfinished one is not; what people
        corrected of it (``corrections.csv``) is put into the new one. By default a temporary folder that
        lives as long as the returned run.
    config
        Settings: a TOML file, nested dictionaries, or a :class:`~earful.config.Config`.
    columns
        Our column names to theirs, ``{"text": "body"}``; columns left out are recognised by name.
    by
        How to cut the index: ``product``, ``touchpoint`` or both (the default), and any other column of the
        input besides, by its header (``country``) or under another name (``country=Ship-to country``); of
        ours ``channel``, ``source`` and ``lang``.
    model
        ``auto``, ``fast``, ``accurate``, a folder, or a Hugging Face hub id.
    themes
        ``cx`` or a taxonomy file.
    redact
        Mask personal details, by characters of the same length, before anything is written.
    device
        Where the model runs: ``cpu``, or a GPU, ``cuda`` or ``cuda:N``, whose numbers differ a little.
    engine
        ``local``, or ``ray`` for a cluster whose machines share the folder of ``output``, or ``parts``. The
        answer is the same.
    address
        Of the ray cluster; by default the one that this machine is part of, else one of this machine alone.
    parts
        Where a cluster puts the parts it makes (``s3://...``), until the run is finished; by default into the
        folder of ``output``.
    workers
        Processes to work with. The answer is the same for any number.
    gpus
        Of each worker of a cluster: 1, or a fraction of one GPU; by default 1 where ``device`` is one.
    batch_size
        Rows in a batch. The answer is the same for any size.
    limit
        Read this many input rows at most.
    resume
        Go on with an interrupted run in ``output``.
    append
        Add the input's unseen reviews to the finished run in ``output``; a review that was edited (the id of
        one, other words) replaces it.
    watcher
        Is told of the progress.
    command
        The command line to record in the manifest.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    InputError
        An input cannot be read, or holds neither words nor scores.
    ConfigError, ModelError, TaxonomyError
        What the settings name cannot be used.
    RunError
        The output is not a run folder, is in use, holds an unfinished run, cannot be resumed or added to, or
        cannot be written.

    Examples
    --------
    >>> import earful, pandas as pd
    >>> run = earful.analyze(pd.DataFrame({"review": ["Great", "Broke on day one"], "stars": [5, 1]}))
    >>> run.reviews["sentiment"].tolist()
    ['positive', 'negative']
    """
    from earful.engines import Engine
    from earful.jobs.analysis import Analysis
    from earful.jobs.append import Addition
    from earful.jobs.output import check_begun, check_output, depot_at
    from earful.runs.files import told
    from earful.runs.lock import locked

    settings = resolve(config, columns, by, model, themes, redact, device)
    folder = Path(tempfile.mkdtemp(prefix="earful-")) if output is None else Path(output)
    way = Engine(engine, address, workers, gpus, settings.sentiment.device)
    way.check(parts)
    depot = None if parts is None else depot_at(parts)
    with told(folder):
        check_output(folder)
    if append and not folder.is_dir():
        raise RunError("does not exist", where=str(folder), fix="leave out --append to make it")
    many = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    with locked(folder):
        check_begun(folder, resume, depot)
        addition = Addition(folder, settings) if append else None
        if addition is not None:  # whose settings are the run's
            way = replace(way, device=addition.settings.sentiment.device)
            way.check(parts)
        job = Analysis(
            folder=folder,
            inputs=many,
            settings=settings,
            engine=way,
            addition=addition,
            depot=depot,
            batch_size=batch_size,
            limit=limit,
            command=command,
            watcher=watcher or Watcher(),
        )
        job.run(resume)
    return Run(folder, temporary=output is None)
