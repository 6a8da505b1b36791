"""Name -> class for the parts that can be swapped: the built-in ones plus those that other packages bring.

Another package adds a part by an entry point, for instance a reader::

    [project.entry-points."earful.readers"]
    avro = "their_package.avro:AvroReader"

A class is imported when it is asked for, never when names are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from earful.errors import EarfulError, nearest

__all__ = ["MODELS", "READERS", "STAGES", "Registry"]


class Registry:
    """The parts of one kind.

    Parameters
    ----------
    kind
        What the parts are, in the singular: ``reader``.
    group
        The entry point group that other packages use: ``earful.readers``.
    builtins
        Our own parts, name -> ``module:Class``. They win over an entry point of the same name.
    aliases
        Other names for them.
    """

    def __init__(
        self, kind: str, group: str, builtins: Mapping[str, str], aliases: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.group = group
        self._builtins = dict(builtins)
        self._aliases = dict(aliases or {})

    @property
    def builtins(self) -> tuple[str, ...]:
        """The names of our own parts, in the order that they were given in."""
        return tuple(self._builtins)

    def names(self) -> list[str]:
        """List the names that :meth:`get` knows, sorted."""
        return sorted({*self._builtins, *self._entry_points()})

    def resolve(self, name: str, error: type[EarfulError] = EarfulError, besides: Iterable[str] = ()) -> str:
        """Give the proper name for a name or an alias; ``besides`` are names that others know.

        Raises
        ------
        EarfulError
            Or the subclass given as ``error``: nothing goes by that name. The message has the nearest name.
        """
        wanted = name.strip().lower().removeprefix(".")
        wanted = self._aliases.get(wanted, wanted)
        if wanted in self._builtins:  # before the packages that are installed are looked through
            return wanted
        known = self.names()
        if wanted in known:
            return wanted
        others = list(besides)
        hint = nearest(wanted, [*known, *self._aliases, *others])
        raise error(f"no {self.kind} is called {name!r}{hint}", allowed=", ".join([*known, *others]))

    def get(self, name: str, error: type[EarfulError] = EarfulError) -> Any:
        """Import the class that goes by a name; raises as :meth:`resolve` does."""
        wanted = self.resolve(name, error)
        if wanted in self._builtins:
            module, _, attribute = self._builtins[wanted].partition(":")
            return getattr(import_module(module), attribute)
        return self._entry_points()[wanted].load()

    def _entry_points(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in sorted(entry_points(group=self.group), key=lambda p: p.value)}


READERS = Registry(
    "reader",
    "earful.readers",
    {
        "csv": "earful.readers.delimited:DelimitedReader",
        "excel": "earful.readers.excel:ExcelReader",
        "frame": "earful.readers.frame:FrameReader",
        "html": "earful.readers.markup:HtmlReader",
        "json": "earful.readers.document:JsonReader",
        "jsonl": "earful.readers.jsonl:JsonLinesReader",
        "parquet": "earful.readers.parquet:ParquetReader",
        "sql": "earful.readers.sql:QueryReader",
    },
    aliases={
        "tsv": "csv",
        "txt": "csv",
        "xls": "excel",
        "xlsx": "excel",
        "xlsm": "excel",
        "ndjson": "jsonl",
        "pq": "parquet",
    },
)

#: What loads a folder of ours by the kind that its settings name.
MODELS = Registry(
    "kind of model",
    "earful.models",
    {
        "reader": "earful.encoder.loading:load_reader",
    },
)

#: The stages, in the order that they are run in where their needs leave it open.
STAGES = Registry(
    "stage",
    "earful.stages",
    {
        "normalise": "earful.text.normalise:Normalise",
        "language": "earful.text.language:Language",
        "answers": "earful.text.answers:Answers",
        "segment": "earful.text.segment:Segment",
        "tokens": "earful.text.tokens:Tokens",
        "docs": "earful.text.docs:Docs",
        "reading": "earful.encoder.stage:Read",
        "sentiment": "earful.sentiment.reading:ReadSentiment",
        "segment_sentiment": "earful.sentiment.stage:Sentiment",
        "embedding": "earful.themes.embedding:Embedding",
        "themes": "earful.themes.stage:Themes",
        "aspects": "earful.aspects.stage:Aspects",
        "joining": "earful.aspects.joining:Joining",
        "segment_polarity": "earful.aspects.joining:SegmentPolarity",
        "likelihood": "earful.loyalty.likelihood:Likelihood",
    },
)
