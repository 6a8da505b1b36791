"""Fit a model's pooling over segments on whole reviews that it was not trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earful.sentiment.model import SentimentModel
from earful.sentiment.pooling import Pooling, fit_pooling, summarise
from earful.text.segment import segment_spans
from mixture import LABELS


def fit_review_pooling(model: SentimentModel, held: pd.DataFrame) -> Pooling:
    """Learn the pooling from the whole reviews among held-out rows (``review`` is true)."""
    reviews = held[held.review].reset_index(drop=True)
    pieces = [
        [text[start:end] for start, end in segment_spans(text, lang)] or [text]
        for text, lang in zip(reviews.text, reviews.lang, strict=True)
    ]
    flat = [piece for parts in pieces for piece in parts]
    langs = [lang for lang, parts in zip(reviews.lang, pieces, strict=True) for _ in parts]
    read = np.split(model.predict(flat, langs), np.cumsum([len(parts) for parts in pieces])[:-1])
    titles = model.predict(reviews.title.tolist(), reviews.lang.tolist())
    summaries = [
        summarise(probabilities, headline if title.strip() else None)
        for probabilities, headline, title in zip(read, titles, reviews.title, strict=True)
    ]
    labels = reviews.label.map(LABELS.index).to_numpy()
    counts = pd.Series(labels).map(pd.Series(labels).value_counts())
    sources = reviews.source.map(reviews.source.value_counts())
    weights = (1.0 / np.sqrt(counts * sources)).to_numpy()
    return fit_pooling(summaries, labels, weights)
