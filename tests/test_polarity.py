import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.polarity import NEUTRAL_UP_TO, polarity, scores


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
def test_a_label_never_contradicts_its_score(shares):
    rows = np.round(np.array(shares, float) / np.array(shares, float).sum(axis=1, keepdims=True), 6)
    for row, score in zip(rows.tolist(), scores(rows).tolist(), strict=True):
        label = "neutral" if abs(score) <= NEUTRAL_UP_TO else "positive" if score > 0 else "negative"
        assert polarity(*row) == label
        assert -1 <= score <= 1
        assert round(score, 6) == score


def test_scores_are_the_difference_where_the_label_lets_them():
    rows = np.array([[0.9, 0.08, 0.02], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8], [np.nan] * 3, [0.45, 0.1, 0.45]])
    assert scores(rows)[:3].tolist() == [-0.88, 0.0, 0.75]
    assert np.isnan(scores(rows)[3])
    assert scores(rows)[4] == 0
    assert scores(np.zeros((0, 3))).shape == (0,)
