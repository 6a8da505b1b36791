"""Controls of the validation: useless words, answers that depend on what is said, changes, silent customers.

Nothing here is tuned: each control has one setting, given in its docstring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earful.loyalty.changes import changes
from earful.loyalty.estimator import estimate
from scripts.loyalty.baselines import classified
from scripts.loyalty.data import load
from scripts.loyalty.draws import TEXTS, Draw, draw_disjoint, draw_population, ratings_only, run
from scripts.loyalty.world import Floats, World

Z = 1.959964
#: NPS of all 13,612 answers of the survey, and of those with a comment, as the dataset's notes give them.
NPS_ALL, NPS_COMMENTERS = 53.4, 39.2


def unrated(world: World, resamples: int) -> dict[str, Any]:
    """T0: half of the entities have no answers, the other half have up to 30."""
    random = np.random.default_rng(5)
    error, cover, width, r, naive = [], [], [], [], []
    for _ in range(resamples):
        draw = draw_disjoint(world, 30, random)
        without = random.permutation(world.groups) < world.groups // 2
        draw = Draw(
            draw.rows, draw.rated & ~without[world.code[draw.rows]], draw.truth, draw.truth_var, without
        )
        got = run(world, draw)
        half = np.sqrt(((got.rank_high - got.rank_low) / 2) ** 2 + Z**2 * draw.truth_var)
        gap = got.index - draw.truth
        error.append(np.abs(gap[without]))
        cover.append(np.abs(gap[without]) <= half[without])
        width.append((got.rank_high - got.rank_low)[without])
        mean_rated = world.s[draw.rows[draw.rated]].mean()
        naive.append(np.abs(mean_rated - draw.truth[without]))
        r.append(np.corrcoef(got.index[without], draw.truth[without])[0, 1])
    return {
        "mae": rounded(np.mean(np.concatenate(error))),
        "mae_grand_mean": rounded(np.mean(np.concatenate(naive))),
        "pearson": rounded(np.mean(r)),
        "cover": rounded(np.mean(np.concatenate(cover))),
        "width": rounded(np.mean(np.concatenate(width))),
    }


def words_only(world: World) -> dict[str, Any]:
    """Nobody answered at all: the cold start, with the shipped row model as it is."""
    blank = np.full(len(world.s), np.nan)
    got = estimate(world.code, world.f, blank, world.groups)
    size = np.bincount(world.code)
    truth = np.bincount(world.code, world.s) / size
    pooled = np.sum((world.s - truth[world.code]) ** 2) / (size - 1).sum()
    half = np.sqrt(((got.claim_high - got.claim_low) / 2) ** 2 + Z**2 * pooled / size)
    count = np.bincount(world.code, classified(world)) / size
    return {
        "bias": rounded(np.mean(got.index - truth)),
        "mae": rounded(np.mean(np.abs(got.index - truth))),
        "mae_classify_and_count": rounded(np.mean(np.abs(count - truth))),
        "pearson": rounded(np.corrcoef(got.index, truth)[0, 1]),
        "spearman": rounded(pd.Series(got.index).corr(pd.Series(truth), method="spearman")),
        "cover": rounded(np.mean(np.abs(got.index - truth) <= half)),
        "width": rounded(np.mean(got.claim_high - got.claim_low)),
    }


def controls(world: World, resamples: int) -> dict[str, Any]:
    """Useless words, everybody answering, and answers that depend on the words or on themselves."""
    found: dict[str, Any] = {}
    for k in (5, 20):
        random = np.random.default_rng(11)
        ratio, gain = [], []
        for _ in range(resamples):
            draw = draw_population(world, k, random)
            got = run(world, draw, random.permutation(world.f))
            plain = ratings_only(world, draw)
            ratio.append([np.abs(got.index - draw.truth).mean(), np.abs(plain.index - draw.truth).mean()])
            gain.append(np.median(got.text_gain))
        total = np.sum(ratio, axis=0)
        found[f"permuted_mae_ratio_k{k}"] = rounded(total[0] / total[1])
        found[f"permuted_gain_k{k}"] = rounded(np.mean(gain))
    random = np.random.default_rng(12)
    many = np.concatenate([random.choice(np.flatnonzero(world.code == e), 4000) for e in range(world.groups)])
    got = estimate(world.code[many], world.f[many], world.s[many], world.groups)
    found["all_answered_gap"] = rounded(np.abs(got.index - got.raw).max())
    found["biased"] = biased(world, resamples)
    return found


def biased(world: World, resamples: int) -> dict[str, Any]:
    """Answers three times as likely under unhappy words (MAR), or twice as likely from detractors (MNAR)."""
    found = {}
    middle = np.median(world.f)
    for name, odds in (
        ("words", np.where(world.f < middle, 3.0, 1.0)),
        ("answers", np.where(world.s < 0, 2.0, 1.0)),
    ):
        random = np.random.default_rng(13)
        raw, mine = [], []
        for _ in range(resamples):
            draw = draw_population(world, 0, random)
            chance = 0.2 * odds[draw.rows] / odds.max()
            draw = Draw(
                draw.rows, random.random(len(draw.rows)) < chance, draw.truth, draw.truth_var, draw.judged
            )
            got = run(world, draw)
            raw.append(np.nanmean(got.raw - draw.truth))
            mine.append(np.nanmean(got.index - draw.truth))
        found[f"by_{name}"] = {"raw": rounded(np.mean(raw)), "index": rounded(np.mean(mine))}
    return found


def change_calls(world: World, resamples: int, shift: float = 15.0) -> dict[str, Any]:
    """Tc: two periods of 200 texts and 60 answers an entity; in half of the entities the truth moves."""
    random = np.random.default_rng(19)
    by_entity = [np.flatnonzero(world.code == e) for e in range(world.groups)]
    called, false, true, moved_total = 0, 0, 0, 0
    for _ in range(resamples):
        moves = np.where(random.permutation(world.groups) < world.groups // 2, shift, 0.0)
        moves *= random.choice([-1.0, 1.0], world.groups)
        tables = []
        for step in (0.0, 1.0):
            chances = [tilted(world.s[own], step * move) for own, move in zip(by_entity, moves, strict=True)]
            rows = [random.choice(own, TEXTS, p=p) for own, p in zip(by_entity, chances, strict=True)]
            rated = np.tile(np.arange(TEXTS) < 60, world.groups)
            none = np.zeros(world.groups)
            got = run(world, Draw(np.concatenate(rows), rated, none, none, none > -1))
            tables.append(
                pd.DataFrame(
                    {
                        "grouping": "product",
                        "product": world.entities,
                        "touchpoint": None,
                        "period": None,
                        "scale": "NPS 0-10",
                        "index": got.difference,
                        "index_low": got.claim_low,
                        "index_high": got.claim_high,
                    }
                )
            )
        call = changes(*tables).set_index("product").loc[world.entities, "call"].to_numpy()
        right = ((call == "up") & (moves > 0)) | ((call == "down") & (moves < 0))
        called, false = called + int((call != "").sum()), false + int(((call != "") & ~right).sum())
        true, moved_total = true + int(right.sum()), moved_total + int((moves != 0).sum())
    return {
        "calls": called,
        "false_discovery_rate": rounded(false / max(called, 1)),
        "power": rounded(true / max(moved_total, 1)),
    }


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


def tilted(s: Floats, move: float) -> Floats:
    """Chances of the rows of an entity under which its mean moves by so many points, as far as it can."""
    low, high = -0.2, 0.2
    target = float(np.clip(s.mean() + move, -97, 97))
    for _ in range(60):
        middle = (low + high) / 2
        weight = np.exp(middle * s)
        low, high = (middle, high) if np.average(s, weights=weight) < target else (low, middle)
    weight = np.exp((low + high) / 2 * s)
    return np.asarray(weight / weight.sum())


def rounded(value: float) -> float:
    """Four decimals are enough for a table."""
    return round(float(value), 4)


def _slope(s: Floats) -> float:
    """How fast the chance must fall with the answer for the bias to be the measured one."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        bias = float(np.average(s, weights=np.exp(-middle * s / 100)) - s.mean())
        low, high = (middle, high) if bias > NPS_COMMENTERS - NPS_ALL else (low, middle)
    return (low + high) / 2
