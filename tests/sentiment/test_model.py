"""From a name to a model, and what a broken folder says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from earful.errors import ModelError
from earful.models.home import models_home
from earful.sentiment import load_model, shipped_models
from earful.sentiment.ngram import Features, NgramModel, save_ngram


@pytest.fixture
def tiny(tmp_path):
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(1 << 8, 2)).astype(np.float16).astype(np.float32)
    save_ngram(
        NgramModel("tiny", "", Features(bits=8), weights, np.array([0.1, 0.0, -0.1])), tmp_path / "tiny"
    )
    return tmp_path / "tiny"


def test_a_saved_model_comes_back_the_same(tiny):
    model = load_model(tiny)
    assert model.name == "tiny"
    assert load_model(str(tiny)).checksum == model.checksum
    again = load_model(tiny).predict(["good", "bad day"], ["en", "lv"])
    assert model.predict(["good", "bad day"], ["en", "lv"]).tobytes() == again.tobytes()


def test_saving_twice_gives_the_same_bytes(tiny, tmp_path):
    save_ngram(load_model(tiny), tmp_path / "again")
    for name in ("weights.safetensors", "config.json", "SHA256SUMS"):
        assert (tiny / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_damaged_model_is_refused(tiny):
    path = tiny / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelError, match=r"weights\.safetensors: file is damaged"):
        load_model(tiny)


def _rewrite(tiny, **changes):
    from earful.models.folder import Folder

    config = json.loads((tiny / "config.json").read_text()) | changes
    Folder.write(tiny, {key: value for key, value in config.items() if key != "format"})


def test_weights_that_do_not_fit_are_refused(tiny):
    _rewrite(tiny, features={"bits": 9, "shortest": 2, "longest": 5, "power": 0.5})
    with pytest.raises(ModelError, match="do not fit 9 bits"):
        load_model(tiny)


def test_an_unknown_kind_is_refused(tiny):
    _rewrite(tiny, kind="oracle")
    with pytest.raises(ModelError, match="oracle"):
        load_model(tiny)


def test_a_name_that_is_not_shipped_says_what_is():
    with pytest.raises(ModelError, match=r"'tremendous' is not among the shipped models.*auto.*fast"):
        load_model("tremendous")


@pytest.mark.parametrize("name", ["", "a/b/c", "no.such", "/nowhere/at/all", "./nowhere", "x" * 5000, "a\0b"])
def test_nonsense_names_are_model_errors(name):
    with pytest.raises(ModelError):
        load_model(name)


def test_models_come_from_where_the_environment_points(tiny, monkeypatch):
    monkeypatch.setenv("EARFUL_MODELS", str(tiny.parent))
    assert models_home() == tiny.parent
    assert shipped_models() == ("tiny",)
    assert load_model("tiny").name == "tiny"
    with pytest.raises(ModelError, match="tiny"):
        load_model("fast")


def test_an_empty_home_is_a_model_error(tmp_path, monkeypatch):
    monkeypatch.setenv("EARFUL_MODELS", str(tmp_path / "none"))
    with pytest.raises(ModelError, match="fast"):
        load_model("fast")
