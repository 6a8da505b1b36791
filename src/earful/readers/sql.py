"""The rows that a query gave, from the file that they were kept in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from earful.config import InputConfig
from earful.readers.query import QuerySource
from earful.readers.reader import Reader, flatten, unique_names
from earful.readers.rejects import Record

__all__ = ["QueryReader"]


class QueryReader(Reader):
    """Reads the rows that a query gave (format ``sql``)."""

    columns: list[str]

    def __init__(self, source: QuerySource, config: InputConfig) -> None:
        self.notes: list[str] = []
        self._path = source.path
        with self._path.open(encoding="utf-8") as lines:
            self.columns = unique_names(json.loads(next(lines)))

    def records(self) -> Iterator[Record]:
        """Give the rows in the order of the query."""
        with self._path.open(encoding="utf-8") as lines:
            next(lines)
            for line in lines:
                yield Record(None, flatten(dict(zip(self.columns, json.loads(line), strict=True))))
