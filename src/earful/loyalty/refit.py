"""The user's own answered rows correct the row model's predictions, honestly.

Where many rows carry both an NPS answer and words or scores, they say how answers follow from them *here*. A
ridge regression of the errors ``answer - prediction`` on what is known of the row moves the predictions; with
few answers it hardly does, and there is no threshold. No answer takes part in its own row's prediction: rows
are cut into folds, a customer's rows into the same one, and each row with an answer is predicted by the
fit of the other folds.
"""

from __future__ import annotations

import numpy as np

from earful.loyalty.customers import folds
from earful.loyalty.frames import Floats, Ints

__all__ = ["FOLDS", "refit"]


FOLDS = 5
#: Weight of the shipped predictions against the user's rows, in answered rows per standardised feature.
_RIDGE = 40.0


def refit(
    prediction: Floats,
    features: Floats,
    answer: Floats,
    customer: Ints | None = None,
) -> Floats:
    """Move predictions towards what the answered rows say.

    Parameters
    ----------
    prediction
        Prediction of each row in points, NaN where there is none, shape (n,).
    features
        What is known of each row, shape (n, k), no NaN; the prediction is added to them.
    answer
        Answer of each row in {-100, 0, 100}, NaN where there is none, shape (n,).
    customer
        As :func:`earful.loyalty.customers.customer_codes` gives it; by default everybody has one row.

    Returns
    -------
    Floats
        New predictions, shape (n,), in [-100, 100]; NaN where there was none. The level as a whole is left
        as it was: the estimator corrects it group by group.
    """
    spoken = ~np.isnan(prediction)
    rated = np.flatnonzero(spoken & ~np.isnan(answer))
    if len(rated) < 2 * FOLDS:
        return prediction
    f = np.where(spoken, prediction, 0.0)
    x = np.column_stack([f, f * np.abs(f) / 100, features])
    middle, spread = x[spoken].mean(axis=0), x[spoken].std(axis=0)
    x = (x - middle) / np.where(spread > 1e-9, spread, np.inf)
    error = answer[rated] - prediction[rated]
    fold = folds(len(rated), FOLDS, None if customer is None else customer[rated])
    moves = np.empty((FOLDS, x.shape[1]))
    for k in range(FOLDS):
        train = rated[fold != k]
        here = x[train] - x[train].mean(axis=0)
        gram = here.T @ here + _RIDGE * np.eye(x.shape[1])
        moves[k] = np.linalg.solve(gram, here.T @ (error[fold != k] - error[fold != k].mean()))
    moved = f + x @ moves.mean(axis=0)
    moved[rated] = f[rated] + np.einsum("ij,ij->i", x[rated], moves[fold])
    return np.where(spoken, np.clip(moved, -100, 100), np.nan)
