"""Reviews whose score and words part, and sources whose scale runs upside down.

A customer who gives 10 and writes "never again" is worth reading. For each scored row the sentiment model
gives the chance that the words say the opposite; flagging the rows where that chance is highest, the mean of
the remaining chances is the share of false flags to expect (the Bayesian false discovery rate: Efron et al.
2001). ``mismatch_q`` is the rate at which the row would be flagged.

Ranking a row among the rows of the same score (class-conditional conformal p-values) cannot serve here: ranks
within the very data that is searched are uniform, so no list of them passes Benjamini-Hochberg.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earful.loyalty.frames import Floats, column
from earful.loyalty.scales import inversion, relative

__all__ = ["MAX_Q", "MIN_OPPOSITE", "inverted_sources", "mismatches", "score_class"]

#: Share of false flags that is put up with.
MAX_Q = 0.10
#: Below this chance that the words say the opposite, a row is not flagged however few others are.
MIN_OPPOSITE = 0.6
#: Positions on a 0..1 scale from which a score counts as clearly high, and up to which as clearly low.
_HIGH, _LOW = 0.8, 0.3
_SIGNALS = ("nps", "rating", "csat")


def mismatches(rows: pd.DataFrame) -> pd.DataFrame:
    """Flag the rows whose score and words part.

    Parameters
    ----------
    rows
        One row per review: ``source``, ``p_negative``, ``p_neutral``, ``p_positive``, ``non_answer``, the
        signals ``nps``, ``rating`` and ``csat`` with their scales, and ``recommended``.

    Returns
    -------
    DataFrame
        ``mismatch`` (``score_above_text``, ``text_above_score`` or None) and ``mismatch_q`` (in [0, 1], NaN
        where a row has no clear score or no words), with the index of ``rows``. Rows of a source whose scale
        is upside down are left out: it is the scale that is wrong, not the rows.
    """
    label = np.full(len(rows), None, dtype=object)
    q = np.full(len(rows), np.nan)
    classes = score_class(rows)
    upside_down = inverted_sources(rows)
    if upside_down:
        classes = np.where(rows["source"].isin(list(upside_down)).to_numpy(dtype=bool), np.nan, classes)
    words = np.column_stack([column(rows, f"p_{name}") for name in ("negative", "neutral", "positive")])
    usable = ~np.isnan(words).any(axis=1)
    if "non_answer" in rows:
        usable &= ~(column(rows, "non_answer") == 1)
    if usable.any():
        prior = words[usable].mean(axis=0)
        for side, other, name in ((1, 0, "score_above_text"), (-1, 2, "text_above_score")):
            at = np.flatnonzero(usable & (classes == side))
            if not len(at):
                continue
            opposite = _corrected(words[at], prior)[:, other]
            q[at] = _running_q(opposite)
            flagged = (q[at] <= MAX_Q) & (opposite >= MIN_OPPOSITE)
            label[at[flagged]] = name
    return pd.DataFrame({"mismatch": label, "mismatch_q": np.round(q, 6)}, index=rows.index)


def score_class(rows: pd.DataFrame) -> Floats:
    """Say whether the score of each row is clearly high (1), clearly low (-1) or neither (0), NaN if none.

    The NPS answer decides where there is one, then stars, then satisfaction, then the recommend flag.
    """
    classes = np.full(len(rows), np.nan)
    for signal in _SIGNALS:
        share = relative(rows, signal)
        found = np.where(share >= _HIGH, 1.0, np.where(share <= _LOW, -1.0, 0.0))
        classes = np.where(np.isnan(classes) & ~np.isnan(share), found, classes)
    flag = column(rows, "recommended")
    return np.where(np.isnan(classes) & ~np.isnan(flag), 2 * flag - 1, classes)


def inverted_sources(rows: pd.DataFrame) -> dict[str, str]:
    """Name the sources with a signal that falls as the words get better, and that signal."""
    found: dict[str, str] = {}
    score = column(rows, "p_positive") - column(rows, "p_negative")
    if "source" not in rows:
        return found
    for source in sorted(rows["source"].dropna().unique().tolist()):
        here = (rows["source"] == source).to_numpy(dtype=bool)
        for signal in _SIGNALS:
            if inversion(relative(rows, signal)[here], score[here]).inverted:
                found.setdefault(source, signal)
    return found


def _corrected(words: Floats, prior: Floats) -> Floats:
    """Correct the chances for how much rarer or commoner each class is among rows of this score.

    The share of a class here is the mean of its chances. Going on until shares and corrected chances agree
    (Saerens et al. 2002) takes the model's own uncertainty for the absence of the class, and finds nothing.
    """
    weighted = words * (words.mean(axis=0) / np.maximum(prior, 1e-6))
    return np.asarray(weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-12))


def _running_q(chance: Floats) -> Floats:
    """Mean chance of being wrong over all rows at least as sure; the same for rows equally sure."""
    order = np.argsort(-chance, kind="stable")
    ordered = chance[order]
    running = np.cumsum(1 - ordered) / np.arange(1, len(chance) + 1)
    # Rows that tie stand or fall together: each takes the value at the end of its tie.
    last = np.searchsorted(-ordered, -ordered, side="right") - 1
    q = np.empty(len(chance))
    q[order] = running[last]
    return q
