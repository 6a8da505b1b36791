"""Read the weights back out of a shipped folder, so that training can go on from what is shipped.

The graph's weights are 8 bits in blocks, each with a scale, as ``export_accurate.py`` writes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file

from earful.sentiment.onnx import opened

#: What a layer's nodes hold, in the order of the graph.
_PARTS = (
    "input_layernorm", "self_attn.q_proj", "self_attn.q_norm", "self_attn.k_proj", "self_attn.k_norm",
    "self_attn.v_proj", "self_attn.o_proj", "post_attention_layernorm", "pre_feedforward_layernorm",
    "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "post_feedforward_layernorm",
)  # fmt: skip


def shipped_states(folder: Path, layers: int) -> dict[str, torch.Tensor]:
    """Give the states of :class:`train_accurate.Reader` that a model folder holds.

    Raises
    ------
    SystemExit
        The graph is not laid out as ``export_accurate.py`` writes it.
    """
    graph = onnx.load(folder / "network.onnx").graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]].astype(np.float32)
        if node.op_type == "DequantizeLinear":
            whole, scale = (arrays[name] for name in node.input)
            arrays[node.output[0]] = whole * np.repeat(scale, len(whole) // len(scale), axis=0)
    found = [values for node in graph.node if (values := _values(node, arrays)) is not None]
    if len(found) != layers * len(_PARTS) + 1:
        raise SystemExit(f"{folder}: {len(found)} weights, {layers * len(_PARTS) + 1} expected")
    embedding = load_file(folder / "embedding.safetensors")
    states = {"layers.norm.weight": found[-1], "embed.weight": opened(embedding["rows"], embedding["scale"])}
    for layer in range(layers):
        own = found[layer * len(_PARTS) : (layer + 1) * len(_PARTS)]
        named = zip(_PARTS, own, strict=True)
        states |= {f"layers.layers.{layer}.{part}.weight": values for part, values in named}
    states |= {f"head.{part}": arrays[f"head.{part}"] for part in ("weight", "bias")}
    return {name: torch.from_numpy(np.array(values, dtype=np.float32)) for name, values in states.items()}


def _values(node: onnx.NodeProto, arrays: dict[str, np.ndarray]) -> np.ndarray | None:
    """Give a projection's matrix, or a norm's gain, which the graph holds as 1 more; ``None`` of others."""
    held = [arrays[name] for name in node.input if name in arrays]
    if not held:
        return None
    if node.op_type == "MatMul":
        return held[0].T
    return held[0] - 1.0 if node.op_type == "Mul" and held[0].ndim == 1 else None


def mean_states(
    states: list[dict[str, torch.Tensor]], shares: list[float] | None = None
) -> dict[str, torch.Tensor]:
    """Give the weighted mean of networks that were tuned from the same one.

    What two passes learned lies close enough together that the mean of their weights knows most of both
    (Wortsman et al. 2022, "Model soups").
    """
    shares = shares or [1 / len(states)] * len(states)
    return {
        name: sum(share * one[name].float() for share, one in zip(shares, states, strict=True))
        for name in states[0]
    }
