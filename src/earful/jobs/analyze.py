"""The main job: files in, a run folder out."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful import __version__
from earful.config import Config, load_config, merged
from earful.errors import RunError
from earful.runs.run import MANIFEST, REPORT, Run, unfinished

if TYPE_CHECKING:
    from earful.engines.worker import Work, Worker
    from earful.jobs.append import Addition
    from earful.jobs.assembly import Assembly
    from earful.jobs.redaction import Redactor
    from earful.jobs.slices import FeedSlices
    from earful.jobs.surveying import Surveying
    from earful.readers import Feed
    from earful.readers.head import Head
    from earful.runs.depot import Depot
    from earful.runs.parts import Parts, Receipt

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
    engine: str = "local",
    address: str | None = None,
    parts: str | None = None,
    workers: int = 1,
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
    from earful.engines import check_engine
    from earful.jobs.append import Addition
    from earful.jobs.output import check_begun, check_output, depot_at
    from earful.runs.files import told
    from earful.runs.lock import locked

    settings = resolve(config, columns, by, model, themes, redact)
    folder = Path(tempfile.mkdtemp(prefix="earful-")) if output is None else Path(output)
    check_engine(engine, parts)
    depot = None if parts is None else depot_at(parts)
    with told(folder):
        check_output(folder)
    if append and not folder.is_dir():
        raise RunError("does not exist", where=str(folder), fix="leave out --append to make it")
    many = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    with locked(folder):
        check_begun(folder, resume, depot)
        job = _Job(
            folder=folder,
            inputs=many,
            settings=settings,
            addition=Addition(folder, settings) if append else None,
            depot=depot,
            batch_size=batch_size,
            limit=limit,
            command=command,
            watcher=watcher or Watcher(),
        )
        job.run(engine, address, workers, resume)
    return Run(folder, temporary=output is None)


@dataclass
class _Job:
    """One run on its way from the input to the finished folder."""

    folder: Path
    inputs: list[Any]
    settings: Config
    addition: Addition | None
    depot: Depot | None
    batch_size: int
    limit: int | None
    command: str | None
    watcher: Watcher

    def run(self, engine: str, address: str | None, workers: int, resume: bool) -> None:
        from earful.engines import run_parts
        from earful.jobs.finish import finish
        from earful.jobs.redaction import redactor_of

        started, began = datetime.now(UTC), time.monotonic()
        if self.addition is not None:
            self.settings = self.addition.settings
        redactor = redactor_of(self.settings.input)
        with self._survey(resume) as surveying:
            if surveying.head is None:
                feed = self._settled(surveying, redactor)
                assembly, parts = self._load(engine, workers)
            else:
                assembly, parts = self._load(engine, workers)
                feed = self._ahead(surveying, surveying.head, assembly, parts, redactor)
        plan = self._plan(feed, assembly)
        if resume and self._is_done(plan):
            return
        if surveying.head is None:
            self._begin(plan, parts, assembly, resume, redactor)
        else:
            parts.lay(plan)
        if self.addition is not None:
            self.addition.lay(parts, feed, redactor, self.limit)
        worker = self._worker(parts, assembly)
        run_parts(
            self._work(feed, redactor),
            worker,
            self._counter(feed),
            engine,
            address=address,
            workers=workers,
            slices=self._slices(feed, redactor),
        )
        del worker  # and with it the models
        finish(
            parts,
            feed,
            assembly,
            self.watcher,
            started=started,
            began=began,
            command=self.command,
            plan=_digest(plan),
            addition=self.addition,
        )

    def _survey(self, resume: bool) -> Surveying:
        """Begin the survey; parts may be made meanwhile where no run stands there that this could cost."""
        from earful.jobs.surveying import Surveying
        from earful.models.cores import is_own_process
        from earful.readers.inputs import find_inputs

        self.watcher.doing("Reading through the input")
        settings = self.settings
        inputs = find_inputs(self.inputs, settings.input, settings.scales, settings.loyalty.cuts)
        afresh = self.addition is None and not resume and not (self.folder / MANIFEST).exists()
        return Surveying(inputs, beside=afresh and is_own_process())

    def _settled(self, surveying: Surveying, redactor: Redactor | None) -> Feed:
        """Wait for the survey, tell of it and refuse what cannot end well."""
        from earful.jobs.redaction import mask_surveys

        feed = surveying.feed()
        mask_surveys(feed, redactor)
        self.watcher.surveyed(feed)
        self._check(feed)
        return feed

    def _load(self, engine: str, workers: int) -> tuple[Assembly, Parts]:
        """Load the model; give what the run is made with, and where its parts go."""
        from earful.engines import share_cores
        from earful.jobs.assembly import Assembly
        from earful.runs.parts import Parts

        self.watcher.doing("Loading the model")
        share_cores(engine, workers)
        assembly = Assembly(self.settings)
        self.watcher.reading_with(assembly.model.name)
        return assembly, Parts(self.folder, assembly.fields, self.depot)

    def _worker(self, parts: Parts, assembly: Assembly) -> Worker:
        from earful.engines.worker import Worker
        from earful.jobs.assembly import stages_of

        return Worker(parts, partial(stages_of, self.settings), assembly.run_stages)

    def _ahead(
        self, surveying: Surveying, head: Head, assembly: Assembly, parts: Parts, redactor: Redactor | None
    ) -> Feed:
        """Make parts by what the first rows tell until all are surveyed; drop them where all tell otherwise.

        Until then there is no plan, so that a run that breaks off is begun anew.
        """
        from earful.jobs.output import clear
        from earful.jobs.redaction import entering

        clear(self.folder)
        parts.begin()
        worker = self._worker(parts, assembly)
        batches = entering(head, head.batches(self.batch_size, self.limit), redactor)
        try:
            for part, (table, rejects) in enumerate(batches):
                worker(part, table, [reject.to_json() for reject in rejects])
                if surveying.done():
                    break
            feed = self._settled(surveying, redactor)
        except BaseException:
            parts.drop()
            raise
        if not head.plan.reads_as(feed.plans[0]):
            self.watcher.doing("Later rows tell more of the columns than the first: beginning anew")
            parts.begin()
        return feed

    def _check(self, feed: Feed) -> None:
        """Refuse what cannot end well before anything is loaded."""
        from earful.loyalty.anchor import check_anchor
        from earful.loyalty.scales import check_ces

        surveys = [survey.mapping for survey in feed.surveys]
        if self.addition is not None:
            surveys += [one["mapping"] for one in self.addition.manifest["inputs"]]
        check_ces(self.settings.scales, any("ces" in mapping for mapping in surveys))
        check_anchor(self.settings.loyalty.anchor, {name for mapping in surveys for name in mapping})

    def _begin(
        self,
        plan: dict[str, Any],
        parts: Parts,
        assembly: Assembly,
        resume: bool,
        redactor: Redactor | None,
    ) -> None:
        """Go on with the parts there are, or begin anew."""
        from earful.jobs.output import clear
        from earful.jobs.redaction import KEY

        resumed = resume and unfinished(self.folder)
        if (resumed or self.addition is not None) and redactor is not None and not redactor.kept:
            what = "resumed" if resumed else "added to"
            raise RunError(
                f"cannot be {what}: {KEY} was not set, and the key of its authors' hashes is kept nowhere",
                where=str(self.folder),
                fix=f"set {KEY} and begin anew",
            )
        if self.addition is not None:
            self.addition.check(assembly)
        if resumed:
            for part in parts.resume(plan):
                self.watcher.doing(f"Part {part} was damaged and is made anew")
            return
        if self.addition is None:
            clear(self.folder)
        parts.start(plan)

    def _is_done(self, plan: dict[str, Any]) -> bool:
        """Say whether a run to be resumed was finished; what it may have lacked is made."""
        manifest = self.folder / MANIFEST
        if unfinished(self.folder) or not manifest.is_file():
            return False
        if json.loads(manifest.read_bytes()).get("plan") != _digest(plan):
            return False
        from earful.report import write_report
        from earful.runs.parts import Parts

        Parts(self.folder, depot=self.depot).drop()
        if not (self.folder / REPORT).is_file():
            write_report(self.folder)
        return True

    def _work(self, feed: Feed, redactor: Redactor | None) -> Iterator[Work]:
        from earful.jobs.redaction import entering

        batches = entering(feed, feed.batches(self.batch_size, limit=self.limit), redactor)
        if self.addition is not None:
            yield from self.addition.work(batches)
            return
        for part, (table, rejects) in enumerate(batches):
            yield part, table, [reject.to_json() for reject in rejects]

    def _slices(self, feed: Feed, redactor: Redactor | None) -> FeedSlices | None:
        """Give what reads the rows of a part by itself, where it can be read so and all of it is new."""
        from earful.jobs.slices import FeedSlices

        if self.addition is not None or not feed.divisible:
            return None
        return FeedSlices(feed, redactor, self.batch_size, self.limit)

    def _counter(self, feed: Feed) -> Any:
        """Give what counts the rows of receipts and tells of them."""
        total = feed.n_rows if self.limit is None else min(self.limit, feed.n_rows)
        total -= 0 if self.addition is None else self.addition.unchanged
        done = 0

        def count(receipt: Receipt) -> None:
            nonlocal done
            done += receipt.rows
            self.watcher.progressed(done, total)

        self.watcher.progressed(0, total)
        return count

    def _plan(self, feed: Feed, assembly: Assembly) -> dict[str, Any]:
        return {
            "earful": __version__,
            "input": feed.fingerprint,
            "config": self.settings.model_dump(mode="json"),
            "batch_size": self.batch_size,
            "limit": self.limit,
            "base": None if self.addition is None else self.addition.base,
            "append": self.addition is not None,
            **{role: part["checksum"] for role, part in assembly.identity().items()},
        }


def _digest(plan: Mapping[str, Any]) -> str:
    """Name what a run is made of, but not what it was added to: that is no longer there in the end."""
    said = {key: value for key, value in plan.items() if key != "base"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
