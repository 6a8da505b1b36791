"""Round matrices to whole numbers by column so that what they put out, not they themselves, stays close.

An input that was rounded up leaves an error in the output which the inputs after it, rounded later, take back
as far as they go together. Source: Frantar et al. 2022, "GPTQ".
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import cholesky, inv

from scripts.encoder.network import Encoder

DAMPING = 0.01
APART = {"attend": 8, "widen": 8, "narrow": 16}  # inputs of a matrix that are multiplied apart
TOP = 63  # 7 bits: two products of 255 and 63 still fit into 16 bits, which is where AVX2 sums them


def round_matrix(
    matrix: np.ndarray, moments: np.ndarray | None = None, top: int = TOP
) -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers and a scale for each column.

    Parameters
    ----------
    matrix
        Shape (inputs, outputs), applied as ``x @ matrix``.
    moments
        Second moments of the inputs, ``x.T @ x`` over many ``x``; without them every number is rounded by
        itself.

    Returns
    -------
    numpy.ndarray
        int8, shape (inputs, outputs), from -``top`` to ``top``.
    numpy.ndarray
        float32, shape (outputs,).
    """
    left = matrix.astype(np.float64)
    step = _steps(left, top)
    whole = np.empty(matrix.shape, np.int8)
    if moments is None:
        return np.clip(np.rint(left / step), -top, top).astype(np.int8), step.astype(np.float32)
    # What carries most is rounded first, while others can still take its error back.
    order = np.argsort(-np.diag(moments))
    left, moments = left[order], moments[np.ix_(order, order)]
    carried = _carried(moments)
    for row in range(len(left)):
        whole[row] = np.clip(np.rint(left[row] / step), -top, top)
        missed = (left[row] - whole[row] * step) / carried[row, row]
        left[row + 1 :] -= np.outer(carried[row, row + 1 :], missed)
    back = np.empty_like(whole)
    back[order] = whole
    return back, step.astype(np.float32)


def _steps(matrix: np.ndarray, top: int) -> np.ndarray:
    """Return for each column the step that loses least: one that cuts the largest numbers may lose less."""
    largest = np.maximum(np.abs(matrix).max(axis=0), 1e-12)
    best, lost = largest / top, np.full(matrix.shape[1], np.inf)
    for share in np.linspace(0.7, 1.0, 13):
        step = largest * share / top
        error = ((np.clip(np.rint(matrix / step), -top, top) * step - matrix) ** 2).sum(axis=0)
        best, lost = np.where(error < lost, step, best), np.minimum(error, lost)
    return best


def _carried(moments: np.ndarray) -> np.ndarray:
    """Return the upper Cholesky factor of the inverse: how an input's error goes on to those after it."""
    damped = moments.astype(np.float64)
    damped[np.diag_indices_from(damped)] += DAMPING * np.diag(damped).mean()
    return cholesky(inv(damped), lower=False)


def largest_of(name: str, moments: np.ndarray) -> np.ndarray:
    """Return the inputs of a matrix that are far above the others, in order."""
    count = APART.get(name.split(".")[-1], 0)
    return np.sort(np.argsort(-np.diag(moments))[:count])


def set_apart(encoder: Encoder, lines: list[list[int]]) -> None:
    """Let a network that rounds while it is trained multiply apart what the shipped one does."""
    moments = moments_of(encoder, lines)
    for name, module in encoder.named_modules():
        if name in moments and len(apart := largest_of(name, moments[name])):
            module.apart = torch.from_numpy(apart)


def moments_of(encoder: Encoder, lines: list[list[int]]) -> dict[str, np.ndarray]:
    """Return the second moments of what goes into each matrix of the layers, by the matrix's name."""
    sums: dict[str, np.ndarray] = {}

    def hook(name: str) -> object:
        def add(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
            rows = given[0].reshape(-1, given[0].shape[-1]).float()
            sums[name] = sums.get(name, 0.0) + (rows.T @ rows).double().numpy()

        return add

    found = [(n, m) for n, m in encoder.named_modules() if isinstance(m, torch.nn.Linear)]
    handles = [module.register_forward_pre_hook(hook(name)) for name, module in found]
    with torch.inference_mode():
        for line in lines:
            encoder(torch.tensor([line]), torch.ones(1, len(line), dtype=torch.bool))
    for handle in handles:
        handle.remove()
    return sums
