"""Texts by what they mean, as whole numbers: sums of their products are exact and depend on no order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder import Encoder
from earful.encoder.network import SIZE

__all__ = ["BYTES", "VECTOR_SCALE", "features", "from_bytes", "readable", "to_bytes", "unit", "vectors"]

#: Bytes of a stored vector: one signed byte for each of its numbers.
BYTES = SIZE
#: What a stored number is to be divided by; the numbers of a unit vector seldom pass 0.248.
VECTOR_SCALE = 512
_FEATURE_SCALE = 1024
_NOISE = re.compile(r"@\w{1,100}|https?://\S{1,2000}|[#*_~^]+")

Bytes = NDArray[np.int8]
Codes = NDArray[np.int16]


def readable(text: str) -> str:
    """Return a text without the names, links and marks of a tweet, which would pull its vector about."""
    return " ".join(_NOISE.sub(" ", text).split()) if _NOISE.search(text) else text


def vectors(encoder: Encoder, texts: Sequence[str]) -> Bytes:
    """Return the encoder's vectors in bytes, shape (n, 512)."""
    found = encoder.embed([readable(text) for text in texts])
    return np.clip(np.rint(found * VECTOR_SCALE), -127, 127).astype(np.int8)


def features(encoder: Encoder, texts: Sequence[str]) -> Codes:
    """Return what a classifier reads: the vector and, where there is one, the pooled mean of the pieces."""
    read = [readable(text) for text in texts]
    if not hasattr(encoder, "hidden"):  # one that reads whole reviews gives vectors alone
        return np.asarray(np.rint(encoder.embed(read) * _FEATURE_SCALE), dtype=np.int16)
    hidden = encoder.hidden(read)
    both = np.hstack([hidden[:, -SIZE:], unit(hidden[:, :SIZE])])
    codes: Codes = np.rint(both * _FEATURE_SCALE).astype(np.int16)
    return codes


def unit(rows: NDArray[Any]) -> NDArray[Any]:
    """Return rows, or one, with their length made 1; zeros stay zeros."""
    return np.asarray(rows / np.maximum(np.sqrt(np.square(rows).sum(axis=-1, keepdims=True)), 1e-9))


def to_bytes(rows: Bytes) -> list[bytes]:
    """Return each vector as bytes, as a run keeps them."""
    return [row.tobytes() for row in np.ascontiguousarray(rows)]


def from_bytes(values: Sequence[bytes]) -> Bytes:
    """Return what :func:`to_bytes` took, as many numbers a row as a vector has bytes."""
    return np.frombuffer(b"".join(values), dtype=np.int8).reshape(len(values), -1 if values else BYTES)
