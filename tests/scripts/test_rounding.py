"""Rounding to 8 bits: what the matrix puts out stays close."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.sentiment.rounding import BLOCK, round_matrix, steps

MATRIX = np.random.default_rng(3).normal(size=(4 * BLOCK, 48))


def opened(whole, scale):
    return whole * np.repeat(scale.astype(float), BLOCK, axis=0)


def test_without_inputs_every_number_goes_to_the_nearest_step():
    assert BLOCK == 32
    whole, scale = round_matrix(MATRIX)
    assert whole.dtype == np.int8
    assert scale.shape == (4, 48)
    assert scale.dtype == np.float16
    assert (np.abs(opened(whole, scale) - MATRIX) <= np.repeat(scale, BLOCK, axis=0) * 0.5001).all()
    assert (np.abs(whole.reshape(4, BLOCK, 48)).max(axis=1) == 127).all()


def test_inputs_that_say_nothing_of_each_other_change_nothing():
    alone, together = round_matrix(MATRIX), round_matrix(MATRIX, 7.0 * np.eye(len(MATRIX)))
    for one, other in zip(alone, together, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("dimensions", [8, 40])
def test_of_inputs_that_go_together_the_outputs_stay_closer(dimensions):
    rng = np.random.default_rng(4)
    mixing = rng.normal(size=(dimensions, len(MATRIX)))
    fitted, new = (rng.normal(size=(2000, dimensions)) @ mixing for _ in range(2))
    gaps = [
        np.square(new @ (opened(*round_matrix(MATRIX, moments)) - MATRIX)).mean()
        for moments in (None, fitted.T @ fitted)
    ]
    assert gaps[1] < 0.25 * gaps[0]


def test_a_column_of_zeros_stays_zero():
    whole, _ = round_matrix(np.zeros((BLOCK, 2)), np.eye(BLOCK))
    assert not whole.any()


def test_the_largest_number_is_within_reach_of_127_steps():
    largest = 10.0 ** np.random.default_rng(5).uniform(-1, 2, 1000)
    step = steps(largest)
    assert step.dtype == np.float16
    assert (127 * step.astype(float) >= largest).all()
    assert (126 * step.astype(float) <= largest * 1.04).all()
