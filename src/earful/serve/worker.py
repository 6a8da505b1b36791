"""One job in a process of its own: what to do comes on standard input, how far it is goes to standard output.

A process can be stopped whatever it is at, and gives back its memory.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earful.errors import EarfulError
from earful.jobs.analyze import analyze
from earful.jobs.watcher import Watcher

if TYPE_CHECKING:
    from earful.readers import Feed

__all__ = ["main"]


#: Rows in a batch: few, so that somebody who watches sees that it moves.
_BATCH = 128


class _Teller(Watcher):
    """Writes what a job tells as JSON, one line each."""

    def surveyed(self, feed: Feed) -> None:
        """Tell how many rows there are."""
        _tell(total=feed.n_rows)

    def progressed(self, done: int, total: int) -> None:
        """Tell how many rows are done."""
        _tell(done=done, total=total, doing="Reading the feedback")

    def doing(self, what: str) -> None:
        """Tell of a step."""
        _tell(doing=what)


def _tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _analyze(spec: dict[str, Any]) -> None:
    analyze(
        [spec["source"]],
        spec["output"],
        config=spec["settings"],
        resume=spec["resume"],
        batch_size=_BATCH,
        watcher=_Teller(),
        command="earful serve",
    )


def _apply(spec: dict[str, Any]) -> None:
    from earful.jobs.apply import rematched, write_run
    from earful.themes.taxonomy import load_taxonomy

    themes = Path(spec["themes"])
    _tell(doing="Finding the themes")
    mentions, aspects = rematched(spec["source"], load_taxonomy(themes))
    _tell(doing="Working out the numbers")
    write_run(spec["source"], themes, mentions, aspects, Path(spec["output"]))


def _correct(spec: dict[str, Any]) -> None:
    from earful.jobs.correct import correct

    _tell(doing="Working out the numbers")
    correct(spec["source"], [spec["correction"]], by=spec["by"])


def main() -> int:
    """Do the job; 0 done, 1 an error that is told, 130 stopped."""
    os.nice(5)  # the pages come first
    spec = json.loads(sys.stdin.read())
    try:
        {"analyze": _analyze, "apply": _apply, "correct": _correct}[spec["kind"]](spec)
    except EarfulError as error:
        _tell(error=str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
