"""Redaction: personal details masked as rows enter a job, before anything of them is written.

What is masked keeps its length, so that every offset holds. Ids of authors become keyed hashes: the same
author the same hash within a run, and with a key of one's own (``EARFUL_KEY``) in every run.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from earful.errors import ConfigError
from earful.pipeline import with_columns
from earful.schema import INPUT

if TYPE_CHECKING:
    from earful.config import InputConfig
    from earful.readers import Feed, Reject
    from earful.readers.head import Head

__all__ = ["KEY", "Batches", "Redactor", "entering", "mask_surveys", "redactor_of"]

#: The environment variable with the key that ids of authors are hashed with.
KEY = "EARFUL_KEY"
_SHORTEST_KEY = 16
#: Columns that hold words or labels; an author's id is hashed instead.
_SEARCHED = ("review_id", "product", "touchpoint", "channel", "title", "text")
#: An id that was made from the row's content.
_CONTENT_ID = re.compile(r"h[0-9a-f]{16}")

Batches = Iterator[tuple[pa.Table, Sequence["Reject"]]]


class Redactor:
    """Masks the rows of one job.

    Parameters
    ----------
    key
        Of the hashes; by default ``EARFUL_KEY``, where that is not set one at random that is kept nowhere.

    Raises
    ------
    ConfigError
        The key is too short to keep anything secret.
    """

    def __init__(self, key: str | None = None) -> None:
        self._load()
        key = os.environ.get(KEY) or None if key is None else key
        if key is not None and len(key) < _SHORTEST_KEY:
            raise ConfigError(
                f"has {len(key)} characters",
                where=KEY,
                allowed=f"{_SHORTEST_KEY} or more",
                fix="make one with: python -c 'import secrets; print(secrets.token_hex())'",
            )
        self.kept = key is not None
        self._key = secrets.token_bytes(32) if key is None else key.encode()

    def _load(self) -> None:
        from earful.text import pii  # dear to load, and few jobs mask

        self._pii = pii

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept, "_key": self._key}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._load()

    def author(self, author: str) -> str:
        """Return the keyed hash that stands for an author."""
        return (
            "a"
            + hmac.new(self._key, author.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]
        )

    def rows(self, table: pa.Table) -> pa.Table:
        """Mask a table of input rows, and count in ``pii`` what was found in the words of each."""
        columns, counts = {}, [0] * table.num_rows
        further = [name for name in table.column_names if name not in INPUT.names]
        for name in (*_SEARCHED, *further):
            found = table.column(name).to_pylist()
            done = [("", 0) if cell is None else self._pii.mask(cell) for cell in found]
            if any(n for _, n in done):
                cells = table.column(name).is_valid().to_pylist()
                texts = [text if there else None for (text, _), there in zip(done, cells, strict=True)]
                columns[name] = pa.array(texts, pa.string())
            if name in {"title", "text"}:
                counts = [sum_ + n for sum_, (_, n) in zip(counts, done, strict=True)]
        authors = table.column("author_id").to_pylist()
        columns["author_id"] = pa.array([author and self.author(author) for author in authors], pa.string())
        masked = with_columns(table, columns)
        return with_columns(_with_safe_ids(masked), {"pii": pa.array(counts, pa.int64())})

    def reject(self, reject: Reject, mapping: Mapping[str, str]) -> Reject:
        """Mask a refused row: its cells, and what its reason quotes of them."""
        if not isinstance(reject.record, dict):
            # Nobody can tell which of its cells are names; the line says where to look.
            return replace(reject, record=self._covered(str(reject.record)), reason=self.mask(reject.reason))
        reason, record = reject.reason, {}
        ours = {theirs: name for name, theirs in mapping.items()}
        for header, cell in reject.record.items():
            record[header], hidden = self._cell(header, cell, ours.get(header))
            if hidden and str(cell) and hidden != str(cell):
                reason = reason.replace(str(cell), hidden)
        return replace(reject, record=record, reason=self.mask(reason))

    def _cell(self, header: str, cell: Any, ours: str | None) -> tuple[Any, str]:
        """Give a cell of a refused row masked, and the text that stands for it where it changed."""
        if cell is None or isinstance(cell, bool) or cell == "":
            return cell, ""
        shown = (
            json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, dict | list) else str(cell)
        )
        if ours == "author_id":
            hidden = self.author(shown)
        elif ours is None and self._pii.is_personal_header(header):
            hidden = self._covered(shown)
        else:
            # The header is the word beside a number: "Phone" says what stands in its cells.
            told = f"{header}: "
            hidden = self.mask(told + shown)[len(told) :] if ours is None else self.mask(shown)
        return (cell, "") if hidden == shown else (hidden, hidden)

    def mask(self, text: str) -> str:
        """Mask what is personal in a text."""
        masked: str = self._pii.mask(text)[0]
        return masked

    def _covered(self, text: str) -> str:
        return re.sub(r"\w", self._pii.MASK, text)


def entering(feed: Feed | Head, batches: Batches, redactor: Redactor | None) -> Batches:
    """Give the batches of a feed as they may enter a job: masked where there is a redactor."""
    if redactor is None:
        yield from batches
        return
    mappings = {survey.source: survey.mapping for survey in feed.surveys}
    for table, rejects in batches:
        masked = [redactor.reject(reject, mappings.get(reject.source, {})) for reject in rejects]
        yield redactor.rows(table), masked


def redactor_of(config: InputConfig) -> Redactor | None:
    """Make the redactor that the settings ask for."""
    return Redactor() if config.redact else None


def mask_surveys(feed: Feed, redactor: Redactor | None) -> None:
    """Mask what the surveys quote, where there is a redactor."""
    if redactor is None:
        return
    for survey in feed.surveys:
        survey.notes[:] = [redactor.mask(note) for note in survey.notes]
        survey.doubts[:] = [
            replace(doubt, what=redactor.mask(doubt.what), choose=redactor.mask(doubt.choose))
            for doubt in survey.doubts
        ]


def _with_safe_ids(table: pa.Table) -> pa.Table:
    """Make ids that come from the content anew, from what is masked and without the author.

    Who knows all but a phone number of a row could otherwise try numbers until the id comes out.
    """
    ids = table.column("review_id").to_pylist()
    if not any(one and _CONTENT_ID.fullmatch(one) for one in ids):
        return table
    said = [name for name in INPUT.names if name not in {"row", "source", "review_id", "author_id"}]
    rows = table.select(said).to_pylist()
    made = [
        _content_id(row) if one and _CONTENT_ID.fullmatch(one) else one
        for one, row in zip(ids, rows, strict=True)
    ]
    return with_columns(table, {"review_id": pa.array(made, pa.string())})


def _content_id(row: Mapping[str, Any]) -> str:
    content = json.dumps(list(row.values()), ensure_ascii=True, separators=(",", ":"), default=str)
    return "h" + hashlib.sha256(content.encode()).hexdigest()[:16]
