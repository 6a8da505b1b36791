"""How much of what several columns explain together belongs to each of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
from scipy import sparse

from earful.loyalty.frames import Floats

__all__ = ["EXACT_UP_TO", "shapley_shares"]


#: Up to so many columns every order is tried; beyond, orders are drawn.
EXACT_UP_TO = 6
_ORDERS = 400
_SEED = 20240229
#: Rows that are held dense at once.
_STRETCH = 65_536


def shapley_shares(
    design: Floats | sparse.csr_matrix,
    outcome: Floats,
    orders: int = _ORDERS,
    weight: Floats | None = None,
) -> Floats:
    """Split the explained variance of a linear regression among its columns; the shares add up to 1.

    Each column gets what it adds to R2, averaged over the orders in which the columns can come in (Lindeman,
    Merenda and Gold 1980; the Shapley value of R2). Orders are drawn with a fixed seed, each with its
    reverse.

    Parameters
    ----------
    design
        Columns, shape (n, k), dense or sparse: a stretch of rows is held dense at a time.
    outcome
        What they explain, shape (n,).
    orders
        How many orders are drawn where there are too many to try all.
    weight
        Weight of each row, shape (n,); equal by default.

    Returns
    -------
    Floats
        Shape (k,), in [0, 1]. Columns that never vary get 0; where nothing is explained, shares are equal.
    """
    n, k = design.shape
    if k == 0:
        return np.empty(0)
    w = np.ones(n) if weight is None else weight
    root = np.sqrt(w * n / w.sum())
    mean = sum(w[at] @ rows for at, rows in _stretches(design)) / w.sum()
    y = (outcome - np.average(outcome, weights=w)) * root
    squares = sum((((rows - mean) * root[at, None]) ** 2).sum(axis=0) for at, rows in _stretches(design))
    spread = np.sqrt(squares / n)
    varies = np.flatnonzero(spread > 1e-12)
    size = float(np.sqrt((y**2).mean()))
    if size < 1e-12 or not len(varies):
        return np.full(k, 1 / k)
    # A trace of ridge keeps columns that say the same solvable; they then share alike.
    correlation = 1e-8 * np.eye(len(varies))
    with_outcome = np.zeros(len(varies))
    for at, rows in _stretches(design):
        x = ((rows - mean) * root[at, None])[:, varies] / spread[varies]
        correlation += x.T @ x / n
        with_outcome += x.T @ y[at] / (n * size)
    total = np.zeros(len(varies))
    for chunk in np.array_split(np.array(_orders(len(varies), orders)), 8):
        if len(chunk):
            factor = np.linalg.cholesky(correlation[chunk[:, :, None], chunk[:, None, :]])
            added = np.linalg.solve(factor, with_outcome[chunk][:, :, None])[:, :, 0] ** 2
            total += np.bincount(chunk.ravel(), added.ravel(), len(varies))
    shares = np.zeros(k)
    explained = float(total.sum())
    shares[varies] = total / explained if explained > 1e-12 else 1 / len(varies)
    return shares


def _stretches(design: Floats | sparse.csr_matrix) -> Iterator[tuple[slice, Floats]]:
    """Give the rows in stretches, dense: millions of rows at once would take gigabytes."""
    for start in range(0, design.shape[0], _STRETCH):
        at = slice(start, start + _STRETCH)
        rows: Any = design[at]
        yield at, rows.toarray() if sparse.issparse(rows) else rows


def _orders(k: int, drawn: int) -> list[list[int]]:
    if k <= EXACT_UP_TO:
        return [list(order) for order in permutations(range(k))]
    random = np.random.default_rng(_SEED)
    found = []
    for _ in range(max(drawn // 2, 1)):
        order = random.permutation(k).tolist()
        found += [order, order[::-1]]
    return found
