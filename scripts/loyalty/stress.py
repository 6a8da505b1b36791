"""Stress of the loyalty index: shifted answers, missing signals, full answers elsewhere, repeated authors.

Nothing here is tuned: each run has one setting, given in its docstring.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.config import NpsScale
from earful.loyalty.estimator import Estimates, estimate
from earful.loyalty.features import FEATURES, SIGNAL_GROUPS
from earful.loyalty.likelihood import LikelihoodModel, classes, load_likelihood
from earful.loyalty.refit import refit
from scripts.loyalty.baselines import classified
from scripts.loyalty.controls import rounded
from scripts.loyalty.draws import TEXTS, draw_population, ratings_only, run
from scripts.loyalty.world import Floats, World

#: Entities of the label shift, drawn anew in each resample.
SHIFTED = 30
KS = (0, 3, 10, 30)


def stress(world: World, resamples: int) -> dict[str, Any]:
    """Every stress run that the dataset allows."""
    found = {
        "resamples": resamples,
        "label_shift": label_shift(world, resamples),
        "authors": authors(world, resamples),
    }
    if world.groups >= 8:
        found["neighbours"] = neighbours(world, resamples)
    if world.signals:
        found["missing"] = missing(world, resamples)
    return found


def label_shift(world: World, resamples: int) -> dict[str, Any]:
    """Td: shares of the classes drawn from a flat Dirichlet, words as everywhere in the dataset.

    Each of 30 made-up entities has 200 rows drawn from the rows of all entities so that its classes have the
    shares drawn; the target is those shares' mean. PCC is the mean prediction, EMQ the shares that explain
    the chances best if only the shares moved (Saerens et al. 2002), from the mean chances of all rows on.
    """
    kinds = np.unique(world.s)
    by_kind = [np.flatnonzero(world.s == kind) for kind in kinds]
    chances = _chances_of(world, kinds)
    count, code = classified(world), np.repeat(np.arange(SHIFTED), TEXTS)
    found = {}
    for k in KS:
        random = np.random.default_rng(2000 + k)
        tally: dict[str, list[Floats]] = {}
        for _ in range(resamples):
            shares = random.dirichlet(np.ones(len(kinds)), SHIFTED)
            rows = np.concatenate([_drawn(by_kind, share, random) for share in shares])
            rated = np.tile(np.arange(TEXTS) < k, SHIFTED)
            got = _estimate(world, rows, code, rated)
            truth = shares @ kinds
            others = {
                "raw": got.raw,
                "pcc": _means(world.f[rows], code),
                "count": _means(count[rows], code),
                "emq": emq(chances[rows], code, chances.mean(axis=0)) @ kinds,
            }
            for name, value in (("index", got.index), ("difference", got.difference), *others.items()):
                tally.setdefault(f"mae_{name}", []).append(np.abs(value - truth))
            for name, low, high in (
                ("claim", got.claim_low, got.claim_high),
                ("rank", got.rank_low, got.rank_high),
            ):
                tally.setdefault(f"cover_{name}", []).append((low <= truth) & (truth <= high))
        found[str(k)] = {
            name: rounded(np.mean(values)) for name, values in tally.items() if np.isfinite(values).all()
        }
    return found


def missing(world: World, resamples: int) -> dict[str, Any]:
    """Tm: the scores beside the words given to all rows, to none, at random, or to half of the entities.

    ``random``: each signal of each row is missing with a chance of a half, and the words of three rows in ten
    where a score is left. ``by_entity``: half of the entities have words alone, the others scores and words.
    Population design; the answers are those of the words-only runs.
    """
    found: dict[str, Any] = {"signals": sorted(world.signals)}
    model = load_likelihood()
    for k in KS:
        tally: dict[str, list[Floats]] = {}
        random = np.random.default_rng(3000 + k)
        for _ in range(resamples):
            draw = draw_population(world, k, random)
            n = len(world.code)
            left = {name: random.random(n) < 0.5 for name in world.signals}
            scored = np.any([left[name] & (world.signals[name][:, 0] > 0) for name in left], axis=0)
            quiet = (random.random(n) < 0.3) & scored
            rich = (random.permutation(world.groups) < world.groups // 2)[world.code]
            every, none = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
            for name, kept, silent in (
                ("words", dict.fromkeys(left, none), none),
                ("all", dict.fromkeys(left, every), none),
                ("random", left, quiet),
                ("by_entity", dict.fromkeys(left, rich), none),
            ):
                p = predicted(world, model, kept, silent)
                got = _estimate(world, draw.rows, world.code[draw.rows], draw.rated, p, silent)
                tally.setdefault(f"mae_{name}", []).append(np.abs(got.index - draw.truth))
                inside = (got.claim_low <= draw.truth) & (draw.truth <= got.claim_high)
                tally.setdefault(f"cover_claim_{name}", []).append(inside)
                inside = (got.rank_low <= draw.truth) & (draw.truth <= got.rank_high)
                tally.setdefault(f"cover_rank_{name}", []).append(inside)
        found[str(k)] = {name: rounded(np.mean(values)) for name, values in tally.items()}
    return found


def neighbours(world: World, resamples: int) -> dict[str, Any]:
    """Half of the entities are answered in full; judged are the others, with k answers each.

    So the index and the lines of the baselines, drawn through the entities that are answered in full, have
    the same knowledge of other entities. Population design.
    """
    found = {}
    for k in KS:
        random = np.random.default_rng(5000 + k)
        tally: dict[str, list[Floats]] = {}
        for _ in range(resamples):
            draw = draw_population(world, k, random)
            known = random.permutation(world.groups) < world.groups // 2
            draw = replace(draw, rated=draw.rated | known[world.code[draw.rows]], judged=~known)
            points = _means(world.s[draw.rows], world.code[draw.rows])
            eb = ratings_only(world, draw).index if k else np.full(world.groups, points[known].mean())
            values = {"index": run(world, draw).index, "eb": eb}
            for name, one in (("sentiment", world.score), ("vader", world.vader)):
                x = _means(one[draw.rows], world.code[draw.rows])
                slope, intercept = np.polyfit(x[known], points[known], 1)
                values[name] = np.clip(intercept + slope * x, -100, 100)
            for name, value in values.items():
                tally.setdefault(f"mae_{name}", []).append(np.abs(value - draw.truth)[~known])
        found[str(k)] = {name: rounded(np.mean(np.concatenate(v))) for name, v in tally.items()}
    return found


def authors(world: World, resamples: int) -> dict[str, Any]:
    """Made-up authors, as no dataset names its own: each row drawn stands one to five times.

    100 authors an entity, 10 of them with their answers. ``plain``: nobody says whose rows they are, so every
    row counts as a customer of its own. ``known``: ``author_id`` says it. ``one_vote``: the rows of a known
    author share one vote (weight 1 / rows). ``one_row``: one is kept.
    """
    random = np.random.default_rng(23)
    by_entity = [np.flatnonzero(world.code == e) for e in range(world.groups)]
    truth = np.array([world.s[own].mean() for own in by_entity])
    found: dict[str, list[float]] = {}
    for _ in range(resamples):
        drawn = np.concatenate([random.choice(own, 100) for own in by_entity])
        rated = np.tile(np.arange(100) < 10, world.groups)
        times = random.integers(1, 6, len(drawn))
        every, answered = np.repeat(drawn, times), np.repeat(rated, times)
        who = np.repeat(np.arange(len(drawn)), times)
        for name, rows, told, weight, customer in (
            ("plain", every, answered, None, None),
            ("known", every, answered, None, who),
            ("one_vote", every, answered, np.repeat(1 / times, times), who),
            ("one_row", drawn, rated, None, None),
        ):
            answers = np.where(told, world.s[rows], np.nan)
            moved = refit(world.f[rows], world.features[rows], answers, customer=customer)
            got = estimate(world.code[rows], moved, answers, world.groups, weight=weight, customer=customer)
            for kind, low, high in (
                ("claim", got.claim_low, got.claim_high),
                ("rank", got.rank_low, got.rank_high),
            ):
                inside = np.mean((low <= truth) & (truth <= high))
                found.setdefault(f"cover_{kind}_{name}", []).append(float(inside))
    return {name: rounded(np.mean(values)) for name, values in found.items()}


def row_model_alone(world: World, blind: LikelihoodModel, resamples: int) -> dict[str, Any]:
    """Read the same draws by the shipped row model and by one that saw no dev entity; population design."""
    p = classes(blind.predict(world.words), NpsScale())
    features = world.features.copy()
    features[:, 0] = p[:, 1]
    other = replace(world, f=100 * (p[:, 2] - p[:, 0]), chances=p, features=features)
    found: dict[str, Any] = {"resamples": resamples}
    for part, rows in (
        ("all", np.ones(len(world.s), dtype=bool)),
        ("test", world.test),
        ("dev", ~world.test),
    ):
        if rows.sum() >= 50:
            found[part] = {
                "rows": int(rows.sum()),
                "corr_shipped": rounded(np.corrcoef(world.f[rows], world.s[rows])[0, 1]),
                "corr_blind": rounded(np.corrcoef(other.f[rows], world.s[rows])[0, 1]),
                "bias_shipped": rounded(np.mean(world.f[rows] - world.s[rows])),
                "bias_blind": rounded(np.mean(other.f[rows] - world.s[rows])),
            }
    for k in KS:
        random = np.random.default_rng(4000 + k)
        tally: dict[str, list[Floats]] = {}
        for _ in range(resamples):
            draw = draw_population(world, k, random)
            for name, own in (("shipped", world), ("blind", other)):
                got = run(own, draw)
                tally.setdefault(f"mae_{name}", []).append(np.abs(got.index - draw.truth))
                inside = (got.claim_low <= draw.truth) & (draw.truth <= got.claim_high)
                tally.setdefault(f"cover_{name}", []).append(inside)
        found[str(k)] = {name: rounded(np.mean(values)) for name, values in tally.items()}
    return found


def emq(chances: Floats, code: NDArray[np.int64], prior: Floats, steps: int = 100) -> Floats:
    """Shares of the classes of each group by expectation maximisation (Saerens et al. 2002)."""
    groups = int(code.max()) + 1
    size = np.bincount(code)
    shares = np.tile(prior, (groups, 1))
    for _ in range(steps):
        weighted = chances * (shares / prior)[code]
        weighted /= weighted.sum(axis=1, keepdims=True)
        moved = np.column_stack([np.bincount(code, column) / size for column in weighted.T])
        if np.abs(moved - shares).max() < 1e-4:
            return moved
        shares = moved
    return shares


def _estimate(
    world: World,
    rows: NDArray[np.int64],
    code: NDArray[np.int64],
    rated: NDArray[np.bool_],
    chances: Floats | None = None,
    silent: NDArray[np.bool_] | None = None,
) -> Estimates:
    """Estimate rows under their own group codes, with other chances than the words' where given."""
    p = world.chances if chances is None else chances
    f = 100 * (p[:, 2] - p[:, 0])
    features = world.features.copy()
    features[:, 0] = p[:, 1]
    if silent is not None:
        features[silent, 1:] = 0.0
    answers = np.where(rated, world.s[rows], np.nan)
    moved = refit(f[rows], features[rows], answers)
    return estimate(
        code, moved, answers, int(code.max()) + 1, silent=None if silent is None else silent[rows]
    )


def predicted(
    world: World, model: LikelihoodModel, kept: dict[str, NDArray[np.bool_]], silent: NDArray[np.bool_]
) -> Floats:
    """Chances of the classes with the signals that are kept, and without the words of the silent rows."""
    x = world.words * ~silent[:, None]
    for name, values in world.signals.items():
        at = FEATURES.index(SIGNAL_GROUPS[name][0])
        x[:, at : at + values.shape[1]] = values * kept[name][:, None]
    return classes(model.predict(x), NpsScale())


def _chances_of(world: World, kinds: Floats) -> Floats:
    """Chances of the classes that occur; flags know no passives."""
    p = np.maximum(world.chances[:, [int(kind / 100) + 1 for kind in kinds]], 1e-6)
    return p / p.sum(axis=1, keepdims=True)


def _drawn(by_kind: list[NDArray[np.int64]], share: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    kind = random.choice(len(share), TEXTS, p=share)
    rows = np.empty(TEXTS, dtype=np.int64)
    for one, own in enumerate(by_kind):
        rows[kind == one] = random.choice(own, int(np.sum(kind == one)))
    return rows


def _means(values: Floats, code: NDArray[np.int64]) -> Floats:
    return np.bincount(code, values) / np.bincount(code)
