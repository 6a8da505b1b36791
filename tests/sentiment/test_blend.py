"""A network and a share of a simpler model, added and calibrated together."""

from __future__ import annotations

import json

import numpy as np
import pytest

from earful.encoder.calibration import Calibration, Scaling, softmax
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.sentiment import load_model
from earful.sentiment.blend import Blend
from earful.sentiment.pooling import Pooling


class Logits:
    """Gives logits that follow from the text's length; stands for either model."""

    def __init__(self, checksum, factor):
        self.name, self.checksum, self.factor = "plain", checksum, factor

    def logits(self, texts, langs):
        return np.array([[self.factor * len(text), 0.0, 1.0] for text in texts]).reshape(-1, 3)


def blend(**settings):
    plain = {"share": {"*": 0.5, "bg": 2.0}, "calibration": Calibration(), "pooling": Pooling()}
    return Blend("both", Logits("a", 1.0), Logits("b", -1.0), **(plain | settings))


def test_a_language_has_its_own_share_and_the_rest_the_common_one():
    got = blend().logits(["four", "four", "four"], ["en", "bg", "und"])
    assert got.tolist() == [[2.0, 0, 1.5], [-4.0, 0, 3.0], [2.0, 0, 1.5]]


def test_the_sum_is_calibrated_not_the_parts():
    calibration = Calibration({"*": Scaling(2.0, (0.1, 0.0, -0.1))})
    expected = softmax(np.array([[1.0 + 0.1, 0.0, 0.75 - 0.1]]))
    assert blend(calibration=calibration).predict(["four"], ["en"]) == pytest.approx(expected, abs=1e-6)


def test_without_texts_there_is_nothing_to_read():
    assert blend().predict([], []).shape == (0, 3)


def test_the_checksum_follows_both_models():
    one = Blend("x", Logits("a", 1), Logits("b", 1), {}, Calibration(), Pooling())
    other = Blend("x", Logits("a", 1), Logits("c", 1), {}, Calibration(), Pooling())
    assert one.checksum != other.checksum


def test_a_network_fitted_beside_another_model_is_refused(tiny_encoder, tmp_path):
    beside = {"model": "ngrams", "checksum": "0" * 64, "share": {"*": 0.5}}
    for path in tiny_encoder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    del config["format"]
    Folder.write(tmp_path, config | {"beside": beside})
    with pytest.raises(ModelError, match="beside another 'ngrams'"):
        load_model(tmp_path)


def test_a_network_with_ngrams_beside_it_gives_their_sum(tiny_encoder, tmp_path):
    ngrams = load_model("ngrams")
    for path in tiny_encoder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    del config["format"]
    beside = {"model": "ngrams", "checksum": ngrams.checksum, "share": {"*": 0.25}}
    Folder.write(tmp_path, config | {"beside": beside})
    both = load_model(tmp_path).logits(["good phone"], ["en"])
    assert both == pytest.approx(
        load_model(tiny_encoder).logits(["good phone"]) + 0.25 * ngrams.logits(["good phone"])
    )
