"""Build the encoder's layers as an ONNX graph, in full precision or with matrices of whole numbers.

In whole numbers every row that goes into a matrix is rounded by itself, to 8 bits, with its largest number
for a scale, and the matrix to 7 bits by column. So what one piece gives cannot depend on the company of its
text, and no sum of two products leaves 16 bits: processors with and without VNNI give the same whole sums. A
few inputs are many times as large as the others, the same ones in every text: they stay as they are and are
multiplied apart. What comes out of GELU is hardly below zero, so most of the steps lie above.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from scripts.encoder.network import LEAST_GELU, ZERO_GELU, Encoder
from scripts.encoder.rounding import largest_of, round_matrix

ZERO = 128  # where zero lies among the 256 steps
OWN = "com.microsoft"


class Graph:
    """A graph that grows node by node.

    Parameters
    ----------
    moments
        By the name of each matrix the second moments of what goes into it: it is rounded by them.
    whole
        Whether matrices are rounded.
    """

    def __init__(self, encoder: Encoder, moments: dict[str, np.ndarray] | None, whole: bool) -> None:
        self._encoder, self._moments, self._whole = encoder, moments or {}, whole
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}
        self._heads = encoder.layers[0].heads

    def model(self) -> onnx.ModelProto:
        """Return the graph: ``rows`` (n, pieces, width) and ``filled`` (n, pieces) in, ``states`` out."""
        width = self._encoder.pieces.weight.shape[1]
        self._constants["one"] = np.array(1.0, np.float32)
        self._constants["least"] = np.array([1e-6], np.float32)
        self._constants["least gelu"] = np.array([LEAST_GELU / ZERO_GELU], np.float32)
        self._constants["last"] = np.array([-1], np.int64)
        states = self._norm("rows", "norm", self._encoder.norm)
        mask = self._node("Cast", [self._node("Sub", ["one", "filled"])], to=TensorProto.INT32)
        for i, layer in enumerate(self._encoder.layers):
            states = self._layer(f"layers.{i}", layer, states, mask, width)
        self._nodes.append(helper.make_node("Identity", [states], ["states"]))
        shapes = {"rows": ["n", "pieces", width], "filled": ["n", "pieces"], "states": ["n", "pieces", width]}
        infos = {
            name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        }
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [infos["rows"], infos["filled"]],
            [infos["states"]],
            [numpy_helper.from_array(value, name) for name, value in self._constants.items()],
        )
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(OWN, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def _layer(self, name: str, layer: object, states: str, mask: str, width: int) -> str:
        three = self._matrix(f"{name}.attend", layer.attend, states)
        three = self._node("Add", [three, self._bias(f"{name}.attend", layer.attend)])
        sizes = self._constant(f"{name}.sizes", np.array([width] * 3, np.int64))
        query, key, value = self._nodes_of("Split", [three, sizes], 3, axis=-1)
        seen = self._node(
            "MultiHeadAttention", [query, key, value, "", mask], domain=OWN, num_heads=self._heads
        )
        out = self._matrix(f"{name}.out", layer.out, seen)
        states = self._norm_after(
            f"{name}.norm_attention", layer.norm_attention, out, states, self._bias(f"{name}.out", layer.out)
        )
        inner = self._matrix(f"{name}.widen", layer.widen, states)
        inner = self._node("BiasGelu", [inner, self._bias(f"{name}.widen", layer.widen)], domain=OWN)
        out = self._matrix(f"{name}.narrow", layer.narrow, inner)
        return self._norm_after(
            f"{name}.norm_output", layer.norm_output, out, states, self._bias(f"{name}.narrow", layer.narrow)
        )

    def _matrix(self, name: str, linear: object, given: str) -> str:
        matrix = linear.weight.detach().numpy().T.astype(np.float32).copy()
        if not self._whole:
            return self._node("MatMul", [given, self._constant(f"{name}.weight", matrix)])
        apart = largest_of(name, self._moments[name]) if name in self._moments else np.zeros(0, np.int64)
        whole, steps = round_matrix(matrix, self._moments.get(name))
        whole[apart] = 0
        shape = self._constant(f"{name}.flat", np.array([-1, len(matrix)], np.int64))
        flat = self._node("Reshape", [given, shape])
        small = flat
        if len(apart):
            others = np.ones(len(matrix), np.float32)
            others[apart] = 0
            small = self._node("Mul", [flat, self._constant(f"{name}.others", others)])
        rounded, step, zero = self._rounded(small, name.endswith("narrow"))
        weight, scale = self._constant(f"{name}.weight", whole), self._constant(f"{name}.step", steps)
        out = self._node("MatMulIntegerToFloat", [rounded, weight, "one", scale, zero, ""], domain=OWN)
        out = self._node("Mul", [out, self._node("Unsqueeze", [step, "last"])])
        if len(apart):
            some = self._node(
                "Gather", [flat, self._constant(f"{name}.apart", apart.astype(np.int64))], axis=1
            )
            large = self._node("MatMul", [some, self._constant(f"{name}.large", matrix[apart])])
            out = self._node("Add", [out, large])
        ends = self._node("Concat", [self._node("Shape", [given], end=2), "last"], axis=0)
        return self._node("Reshape", [out, ends])

    def _rounded(self, rows: str, gelu: bool) -> tuple[str, str, str]:
        """Return rows in 8 bits, the step of each, and where zero lies."""
        zero = ZERO_GELU if gelu else ZERO
        top = self._constant(f"top {zero}", np.array([255.0 - zero], np.float32))
        largest = self._node("ReduceMax", [rows if gelu else self._node("Abs", [rows])], axes=[1], keepdims=0)
        step = self._node("Max", [self._node("Div", [largest, top]), "least gelu" if gelu else "least"])
        value = helper.make_tensor("value", TensorProto.UINT8, [1], [zero])
        zeros = self._node("ConstantOfShape", [self._node("Shape", [step])], value=value)
        rounded = self._node("QuantizeLinear", [rows, step, zeros], axis=0)
        return rounded, step, self._constant(f"zero {zero}", np.array(zero, np.uint8))

    def _norm(self, given: str, name: str, norm: object) -> str:
        weight = self._constant(f"{name}.weight", norm.weight.detach().numpy())
        bias = self._constant(f"{name}.bias", norm.bias.detach().numpy())
        return self._node("LayerNormalization", [given, weight, bias], axis=-1, epsilon=norm.eps)

    def _norm_after(self, name: str, norm: object, given: str, before: str, bias: str) -> str:
        weight = self._constant(f"{name}.weight", norm.weight.detach().numpy())
        beta = self._constant(f"{name}.bias", norm.bias.detach().numpy())
        return self._node(
            "SkipLayerNormalization", [given, before, weight, beta, bias], domain=OWN, epsilon=norm.eps
        )

    def _bias(self, name: str, linear: object) -> str:
        return self._constant(f"{name}.added", linear.bias.detach().numpy())

    def _constant(self, name: str, value: np.ndarray) -> str:
        self._constants[name] = np.ascontiguousarray(value)
        return name

    def _node(self, kind: str, given: list[str], **options: object) -> str:
        return self._nodes_of(kind, given, 1, **options)[0]

    def _nodes_of(self, kind: str, given: list[str], count: int, **options: object) -> list[str]:
        out = [f"{kind}_{len(self._nodes)}_{i}" for i in range(count)]
        self._nodes.append(helper.make_node(kind, given, out, **options))
        return out


def write_graph(
    encoder: Encoder, path: Path, moments: dict[str, np.ndarray] | None = None, whole: bool = True
) -> None:
    """Write the layers of an encoder as an ONNX file."""
    onnx.save(Graph(encoder, moments, whole).model(), str(path))
