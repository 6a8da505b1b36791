"""Texts of callers read by the models: one at a time, so that memory and the models' threads stay bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from earful.errors import EarfulError, TaxonomyError
from earful.serve.search import Row

if TYPE_CHECKING:
    import pyarrow as pa

    from earful.jobs.assembly import Assembly
    from earful.pipeline import Batch, Stage

__all__ = ["Busy", "Read", "Reader"]

_Answer = TypeVar("_Answer")

#: Callers that may wait for the models at once; more are asked to come back.
_WAITING = 16
#: Taxonomies that are kept ready.
_TAGGERS = 6


class Busy(EarfulError):  # noqa: N818 - it reads as what it says
    """Too many callers wait already."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some texts: rows of the tables of their names."""

    reviews: list[Row]
    segments: list[Row]
    mentions: list[Row]
    aspects: list[Row]


class Reader:
    """The models, loaded when they are first needed.

    Parameters
    ----------
    model
        The sentiment model, as ``earful score --model`` takes it; by default as the settings say.
    """

    def __init__(self, model: str | None = None) -> None:
        self._model = model
        self._thread = ThreadPoolExecutor(1, "earful-reader")
        self._places = threading.BoundedSemaphore(_WAITING)
        self._assembly: Assembly | None = None
        self._taggers: dict[tuple[str, bool], Callable[[pa.Table, float], pa.Table]] = {}
        self._stages: dict[tuple[str, ...], list[Stage]] = {}

    def read(self, texts: Sequence[str], wanted: Sequence[str]) -> Read:
        """Read texts, as a run reads them.

        Parameters
        ----------
        texts
            The texts.
        wanted
            What is wanted of them, e.g. ``reviews.sentiment``, as :func:`earful.pipeline.plan` takes it.

        Raises
        ------
        Busy
            Too many callers wait already.
        """
        return self._one(lambda: self._read(list(texts), tuple(wanted)))

    def tag(self, texts: Sequence[str], themes: str, least: float, polarity: bool) -> list[dict[str, Any]]:
        """Find the themes of texts, as :func:`earful.tag` does.

        Raises
        ------
        Busy
            Too many callers wait already.
        TaxonomyError
            It is no built-in taxonomy: files of this machine are not for callers to name.
        """
        return self._one(lambda: [_told(row) for row in self._tagged(list(texts), themes, least, polarity)])

    def name(self) -> str:
        """Name the sentiment model and what its weights sum to."""
        model = self._one(lambda: self._own().model)
        return f"{model.name} {model.checksum[:12]}"

    def close(self) -> None:
        """Take no more texts."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _one(self, job: Callable[[], _Answer]) -> _Answer:
        if not self._places.acquire(blocking=False):
            raise Busy("is busy with other texts", fix="try again in a moment")
        try:
            return self._thread.submit(job).result()
        finally:
            self._places.release()

    def _own(self) -> Assembly:
        from earful.jobs.analyze import resolve
        from earful.jobs.assembly import Assembly

        if self._assembly is None:
            self._assembly = Assembly(resolve(model=self._model))
        return self._assembly

    def _tagged(self, texts: list[str], themes: str, least: float, polarity: bool) -> list[Row]:
        from earful.jobs.tag import tagger
        from earful.themes.taxonomy import load_taxonomy, pack_names

        known = ("cx", *pack_names())
        if strangers := [name for name in themes.split("+") if name not in known]:
            raise TaxonomyError(f"there is no taxonomy {strangers[0]!r}", allowed=", ".join(known))
        key = (themes, polarity)
        if key not in self._taggers:
            while len(self._taggers) >= _TAGGERS:
                self._taggers.pop(next(iter(self._taggers)))
            self._taggers[key] = tagger(load_taxonomy(themes), self._own().config if polarity else None)
        rows: list[Row] = self._taggers[key](_table(texts), least).to_pylist()
        return rows

    def _read(self, texts: list[str], wanted: tuple[str, ...]) -> Read:
        from earful.engines.worker import process

        if wanted not in self._stages:
            self._stages[wanted] = self._own().stages(wanted)
        batch = process(_table(texts), self._stages[wanted])
        return Read(
            _rows(batch, "reviews"), *(_rows(batch, name) for name in ("segments", "mentions", "aspects"))
        )


def _table(texts: list[str]) -> pa.Table:
    import pyarrow as pa

    from earful.schema import INPUT, conform

    rows = pa.array(range(len(texts)), pa.int64())
    return conform(pa.table({"row": rows, "text": pa.array(texts, pa.string())}), INPUT)


def _rows(batch: Batch, name: str) -> list[Row]:
    table: Any = getattr(batch, name)
    return [] if table is None else table.to_pylist()


def _told(row: Row) -> dict[str, Any]:
    """Write the tags of a text."""
    signs = row["polarity"] or [None] * len(row["themes"])
    parts = zip(row["themes"], row["confidence"], row["terms"], signs, strict=True)
    tags = [
        {"theme": theme, "confidence": sure, "term": term, "polarity": sign}
        for theme, sure, term, sign in parts
    ]
    return {"lang": row["lang"], "themes": tags, "intents": row["intents"], "urgency": row["urgency"]}
