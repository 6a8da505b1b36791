"""The sentiment stage that takes what a reading of the whole review found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from earful.encoder.calibration import Floats
from earful.encoder.heads import PROBLEMS
from earful.pipeline import Batch
from earful.sentiment.stage import review_columns, segment_columns
from earful.text.words import worded

__all__ = ["ReadSentiment"]

_COMPLAINT, _PRAISE = PROBLEMS.index("complaint"), PROBLEMS.index("praise")


class ReadSentiment:
    """Stage that takes sentiment, and whether a segment states a problem, from readings.

    Segments and reviews without words get nulls.
    """

    name = "sentiment"
    requires: tuple[str, ...] = ("readings", "places", "segment_texts")
    adds: tuple[str, ...] = (
        *(f"segments.{column}" for column in ("p_negative", "p_neutral", "p_positive", "score", "problem")),
        *(f"reviews.{column}" for column in ("p_negative", "p_neutral", "p_positive", "sentiment", "score")),
    )

    def __call__(self, batch: Batch) -> Batch:
        """Add the columns."""
        reviews = np.array([[np.nan] * 3 if one is None else one.review for one in batch.readings])
        found = list(_segments(batch))
        segments = np.array([polarity for polarity, _ in found]).reshape(-1, 3)
        problems = pa.array([problem for _, problem in found], pa.string())
        return batch.with_segments(**segment_columns(segments), problem=problems).with_reviews(
            **review_columns(reviews)
        )


def _segments(batch: Batch) -> Iterator[tuple[Floats, str | None]]:
    """Give of each segment polarity and what it states, in order."""
    before, at = -1, 0
    for place, text in zip(batch.places, batch.segment_texts, strict=True):
        at = at + 1 if place == before else 0
        before = place
        reading = batch.readings[place]
        if reading is None or not worded(text):
            yield np.full(3, np.nan), None
        else:
            yield reading.segments[at], _stated(reading.segments[at], reading.problems[at])


def _stated(polarity: Floats, chances: Floats) -> str:
    """Name what is likeliest stated and does not contradict the polarity."""
    allowed = chances.copy()
    likeliest = int(polarity.argmax())
    if likeliest == 2:
        allowed[_COMPLAINT] = -1
    elif likeliest == 0:
        allowed[_PRAISE] = -1
    return PROBLEMS[int(allowed.argmax())]
