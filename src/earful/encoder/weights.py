"""The weights in a reader's graph, for what runs it by other means than onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Weights", "read_weights"]

Floats = NDArray[np.float32]

_MATRICES = ("attend", "out", "widen", "narrow")
_NORMS = ("norm_attention", "norm_output")


@dataclass(frozen=True, slots=True)
class Weights:
    """What a network of the encoder's shape is made of.

    Attributes
    ----------
    layers, heads
        How many layers there are, and heads of attention in each.
    epsilon
        What is added to the variance where states are normalised.
    arrays
        ``norm``, and of each layer ``layers.I.attend``, ``.out``, ``.widen``, ``.narrow``,
        ``.norm_attention`` and ``.norm_output``, each with ``.weight``, of a matrix of shape (outputs,
        inputs), and ``.bias``.
    """

    layers: int
    heads: int
    epsilon: float
    arrays: Mapping[str, Floats]


def read_weights(graph: bytes) -> Weights:
    """Read the weights of a graph, as numbers of full width where they were rounded.

    Raises
    ------
    KeyError, StopIteration
        It is none of :mod:`scripts.encoder.graph`.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(graph).graph
    constants = {one.name: numpy_helper.to_array(one) for one in model.initializer}
    layers = sum(name.endswith(".attend.weight") for name in constants)
    arrays = {f"norm.{part}": constants[f"norm.{part}"] for part in ("weight", "bias")}
    for layer in (f"layers.{i}" for i in range(layers)):
        for name in (f"{layer}.{kind}" for kind in _MATRICES):
            arrays[f"{name}.weight"] = np.ascontiguousarray(_matrix(name, constants).T)
            arrays[f"{name}.bias"] = constants[f"{name}.added"]
        for name in (f"{layer}.{kind}" for kind in _NORMS):
            arrays |= {f"{name}.{part}": constants[f"{name}.{part}"] for part in ("weight", "bias")}
    heads, epsilon = (
        _told(model, *named)
        for named in (("MultiHeadAttention", "num_heads"), ("LayerNormalization", "epsilon"))
    )
    return Weights(layers, heads, epsilon, arrays)


def _matrix(name: str, constants: Mapping[str, NDArray[Any]]) -> Floats:
    """Return a matrix as it was before it was rounded, shape (inputs, outputs)."""
    matrix: Floats = constants[f"{name}.weight"].astype(np.float32)
    if f"{name}.step" in constants:
        matrix = matrix * constants[f"{name}.step"]
    if f"{name}.apart" in constants:
        matrix[constants[f"{name}.apart"]] = constants[f"{name}.large"]
    return matrix


def _told(graph: Any, kind: str, what: str) -> Any:
    """Return an attribute of the first node of a kind."""
    import onnx

    node = next(node for node in graph.node if node.op_type == kind)
    return next(onnx.helper.get_attribute_value(one) for one in node.attribute if one.name == what)
