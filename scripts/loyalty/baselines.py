"""What the loyalty index is compared with: what others would do with the same rows."""

from __future__ import annotations

import numpy as np

from scripts.loyalty.draws import Draw
from scripts.loyalty.world import Floats, Line, World


def baselines(world: World, draw: Draw) -> dict[str, Floats]:
    """Estimates of every baseline that needs no interval, by name; those that the data allows.

    ``sentiment`` and ``vader_here`` are mapped to points by the other entities' answers, ``vader`` and the
    stars by a line over train entities, ``count`` not at all. ``stars`` are those of the answered rows,
    ``stars_all`` of all rows.
    """
    found = {
        "sentiment": by_others(group_mean(world, draw.rows, world.score), draw, world),
        "vader_here": by_others(group_mean(world, draw.rows, world.vader), draw, world),
        "count": group_mean(world, draw.rows, classified(world)),
    }
    if world.vader_line is not None:
        found["vader"] = world.vader_line(group_mean(world, draw.rows, world.vader))
    if world.stars_line is not None:
        found["stars"] = stars_mean(world, draw.rows[draw.rated], world.stars_line)
        if world.stars_apart:
            found["stars_all"] = stars_mean(world, draw.rows, world.stars_line)
    return found


def classified(world: World) -> Floats:
    """Points of the likeliest class of each row; flags know no passives."""
    p = world.chances
    if world.answer == "recommended":
        return np.where(p[:, 2] >= p[:, 0], 100.0, -100.0)
    return np.array([-100.0, 0.0, 100.0])[np.argmax(p, axis=1)]


def ppi_python(world: World, draw: Draw) -> tuple[Floats, Floats]:
    """Ask ppi-python for every entity's interval, with its own defaults but for the level of 95 %."""
    from ppi_py import ppi_mean_ci

    low, high = np.full(world.groups, np.nan), np.full(world.groups, np.nan)
    for e in range(world.groups):
        own = world.code[draw.rows] == e
        seen, rest = draw.rows[own & draw.rated], draw.rows[own & ~draw.rated]
        if len(seen) >= 2 and len(rest) >= 2:
            low[e], high[e] = (
                float(v[0]) for v in ppi_mean_ci(world.s[seen], world.f[seen], world.f[rest], alpha=0.05)
            )
    return low, high


def quapy_emq(world: World, draw: Draw) -> Floats:
    """Shares of each entity's classes by QuaPy's EMQ (Saerens et al. 2002), as points; NaN without QuaPy.

    The chances are brought to the shares that all answers of the draw show: from there EMQ starts.
    """
    found = np.full(world.groups, np.nan)
    try:
        from quapy.method.aggregative import EMQ
    except ModuleNotFoundError as missing:
        if missing.name != "quapy":
            raise
        return found
    kinds = np.unique(world.s)
    chances = world.chances[draw.rows][:, (kinds / 100 + 1).astype(int)]
    chances = chances / chances.sum(axis=1, keepdims=True)
    answers = world.s[draw.rows[draw.rated]]
    shares = np.array([np.mean(answers == kind) for kind in kinds])
    if shares.min() == 0:
        return found
    chances = chances * shares / chances[draw.rated].mean(axis=0)
    chances /= chances.sum(axis=1, keepdims=True)
    for group in range(world.groups):
        own = world.code[draw.rows] == group
        found[group] = EMQ.EM(shares, chances[own])[0] @ kinds
    return found


def group_mean(world: World, rows: np.ndarray, value: Floats) -> Floats:
    """Mean of the known values of each entity, NaN where it has none."""
    known = rows[~np.isnan(value[rows])]
    n = np.bincount(world.code[known], minlength=world.groups)
    total = np.bincount(world.code[known], value[known], world.groups)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def stars_mean(world: World, rows: np.ndarray, line: Line) -> Floats:
    """Mean stars as points; where an entity has none, the mean over the others."""
    mean = group_mean(world, rows, world.stars)
    if np.isnan(mean).all():
        return np.full(world.groups, np.nan)
    return line(np.where(np.isnan(mean), np.nanmean(mean), mean))


def by_others(mean: Floats, draw: Draw, world: World) -> Floats:
    """Map entity means to points by a line through the other entities' answers."""
    rows = draw.rows[draw.rated]
    count = np.bincount(world.code[rows], minlength=world.groups)
    raw = np.bincount(world.code[rows], world.s[rows], world.groups) / np.maximum(count, 1)
    x = np.column_stack([np.ones(world.groups), mean])
    out = np.empty(world.groups)
    for e in range(world.groups):
        others = (np.arange(world.groups) != e) & (count > 0)
        out[e] = x[e] @ np.linalg.lstsq(x[others], raw[others], rcond=None)[0]
    return np.clip(out, -100, 100)
