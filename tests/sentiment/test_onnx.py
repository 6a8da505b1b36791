"""The encoder's way from text to answer, with a tiny graph and a tokenizer made here."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from earful.errors import ModelError
from earful.sentiment import load_model
from earful.sentiment.files import Folder
from earful.sentiment.pooling import Pooling

PIECES = ["<pad>", "<eos>", "<bos>", "<unk>", "good", "bad", "phone", "the"]
WINDOW = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model whose graph (Slice, ReduceSum) adds up its pieces' rows: three numbers each."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = tmp_path_factory.mktemp("onnx") / "tiny"
    path.mkdir()
    shutil.copy(Path(__file__).with_name("sum.onnx"), path / "network.onnx")
    rows = np.zeros((len(PIECES), 4), dtype=np.int8)
    rows[4, 2], rows[5, 0], rows[6, 1], rows[7, 1] = 100, 100, 40, 10
    save_file(
        {"rows": rows, "scale": np.full((len(PIECES), 1), 0.02, np.float32)}, path / "embedding.safetensors"
    )
    words = Tokenizer(models.WordLevel({piece: i for i, piece in enumerate(PIECES)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(path / "tokenizer.json"))
    Folder.write(
        path,
        {"kind": "onnx", "name": "tiny", "window": WINDOW, "calibration": {}, "pooling": Pooling().to_dict()},
    )
    return path


def test_rows_times_scale_go_through_the_graph(folder):
    logits = load_model(folder).logits(["the good phone", "bad"])
    assert logits == pytest.approx(np.array([[0, 1.0, 2.0], [2.0, 0, 0]]), abs=1e-5)
    assert load_model(folder).predict(["good", "bad", "phone"], ["en"] * 3).argmax(axis=1).tolist() == [
        2,
        0,
        1,
    ]


def test_a_text_of_many_windows_is_read_to_its_end(folder):
    model = load_model(folder)
    text = "the " * 20 + "bad " * 10
    assert model.predict([text], ["en"])[0, 0] > 0.8
    one, two = model.logits(["bad " * 6, "bad " * 12])
    assert one == pytest.approx(two)  # two windows alike answer as one does


def test_answers_do_not_depend_on_the_batch_bit_for_bit(folder):
    model = load_model(folder)
    texts = ["good phone", "", "bad " * 40, "\ud800", "the", "unknown"] * 5
    whole = model.predict(texts, ["en"] * 30)
    alone = np.concatenate([model.predict([text], ["en"]) for text in texts])
    assert whole.tobytes() == alone.tobytes()
    assert model.predict([], []).shape == (0, 3)


def test_parts_that_do_not_fit_are_refused(folder, tmp_path):
    from safetensors.numpy import save_file

    for name in ("network.onnx", "tokenizer.json", "config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    save_file(
        {"rows": np.zeros((3, 4), np.int8), "scale": np.ones((3, 1), np.float32)},
        tmp_path / "embedding.safetensors",
    )
    Folder.write(tmp_path, dict(Folder.open(folder).config))
    with pytest.raises(ModelError, match="3 embeddings for 8 pieces"):
        load_model(tmp_path)


def test_a_graph_that_is_none_is_refused(folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "network.onnx").write_bytes(b"not a graph")
    Folder.write(tmp_path, dict(Folder.open(folder).config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(tmp_path)
