import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.polarity import NEUTRAL_UP_TO, agreed, polarity


@pytest.mark.parametrize(
    ("p", "name"),
    [
        ((0.5, 0.2, 0.3), "negative"),
        ((0.2, 0.5, 0.3), "neutral"),
        ((0.2, 0.3, 0.5), "positive"),
        ((0.4, 0.2, 0.4), "neutral"),
        ((None, None, None), "neutral"),
    ],
)
def test_polarity(p, name):
    assert polarity(*p) == name


@given(st.lists(st.tuples(*[st.integers(0, 1_000_000)] * 3).filter(any), min_size=1, max_size=30))
def test_the_likeliest_class_follows_from_the_score(shares):
    given_ = np.array(shares, float) / np.array(shares, float).sum(axis=1, keepdims=True)
    found = agreed(given_)
    assert (found >= 0).all()
    assert np.allclose(found.sum(axis=1), 1, atol=1e-9)
    scores = np.round(found[:, 2] - found[:, 0], 6)
    # The score stays as it was, and alone decides the label.
    assert np.allclose(scores, given_[:, 2] - given_[:, 0], atol=1e-6)
    for row, score in zip(found.tolist(), scores, strict=True):
        label = "neutral" if abs(score) <= NEUTRAL_UP_TO else "positive" if score > 0 else "negative"
        assert polarity(*row) == label


def test_what_agrees_already_stays():
    sure = np.array([[0.9, 0.08, 0.02], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])
    assert np.array_equal(agreed(sure), sure)
    assert agreed(np.zeros((0, 3))).shape == (0, 3)
