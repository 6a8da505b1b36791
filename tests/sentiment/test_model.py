"""From a name to a model, and what a broken folder says."""

from __future__ import annotations

import json
import shutil

import pytest

from earful.encoder.loading import HEADS
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home
from earful.sentiment import load_model, shipped_models


@pytest.fixture
def tiny(tmp_path, tiny_models):
    shutil.copytree(tiny_models, tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "accurate")
    (tmp_path / "home" / "fast").rename(tmp_path / "home" / "tiny")
    return tmp_path / "home" / "tiny"


def test_a_saved_model_comes_back_the_same(tiny):
    model = load_model(tiny)
    assert model.name == "fast"
    assert load_model(str(tiny)).checksum == model.checksum
    again = load_model(tiny).predict(["good", "bad day"], ["en", "lv"])
    assert model.predict(["good", "bad day"], ["en", "lv"]).tobytes() == again.tobytes()


def test_a_damaged_model_is_refused(tiny):
    path = tiny / HEADS
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelError, match=r"heads\.safetensors: file is damaged"):
        load_model(tiny)


def _rewrite(tiny, **changes):
    config = json.loads((tiny / "config.json").read_text()) | changes
    Folder.write(tiny, {key: value for key, value in config.items() if key != "format"})


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
    assert load_model("tiny").name == "fast"
    with pytest.raises(ModelError, match="tiny"):
        load_model("fast")


def test_an_empty_home_is_a_model_error(tmp_path, monkeypatch):
    monkeypatch.setenv("EARFUL_MODELS", str(tmp_path / "none"))
    with pytest.raises(ModelError, match="fast"):
        load_model("fast")
