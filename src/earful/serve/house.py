"""The runs that are served: each opened once, with a name for addresses; what was worked out is kept."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from earful.errors import EarfulError, RunError
from earful.pages.making import part_of
from earful.pages.words import spoken
from earful.report.tables import Tables
from earful.runs.run import MANIFEST, Run, open_run
from earful.runs.store import Row
from earful.schema import SIGNALS
from earful.serve.search import Search, further_columns

__all__ = ["House", "Served", "Told"]

_Found = TypeVar("_Found")

#: Is told of a run, how many of its reviews are in its search file, and how many there are.
Told = Callable[[str, int, int], None]

#: Connections to the tables of a run that are open at once, and answers that are kept of it.
_CONNECTIONS, _KEPT = 2, 200
#: Languages whose dictionary forms a search looks up: those of more than a stray row.
_LANGUAGES = 8


class Served:
    """One run as it is served.

    Parameters
    ----------
    name
        What it goes by in addresses.
    run
        The run.
    told
        Is told while its search file is made.
    """

    def __init__(self, name: str, run: Run, told: Told) -> None:
        self.name, self.run = name, run
        self.stamp = stamp(run.path)
        self.search = Search(run, lambda done, total: told(name, done, total))
        self._free: list[Tables] = []
        self._room = threading.Semaphore(_CONNECTIONS)
        self._borrowed = threading.local()
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._locks: dict[Any, threading.Lock] = {}
        self._lock = threading.Lock()

    @contextmanager
    def tables(self) -> Iterator[Tables]:
        """Borrow a connection to the run's tables; who comes when all are lent waits.

        Who has one goes on with it: were each of two to hold one and wait for another, both would for ever.
        """
        held: Tables | None = getattr(self._borrowed, "tables", None)
        if held is not None:
            yield held
            return
        with self._room:
            try:
                tables = self._free.pop()
            except IndexError:
                tables = Tables(self.run.path)
            self._borrowed.tables = tables
            try:
                yield tables
            finally:
                self._borrowed.tables = None
                self._free.append(tables)

    def kept(self, key: Any, make: Callable[[], _Found]) -> _Found:
        """Give what was worked out before under a key, or work it out: a run does not change.

        Those who ask for the same at the same time wait for one of them.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                known: _Found = self._kept[key]
                return known
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            with self._lock:
                if key in self._kept:
                    made: _Found = self._kept[key]
                    return made
            try:
                found = make()
            finally:
                with self._lock:
                    self._locks.pop(key, None)
            with self._lock:
                # What is not there is asked for under any name, and would push out what is.
                if found is not None:
                    self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found

    def told(self, key: Any, make: Callable[[], _Found]) -> _Found:
        """Give what a page says, as :meth:`kept`, in the language that is spoken."""
        return self.kept((spoken(), key), make)

    def close(self) -> None:
        """Let go of the tables."""
        while self._free:
            self._free.pop().close()

    @property
    def manifest(self) -> dict[str, Any]:
        """How the run was made."""
        return self.run.manifest

    @cached_property
    def overall(self) -> Row | None:
        """The loyalty row of everything."""
        with self.tables() as tables:
            return tables.overall()

    @property
    def labels(self) -> dict[str, str]:
        """Names of the run's themes, in the language that is spoken."""

        def ask() -> dict[str, str]:
            with self.tables() as tables:
                return tables.labels()

        return self.told("labels", ask)

    @cached_property
    def total(self) -> int:
        """How many reviews there are."""
        return int(self.search.value("SELECT count(*) FROM reviews"))

    @cached_property
    def derived(self) -> bool:
        """Whether touchpoints are those that the words speak of, as no review has one of its own."""
        return self.search.value("SELECT 1 FROM reviews WHERE touchpoint IS NOT NULL LIMIT 1") is None

    @cached_property
    def langs(self) -> list[str]:
        """The languages of the reviews, the most frequent first; stray ones left out."""
        rows = self.search.ask(
            "SELECT lang, count(*) AS n FROM reviews WHERE worded GROUP BY lang ORDER BY n DESC, lang"
        )
        total = sum(row["n"] for row in rows)
        known = [row["lang"] for row in rows if row["lang"] != "und" and row["n"] >= max(2, total / 200)]
        return known[:_LANGUAGES]

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """What the filters of the run can be set to, column by column, the most frequent first."""
        columns = ("product", "touchpoint", "channel", "source", "lang")
        return {name: self._values(name) for name in columns}

    @cached_property
    def known(self) -> frozenset[str]:
        """What the reviews of the run have at all: the scores, ``words``, ``dates``."""
        told = self.search.ask(
            f"SELECT {', '.join(f'max({name} IS NOT NULL) AS {name}' for name in SIGNALS)}, "
            "max(worded) AS words, max(created_us IS NOT NULL) AS dates FROM reviews"
        )[0]
        return frozenset(name for name, there in told.items() if there)

    @cached_property
    def shown(self) -> frozenset[str]:
        """The pages that the run has something to show on."""
        if self.overall is None:
            return frozenset()
        with self.tables() as tables:
            groups = {f"{by}s": tables.n_groups(by) > 0 for by in ("product", "touchpoint")}
            spoken = tables.count("themes", "grouping = 'overall' AND n_mentions > 0") > 0
        found = {"time", "reviews", "compare", *(name for name, some in groups.items() if some)}
        return frozenset(found | ({"themes", "workshop"} if spoken else set()))

    @cached_property
    def columns(self) -> dict[str, str]:
        """What the run is cut by besides product and touchpoint: name -> column of the search file."""
        return further_columns(self.run)

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """The groups of each further column, the most frequent first."""
        return {name: self._values(column) for name, column in self.columns.items()}

    def _values(self, column: str) -> list[str]:
        rows = self.search.ask(
            f"SELECT {column} AS value, count(*) AS n FROM reviews WHERE {column} IS NOT NULL "
            f"GROUP BY {column} ORDER BY n DESC, {column} LIMIT 500"
        )
        return [row["value"] for row in rows]

    @property
    def period(self) -> str:
        """How long the run's periods are: week, month, quarter or year."""
        return str(part_of(self.manifest, "config", "loyalty").get("period") or "month")


class House:
    """The runs that are served, by the name that each has in addresses.

    Parameters
    ----------
    paths
        Their folders.
    home
        Where runs made in the browser are written; those that are finished there are served too.
    told
        Is told while search files are made.

    Raises
    ------
    RunError
        One of the folders is not a finished run.
    """

    def __init__(
        self, paths: Sequence[Path], home: Path | None = None, told: Told = lambda name, done, total: None
    ) -> None:
        self.home = home
        self._told = told
        self._places: dict[str, Path] = {}
        self._open: dict[str, Served] = {}
        self._lock = threading.RLock()
        for path in paths:
            self.add(path)
        for manifest in sorted(home.glob(f"*/{MANIFEST}")) if home else ():
            try:
                self.add(manifest.parent)
            except EarfulError:
                continue  # what was left there broken by a run of another version is not ours to serve

    def add(self, path: Path) -> Served:
        """Serve a run, and give it; one that is served already keeps its name."""
        run = open_run(path)
        with self._lock:
            known = {place.resolve(): name for name, place in self._places.items()}
            name = known.get(run.path.resolve()) or self._free_name(run.path)
            served = Served(name, run, self._told)
            self._places[name] = run.path
            self._open[name] = served
        return served

    def names(self) -> list[str]:
        """Name the runs in the order in which they were given."""
        return list(self._places)

    def get(self, name: str) -> Served:
        """Give a run by its name, opened again where it was replaced.

        Raises
        ------
        RunError
            There is none of that name, or it is finished no longer.
        """
        with self._lock:
            if name not in self._places:
                raise RunError(
                    f"is no run that is served: {name[:80]!r}", allowed=", ".join(self._places) or "none yet"
                )
            served = self._open[name]
            if stamp(self._places[name]) == served.stamp:
                return served
            try:
                fresh = self.add(self._places[name])
            except RunError:
                if not (self._places[name] / MANIFEST).is_file():
                    raise
                return served  # it is being changed: until that is done it is shown as it was
            served.close()
            return fresh

    def _free_name(self, path: Path) -> str:
        base = re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().name).strip("-.") or "run"
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(self._places) + 2))
        return next(name for name in names if name not in self._places)


def stamp(path: Path) -> str:
    """Name a state of a run folder: it changes where the run is made again."""
    try:
        told = (path / MANIFEST).stat()
    except OSError:
        return ""
    return hashlib.sha256(f"{told.st_mtime_ns} {told.st_size} {path}".encode()).hexdigest()[:20]
