"""Round matrices to 8 bits in blocks so that what they put out, not they themselves, stays close.

A row that was rounded up leaves an error in the output which the rows after it, rounded later, take back as
far as the inputs go together. Source: Frantar et al. 2022, "GPTQ".
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cholesky, inv

BLOCK = 32
DAMPING = 0.001


def round_matrix(matrix: np.ndarray, moments: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Give whole numbers and a scale for each :data:`BLOCK` rows of a column.

    Parameters
    ----------
    matrix
        Shape (inputs, outputs), applied as ``x @ matrix``; ``inputs`` is a multiple of :data:`BLOCK`.
    moments
        Second moments of the inputs, ``x.T @ x`` over many ``x``, shape (inputs, inputs); without them every
        number is rounded by itself.

    Returns
    -------
    numpy.ndarray
        int8, shape (inputs, outputs), from -127 to 127.
    numpy.ndarray
        float16, shape (inputs / BLOCK, outputs).
    """
    left = matrix.astype(np.float64)
    carried = _carried(moments) if moments is not None else np.eye(len(matrix))
    whole = np.empty(matrix.shape, np.int8)
    scales = np.empty((len(matrix) // BLOCK, matrix.shape[1]), np.float16)
    for block in range(len(scales)):
        rows = np.arange(block * BLOCK, (block + 1) * BLOCK)
        scales[block] = steps(np.abs(left[rows]).max(axis=0))
        step = scales[block].astype(np.float64)
        missed = np.empty((BLOCK, matrix.shape[1]))
        for place, row in enumerate(rows):
            whole[row] = np.clip(np.rint(left[row] / step), -127, 127)
            missed[place] = (left[row] - whole[row] * step) / carried[row, row]
            later = rows[place + 1 :]
            left[later] -= np.outer(carried[row, later], missed[place])
        left[rows[-1] + 1 :] -= carried[rows, rows[-1] + 1 :].T @ missed
    return whole, scales


def steps(largest: np.ndarray) -> np.ndarray:
    """Give the steps, float16, of which 127 reach the largest number."""
    exact = np.maximum(largest / 127, np.finfo(np.float16).smallest_subnormal)
    near = exact.astype(np.float16)
    return np.where(near < exact, np.nextafter(near, np.float16(np.inf)), near)


def _carried(moments: np.ndarray) -> np.ndarray:
    """Give the upper Cholesky factor of the inverse: how an input's error goes on to those after it."""
    damped = moments.astype(np.float64)
    damped[np.diag_indices_from(damped)] += DAMPING * np.diag(damped).mean()
    return cholesky(inv(damped))
