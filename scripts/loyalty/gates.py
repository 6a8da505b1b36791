"""What the validation asks for, and what was found: the gates and the targets of ``docs/loyalty.md``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

KS = (3, 5, 10, 20, 30, 50, 100)
#: Baselines that know the answers given and nothing of other entities.
RIVALS = {"raw": "raw", "wald": "adjusted Wald", "difference": "(A)", "ppi": "ppi-python"}
#: Baselines that read words or stars.
READERS = {
    "sentiment": "mean sentiment",
    "vader_here": "mean VADER",
    "count": "classify and count",
    "vader": "mean VADER, line of the train entities",
    "stars": "mean stars of the answered rows",
    "stars_all": "mean stars of all rows",
}

#: Name, way to find the value of one task, bounds of good and of excellent, and whether more is better.
_Target = tuple[str, Callable[[dict[str, Any]], float | None], float, float, bool]


def gate_lines(results: dict[str, Any]) -> list[str]:
    """Say which gates are met."""
    tasks = results["tasks"]
    lines = ["| gate | found |", "|---|---|"]
    rows = [(n, d, k, r) for n, t in tasks.items() for d in t["designs"] for k, r in t["designs"][d].items()]
    for design in ("population", "disjoint"):
        small = [
            (n, k, r) for n, d, k, r in rows if d == design and int(k) <= 50 and tasks[n]["entities"] >= 15
        ]
        lost = [f"{n} k={k}" for n, k, r in small if r["gain_over_eb"][0] >= 0]
        sure = sum(r["gain_over_eb"][2] < 0 for _, _, r in small)
        lines.append(
            f"| index beats EB, k <= 50, 15+ entities, {design} | {len(small) - len(lost)} of {len(small)} "
            f"cells, surely so in {sure}{'; not in ' + ', '.join(lost) if lost else ''} |"
        )
    lines += _rival_lines(rows)
    exact = [(k, r) for n, d, k, r in rows if d == "population"]
    for name, label in (("claim", "claim interval 93-97 %"), ("rank", "ranking interval >= 94 %")):
        by_k = [f"k={k}: {np.mean([r[f'cover_{name}'] for kk, r in exact if kk == str(k)]):.3f}" for k in KS]
        cells = [r[f"cover_{name}"] for _, r in exact]
        inside = sum(0.93 <= c <= 0.97 for c in cells) if name == "claim" else sum(c >= 0.94 for c in cells)
        lines.append(
            f"| {label}, mean over data | {', '.join(by_k)}; all: {np.mean(cells):.3f}; "
            f"{inside} of {len(cells)} cells inside |"
        )
    ratios = [t["controls"][f"permuted_mae_ratio_k{k}"] for t in tasks.values() for k in (5, 20)]
    lines.append(
        f"| permuted words within 1 % of EB | mean ratio {np.mean(ratios):.3f}, "
        f"{sum(abs(r - 1) <= 0.01 for r in ratios)} of {len(ratios)} within 1 %, worst {max(ratios):.3f} |"
    )
    found = [t["changes"] for t in tasks.values() if "changes" in t]
    if found:
        rate = sum(c["false_discovery_rate"] * c["calls"] for c in found) / sum(c["calls"] for c in found)
        power = np.mean([c["power"] for c in found])
        lines.append(f"| change calls: false discovery rate at most 10 % | {rate:.3f}, power {power:.2f} |")
    gaps = [t["controls"]["all_answered_gap"] for t in tasks.values()]
    lines.append(f"| many answers: within 0.5 points of the measured NPS | worst {max(gaps):.2f} |")
    post = results["commenters"]
    lines.append(
        "| commenters' bias after post-stratification within 5 points (made-up losses) | "
        f"{post['by_satisfaction']['post_stratified']:+.1f} by satisfaction, "
        f"{post['by_answer']['post_stratified']:+.1f} by the answer |"
    )
    return lines


def _rival_lines(rows: list[tuple[str, str, str, dict[str, Any]]]) -> list[str]:
    """In how many cells of the population design the index errs less than each of the others."""
    lines = []
    for key, label in {**RIVALS, **READERS}.items():
        cells = [r for _, d, k, r in rows if d == "population" and int(k) <= 50 and f"mae_{key}" in r]
        if cells:
            won = sum(r["mae_index"] < r[f"mae_{key}"] for r in cells)
            ratio = float(np.median([r["mae_index"] / r[f"mae_{key}"] for r in cells]))
            lines.append(
                f"| index against {label}, k <= 50, population | smaller error in {won} of {len(cells)} "
                f"cells, median ratio {ratio:.2f} |"
            )
    return lines


def target_lines(results: dict[str, Any]) -> list[str]:
    """Compare what was measured with the targets, for airlines, for seats and in the median."""
    tasks = results["tasks"]
    shown = [name for name in ("skytrax_airline nps", "skytrax_seat nps") if name in tasks]
    lines = [
        "| target | good | excellent | " + " | ".join(shown) + f" | median of {len(tasks)} |",
        "|" + "---|" * (4 + len(shown)),
    ]
    for label, find, good, excellent, more in _targets():
        found = {name: find(task) for name, task in tasks.items()}
        known = [value for value in found.values() if value is not None]
        if not known:
            continue
        values = [found[name] for name in shown] + [float(np.median(known))]
        cells = [_verdict(value, good, excellent, more) for value in values]
        sign = ">=" if more else "<="
        lines.append(f"| {label} | {sign} {good:g} | {sign} {excellent:g} | {' | '.join(cells)} |")
    return lines


def _verdict(value: float | None, good: float, excellent: float, more: bool) -> str:
    if value is None:
        return ""
    kept = round(value, 3)
    met = [kept >= bound if more else kept <= bound for bound in (good, excellent)]
    return f"{value:.3g} {'**excellent**' if met[1] else 'good' if met[0] else 'short'}"


def _targets() -> list[_Target]:
    def at(k: int, key: str, design: str = "population") -> Callable[[dict[str, Any]], float | None]:
        return lambda task: task["designs"][design].get(str(k), {}).get(key)

    def every(task: dict[str, Any], key: str) -> list[float]:
        return [row[key] for row in task["designs"]["population"].values()]

    return [
        ("row correlation", lambda t: t["row_corr"], 0.72, 0.78, True),
        ("AUC detractor", lambda t: t.get("auc_detractor"), 0.91, 0.94, True),
        ("AUC promoter", lambda t: t.get("auc_promoter"), 0.85, 0.89, True),
        ("no answers of its own: Pearson", lambda t: t["unrated"]["pearson"], 0.88, 0.93, True),
        ("no answers of its own: MAE (truth's noise inside)", lambda t: t["unrated"]["mae"], 10, 7.5, False),
        ("no answers of its own: width", lambda t: t["unrated"]["width"], 55, 42, False),
        ("10 answers: MAE", at(10, "mae_index"), 9.5, 8, False),
        ("30 answers: MAE", at(30, "mae_index"), 7, 6, False),
        (
            "30 answers: width over adjusted Wald's",
            lambda t: _ratio(t["designs"]["population"].get("30", {})),
            0.7,
            0.6,
            False,
        ),
        ("100 answers: MAE", at(100, "mae_index"), 4.8, 4.5, False),
        ("claim interval, lowest over k", lambda t: min(every(t, "cover_claim")), 0.93, 0.94, True),
        (
            "claim interval, lowest quartile, mean over k",
            lambda t: float(np.min(np.mean(every(t, "cover_claim_by_quartile"), axis=0))),
            0.93,
            0.94,
            True,
        ),
        (
            "ranking interval, mean over k",
            lambda t: float(np.mean(every(t, "cover_rank"))),
            0.94,
            0.945,
            True,
        ),
        (
            "ranking interval, most unusual quarter, mean over k",
            lambda t: float(np.mean([q[-1] for q in every(t, "cover_rank_by_quartile")])),
            0.88,
            0.9,
            True,
        ),
        ("what words are worth (`text_gain`), 30 answers", at(30, "gain"), 2.2, 2.6, True),
        (
            "bias kept, answers that depend on the words",
            lambda t: abs(t["controls"]["biased"]["by_words"]["index"]),
            3,
            1.5,
            False,
        ),
        (
            "change calls: false discovery rate",
            lambda t: t["changes"]["false_discovery_rate"] if "changes" in t else None,
            0.1,
            0.07,
            False,
        ),
        ("change calls: power", lambda t: t["changes"]["power"] if "changes" in t else None, 0.8, 0.8, True),
    ]


def _ratio(row: dict[str, Any]) -> float | None:
    return row["width_rank"] / row["width_wald"] if row else None
