"""Fast first, accurate where fast is unsure: decided text by text."""

from __future__ import annotations

import numpy as np
import pytest

from earful.sentiment.cascade import Cascade
from earful.sentiment.pooling import Pooling


class Fixed:
    """Reads a text as the number that it begins with; counts what it is asked."""

    def __init__(self, name, sure):
        self.name, self.checksum, self.pooling, self.sure, self.asked = name, name * 8, Pooling(), sure, []

    def predict(self, texts, langs):
        self.asked += list(zip(texts, langs, strict=True))
        return np.array([self.sure(text) for text in texts]).reshape(-1, 3)


@pytest.fixture
def pair():
    fast = Fixed("fast", lambda text: [0.0, 1 - float(text), float(text)])
    accurate = Fixed("accurate", lambda text: [1.0, 0.0, 0.0])
    return fast, accurate


def test_only_unsure_texts_reach_the_accurate_model(pair):
    fast, accurate = pair
    read = Cascade("auto", fast, accurate, 0.8).predict(
        ["0.9", "0.6", "0.8", "0.1"], ["en", "bg", "lv", "ru"]
    )
    assert accurate.asked == [("0.6", "bg")]
    assert read[:, 0].tolist() == [0, 1, 0, 0]


def test_sure_of_everything_the_accurate_model_rests(pair):
    fast, accurate = pair
    cascade = Cascade("auto", fast, accurate, 0.0)
    cascade.predict(["0.5", "0.6"], ["en", "en"])
    assert accurate.asked == []
    assert cascade.predict([], []).shape == (0, 3)


def test_the_checksum_follows_both_models_and_the_threshold(pair):
    fast, accurate = pair
    sums = {Cascade("auto", fast, accurate, t).checksum for t in (0.5, 0.6)}
    sums |= {Cascade("auto", accurate, fast, 0.5).checksum}
    assert len(sums) == 3
