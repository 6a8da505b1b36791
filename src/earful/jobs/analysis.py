"""One run on its way from the input to the finished folder."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful import __version__
from earful.config import CPU, Config
from earful.errors import RunError
from earful.jobs.watcher import Watcher
from earful.runs.run import MANIFEST, REPORT, unfinished

if TYPE_CHECKING:
    from earful.engines import Engine
    from earful.engines.worker import Work, Worker
    from earful.jobs.append import Addition
    from earful.jobs.assembly import Assembly
    from earful.jobs.redaction import Redactor
    from earful.jobs.slices import FeedSlices
    from earful.jobs.surveying import Surveying
    from earful.readers import Feed
    from earful.runs.depot import Depot
    from earful.runs.parts import Parts, Receipt

    #: The rows, what the run is made with, where its parts go, and the plan that they are made by.
    _Begun = tuple[Feed, Assembly, Parts, dict[str, Any]]

__all__ = ["Analysis"]

#: The first part has fewer rows than the others: something is there soon, and workers begin early.
_FIRST = 64


@dataclass
class Analysis:
    """One run on its way from the input to the finished folder."""

    folder: Path
    inputs: list[Any]
    settings: Config
    engine: Engine
    addition: Addition | None
    depot: Depot | None
    batch_size: int
    limit: int | None
    command: str | None
    watcher: Watcher

    def run(self, resume: bool) -> None:
        """Make what is not there yet."""
        from earful.jobs.finish import finish
        from earful.jobs.redaction import redactor_of

        started, began = datetime.now(UTC), time.monotonic()
        if self.addition is not None:
            self.settings = self.addition.settings
        redactor = redactor_of(self.settings.input)
        with self._survey(resume) as surveying:
            begun = self._ahead(surveying, redactor) or self._begin(surveying, redactor, resume)
        if begun is None:
            return
        feed, assembly, parts, plan = begun
        if self.addition is not None:
            self.addition.lay(parts, feed, redactor, self.limit)
        worker = self._worker(parts, assembly)
        self.engine.run_parts(
            self._work(feed, redactor), worker, self._counter(feed), self._slices(feed, redactor)
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

    @property
    def _first(self) -> int:
        """Rows of the first part."""
        return min(_FIRST, self.batch_size)

    def _survey(self, resume: bool) -> Surveying:
        """Begin the survey; parts may be made meanwhile where no run stands there that this could cost."""
        from earful.jobs.surveying import Surveying
        from earful.models.cores import is_own_process
        from earful.readers.inputs import find_inputs

        self.watcher.doing("Reading through the input")
        settings = self.settings
        inputs = find_inputs(self.inputs, settings.input, settings.scales, settings.loyalty.cuts)
        afresh = self.addition is None and not resume and not (self.folder / MANIFEST).exists()
        # A store elsewhere is a run's by its plan alone, which there is none of yet.
        afresh = afresh and self.depot is None
        return Surveying(inputs, beside=afresh and is_own_process())

    def _settled(self, surveying: Surveying, redactor: Redactor | None) -> Feed:
        """Wait for the survey, tell of it and refuse what cannot end well."""
        from earful.jobs.redaction import mask_surveys

        feed = surveying.feed()
        mask_surveys(feed, redactor)
        self.watcher.surveyed(feed)
        self._check(feed)
        return feed

    def _load(self) -> tuple[Assembly, Parts]:
        """Load the model; give what the run is made with, and where its parts go."""
        from earful.jobs.assembly import Assembly
        from earful.runs.parts import Parts

        self.watcher.doing("Loading the model")
        # A machine that has a cluster work needs no GPU.
        assembly = Assembly(self.settings, device=CPU if self.engine.is_cluster else None)
        self.watcher.reading_with(assembly.model.name)
        return assembly, Parts(self.folder, assembly.fields, self.depot)

    def _worker(self, parts: Parts, assembly: Assembly) -> Worker:
        from earful.engines.worker import Worker
        from earful.jobs.assembly import stages_of

        there = None if self.engine.is_cluster else assembly.run_stages
        return Worker(parts, partial(stages_of, self.settings), there)

    def _ahead(self, surveying: Surveying, redactor: Redactor | None) -> _Begun | None:
        """Make parts by what the first rows tell until all are surveyed; drop them where all tell otherwise.

        Until then there is no plan, so that a run that breaks off is begun anew. ``None`` where there is
        nothing to go by.
        """
        from earful.jobs.output import clear
        from earful.jobs.slices import rows_of

        head = surveying.head
        if head is None:
            return None
        assembly, parts = self._load()
        clear(self.folder)
        parts.begin()
        worker = self._worker(parts, assembly)

        def work() -> Iterator[Work]:
            batches = head.batches(self.batch_size, self.limit, self._first)
            for part, rows in enumerate(rows_of(head, batches, redactor)):
                yield part, *rows
                if surveying.done():
                    return

        try:
            self.engine.run_parts(work(), worker, lambda _: None)
            feed = self._settled(surveying, redactor)
        except BaseException:
            parts.drop()
            raise
        if not head.plan.reads_as(feed.plans[0]):
            self.watcher.doing("Later rows tell more of the columns than the first: beginning anew")
            parts.begin()
        plan = self._plan(feed, assembly)
        parts.lay(plan)
        return feed, assembly, parts, plan

    def _check(self, feed: Feed) -> None:
        """Refuse what cannot end well before anything is loaded."""
        from earful.loyalty.anchor import check_anchor
        from earful.loyalty.scales import check_ces

        surveys = [survey.mapping for survey in feed.surveys]
        if self.addition is not None:
            surveys += [one["mapping"] for one in self.addition.manifest["inputs"]]
        check_ces(self.settings.scales, any("ces" in mapping for mapping in surveys))
        check_anchor(self.settings.loyalty.anchor, {name for mapping in surveys for name in mapping})

    def _begin(self, surveying: Surveying, redactor: Redactor | None, resume: bool) -> _Begun | None:
        """Wait for the survey, then go on with the parts there are, or begin anew; ``None``: all is done."""
        from earful.jobs.output import clear

        feed = self._settled(surveying, redactor)
        assembly, parts = self._load()
        plan = self._plan(feed, assembly)
        if resume and self._is_done(plan):
            return None
        resumed = resume and unfinished(self.folder)
        self._check_key(redactor, resumed)
        if self.addition is not None:
            self.addition.check(assembly)
        if resumed:
            for part in parts.resume(plan):
                self.watcher.doing(f"Part {part} was damaged and is made anew")
        else:
            if self.addition is None:
                clear(self.folder)
            parts.start(plan)
        return feed, assembly, parts, plan

    def _check_key(self, redactor: Redactor | None, resumed: bool) -> None:
        """Refuse to add authors hashed by another key than those that are there."""
        from earful.jobs.redaction import KEY

        if (resumed or self.addition is not None) and redactor is not None and not redactor.kept:
            what = "resumed" if resumed else "added to"
            raise RunError(
                f"cannot be {what}: {KEY} was not set, and the key of its authors' hashes is kept nowhere",
                where=str(self.folder),
                fix=f"set {KEY} and begin anew",
            )

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
        from earful.jobs.slices import rows_of

        batches = feed.batches(self.batch_size, limit=self.limit, first=self._first)
        if self.addition is not None:
            yield from self.addition.work(entering(feed, batches, redactor))
            return
        for part, rows in enumerate(rows_of(feed, batches, redactor)):
            yield part, *rows

    def _slices(self, feed: Feed, redactor: Redactor | None) -> FeedSlices | None:
        """Give what reads the rows of a part by itself, where it can be read so and all of it is new."""
        from earful.jobs.slices import FeedSlices

        if self.addition is not None or not feed.divisible:
            return None
        return FeedSlices(feed, redactor, self.batch_size, self.limit, self._first)

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
            "first_batch": self._first,
            "limit": self.limit,
            "base": None if self.addition is None else self.addition.base,
            "append": self.addition is not None,
            **{role: part["checksum"] for role, part in assembly.identity().items()},
        }


def _digest(plan: Mapping[str, Any]) -> str:
    """Name what a run is made of, but not what it was added to: that is no longer there in the end."""
    said = {key: value for key, value in plan.items() if key != "base"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
