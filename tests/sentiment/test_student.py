"""The tuned encoder: its whole numbers against torch, the same answer in any company, texts of any length."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest
import torch
from torch.nn import functional

from earful.encoder import load_encoder
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home
from earful.sentiment import load_model
from earful.sentiment.model import load_part
from earful.sentiment.windows import plain

FOLDER = models_home() / "fast"
TEXTS = [
    "The seat would not recline and nobody came.",
    "Очень вежливый персонал, приду ещё.",
    "Храната беше студена",
    "Ļoti slikta apkalpošana!",
    "👍",
    "",
    "  ... ",
    "\ud800",
    "no " * 1500,
    "Great",
]


@pytest.fixture(scope="module")
def student():
    return load_part(Folder.open(FOLDER))


@pytest.fixture(scope="module")
def arrays():
    with np.load(io.BytesIO((FOLDER / "network.npz").read_bytes())) as stored:
        return {name: stored[name] for name in stored.files} | load_encoder().network.table


def reference(arrays, ids):
    """Logits of one text by torch's own convolutions and norms, in double precision."""

    def value(name):
        return torch.from_numpy(arrays[name].astype(np.float64))

    def weight(name):
        return (value(name) * value(f"{name}.scale")).T

    def dense(x, name):
        bias = value(f"{name}.bias") if f"{name}.bias" in arrays else None
        return functional.linear(x, weight(name), bias)

    def around(x, name, order, before):
        kernel = weight(name).reshape(256, order, 256).permute(0, 2, 1)
        padded = functional.pad(x.T[None], (before, order - 1 - before))
        return functional.relu(functional.conv1d(padded, kernel, value(f"{name}.bias"))[0].T)

    ids = torch.from_numpy(ids)
    embedded = value("pieces")[ids] * value("pieces.step")[ids, None]
    learned = value("learned")[ids] * value("learned.step")[ids, None]
    projected = dense(embedded, "project") + dense(learned, "project_learned")
    parts = [embedded]
    for at, (order, before) in enumerate([(2, 0), (3, 1), (5, 2)]):
        block = slice(256 * at, 256 * (at + 1))
        gain, bias = value("norm1.gain")[block], value("norm1.bias")[block]
        x = functional.layer_norm(projected[:, block], (256,), gain, bias, 1e-12)
        inner = around(x, f"conv{order}.1", order, before) + x
        parts.append(around(inner, f"conv{order}.2", order, before) + inner)
    features = functional.layer_norm(
        torch.cat(parts, dim=1), (1280,), value("norm2.gain"), value("norm2.bias"), 1e-12
    )
    root = len(ids) ** 0.5
    mean = functional.linear(features.sum(dim=0) / root, weight("pool")) + root * value("pool.bias")
    y1 = functional.relu(dense(mean, "p1") + dense(functional.relu(dense(mean, "d0")), "d1"))
    y2 = functional.relu(dense(y1, "d2"))
    shares = torch.softmax(dense(features, "attend")[:, 0], dim=0)
    gathered = functional.relu(dense(shares @ features, "gather"))
    return dense(torch.cat([mean, y1, y2, gathered]), "head").numpy()


def test_whole_numbers_give_what_torch_gives(student, arrays):
    texts = [text for text in TEXTS if len(text) < 100]
    ids = list(student.cutter.numbers([plain(text) for text in texts]))
    expected = np.array([reference(arrays, one) for one in ids])
    assert student.logits(texts) == pytest.approx(expected, abs=0.06)  # activations are rounded too


def test_a_text_has_the_same_answer_in_any_company(student):
    together = student.logits(TEXTS)
    alone = np.concatenate([student.logits([text]) for text in TEXTS])
    assert together.tobytes() == alone.tobytes()
    assert student.logits(TEXTS[::-1])[::-1].tobytes() == together.tobytes()
    assert student.logits([]).shape == (0, 3)


def test_capitals_blanks_and_dots_at_the_end_change_nothing(student):
    forms = ["the good phone", " The  good\nPHONE ", "THE GOOD PHONE...", "the good phone …"]
    assert len({row.tobytes() for row in student.logits(forms)}) == 1


def test_a_long_text_is_read_to_its_end(student):
    filler = "We went there on a Monday. " * 400
    kind, rude = student.logits([filler + "It was lovely, thank you! " * 400, filler + "Awful, rude! " * 400])
    assert kind[2] - kind[0] > 1 > rude[2] - rude[0]
    huge = student.logits(["nice " * 30_000, "nice " * 240])
    assert huge[0] == pytest.approx(huge[1], abs=0.5)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "copy")

    def change(**settings):
        config = json.loads((tmp_path / "copy" / "config.json").read_text(encoding="utf-8"))
        del config["format"]
        Folder.write(tmp_path / "copy", config | settings)
        return tmp_path / "copy"

    return change


def test_a_student_of_another_encoder_is_refused(copy):
    with pytest.raises(ModelError, match="another encoder"):
        load_model(copy(encoder="0" * 64))


def test_a_network_that_is_none_is_refused(copy):
    (copy() / "network.npz").write_bytes(b"not an archive")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(copy())


def test_layers_that_do_not_fit_are_refused(copy, arrays):
    stored = {name: value for name, value in arrays.items() if not name.startswith(("pieces", "gather"))}
    np.savez(copy() / "network.npz", **stored)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(copy())
