"""What looks wrong with the input of an index, each in one line: dates to come, one scale that is two."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earful.loyalty.frames import Flags, Floats, column

__all__ = ["future_dates", "two_scales"]

#: Answers that a part of the rows needs before its scale is doubted, and of them in its upper half.
_ANSWERS, _HIGH = 30, 10
#: Mean score of the words from which an answer was surely meant well.
_WELL = 0.25
#: Answers of half of a long scale at most are doubted where others use the rest this often.
_OFTEN = 0.3


def future_dates(rows: pd.DataFrame, now: pd.Timestamp) -> list[str]:
    """Name the rows that are dated later than tomorrow: mostly a day taken for a month, or a wrong column."""
    if "created_at" not in rows:
        return []
    times = pd.to_datetime(rows["created_at"], utc=True)
    later = times[times > now + pd.Timedelta(days=1)]
    if not len(later):
        return []
    several = f"{len(later):,} rows are" if len(later) > 1 else "1 row is"
    return [
        f"{several} dated in the future, up to {later.max():%Y-%m-%d}: are day and month the right way round,"
        " and is created_at the right column?"
    ]


def two_scales(rows: pd.DataFrame) -> list[str]:
    """Name the sources, channels and products whose answers stand on half of the scale and are meant well.

    Two shops' stars in one column, one of 5 and one of 10, read as one scale of 10: the 5 of 5 then count as
    detractors. The words tell them from a product that is really that bad.
    """
    score = column(rows, "score")
    found = []
    for signal in ("rating", "csat", "nps"):
        value, top = column(rows, signal), column(rows, f"{signal}_max")
        half = value <= top / 2
        long = ~np.isnan(value) & (top >= 10)
        if long.sum() < 2 * _ANSWERS:
            continue
        for name in ("source", "channel", "product"):
            if name in rows:
                part = rows[name].astype(object).where(long & rows[name].notna().to_numpy())
                found += [
                    f"{signal} of {name} {which!r} goes to {high:g} where the scale is read up to {end:g}, "
                    "and its words are good: are these two scales? Give each scale a file of its own"
                    for which, high, end in _doubted(part, value, top, half, score)
                ]
        if found:
            break
    return found


def _doubted(
    part: pd.Series, value: Floats, top: Floats, half: Flags, score: Floats
) -> list[tuple[str, float, float]]:
    found = []
    codes, labels = pd.factorize(part, sort=True)
    names = [str(label) for label in labels]
    total = np.bincount(codes[codes >= 0], minlength=len(names))
    above = np.bincount(codes[(codes >= 0) & ~half], minlength=len(names))
    for own in np.flatnonzero((total >= _ANSWERS) & (above == 0)):
        others, members = (codes >= 0) & (codes != own), codes == own
        if not others.any() or (~half[others]).mean() < _OFTEN:
            continue
        high = members & (value >= 0.8 * value[members].max()) & ~np.isnan(score)
        if high.sum() >= _HIGH and score[high].mean() > _WELL:
            found.append((names[own], float(value[members].max()), float(top[members].max())))
    return found
