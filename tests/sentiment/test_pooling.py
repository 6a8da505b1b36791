"""Pooling is monotone and keeps probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.sentiment.pooling import Pooling

GOOD, BAD, FLAT = (0.02, 0.08, 0.9), (0.9, 0.08, 0.02), (0.05, 0.9, 0.05)

triple = st.tuples(*[st.floats(0, 1)] * 3).map(lambda t: np.array(t) + 1e-9).map(lambda t: t / t.sum())
reviews = st.lists(triple, min_size=1, max_size=7).map(np.array)


@pytest.fixture(scope="module")
def poolings():
    return Pooling(), Pooling((0.1, 0.5, 0.3, 0.0, 0.2), (0.5, 0.0, 0.1, 0.4, 0.3), (0.4, -0.7))


def pooled(*segments, pooling=Pooling(), title=None):  # noqa: B008
    return pooling.pool(np.array(segments), None if title is None else np.array(title))


@given(reviews, st.none() | triple)
@settings(max_examples=80, deadline=None)
def test_a_review_has_probabilities(poolings, segments, title):
    for pooling in poolings:
        read = pooling.pool(segments, title)
        assert (read >= 0).all()
        assert read.sum() == pytest.approx(1)


@given(reviews, st.none() | triple, st.integers(0, 6), st.floats(0, 1))
@settings(max_examples=120, deadline=None)
def test_a_segment_that_turns_positive_never_makes_the_review_less_so(
    poolings, segments, title, which, share
):
    better = segments.copy()
    row = better[which % len(better)]
    row[2] += row[0] * share
    row[0] -= row[0] * share
    for pooling in poolings:
        before, after = pooling.pool(segments, title), pooling.pool(better, title)
        assert after[2] >= before[2] - 1e-12
        assert after[0] <= before[0] + 1e-12


@pytest.mark.parametrize("segment", [GOOD, BAD, FLAT])
def test_one_segment_keeps_its_label(poolings, segment):
    for pooling in poolings:
        assert pooled(segment, pooling=pooling).argmax() == np.argmax(segment)


def test_a_title_alone_is_enough():
    assert Pooling().pool(np.empty((0, 3)), np.array(BAD)).argmax() == 0


def test_the_title_counts():
    assert pooled(FLAT, FLAT, title=GOOD)[2] > pooled(FLAT, FLAT, title=BAD)[2]


def test_it_survives_certainty():
    read = pooled((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert np.isfinite(read).all()
