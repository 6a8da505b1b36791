"""Rounding to 7 bits by column: what the matrix puts out stays close."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.encoder.rounding import TOP, round_matrix

MATRIX = np.random.default_rng(3).normal(size=(128, 48))


def test_without_inputs_every_number_goes_to_the_nearest_step():
    whole, steps = round_matrix(MATRIX)
    assert whole.dtype == np.int8
    assert steps.shape == (48,)
    assert np.abs(whole).max() == TOP
    cut = np.abs(whole) == TOP  # the largest may be cut where that loses less
    assert (np.abs(whole * steps - MATRIX)[~cut] <= (np.ones((128, 1)) * steps * 0.5001)[~cut]).all()


def test_inputs_that_say_nothing_of_each_other_change_nothing():
    alone, together = round_matrix(MATRIX), round_matrix(MATRIX, 7.0 * np.eye(len(MATRIX)))
    for one, other in zip(alone, together, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("dimensions", [8, 40])
def test_of_inputs_that_go_together_the_outputs_stay_closer(dimensions):
    rng = np.random.default_rng(4)
    mixing = rng.normal(size=(dimensions, len(MATRIX)))
    fitted, new = (rng.normal(size=(2000, dimensions)) @ mixing for _ in range(2))
    gaps = []
    for moments in (None, fitted.T @ fitted):
        whole, steps = round_matrix(MATRIX, moments)
        gaps.append(np.square(new @ (whole * steps - MATRIX)).mean())
    assert gaps[1] < 0.4 * gaps[0]


def test_a_column_of_zeros_stays_zero():
    whole, _ = round_matrix(np.zeros((32, 2)), np.eye(32))
    assert not whole.any()
