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

__all__ = ["FOLDS", "levelled", "refit"]


FOLDS = 5
#: Weight of the shipped predictions against the user's rows, in answered rows per standardised feature.
_RIDGE = 40.0
#: Rows that a level of their own is weighed against, for rows with the same signals.
_LEVEL_ROWS = 10.0


def levelled(prediction: Floats, words: Floats, pattern: Ints) -> Floats:
    """Bring the predictions of rows with different signals to one level, before any answer is seen.

    The row model puts words beside a score on another level than words alone, and a month in which stars
    begin to be collected would look like a fall. Words are the yardstick: rows of every pattern are moved by
    one number, so that they are as far from what their words alone say as the rows of the most frequent one.

    Parameters
    ----------
    prediction, words
        Prediction by all signals and by the words alone in points, NaN where there is none, shape (n,).
    pattern
        Which signals a row has; even where it has no words, and one more where it has them beside the same
        scores.
    """
    gap = words - prediction
    known = ~np.isnan(gap)
    if not known.any() or np.all(pattern == pattern[0]):
        return prediction
    counts = np.bincount(pattern[known])
    sums = np.bincount(pattern[known], gap[known])
    most = int(np.argmax(counts))
    shift = np.zeros(int(pattern.max()) + 2)
    for own in np.unique(pattern):
        like = int(own) | 1
        if like < len(counts) and counts[like]:
            n = counts[like]
            shift[own] = (sums[like] / n - sums[most] / counts[most]) * n / (n + _LEVEL_ROWS)
    return np.asarray(np.clip(prediction + shift[pattern], -100, 100), dtype=np.float64)


def refit(
    prediction: Floats,
    features: Floats,
    answer: Floats,
    customer: Ints | None = None,
    pattern: Ints | None = None,
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
    pattern
        Which signals each row has, shape (n,): each pattern gets a level of its own, so that a signal that is
        missing moves none. By default all rows have the same.

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
    x -= middle
    x /= np.where(spread > 1e-9, spread, np.inf)
    error = answer[rated] - prediction[rated]
    fold = folds(len(rated), FOLDS, None if customer is None else customer[rated])
    kind = np.zeros(len(prediction), dtype=np.int64) if pattern is None else pattern
    moves, levels = np.empty((FOLDS, x.shape[1])), np.zeros((FOLDS, int(kind.max()) + 1))
    for k in range(FOLDS):
        train = rated[fold != k]
        here = x[train] - x[train].mean(axis=0)
        gram = here.T @ here + _RIDGE * np.eye(x.shape[1])
        centred = error[fold != k] - error[fold != k].mean()
        moves[k] = np.linalg.solve(gram, here.T @ centred)
        # What the fit leaves of the errors of each pattern, by these rows alone.
        levels[k] = _drawn(centred - here @ moves[k], kind[train], levels.shape[1])
    moved = f + x @ moves.mean(axis=0) + levels.mean(axis=0)[kind]
    moved[rated] = f[rated] + np.einsum("ij,ij->i", x[rated], moves[fold]) + levels[fold, kind[rated]]
    return np.where(spoken, np.clip(moved, -100, 100), np.nan)


def _drawn(error: Floats, kind: Ints, kinds: int) -> Floats:
    """Give the mean error of each pattern, less that of all, drawn to 0 while it has few rows."""
    n = np.bincount(kind, minlength=kinds)
    total = np.bincount(kind, error, kinds)
    return np.asarray((total - n * error.mean()) / (n + _LEVEL_ROWS), dtype=np.float64)
