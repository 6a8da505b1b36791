"""Errors, coverage and widths of every method on one dataset, over resamples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from earful.loyalty.intervals import adjusted_wald_nps
from scripts.loyalty.baselines import baselines, ppi_python
from scripts.loyalty.controls import Z, controls, rounded, unrated, words_only
from scripts.loyalty.draws import Draw, draw_disjoint, draw_population, enough, ratings_only, run
from scripts.loyalty.world import Floats, World

KS = (3, 5, 10, 20, 30, 50, 100)
METHODS = (
    "index",
    "difference",
    "raw",
    "wald",
    "eb",
    "sentiment",
    "vader_here",
    "count",
    "vader",
    "stars",
    "stars_all",
    "ppi",
)
INTERVALS = ("claim", "rank", "eb", "wald", "ppi")
#: ppi-python is asked entity by entity, so in fewer resamples.
PPI_RESAMPLES = 20


def evaluate(world: World, resamples: int) -> dict[str, Any]:
    """Run both designs at every k, and the controls."""
    size = np.bincount(world.code)
    found: dict[str, Any] = {
        "entities": world.groups,
        "rows": len(world.code),
        "rows_per_entity": [int(size.min()), int(np.median(size)), int(size.max())],
        "resamples": resamples,
        "row_corr": rounded(np.corrcoef(world.f, world.s)[0, 1]),
        "auc_detractor": rounded(roc_auc_score(world.s < 0, world.chances[:, 0])),
        "auc_promoter": rounded(roc_auc_score(world.s > 0, world.chances[:, 2])),
        "train_entities": {
            name: line.entities if line else 0
            for name, line in (("stars", world.stars_line), ("vader", world.vader_line))
        },
        "words_only": words_only(world),
        "unrated": unrated(world, resamples),
        "designs": {},
        "controls": controls(world, max(resamples // 4, 10)),
    }
    for design, draw in (("disjoint", draw_disjoint), ("population", draw_population)):
        found["designs"][design] = {
            str(k): at_k(world, draw, k, resamples) for k in KS if enough(world, design, k)
        }
    return found


def at_k(world: World, draw_rows: Callable[..., Draw], k: int, resamples: int) -> dict[str, Any]:
    """Errors, coverage and widths of every method at k answers per entity."""
    random = np.random.default_rng(1000 + k)
    tally: dict[str, list[Floats]] = {}

    def note(name: str, values: Floats, judged: NDArray[np.bool_]) -> None:
        tally.setdefault(name, []).append(np.where(judged, values, np.nan))

    for number in range(resamples):
        draw = draw_rows(world, k, random)
        got, plain = run(world, draw), ratings_only(world, draw)
        rows, s = draw.rows[draw.rated], world.s[draw.rows[draw.rated]]
        counts = [np.bincount(world.code[rows][s == v], minlength=world.groups) for v in (100, 0, -100)]
        wald = adjusted_wald_nps(*counts)
        middle = (wald.low + wald.high) / 2
        for name, value in (
            ("index", got.index),
            ("difference", got.difference),
            ("raw", got.raw),
            ("wald", middle),
            ("eb", plain.index),
            *baselines(world, draw).items(),
        ):
            note(f"error {name}", value - draw.truth, draw.judged)
        if number < PPI_RESAMPLES:
            low, high = ppi_python(world, draw)
            note("error ppi", (low + high) / 2 - draw.truth, draw.judged)
            half = np.sqrt(((high - low) / 2) ** 2 + Z**2 * draw.truth_var)
            note("cover ppi", (np.abs((low + high) / 2 - draw.truth) <= half).astype(float), draw.judged)
            note("width ppi", high - low, draw.judged)
        for name, low, high in (
            ("claim", got.claim_low, got.claim_high),
            ("rank", got.rank_low, got.rank_high),
            ("eb", plain.rank_low, plain.rank_high),
            ("wald", wald.low, wald.high),
        ):
            # The target is itself a mean of few rows: its error widens each half of the interval.
            centre = {"claim": got.difference, "rank": got.index, "eb": plain.index, "wald": got.raw}[name]
            extra = Z**2 * draw.truth_var
            bottom = centre - np.sqrt((centre - low) ** 2 + extra)
            top = centre + np.sqrt((high - centre) ** 2 + extra)
            note(f"cover {name}", ((bottom <= draw.truth) & (draw.truth <= top)).astype(float), draw.judged)
            note(f"width {name}", high - low, draw.judged)
        note("gain", got.text_gain, draw.judged)
        note("noise", draw.truth_var, draw.judged)
    table = {name: np.array(values) for name, values in tally.items()}
    return summarise(table, world)


def summarise(table: dict[str, Floats], world: World) -> dict[str, Any]:
    """Means over resamples and entities, with the spread over entities of the main comparison."""
    judged = ~np.isnan(table["error index"]).all(axis=0)
    found: dict[str, Any] = {"entities": int(judged.sum())}
    noise = float(np.nanmean(table["noise"]))
    for name, values in table.items():
        if name.startswith("error "):
            key = name.removeprefix("error ")
            found[f"mae_{key}"] = rounded(np.nanmean(np.abs(values)))
            found[f"rmse_c_{key}"] = rounded(np.sqrt(max(np.nanmean(values**2) - noise, 0)))
        elif name != "noise":
            found[name.replace(" ", "_")] = rounded(np.nanmean(values))
    by_entity = np.nanmean(
        np.abs(table["error index"][:, judged]) - np.abs(table["error eb"][:, judged]), axis=0
    )
    boot = np.random.default_rng(3).choice(by_entity, (2000, len(by_entity))).mean(axis=1)
    found["gain_over_eb"] = [
        rounded(by_entity.mean()),
        *(rounded(v) for v in np.quantile(boot, [0.025, 0.975])),
    ]
    truth = np.bincount(world.code, world.s) / np.bincount(world.code)
    unusual = np.abs(truth - truth.mean())[judged]
    quarter = np.argsort(np.argsort(unusual)) * 4 // len(unusual)
    for name in ("claim", "rank"):
        cover = np.nanmean(table[f"cover {name}"][:, judged], axis=0)
        found[f"cover_{name}_by_quartile"] = [
            rounded(cover[quarter == q].mean()) for q in range(4) if (quarter == q).any()
        ]
    return found


def show(name: str, result: dict[str, Any]) -> None:
    """Print one task as a table."""
    print(f"\n{name}: {result['entities']} entities, {result['rows']} rows, corr {result['row_corr']}")
    print("  cold", result["words_only"])
    print("  unrated", result["unrated"])
    print("  controls", result["controls"])
    for design, by_k in result["designs"].items():
        for k, row in by_k.items():
            mae = " ".join(f"{m} {row[f'mae_{m}']:.1f}" for m in METHODS if f"mae_{m}" in row)
            cover = " ".join(f"{m} {row[f'cover_{m}']:.3f}" for m in INTERVALS)
            width = " ".join(f"{m} {row[f'width_{m}']:.0f}" for m in INTERVALS)
            print(
                f"  {design:10} k={k:>3} n={row['entities']:>3} MAE {mae} | cover {cover} "
                f"{row['cover_rank_by_quartile']} | width {width} | gain {row['gain']:.2f} | "
                f"against eb {row['gain_over_eb']}",
                flush=True,
            )
