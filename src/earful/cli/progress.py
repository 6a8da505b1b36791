"""What a person at a terminal sees of a job; plain lines where there is no terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from earful.jobs.watcher import Watcher
from earful.pages import names

if TYPE_CHECKING:
    from types import TracebackType

    from earful.readers import Feed
    from earful.runs.run import Run

__all__ = ["Console"]

#: Seconds between two plain lines of progress.
_PACE = 10.0
#: Models that trade speed for accuracy; and from how many seconds, guessed after how many, that is said.
_SLOW = ("auto", "accurate")
_LONG, _SURE = 900.0, 20.0


class _Rate(ProgressColumn):
    """Rows per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "", style="progress.data.speed")


class Console(Watcher):
    """A :class:`~earful.jobs.watcher.Watcher` that writes to stderr, and the summary to stdout.

    Parameters
    ----------
    quiet
        Write nothing at all.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._err = RichConsole(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._out = RichConsole(quiet=quiet, highlight=False)
        self._bar: Progress | None = None
        self._task: Any = None
        self._began = self._last = 0.0
        self._slow_model: str | None = None

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def surveyed(self, feed: Feed) -> None:
        """Print how the columns of each source are mapped, so that it can be checked."""
        for line in feed.describe():
            self._err.print(line, markup=False)

    def doing(self, what: str) -> None:
        """Print that a step has begun."""
        self._close()
        self._err.print(f"{what} ...", markup=False)

    def reading_with(self, model: str) -> None:
        """Remember a model that may take long over many rows."""
        self._slow_model = model if model in _SLOW else None

    def progressed(self, done: int, total: int) -> None:
        """Move the bar, or print a plain line now and then."""
        now = time.monotonic()
        if not self._began:
            self._began = self._last = now
        self._warn(done, total, now - self._began)
        if self._err.is_terminal:
            self._move(done, total)
        elif now - self._last >= _PACE or (done == total and done):
            self._last = now
            rate = done / (now - self._began) if now > self._began else 0  # the first look tells of no rate
            left = f", {rate:,.0f} rows/s, {(total - done) / rate:,.0f} s left" if rate else ""
            self._err.print(f"{done:,} of {total:,} rows{left}")

    def _warn(self, done: int, total: int, seconds: float) -> None:
        """Say once that a long job could be a short one."""
        if self._slow_model is None or not done or seconds < _SURE:
            return
        left = (total - done) * seconds / done
        if left > _LONG:
            self._err.print(
                f"Note: about {left / 60:,.0f} minutes left with --model {self._slow_model}; "
                "--model fast takes a small part of that and reads a little less well."
            )
        self._slow_model = None

    def _move(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("Reading feedback"),
                BarColumn(),
                MofNCompleteColumn(),
                _Rate(),
                TimeRemainingColumn(compact=True),
                console=self._err,
            )
            self._task = self._bar.add_task("rows", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def summary(self, run: Run) -> None:
        """Print the index of the groups, where the report is and what was rejected."""
        self._close()
        self._out.print(_groups(run))
        for warning in run.manifest["warnings"]:
            self._out.print(f"Note: {warning}", markup=False, soft_wrap=True)
        rows = run.manifest["rows"]
        self._out.print(f"Report: {run.report}", markup=False, soft_wrap=True)
        tail = f", see {run.path / 'rejects.jsonl'}" if rows["rejected"] else ""
        split = f"{rows['accepted']:,} accepted + {rows['rejected']:,} rejected"
        self._out.print(f"{rows['read']:,} rows read = {split}{tail}", markup=False, soft_wrap=True)
        if added := run.manifest.get("appended"):
            counts = ("added", "replaced", "unchanged", "rejected")
            told = ", ".join(f"{added[-1][name]:,} {name}" for name in counts)
            self._out.print(f"Of {added[-1]['read']:,} rows of this input: {told}", markup=False)


#: Groups of a kind that the terminal shows; the rest stand in loyalty.csv.
_SHOWN = 8


def _groups(run: Run) -> Table:
    level = f"{100 * run.manifest['config']['loyalty']['level']:g} %"
    title = f"Estimated loyalty index{_anchor(run)}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("group", overflow="fold", max_width=32)
    for name in ("reviews", "index", level, "grade", "measured", "words"):
        table.add_column(name, justify="right", no_wrap=True)
    loyalty, least = run.loyalty, int(run.manifest["config"]["loyalty"]["min_reviews"])
    cuts = dict.fromkeys(loyalty["grouping"])
    further = [name for name in cuts if name not in ("overall", "product", "touchpoint") and name in loyalty]
    for grouping in ("overall", "product", "touchpoint", *(name for name in further if name != "period")):
        rows = loyalty[loyalty["grouping"] == grouping]
        rows = rows.drop_duplicates(grouping) if grouping != "overall" else rows.head(1)
        # The best and the worst of all are flukes of a few reviews: those with too few are left out.
        enough = rows[rows["n_reviews"] >= least] if grouping != "overall" else rows
        ranked = enough.sort_values("index", ascending=False, kind="stable", na_position="last")
        half = _SHOWN // 2
        ends = [*range(half), *range(len(ranked) - half, len(ranked))]
        shown = ranked if len(ranked) <= _SHOWN else ranked.iloc[ends]
        for place, group in enumerate(shown.to_dict("records")):
            name = "everything" if grouping == "overall" else group[grouping]
            if grouping in further:
                name = f"{grouping}: {names.short(name)}"
            if len(ranked) > _SHOWN and place == half:
                table.add_row(Text(f"{len(ranked) - _SHOWN:,} between, in loyalty.csv", style="dim"))
            table.add_row(
                # Text, not markup: a product may be called "[red]".
                Text(str(name)),
                f"{group['n_reviews']:,}",
                _points(group["index"]),
                f"{_points(group['index_low'])} to {_points(group['index_high'])}",
                str(group["grade"] or ""),
                f"{_points(group['measured'])} (n={group['n_rated']:,})" if group["n_rated"] else "",
                f"{group['mean_score']:+.2f}" if group["mean_score"] == group["mean_score"] else "",
            )
        if len(rows) > len(enough):
            few = f"{len(rows) - len(enough):,} more under {least} reviews"
            # Below others of its cut, what it is of is plain; a longer line would break.
            table.add_row(Text(few if len(enough) else f"{grouping}: {few}", style="dim"))
        table.add_section()
    return table


def _anchor(run: Run) -> str:
    """Say what the index is measured on."""
    overall = run.loyalty[run.loyalty["grouping"] == "overall"]
    if not len(overall):
        return ""
    definition = str(overall["scale"].iloc[0]).split("; ")[0]
    return f", measured on {definition}" if overall["anchor"].iloc[0] != "words" else f", {definition}"


def _points(value: float | None) -> str:
    # NaN is the only value unlike itself.
    return "" if value is None or value != value else f"{value:+.0f}"
