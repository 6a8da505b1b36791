"""The layers of the encoder on a GPU: run by torch, matrices in bfloat16, all else in full width.

The weights are those that onnxruntime runs in 8 bits, so states differ from its by about as much as those
differ from full width. As there, what one line gives must not depend on the lines of its call: a product is
always one of as many rows, whatever lines there are, as its library may choose its way by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder.layers import filled_up, groups
from earful.encoder.weights import read_weights
from earful.errors import ModelError
from earful.models.devices import check_device, torch_device

__all__ = ["GpuLayers"]

Floats = NDArray[np.float32]

_FULL = 16  # lines are filled up to a multiple of so many pieces
_TOGETHER = 2_048  # pieces that are run together, filled-up ones counted: what keeps a GPU busy


class GpuLayers:
    """What takes rows of pieces and gives their states, as :class:`earful.encoder.layers.Layers` does.

    Parameters
    ----------
    graph
        The ONNX graph whose weights are run.
    device
        Where they run, as the setting ``sentiment.device`` calls it.

    Raises
    ------
    ConfigError
        There is no such device.
    """

    def __init__(self, graph: bytes, device: str) -> None:
        import torch

        check_device(device)
        self._device, self._weights = torch_device(device), read_weights(graph)
        self._arrays = {}
        for name, array in self._weights.arrays.items():
            wide = torch.from_numpy(np.array(array, np.float32)).to(self._device)
            self._arrays[name] = wide if "norm" in name else wide.to(torch.bfloat16)

    def states(self, lines: Sequence[Floats]) -> list[Floats]:
        """Return the states of each line, shape (pieces, width), from its rows of the same shape.

        Raises
        ------
        ModelError
            The memory of the GPU is used up.
        """
        import torch

        out: list[Floats] = [np.zeros(0, np.float32)] * len(lines)
        try:
            for longest, places in groups([len(line) for line in lines], _filled_length, _TOGETHER):
                states = self._run([lines[at] for at in places], longest)
                for place, own in zip(places, states, strict=False):  # behind them stand empty lines
                    out[place] = own[: len(lines[place])].copy()
        except torch.OutOfMemoryError:
            raise ModelError(
                "the memory of the GPU is used up",
                where=f"--device {self._device}",
                fix="let fewer work with it: on a cluster by a larger --gpus",
            ) from None
        return out

    def _run(self, lines: Sequence[Floats], longest: int) -> Floats:
        import torch

        rows, filled = filled_up(lines, max(1, _TOGETHER // longest), longest)
        inside = filled == 0
        inside[len(lines) :, 0] = True  # an empty line looks at itself: of nothing there is no mean
        with torch.inference_mode():
            given = (torch.from_numpy(one).to(self._device) for one in (rows, inside))
            found: Floats = self._forward(*given).cpu().numpy()
        return found

    def _forward(self, rows: Any, inside: Any) -> Any:
        from torch.nn import functional

        n, pieces, width = rows.shape
        states = self._norm("norm", rows)
        for name in (f"layers.{i}" for i in range(self._weights.layers)):
            three = self._times(f"{name}.attend", states).view(n, pieces, 3, self._weights.heads, -1)
            query, key, value = three.permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(query, key, value, inside[:, None, None, :])
            seen = self._times(f"{name}.out", seen.transpose(1, 2).reshape(n, pieces, width))
            states = self._norm(f"{name}.norm_attention", states + seen)
            inner = functional.gelu(self._times(f"{name}.widen", states))
            inner = self._times(f"{name}.narrow", inner)
            states = self._norm(f"{name}.norm_output", states + inner)
        return states

    def _times(self, name: str, given: Any) -> Any:
        from torch.nn import functional

        weight, bias = self._arrays[f"{name}.weight"], self._arrays[f"{name}.bias"]
        return functional.linear(given.to(weight.dtype), weight, bias)

    def _norm(self, name: str, given: Any) -> Any:
        from torch.nn import functional

        weight, bias = self._arrays[f"{name}.weight"], self._arrays[f"{name}.bias"]
        return functional.layer_norm(given, weight.shape, weight, bias, self._weights.epsilon)


def _filled_length(length: int) -> int:
    return -(-length // _FULL) * _FULL
