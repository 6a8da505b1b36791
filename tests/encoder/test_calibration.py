"""Calibration: scaling by language, and the measure of it."""

from __future__ import annotations

import numpy as np
import pytest

from earful.encoder.calibration import (
    Calibration,
    Scaling,
    expected_calibration_error,
    fit_calibration,
    softmax,
)


def _sample(n, sharpen, seed=1):
    """Rows whose true probabilities are softmax(z), seen as logits that are too sure of themselves."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 3)) * 1.5
    p = softmax(z)
    labels = (rng.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    return z * sharpen, labels


def test_it_finds_the_temperature_of_each_language():
    hot, hot_labels = _sample(4000, 3.0)
    mild, mild_labels = _sample(4000, 1.0, seed=2)
    logits, labels = np.vstack([hot, mild]), np.concatenate([hot_labels, mild_labels])
    langs = ["ru"] * 4000 + ["lv"] * 4000
    fitted = fit_calibration(logits, labels, langs, np.ones(8000))
    assert fitted.by_language["ru"].temperature == pytest.approx(3.0, rel=0.15)
    assert fitted.by_language["lv"].temperature == pytest.approx(1.0, rel=0.15)
    before = expected_calibration_error(softmax(hot), hot_labels)
    after = expected_calibration_error(fitted.probabilities(hot, ["ru"] * 4000), hot_labels)
    assert after < 0.03 < before


def test_few_rows_of_a_language_take_the_common_scaling():
    logits, labels = _sample(500, 2.0)
    fitted = fit_calibration(logits, labels, ["en"] * 495 + ["bg"] * 5, np.ones(500))
    assert set(fitted.by_language) == {"*", "en"}
    common = fitted.by_language["*"].apply(logits[-5:])
    assert np.array_equal(fitted.probabilities(logits[-5:], ["bg"] * 5), softmax(common))


def test_without_scalings_it_is_softmax():
    logits = np.array([[0.0, 1.0, 2.0], [700.0, -700.0, 0.0]])
    assert np.array_equal(Calibration().probabilities(logits, ["en", "und"]), softmax(logits))


def test_it_comes_back_from_its_dictionary():
    calibration = Calibration({"*": Scaling(1.5, (0.1, 0.0, -0.1)), "bg": Scaling(0.9)})
    assert Calibration.from_dict(calibration.to_dict()) == calibration


def test_no_rows():
    assert Calibration().probabilities(np.empty((0, 3)), []).shape == (0, 3)


def test_calibration_error_of_known_answers():
    read = np.array([[0.8, 0.1, 0.1]] * 10)
    assert expected_calibration_error(read, np.array([0] * 8 + [1] * 2)) == pytest.approx(0.0)
    assert expected_calibration_error(read, np.array([1] * 10)) == pytest.approx(0.8)
    assert np.isnan(expected_calibration_error(np.empty((0, 3)), np.array([], dtype=int)))
