"""The encoder's network, computed so that a text's vector is the same to the bit in any company.

Sums of floating-point numbers depend on their order, and a matrix product's order depends on its shape. Here
the factors of every matrix product are small whole numbers (8-bit weights, activations rounded to levels), so
small that no sum can pass 2**24: below that single precision is exact and order does not matter. What is not
a matrix product is done element by element or row by row.

The architecture is that of the Universal Sentence Encoder, multilingual, version 3 (Yang et al., 2020,
https://arxiv.org/abs/1907.04307): embeddings of pieces, three convolutions over 2, 3 and 5 pieces of two
layers each, a layer norm, the sum over the pieces over the root of their number, and a feed-forward tail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FEATURES",
    "HIDDEN",
    "ORDERS",
    "PAD",
    "SIZE",
    "WIDTH",
    "Layer",
    "Network",
    "Trunk",
    "layer_of",
    "summed",
]

#: Numbers of a text's vector, of a piece's features, and of a text's inner layers put side by side.
SIZE, FEATURES, HIDDEN = 512, 1280, 1856

#: Pieces that a convolution reads, and how many of them stand before the piece itself.
ORDERS = ((2, 0), (3, 1), (5, 2))
#: Features that a convolution gives of a piece.
WIDTH = 256
#: Rows of nothing between texts: as far as the widest convolution reaches.
PAD = 2
_EXACT = 2**24
_FINEST = 2**11
_EPSILON = np.float32(1e-12)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """A matrix product with whole numbers for factors.

    Attributes
    ----------
    weights
        Whole numbers in [-127, 127], shape (inputs, outputs), held as float32 for the product's sake.
    scale
        What each column is to be multiplied by, shape (outputs,).
    levels
        The largest whole number that an input may be for all sums to stay exact.
    """

    weights: Floats
    scale: Floats
    levels: int

    @classmethod
    def of(cls, weights: NDArray[np.int8], scale: Floats) -> Layer:
        """Make a layer of stored weights."""
        largest = int(np.abs(weights.astype(np.int64)).sum(axis=0).max())
        return cls(weights.astype(np.float32), scale, min(_FINEST, (_EXACT - 1) // max(largest, 1)))

    def of_rows(self, rows: Floats) -> Floats:
        """Give the product for rows of any size: each is rounded to levels of its own largest number."""
        step = np.maximum(np.abs(rows).max(axis=1, keepdims=True), np.float32(1e-6)) / np.float32(self.levels)
        product: Floats = np.rint(rows / step) @ self.weights
        product *= step
        product *= self.scale
        return product


@dataclass(frozen=True, slots=True)
class _Branch:
    """A convolution of two layers, with a residual around each.

    ``inputs`` and ``inner`` are the largest numbers that the layers' inputs are taken to have.
    """

    order: int
    before: int
    first: Layer
    first_bias: Floats
    second: Layer
    second_bias: Floats
    inputs: float
    inner: float


class Trunk:
    """The network up to the features of each piece.

    Parameters
    ----------
    arrays
        What ``scripts/text/export_encoder.py`` or ``scripts/sentiment/export_student.py`` wrote.
    ranges
        The largest inputs of the convolutions' layers: three of the first, three of the second.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], ranges: Sequence[float]) -> None:
        self._pieces, self._step = arrays["pieces"], arrays["pieces.step"]
        self._project = layer_of(arrays, "project")
        self._project_bias = arrays["project.bias"]
        # A narrow table that a tuned network adds to the encoder's.
        self._learned = arrays.get("learned"), arrays.get("learned.step")
        self._project_learned = layer_of(arrays, "project_learned") if "learned" in arrays else None
        self._norm1 = arrays["norm1.gain"], arrays["norm1.bias"]
        self._norm2 = arrays["norm2.gain"], arrays["norm2.bias"]
        self._branches = [
            _Branch(
                order,
                before,
                layer_of(arrays, f"conv{order}.1"),
                arrays[f"conv{order}.1.bias"],
                layer_of(arrays, f"conv{order}.2"),
                arrays[f"conv{order}.2.bias"],
                ranges[at],
                ranges[at + len(ORDERS)],
            )
            for at, (order, before) in enumerate(ORDERS)
        ]

    @property
    def n_pieces(self) -> int:
        """Rows of the table of pieces."""
        return len(self._pieces)

    @property
    def table(self) -> dict[str, NDArray[Any]]:
        """The table of pieces, under the names that it is stored by."""
        return {"pieces": self._pieces, "pieces.step": self._step}

    def features(self, texts: Sequence[NDArray[np.int64]]) -> tuple[Floats, NDArray[np.int64]]:
        """Give the features of every piece of every text.

        Parameters
        ----------
        texts
            The piece numbers of each text, none empty.

        Returns
        -------
        tuple
            Features of shape (pieces of all texts, 1280), normalised; and where each text begins among them.
        """
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        place = np.arange(int(lengths.sum())) + np.repeat(PAD * np.arange(1, len(texts) + 1), lengths)
        distinct, which = np.unique(np.concatenate(texts), return_inverse=True)
        # Between texts stands the number past the last piece, whose contributions are nothing.
        at = np.full(len(which) + PAD * (len(texts) + 1), len(distinct), dtype=np.int64)
        at[place] = which
        embedded, projected = self._embed(distinct)
        out = np.empty((len(which), FEATURES), dtype=np.float32)
        out[:, :SIZE] = embedded[which]
        for number, branch in enumerate(self._branches):
            inputs = projected[:, number * WIDTH : (number + 1) * WIDTH]
            first = SIZE + number * WIDTH
            out[:, first : first + WIDTH] = _convolve(branch, inputs, at, place)
        return _normalise(out, *self._norm2), starts

    def _embed(self, pieces: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Give the embeddings of pieces and what the convolutions read of them, both by piece alone."""
        codes = self._pieces[pieces].astype(np.float32)
        step = self._step[pieces, None]
        projected: Floats = codes @ self._project.weights
        projected *= self._project.scale
        projected *= step
        projected += self._project_bias
        learned, learned_step = self._learned
        if self._project_learned is not None and learned is not None and learned_step is not None:
            more: Floats = learned[pieces].astype(np.float32) @ self._project_learned.weights
            more *= self._project_learned.scale
            more *= learned_step[pieces, None]
            projected += more
        gain, bias = self._norm1
        for number in range(len(ORDERS)):
            block = slice(number * WIDTH, (number + 1) * WIDTH)
            projected[:, block] = _normalise(projected[:, block].copy(), gain[block], bias[block])
        return codes * step, projected


class Network(Trunk):
    """The whole network, from piece numbers to vectors."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], ranges: Sequence[float]) -> None:
        super().__init__(arrays, ranges)
        self._pool, self._pool_bias = layer_of(arrays, "pool"), arrays["pool.bias"]
        self._tail = {name: layer_of(arrays, name) for name in ("d0", "d1", "p1", "d2", "p3", "d3")}

    def hidden(self, texts: Sequence[NDArray[np.int64]]) -> Floats:
        """Give the inner layers of each text side by side, shape (n, 1856); ``features`` says what it takes.

        In this order: the pooled mean (512), the first (320) and the second (512) layer of the tail, and the
        text's vector (512), whose length is 1.
        """
        features, starts = self.features(texts)
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        root = np.sqrt(lengths).astype(np.float32)[:, None]
        out = np.empty((len(texts), HIDDEN), dtype=np.float32)
        mean, y1, y2, z = out[:, :512], out[:, 512:832], out[:, 832:1344], out[:, 1344:]
        tail = self._tail
        mean[:] = self._pool.of_rows(summed(features, starts, lengths) / root)
        mean += root * self._pool_bias
        y0 = np.maximum(tail["d0"].of_rows(mean), 0)
        np.maximum(tail["p1"].of_rows(mean) + tail["d1"].of_rows(y0), 0, out=y1)
        np.maximum(tail["d2"].of_rows(y1), 0, out=y2)
        last = np.tanh(tail["p3"].of_rows(y1) + tail["d3"].of_rows(y2))
        z[:] = last / np.sqrt(np.maximum((last * last).sum(axis=1, keepdims=True), _EPSILON))
        return out


def layer_of(arrays: Mapping[str, NDArray[Any]], name: str) -> Layer:
    """Make the layer that is stored under a name."""
    return Layer.of(arrays[name], arrays[f"{name}.scale"])


def summed(features: Floats, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Floats:
    """Add up the rows of each text, in their order and without the other texts' rows."""
    return np.stack([features[a : a + n].sum(axis=0) for a, n in zip(starts, lengths, strict=True)])


def _convolve(branch: _Branch, inputs: Floats, at: NDArray[np.int64], place: NDArray[np.int64]) -> Floats:
    """Run a branch over rows ``at`` of ``inputs`` (one past the last: nothing); give those at ``place``."""
    rounded, step = _round(inputs, branch.inputs, branch.first.levels)
    inner_rows = len(at) - 2 * PAD
    total = np.zeros((inner_rows, WIDTH), dtype=np.float32)
    nothing = np.zeros((1, WIDTH), dtype=np.float32)
    for number in range(branch.order):
        # The first layer is linear, so what a piece adds at a distance is worked out once for each piece.
        weights = branch.first.weights[number * WIDTH : (number + 1) * WIDTH]
        offset = PAD + number - branch.before
        total += np.concatenate([rounded @ weights, nothing])[at[offset : offset + inner_rows]]
    total *= branch.first.scale * step
    total += branch.first_bias
    np.maximum(total, 0, out=total)
    inner = np.zeros((len(at), WIDTH), dtype=np.float32)
    inner[place] = total[place - PAD] + rounded[at[place]] * step
    rounded, step = _round(inner, branch.inner, branch.second.levels)
    total = np.zeros((inner_rows, WIDTH), dtype=np.float32)
    for number in range(branch.order):
        weights = branch.second.weights[number * WIDTH : (number + 1) * WIDTH]
        offset = PAD + number - branch.before
        total += rounded[offset : offset + inner_rows] @ weights
    result: Floats = total[place - PAD]
    result *= branch.second.scale * step
    result += branch.second_bias
    np.maximum(result, 0, out=result)
    result += inner[place]
    return result


def _round(rows: Floats, largest: float, levels: int) -> tuple[Floats, np.float32]:
    step = np.float32(largest / levels)
    return np.clip(np.rint(rows / step), -levels, levels), step


def _normalise(rows: Floats, gain: Floats, bias: Floats) -> Floats:
    """Layer norm of each row, in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + _EPSILON)
    rows *= gain
    rows += bias
    return rows
