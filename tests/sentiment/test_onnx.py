"""The encoder's way from text to answer, with a tiny graph and a tokenizer made here."""

from __future__ import annotations

import numpy as np
import pytest

from earful.errors import ModelError
from earful.models.folder import Folder
from earful.sentiment import load_model
from earful.sentiment.onnx import opened


def test_rows_times_scale_go_through_the_graph(tiny_encoder):
    logits = load_model(tiny_encoder).logits(["the good phone", "bad"])
    assert logits == pytest.approx(np.array([[0, 1.0, 2.0], [2.0, 0, 0]]), abs=1e-5)
    assert load_model(tiny_encoder).predict(["good", "bad", "phone"], ["en"] * 3).argmax(axis=1).tolist() == [
        2,
        0,
        1,
    ]


def test_each_part_of_a_row_has_its_own_factor():
    rows = np.array([[1, 2, 3, 4], [-10, 0, 10, 127]], np.int8)
    scale = np.array([[1, 2], [0.5, 0.25]], np.float16)
    found = opened(rows, scale)
    assert found.dtype == np.float32
    assert found.tolist() == [[1, 2, 6, 8], [-5, 0, 2.5, 31.75]]


def test_a_text_of_many_windows_is_read_to_its_end(tiny_encoder):
    model = load_model(tiny_encoder)
    text = "the " * 20 + "bad " * 10
    assert model.predict([text], ["en"])[0, 0] > 0.8
    one, two = model.logits(["bad " * 6, "bad " * 12])
    assert one == pytest.approx(two)  # two windows alike answer as one does


def test_answers_do_not_depend_on_the_batch_bit_for_bit(tiny_encoder):
    model = load_model(tiny_encoder)
    texts = ["good phone", "", "bad " * 40, "\ud800", "the", "unknown"] * 5
    whole = model.predict(texts, ["en"] * 30)
    alone = np.concatenate([model.predict([text], ["en"]) for text in texts])
    assert whole.tobytes() == alone.tobytes()
    assert model.predict([], []).shape == (0, 3)


def test_parts_that_do_not_fit_are_refused(tiny_encoder, tmp_path):
    from safetensors.numpy import save_file

    for name in ("network.onnx", "tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((tiny_encoder / name).read_bytes())
    save_file(
        {"rows": np.zeros((3, 4), np.int8), "scale": np.ones((3, 1), np.float32)},
        tmp_path / "embedding.safetensors",
    )
    Folder.write(tmp_path, dict(Folder.open(tiny_encoder).config))
    with pytest.raises(ModelError, match="3 embeddings for 8 pieces"):
        load_model(tmp_path)


def test_a_graph_that_is_none_is_refused(tiny_encoder, tmp_path):
    for path in tiny_encoder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "network.onnx").write_bytes(b"not a graph")
    Folder.write(tmp_path, dict(Folder.open(tiny_encoder).config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(tmp_path)


def test_blanks_capitals_and_dots_at_the_end_change_nothing(tiny_encoder):
    model = load_model(tiny_encoder)
    forms = [
        "the good phone",
        " the  good\nphone ",
        "THE GOOD PHONE",
        "The good Phone",
        "the good phone...",
        "the good phone …",
    ]
    assert len({model.predict([form], ["en"]).tobytes() for form in forms}) == 1
