"""Docs: the spaCy ``Doc`` of each review, with our own sentences marked.

No stage of ours needs them; a stage of another package may require ``docs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from earful.pipeline import Batch
from earful.text.tokens import doc_of, nlp_for

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["Docs"]

Span = tuple[int, int]


class Docs:
    """Stage: make the ``Doc`` of each cleaned text, whose sentences are marked."""

    name = "docs"
    requires: tuple[str, ...] = ("texts", "sentences", "reviews.lang")
    adds: tuple[str, ...] = ("docs",)

    def __call__(self, batch: Batch) -> Batch:
        """Add ``docs``."""
        reviews = zip(batch.texts, batch.sentences, batch.column("lang"), strict=True)
        return replace(batch, docs=tuple(_doc(clean.text, found, lang) for clean, found, lang in reviews))


def _doc(text: str, sentences: Sequence[Span], lang: str) -> Doc:
    """Make the doc; a token that reaches over a sentence's start begins that sentence."""
    doc: Any = doc_of(text, nlp_for(lang))
    if len(doc):
        ends = doc.to_array("IDX").astype(np.int64) + doc.to_array("LENGTH").astype(np.int64)
        first = np.searchsorted(ends, [start for start, _ in sentences], side="right")
        marks = np.full(len(doc), -1, dtype=np.int64)
        marks[first[first < len(doc)]] = 1
        marks[0] = 1
        doc.from_array(["SENT_START"], marks.astype(np.uint64).reshape(-1, 1))
    return cast("Doc", doc)
