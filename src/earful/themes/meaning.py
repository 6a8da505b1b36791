"""Texts by what they mean, as whole numbers: sums of their products are exact and depend on no order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder import VectorMaker

__all__ = ["VECTOR_SCALE", "features", "from_bytes", "readable", "to_bytes", "unit", "vectors"]

#: What a stored number is to be divided by; the numbers of a unit vector seldom pass 0.248.
VECTOR_SCALE = 512
_FEATURE_SCALE = 1024
_NOISE = re.compile(r"@\w{1,100}|https?://\S{1,2000}|[#*_~^]+")

Bytes = NDArray[np.int8]
Codes = NDArray[np.int16]


def readable(text: str) -> str:
    """Return a text without the names, links and marks of a tweet, which would pull its vector about."""
    return " ".join(_NOISE.sub(" ", text).split()) if _NOISE.search(text) else text


def vectors(encoder: VectorMaker, texts: Sequence[str]) -> Bytes:
    """Return the encoder's vectors in bytes, shape (n, size)."""
    found = encoder.embed([readable(text) for text in texts])
    return np.clip(np.rint(found * VECTOR_SCALE), -127, 127).astype(np.int8)


def features(encoder: VectorMaker, texts: Sequence[str]) -> Codes:
    """Return what a classifier reads: the vectors, finer than they are kept, shape (n, size)."""
    found = encoder.embed([readable(text) for text in texts])
    codes: Codes = np.rint(found * _FEATURE_SCALE).astype(np.int16)
    return codes


def unit(rows: NDArray[Any]) -> NDArray[Any]:
    """Return rows, or one, with their length made 1; zeros stay zeros."""
    return np.asarray(rows / np.maximum(np.sqrt(np.square(rows).sum(axis=-1, keepdims=True)), 1e-9))


def to_bytes(rows: Bytes) -> list[bytes]:
    """Return each vector as bytes, as a run keeps them."""
    return [row.tobytes() for row in np.ascontiguousarray(rows)]


def from_bytes(values: Sequence[bytes]) -> Bytes:
    """Return what :func:`to_bytes` took, shape (n, size)."""
    found = np.frombuffer(b"".join(values), dtype=np.int8)
    return found.reshape(len(values), -1) if values else found.reshape(0, 0)
