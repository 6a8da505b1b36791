"""What a GPU would compute says nearly what the processor says; where there is none, that is told."""

import numpy as np
import pytest
import torch
from onnx import helper, numpy_helper

from earful.config import load_config
from earful.encoder.gpu import GpuLayers
from earful.encoder.layers import Layers
from earful.encoder.loading import NETWORK
from earful.encoder.weights import read_weights
from earful.errors import ConfigError, ModelError
from earful.models.devices import check_device
from earful.models.home import shipped
from earful.sentiment import load_model

TEXTS = (
    "The room was clean but the breakfast was cold, and nobody said sorry.",
    "It works.",
    "Ждал посылку три недели, поддержка не отвечает. Деньги вернули только после жалобы.",
    "Очень вкусно, придём ещё!",
    "Персоналът е любезен, но опашката беше огромна.",
    "Пратката пристигна навреме.",
    "Kurjers bija laipns, bet pasūtījums kavējās divas stundas.",
    "Viss patika, paldies!",
    "The app crashes whenever I open a statement. " * 20,
)


@pytest.mark.skipif(shipped().get("fast") != "reader", reason="another model is shipped")
def test_sixteen_bits_say_nearly_what_eight_say():
    langs = ["en", "en", "ru", "ru", "bg", "bg", "lv", "lv", "en"]
    here, there = (load_model("fast", device) for device in ("cpu", "emulated"))
    assert np.abs(here.predict(TEXTS, langs) - there.predict(TEXTS, langs)).max() < 0.03
    assert (here.embed(TEXTS) * there.embed(TEXTS)).sum(axis=1).min() > 0.995
    assert here == there  # the weights are the same


def test_states_are_those_of_the_graph(tiny_models):
    graph = (tiny_models / "fast" / NETWORK).read_bytes()
    random = np.random.default_rng(5)
    lines = [random.standard_normal((length, 32)).astype(np.float32) for length in (1, 5, 16, 17, 40)]
    for one, other in zip(
        Layers(graph, 1).states(lines), GpuLayers(graph, "emulated").states(lines), strict=True
    ):
        assert one.shape == other.shape
        cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
        assert cosines.min() > 0.995


def test_a_graph_in_full_width_is_read_as_it_is():
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    names = {f"layers.0.{kind}": matrix for kind in ("attend", "out", "widen", "narrow")}
    constants = {f"{name}.weight": array for name, array in names.items()}
    constants |= {f"{name}.added": np.zeros(3, np.float32) for name in names}
    for norm in ("norm", "layers.0.norm_attention", "layers.0.norm_output"):
        constants |= {f"{norm}.{part}": np.ones(2, np.float32) for part in ("weight", "bias")}
    nodes = [
        helper.make_node("LayerNormalization", ["a"], ["b"], epsilon=0.5),
        helper.make_node("MultiHeadAttention", ["b"], ["c"], num_heads=7),
    ]
    graph = helper.make_graph(
        nodes, "g", [], [], [numpy_helper.from_array(array, name) for name, array in constants.items()]
    )
    found = read_weights(helper.make_model(graph).SerializeToString())
    assert (found.layers, found.heads, found.epsilon) == (1, 7, 0.5)
    assert np.array_equal(found.arrays["layers.0.out.weight"], matrix.T)


@pytest.mark.parametrize("device", ["gpu", "cuda:", "cuda:-1", "cuda:123", "cpu:0", "CUDA", ""])
def test_what_is_no_device_is_refused(device):
    with pytest.raises(ConfigError, match=r"sentiment\.device: .* is no device; allowed: cpu, cuda, cuda:N"):
        load_config(overrides={"sentiment": {"device": device}})


def test_a_gpu_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=r"sentiment\.device: 'cuda' is not there: .* shows 0 GPUs"):
        check_device("cuda")
    with pytest.raises(ConfigError, match="'cuda' is not there"):
        load_model("fast", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_device("cuda:1")
    with pytest.raises(ConfigError, match=r"'cuda:2' is not there: .* shows 2 GPUs"):
        check_device("cuda:2")


def test_a_gpu_whose_memory_is_used_up_is_told(tiny_models, monkeypatch):
    layers = GpuLayers((tiny_models / "fast" / NETWORK).read_bytes(), "emulated")

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore of it.")

    monkeypatch.setattr(layers, "_forward", full)
    with pytest.raises(
        ModelError, match=r"^--device cpu: the memory of the GPU is used up; .*a larger --gpus$"
    ):
        layers.states([np.zeros((3, 32), np.float32)])


def test_without_onnx_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("earful.models.devices.find_spec", lambda name: None)
    check_device("cpu")
    with pytest.raises(ConfigError, match=r"onnx is not installed.*earful\[gpu\]"):
        check_device("cuda")
