"""Customers who comment are not all customers: what post-stratification does about it in a real survey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from loyalty_controls import rounded
from loyalty_data import load
from loyalty_world import Floats

#: NPS of all 13,612 answers of the survey, and of those with a comment, as the dataset's notes give them.
NPS_ALL, NPS_COMMENTERS = 53.4, 39.2


def commenters(data: Path, resamples: int) -> dict[str, Any]:
    """Post-stratify a survey's commenters by satisfaction after a made-up loss of commenting rows.

    Published with the data are the totals of the silent customers alone, not their satisfaction, so nothing
    can be weighted to them. ``by_satisfaction``: rows are kept with a chance of 0.15, 0.3 or 0.45 that falls
    with satisfaction, which is what the weights then know. ``by_answer``: with a chance that falls with the
    answer itself, so strongly that the bias is the one between commenters and all customers of the survey;
    the weights know the satisfaction only.
    """
    frame = load("nps_botanic_fr", data)
    frame = frame[frame["nps"].notna() & frame["csat_sub"].notna()]
    s = np.where(frame["nps"] >= 9, 100.0, np.where(frame["nps"] <= 6, -100.0, 0.0))
    csat = frame["csat_sub"].to_numpy(dtype=int)
    found: dict[str, Any] = {
        "rows": len(s),
        "resamples": resamples,
        "commenters_nps": rounded(s.mean()),
        "measured_gap": rounded(NPS_COMMENTERS - NPS_ALL),
    }
    losses = {
        "by_satisfaction": np.where(csat >= 9, 0.15, np.where(csat >= 7, 0.3, 0.45)),
        "by_answer": 0.3 * np.exp(-_slope(s) * s / 100),
    }
    margins = np.bincount(csat, minlength=11) / len(csat)
    for name, chance in losses.items():
        random = np.random.default_rng(17)
        raw, corrected = [], []
        for _ in range(resamples):
            kept = random.random(len(s)) < chance
            cells = np.bincount(csat[kept], minlength=11)
            weight = margins[csat[kept]] / np.maximum(cells, 1)[csat[kept]]
            raw.append(s[kept].mean() - s.mean())
            corrected.append(np.average(s[kept], weights=weight) - s.mean())
        found[name] = {"raw": rounded(np.mean(raw)), "post_stratified": rounded(np.mean(corrected))}
    return found


def _slope(s: Floats) -> float:
    """How fast the chance must fall with the answer for the bias to be the measured one."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        bias = float(np.average(s, weights=np.exp(-middle * s / 100)) - s.mean())
        low, high = (middle, high) if bias > NPS_COMMENTERS - NPS_ALL else (low, middle)
    return (low + high) / 2
