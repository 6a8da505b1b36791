"""The scores beside the words in the public datasets, as the row model's features read them.

Imported by ``train_likelihood.py`` and the validation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def signals(frame: pd.DataFrame) -> dict[str, Floats]:
    """Features of each signal that a source has, shape (n, features of the signal), all 0 where missing."""
    found = {
        "csat": _scaled(frame["csat_sub"], 10 if frame["dataset"].iloc[0] == "nps_botanic_fr" else 5),
        "ces": _scaled(frame["ease_sub"], 5)[:, :2],
        "rating": _scaled(frame["stars_sub"], 5),
    }
    flag = frame["recommended"].to_numpy()
    asked = ~np.isnan(flag)
    found["recommended"] = np.column_stack([asked, np.where(asked, 2 * flag - 1, 0)]).astype(float)
    if frame["dataset"].iloc[0] == "nps_botanic_fr":
        found["rating"] = _scaled(np.ceil(frame["csat_sub"] / 2), 5)
    return {name: values for name, values in found.items() if values[:, 0].any()}


def _scaled(answers: pd.Series, top: int) -> Floats:
    value = answers.to_numpy(dtype=float)
    has = (value >= 1) & (value <= top)
    share = np.where(has, (value - 1) / (top - 1), 0.5)
    coarse = has & (top < 8)
    return np.column_stack(
        [has, np.where(has, 2 * share - 1, 0), has & (share == 1), has & (share == 0), coarse]
    )
