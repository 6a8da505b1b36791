"""Even out the encoder before its activations go to 8 bits.

A few channels are hundreds of times larger than the rest; rounding whole blocks to the scale of their largest
channel wipes the others out. Dividing a channel where it is made and multiplying the weights that read it
leaves every output as it was (SmoothQuant, Xiao et al. 2023) and makes the rounding harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


def smooth(layers: Sequence[nn.Module], run: Any) -> None:
    """Rescale channels in place so that inputs and weights share the range between them.

    Parameters
    ----------
    layers
        Decoder layers of Gemma 3.
    run
        Called without arguments; it takes the calibration texts through the layers.
    """
    watched = {
        projection: torch.zeros(projection.in_features)
        for layer in layers
        for projection in (
            layer.self_attn.q_proj,
            layer.self_attn.o_proj,
            layer.mlp.gate_proj,
            layer.mlp.down_proj,
        )
    }
    hooks = [projection.register_forward_pre_hook(_watcher(watched)) for projection in watched]
    with torch.inference_mode():
        run()
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for layer in layers:
            _smooth_layer(layer, watched)


def _watcher(watched: dict[nn.Module, torch.Tensor]) -> Any:
    def see(module: nn.Module, inputs: tuple[torch.Tensor]) -> None:
        largest = inputs[0].detach().abs().flatten(0, -2).amax(dim=0)
        watched[module] = torch.maximum(watched[module], largest)

    return see


def _smooth_layer(layer: nn.Module, seen: dict[nn.Module, torch.Tensor]) -> None:
    attention, mlp = layer.self_attn, layer.mlp
    readers = [attention.q_proj, attention.k_proj, attention.v_proj]
    _move_norm(layer.input_layernorm, readers, seen[attention.q_proj])
    _move_norm(layer.pre_feedforward_layernorm, [mlp.gate_proj, mlp.up_proj], seen[mlp.gate_proj])

    by = _factors(seen[mlp.down_proj], [mlp.down_proj])
    mlp.up_proj.weight /= by[:, None]
    mlp.down_proj.weight *= by

    # All heads read the same values, so a channel of theirs has one factor.
    heads = attention.o_proj.in_features // attention.v_proj.out_features
    largest = seen[attention.o_proj].view(heads, -1).amax(dim=0)
    weight = attention.o_proj.weight.abs().amax(dim=0).view(heads, -1).amax(dim=0)
    by = _balance(largest, weight)
    attention.v_proj.weight /= by[:, None]
    attention.o_proj.weight *= by.repeat(heads)


def _move_norm(norm: nn.Module, readers: list[nn.Linear], largest: torch.Tensor) -> None:
    by = _factors(largest, readers)
    norm.weight.copy_((1.0 + norm.weight) / by - 1.0)
    for reader in readers:
        reader.weight *= by


def _factors(largest: torch.Tensor, readers: list[nn.Linear]) -> torch.Tensor:
    return _balance(largest, torch.stack([reader.weight.abs().amax(dim=0) for reader in readers]).amax(dim=0))


def _balance(inputs: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (inputs.clamp(min=1e-5) / weights.clamp(min=1e-5)).sqrt()
