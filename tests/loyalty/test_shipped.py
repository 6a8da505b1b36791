"""The shipped row model: not its numbers, but that it behaves as a row model must."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from earful.config import CesScale, NpsScale
from earful.loyalty.features import row_features
from earful.loyalty.likelihood import classes, load_likelihood


def review(**columns):
    base = {
        "row": 0,
        "text": "Words.",
        "p_negative": None,
        "p_neutral": None,
        "p_positive": None,
        "recommended": None,
    }
    for name, ends in (("rating", (1.0, 5.0)), ("csat", (1.0, 5.0)), ("ces", (1.0, 7.0))):
        base |= {name: None, f"{name}_min": ends[0], f"{name}_max": ends[1]}
    base |= columns
    types = {"row": pa.int64(), "text": pa.string(), "recommended": pa.bool_()}
    table = pa.table({name: pa.array([value], types.get(name, pa.float64())) for name, value in base.items()})
    said = {name: pa.array([base[name]], pa.float64()) for name in ("p_negative", "p_positive")}
    segments = pa.table({"row": pa.array([0], pa.int64()), **said})
    return row_features(table, segments, CesScale(direction="ease"))


def index(**columns):
    detractor, _, promoter = classes(load_likelihood().predict(review(**columns)), NpsScale())[0]
    return 100 * (promoter - detractor)


GOOD = {"p_negative": 0.01, "p_neutral": 0.04, "p_positive": 0.95}
MIXED = {"p_negative": 0.35, "p_neutral": 0.3, "p_positive": 0.35}
BAD = {"p_negative": 0.95, "p_neutral": 0.04, "p_positive": 0.01}


def test_better_words_give_a_higher_index():
    assert index(**BAD) < -60
    assert index(**BAD) < index(**MIXED) < index(**GOOD)
    assert index(**GOOD) > 30


@pytest.mark.parametrize("words", [{}, GOOD, MIXED, BAD])
@pytest.mark.parametrize(("signal", "top"), [("rating", 5), ("csat", 5)])
def test_better_scores_give_a_higher_index(words, signal, top):
    indexes = [index(**words, **{signal: float(value)}) for value in range(1, top + 1)]
    assert indexes[0] < indexes[2] < indexes[-1]


@pytest.mark.parametrize("words", [{}, MIXED])
def test_ease_and_recommendation_help(words):
    assert index(**words, ces=1.0) < index(**words, ces=7.0)
    assert index(**words, recommended=False) < index(**words, recommended=True)


def test_every_subset_of_signals_gives_chances():
    chances = load_likelihood().predict(
        np.concatenate([review(), review(**GOOD, rating=5.0, csat=5.0, ces=7.0)])
    )
    assert np.isfinite(chances).all()
    assert chances.sum(axis=1) == pytest.approx([1, 1])
