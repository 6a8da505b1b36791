"""Turn a run's last checkpoint into files that onnxruntime and numpy read: 8 bits a weight.

    PYTHONPATH=SITE python scripts/encoder/export.py RUN FOLDER [--layers 12] [--recipe blocks]

It needs ``onnx`` and ``onnx_ir`` beside what the package needs. The network takes the pieces' rows (numpy
gathers them, so that models of one family share one table) and gives the states; the heads are few numbers
and stay in numpy. Recipes:

``blocks``   each row of what goes in and each block of weights has a scale of its own (``MatMulNBits``, 8
             bits); what one text gives cannot depend on another's numbers.
``reduced``  weights of 7 bits by column, what goes in 8 bits by text (``MatMulInteger``): no sum of two
             products leaves 16 bits, so processors without VNNI do not saturate. One text at a time.
``full``     no rounding.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from checkpoint import read_run
from network import Encoder
from rows import WORK
from torch import nn

RECIPES = ("blocks", "reduced", "full")
BLOCK = 32


class States(nn.Module):
    """The layers behind the table of pieces."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.norm, self.layers = encoder.norm, encoder.layers

    def forward(self, rows: torch.Tensor, filled: torch.Tensor) -> torch.Tensor:
        """Return states of rows of pieces and places; ``filled`` is 1 where a row is no part of a text."""
        states = self.norm(rows)
        mask = (filled * -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        return states


def write_network(encoder: Encoder, path: Path) -> None:
    """Write the layers as an ONNX file in full precision."""
    width = encoder.pieces.weight.shape[1]
    names = {name: {0: "texts", 1: "pieces"} for name in ("rows", "filled", "states")}
    torch.onnx.export(
        States(encoder).eval(),
        (torch.randn(2, 20, width), torch.zeros(2, 20)),
        str(path),
        input_names=["rows", "filled"],
        output_names=["states"],
        dynamic_axes=names,
        opset_version=17,
        dynamo=False,
    )


def write_rounded(full: Path, path: Path, recipe: str) -> None:
    """Write the network with its matrices in 8 bits."""
    if recipe == "blocks":
        import onnx
        from onnxruntime.quantization.matmul_nbits_quantizer import (
            DefaultWeightOnlyQuantConfig,
            MatMulNBitsQuantizer,
        )

        config = DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8)
        rounder = MatMulNBitsQuantizer(onnx.load(str(full)), algo_config=config)
        rounder.process()
        rounder.model.save_model_to_file(str(path))
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        full,
        path,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul"],
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--recipe", choices=RECIPES, default="blocks")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    reader, _, _ = read_run(args.run, args.work)
    full = args.folder / "full.onnx"
    write_network(reader.encoder, full)
    if args.recipe != "full":
        write_rounded(full, args.folder / "network.onnx", args.recipe)
    heads = {
        f"{name}.{part}": getattr(getattr(reader, name), part).detach().numpy()
        for name in ("review", "segment", "answer", "problem", "tag", "tone", "theme")
        for part in ("weight", "bias")
    }
    np.savez(args.folder / "heads.npz", **heads)
    np.save(args.folder / "pieces.npy", reader.encoder.pieces.weight.detach().numpy().astype(np.float16))
    np.save(args.folder / "places.npy", reader.encoder.places.weight.detach().numpy())


if __name__ == "__main__":
    main()
