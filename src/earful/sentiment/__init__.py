"""Sentiment: models that read the polarity of words, and the stage that runs them."""

from __future__ import annotations

from earful.polarity import LABELS
from earful.sentiment.model import SentimentModel, load_model, shipped_models

__all__ = ["LABELS", "SentimentModel", "load_model", "shipped_models"]
