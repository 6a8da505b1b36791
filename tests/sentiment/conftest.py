"""A tiny encoder: a graph that adds up the rows of its pieces."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from earful.models.folder import Folder
from earful.sentiment.pooling import Pooling

PIECES = ["<pad>", "<eos>", "<bos>", "<unk>", "good", "bad", "phone", "the"]
WINDOW = 8


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
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
