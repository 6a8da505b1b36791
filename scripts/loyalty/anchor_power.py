"""What a comparison of two periods calls, of changes that are there and of changes that are not.

A part of ``evaluate_anchors``. Half of the entities are moved by so many points, the others by none.
*False share* is the mean over comparisons of the share of calls that are false, one without a call counting
as 0: what Benjamini and Hochberg keep at 10 %. *Pooled* is the share among all calls of all comparisons:
where next to nothing is there to be found, next to all calls are chance, whatever the method.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earful.loyalty.changes import changes
from earful.loyalty.intervals import adjusted_wald_nps
from scripts.loyalty.controls import tilted
from scripts.loyalty.draws import Draw, run
from scripts.loyalty.world import Floats, World

Z = 1.959964
_TEXTS = 200
SHIFTS = (0.0, 5.0, 10.0, 15.0, 25.0)


def power(world: World, resamples: int) -> list[str]:
    """Give a table row for each shift: the index with 60 answers a period, answers alone, words alone."""
    rows = []
    for shift in SHIFTS:
        random = np.random.default_rng(19)
        told = np.array([_calls(world, shift, 60, random) for _ in range(resamples)])
        random = np.random.default_rng(19)
        words = np.array([_calls(world, shift, 0, random) for _ in range(resamples)])
        cells = [_said(told[:, 0]), _said(told[:, 1]), _said(words[:, 0])]
        rows.append(f"| {world.name} {world.answer} | {shift:g} | " + " | ".join(cells) + " |")
    return rows


def _said(found: Floats) -> str:
    calls, false, right, moved = found.T
    share = np.mean(false / np.maximum(calls, 1))
    some = f"{right.sum() / moved.sum():.2f}, " if moved.any() else ""
    pooled = (
        f", pooled {false.sum() / calls.sum():.2f} of {calls.sum():.0f}"
        if moved.any() and calls.any()
        else ""
    )
    return f"{some}false {share:.3f}{pooled}"


def _calls(world: World, shift: float, k: int, random: np.random.Generator) -> Floats:
    """Count calls, false calls, right calls and entities moved, of the index and of the answers alone."""
    by_entity = [np.flatnonzero(world.code == e) for e in range(world.groups)]
    moves = np.where(random.permutation(world.groups) < world.groups // 2, shift, 0.0)
    moves *= random.choice([-1.0, 1.0], world.groups)
    ours, raw = [], []
    for step in (0.0, 1.0):
        chances = [tilted(world.s[own], step * move) for own, move in zip(by_entity, moves, strict=True)]
        rows = np.concatenate(
            [random.choice(own, _TEXTS, p=p) for own, p in zip(by_entity, chances, strict=True)]
        )
        rated = np.tile(np.arange(_TEXTS) < k, world.groups)
        none = np.zeros(world.groups)
        got = run(world, Draw(rows, rated, none, none, none > -1))
        value, error = (got.difference, got.claim_error) if k else (got.index, got.words_error)
        ours.append(_table(world, value, error, got.claim_df))
        seen = rows[rated]
        counts = [np.bincount(world.code[seen], world.s[seen] == v, world.groups) for v in (100, 0, -100)]
        wald = adjusted_wald_nps(counts[0], counts[1], counts[2])
        raw.append(
            _table(world, wald.estimate, (wald.high - wald.low) / (2 * Z), np.full(world.groups, k + 2.0))
        )
    found = []
    for before, after in (ours, raw):
        call = np.full(world.groups, "", dtype=object)
        if len(told := changes(before, after)):
            call = told.set_index("product")["call"].reindex(world.entities).fillna("").to_numpy()
        right = ((call == "up") & (moves > 0)) | ((call == "down") & (moves < 0))
        found.append([(call != "").sum(), ((call != "") & ~right).sum(), right.sum(), (moves != 0).sum()])
    return np.array(found, dtype=float)


def _table(world: World, value: Floats, error: Floats, df: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "grouping": "product",
            "product": world.entities,
            "touchpoint": None,
            "period": None,
            "scale": "one",
            "index": value,
            "index_low": value - Z * error,
            "index_high": value + Z * error,
            "claim": value,
            "claim_error": error,
            "claim_df": df,
        }
    )
