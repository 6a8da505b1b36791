"""Where words and measured answers part: what a group's customers answered against what such words go with.

Words and answers stand on different scales, and words may be off everywhere by the same. So a group is
compared with the rest of the run: a line fitted to the other groups says which mean answer goes with which
words, and the gap is the group's mean answer less the one that its words lead to expect. Where there are too
few groups for a line through them, it is fitted to the reviews outside the group. The gap is taken over the
reviews that have both words and an answer, so it does not depend on who left out which.

A line through reviews is flatter than one through groups: a lukewarm review of a good product comes with a
better answer than the same words elsewhere. It would call the best groups above their words and the worst
below for that alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from earful.loyalty.frames import Grouping
from earful.loyalty.intervals import false_discovery

__all__ = ["MAX_Q", "MIN_ANSWERS", "MIN_GROUPS", "MIN_OTHERS", "Gaps", "gaps"]

Floats = NDArray[np.float64]

#: Share of false calls that is put up with.
MAX_Q = 0.10
#: Reviews with both words and an answer that a group needs, and that must stand outside it for the line.
MIN_ANSWERS, MIN_OTHERS = 5, 20
#: Other groups from which the line goes through groups.
MIN_GROUPS = 10
#: Degrees of freedom lent to each group's variance by the others, as the index does.
_PRIOR_DF = 10.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps per group; arrays of shape (n_groups,), in the units of the answers.

    Attributes
    ----------
    n
        Reviews with both words and an answer.
    gap, low, high
        Answers less what the words lead to expect, with the interval; NaN where there are too few reviews.
    q_value
        False discovery rate (Benjamini and Hochberg 1995) over the groups tested.
    parts
        ``above`` (answers better than words), ``below``, or nothing.
    through_groups
        Whether the line goes through groups, not through reviews.
    intercept, slope
        The line over all of them: answer = intercept + slope * words. NaN where there is none.
    """

    n: NDArray[np.int64]
    gap: Floats
    low: Floats
    high: Floats
    q_value: Floats
    parts: NDArray[np.object_]
    through_groups: bool
    intercept: float
    slope: float


def gaps(
    grouping: Grouping,
    words: Floats,
    answers: Floats,
    tested: NDArray[np.bool_] | None = None,
    level: float = 0.95,
) -> Gaps:
    """Find the groups whose answers part from their words.

    Parameters
    ----------
    grouping
        The groups; a row may stand in several.
    words, answers
        One of each per row of the frame that was grouped, NaN where missing, shape (n_rows,).
    tested
        Groups to test; by default all with enough reviews.
    level
        Level of the intervals.

    Returns
    -------
    Gaps
        The error of a gap takes in that of the line (least squares, the group itself left out). A group's own
        variance is moderated by that of all groups (Smyth 2004), with the t quantile that goes with it.
    """
    groups = len(grouping)
    both = ~(np.isnan(words) | np.isnan(answers))
    # Sums of squares lose fewer digits about the mean.
    x = np.where(both, words, 0.0) - (words[both].mean() if both.any() else 0.0)
    y = np.where(both, answers, 0.0) - (answers[both].mean() if both.any() else 0.0)
    kept = both[grouping.row]
    at, code = grouping.row[kept], grouping.code[kept]
    own: Floats = np.stack([np.bincount(code, values[at], groups) for values in _products(x, y)])
    n, x_own, y_own, xx, xy, yy = _centred(own)
    usable = n >= MIN_ANSWERS
    if tested is not None:
        usable &= tested
    through_groups = int(usable.sum()) > MIN_GROUPS
    if through_groups:
        units = np.where(usable, _products(np.nan_to_num(x_own), np.nan_to_num(y_own)), 0.0)
        every, least = units.sum(axis=1), MIN_GROUPS
    else:
        units, least = own, MIN_OTHERS
        every = np.array([float(values[both].sum()) for values in _products(x, y)])
    n_rest, x_rest, y_rest, rest_xx, rest_xy, rest_yy = _centred(every[:, None] - units)
    with np.errstate(invalid="ignore", divide="ignore"):
        steady = rest_xx > 1e-9
        slope = np.where(steady, rest_xy / rest_xx, 0.0)
        gap = (y_own - y_rest) - slope * (x_own - x_rest)
        off_line = np.maximum(rest_yy - slope * rest_xy, 0) / np.maximum(n_rest - 2, 1)
        line = off_line * (1 / n_rest + np.where(steady, (x_own - x_rest) ** 2 / rest_xx, 0.0))
        spread = np.where(n > 0, np.maximum(yy - 2 * slope * xy + slope**2 * xx, 0), 0.0)
        pooled = spread.sum() / max(float(np.maximum(n - 1, 0).sum()), 1.0)
        df = n - 1 + _PRIOR_DF
        error = np.sqrt((_PRIOR_DF * pooled + spread) / df / n + line)
    usable &= (n_rest >= least) & (error > 0)
    gap, error, df = (np.where(usable, values, np.nan) for values in (gap, error, df))
    half = special.stdtrit(df, 0.5 + level / 2) * error
    q = np.full(groups, np.nan)
    if usable.any():
        p = 2 * special.stdtr(df[usable], -np.abs(gap[usable]) / error[usable])
        q[usable] = false_discovery(p)
    found = usable & (np.nan_to_num(q, nan=1.0) <= MAX_Q)
    parts = np.full(groups, None, dtype=object)
    parts[found] = np.where(gap[found] > 0, "above", "below")
    _, x_all, y_all, all_xx, all_xy, _ = (float(value) for value in _centred(every))
    incline = all_xy / all_xx if all_xx > 1e-9 else float("nan")
    middle_x, middle_y = (values[both].mean() if both.any() else 0.0 for values in (words, answers))
    intercept = y_all + middle_y - incline * (x_all + middle_x)
    return Gaps(n.astype(np.int64), gap, gap - half, gap + half, q, parts, through_groups, intercept, incline)


def _products(x: Floats, y: Floats) -> Floats:
    return np.stack([np.ones(len(x)), x, y, x * x, x * y, y * y])


def _centred(sums: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Turn sums of 1, x, y, xx, xy, yy into the count, the means and the centred sums of products."""
    n, x, y, xx, xy, yy = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = x / n, y / n
        return (
            n,
            mean_x,
            mean_y,
            np.maximum(xx - n * mean_x**2, 0),
            xy - n * mean_x * mean_y,
            np.maximum(yy - n * mean_y**2, 0),
        )
