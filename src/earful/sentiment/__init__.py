"""Sentiment: models that read the polarity of words, and the stages that run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from earful.polarity import LABELS
from earful.sentiment.model import SentimentModel, load_model, shipped_models

if TYPE_CHECKING:
    from earful.encoder.reading import ReviewReader
    from earful.pipeline import Stage
    from earful.sentiment.model import SegmentModel

__all__ = ["LABELS", "SentimentModel", "load_model", "sentiment_stages", "shipped_models"]


def sentiment_stages(model: SentimentModel) -> list[Stage]:
    """Make the stages that give the sentiment of reviews and segments with a model."""
    if hasattr(model, "read"):
        from earful.encoder.stage import Read
        from earful.sentiment.reading import ReadSentiment

        return [Read(cast("ReviewReader", model)), ReadSentiment()]
    from earful.sentiment.stage import Sentiment

    return [Sentiment(cast("SegmentModel", model))]
