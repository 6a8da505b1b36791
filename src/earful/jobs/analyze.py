"""The main job: files in, a run folder out."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful import __version__
from earful.config import Config, load_config, merged
from earful.errors import RunError
from earful.runs.run import FILES, PARTS, Run

if TYPE_CHECKING:
    from earful.jobs.assembly import Assembly
    from earful.readers import Feed
    from earful.runs.parts import Parts

__all__ = ["Watcher", "analyze", "resolve"]

BATCH_SIZE = 512


class Watcher:
    """What a job tells whoever watches it; as it stands, one that does not listen."""

    def surveyed(self, feed: Feed) -> None:
        """Hear that the input was looked through: what it holds and how its columns are mapped."""

    def reading_with(self, model: str) -> None:
        """Hear which sentiment model is loaded."""

    def progressed(self, done: int, total: int) -> None:
        """Hear how many rows are done, of how many."""

    def doing(self, what: str) -> None:
        """Hear that a step has begun that is not counted in rows."""


def resolve(
    config: Config | str | Path | Mapping[str, Any] | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    by: Sequence[str] | None = None,
    model: str | None = None,
    themes: str | Path | None = None,
    redact: bool | None = None,
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
    workers: int = 1,
    batch_size: int = BATCH_SIZE,
    limit: int | None = None,
    resume: bool = False,
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
        The run folder. A finished run that stands there is replaced. By default a temporary folder that
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
    workers
        Processes to work with. The answer is the same for any number.
    batch_size
        Rows in a batch. The answer is the same for any size.
    limit
        Read this many input rows at most.
    resume
        Go on with an interrupted run in ``output``.
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
        The output is not a run folder, or cannot be resumed.

    Examples
    --------
    >>> import earful, pandas as pd
    >>> run = earful.analyze(pd.DataFrame({"review": ["Great", "Broke on day one"], "stars": [5, 1]}))
    >>> run.reviews["sentiment"].tolist()
    ['positive', 'negative']
    """
    from earful.engines.local import run_parts
    from earful.jobs.assembly import Assembly, stages_of
    from earful.jobs.finish import finish
    from earful.jobs.redaction import KEY, entering, redactor_of
    from earful.loyalty.anchor import check_anchor
    from earful.loyalty.scales import check_ces
    from earful.readers import open_inputs
    from earful.runs.parts import Parts

    started = datetime.now(UTC)
    watcher = watcher or Watcher()
    settings = resolve(config, columns, by, model, themes, redact)
    folder = Path(tempfile.mkdtemp(prefix="earful-")) if output is None else Path(output)
    _check_output(folder)
    many = inputs if isinstance(inputs, list | tuple) else [inputs]
    watcher.doing("Reading through the input")
    feed = open_inputs(many, settings.input, settings.scales, settings.loyalty.cuts)
    redactor = redactor_of(feed, settings.input)
    watcher.surveyed(feed)
    check_ces(settings.scales, any("ces" in survey.mapping for survey in feed.surveys))
    check_anchor(settings.loyalty.anchor, {name for survey in feed.surveys for name in survey.mapping})
    watcher.doing("Loading the model")
    assembly = Assembly(settings)
    watcher.reading_with(assembly.model.name)
    parts = Parts(folder, assembly.fields)
    if resume and parts.unfinished and redactor is not None and not redactor.kept:
        raise RunError(
            f"cannot be resumed: {KEY} was not set, and the key its authors were hashed with is kept nowhere",
            where=str(folder),
            fix=f"set {KEY}, and begin anew without --resume",
        )
    _begin(parts, _plan(feed, assembly, batch_size, limit), resume)

    total = feed.n_rows if limit is None else min(limit, feed.n_rows)
    rows_done = 0

    def count(receipt: Any) -> None:
        nonlocal rows_done
        rows_done += receipt.rows
        watcher.progressed(rows_done, total)

    batches = (
        (part, table, [reject.to_json() for reject in rejects])
        for part, (table, rejects) in enumerate(
            entering(feed, feed.batches(batch_size, limit=limit), redactor)
        )
    )
    watcher.progressed(0, total)
    run_parts(batches, parts, assembly.run_stages, partial(stages_of, settings), workers, count)
    finish(parts, feed, assembly, watcher, started=started, command=command)
    return Run(folder, temporary=output is None)


def _check_output(folder: Path) -> None:
    """Refuse to write among files that are not a run's."""
    if folder.is_file():
        raise RunError("is a file", where=str(folder), allowed="a folder", fix="choose another -o")
    ours = {*FILES, PARTS}
    strangers = (
        sorted(path.name for path in folder.iterdir() if path.name not in ours) if folder.is_dir() else []
    )
    compared = {path.name for path in _comparisons(folder)}
    strangers = [name for name in strangers if not name.endswith(".tmp") and name not in compared]
    if strangers:
        raise RunError(
            f"holds files that are not a run's ({', '.join(strangers[:3])})",
            where=str(folder),
            allowed="a new or empty folder, or an earlier run",
            fix="choose another -o",
        )


def _begin(parts: Parts, plan: dict[str, Any], resume: bool) -> None:
    if resume and parts.unfinished:
        parts.resume(plan)
        return
    for name in FILES:
        (parts.run / name).unlink(missing_ok=True)
    # What was compared of the run that is replaced goes, and nothing else that lies there.
    for compared in _comparisons(parts.run):
        for old in sorted(compared.glob("compare*")):
            old.unlink()
        with contextlib.suppress(OSError):
            compared.rmdir()
    parts.start(plan)


def _comparisons(run: Path) -> list[Path]:
    """Give the folders that ``earful compare`` wrote into a run."""
    found = [run / "compare", *sorted(run.glob("compare-*"))]
    return [folder for folder in found if folder.is_dir()]


def _plan(feed: Feed, assembly: Assembly, batch_size: int, limit: int | None) -> dict[str, Any]:
    return {
        "earful": __version__,
        "input": feed.fingerprint,
        "config": assembly.config.model_dump(mode="json"),
        "batch_size": batch_size,
        "limit": limit,
        **{role: part["checksum"] for role, part in assembly.identity().items()},
    }
