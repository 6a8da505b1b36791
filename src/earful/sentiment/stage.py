"""The sentiment stage: probabilities and a score for each segment and for each whole review."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from earful.encoder.calibration import Floats
from earful.pipeline import Batch, Parts
from earful.polarity import LABELS, REVIEW_LEAD, classes, scores
from earful.sentiment.model import SegmentModel
from earful.text.words import worded

__all__ = ["Sentiment", "review_columns", "segment_columns"]

_TITLE_LIMIT = 1000  # characters of a title that are read: what is longer is no headline


class Sentiment:
    """Reads each segment with the model and pools a review from its segments and its title.

    Segments and reviews without words get nulls. A review with a title and no text is read from its title.

    Parameters
    ----------
    model
        What :func:`earful.sentiment.load_model` gives.
    """

    name = "sentiment"
    requires: tuple[str, ...] = (
        "places",
        "segment_texts",
        "segment_langs",
        "reviews.title",
        "reviews.lang",
    )
    adds: tuple[str, ...] = (
        *(f"segments.{column}" for column in ("p_negative", "p_neutral", "p_positive", "score")),
        *(f"reviews.{column}" for column in ("p_negative", "p_neutral", "p_positive", "sentiment", "score")),
    )

    def __init__(self, model: SegmentModel) -> None:
        self.model = model

    @classmethod
    def of(cls, parts: Parts) -> Sentiment:
        """Make the stage with a run's model."""
        return cls(parts.model)

    def __call__(self, batch: Batch) -> Batch:
        """Add the columns."""
        langs = [lang or "und" for lang in batch.column("lang")]
        read = self._read(batch.segment_texts, [lang or "und" for lang, *_ in batch.segment_langs])
        titles = self._read([(title or "")[:_TITLE_LIMIT] for title in batch.column("title")], langs)
        reviews = self._pool(read, batch.places, titles)
        return batch.with_segments(**segment_columns(read)).with_reviews(**review_columns(reviews))

    def _read(self, texts: Sequence[str], langs: Sequence[str]) -> Floats:
        """Give probabilities of shape (n, 3); NaN where a text has no words."""
        out = np.full((len(texts), 3), np.nan)
        there = [place for place, text in enumerate(texts) if worded(text)]
        if there:
            out[there] = self.model.predict(
                [texts[place] for place in there], [langs[place] for place in there]
            )
        return out

    def _pool(self, read: Floats, places: Sequence[int], titles: Floats) -> Floats:
        rows: list[list[int]] = [[] for _ in titles]
        for segment, place in enumerate(places):
            if not np.isnan(read[segment, 0]):
                rows[place].append(segment)
        out = np.full((len(titles), 3), np.nan)
        for place, segments in enumerate(rows):
            title = None if np.isnan(titles[place, 0]) else titles[place]
            if segments or title is not None:
                out[place] = np.round(self.model.pooling.pool(read[segments], title), 6)
        return out


def segment_columns(read: Floats) -> dict[str, pa.Array]:
    """Return the columns of probabilities, shape (n, 3), and their score; null where there is no answer."""
    return _columns(read, scores(read))


def review_columns(read: Floats) -> dict[str, pa.Array]:
    """Return what :func:`segment_columns` does, of whole reviews, and their label."""
    found = [LABELS[side] for side in classes(read, REVIEW_LEAD)]
    sentiment = pa.array(found, pa.string(), mask=np.isnan(read[:, 0]))
    return _columns(read, scores(read, REVIEW_LEAD)) | {"sentiment": sentiment}


def _columns(read: Floats, score: Floats) -> dict[str, pa.Array]:
    columns = {f"p_{label}": read[:, which] for which, label in enumerate(LABELS)} | {"score": score}
    return {name: pa.array(values, pa.float64(), mask=np.isnan(values)) for name, values in columns.items()}
