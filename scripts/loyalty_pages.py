"""The tables and the coverage plot of ``docs/loyalty.md``, made from what ``evaluate_loyalty.py`` found."""

from __future__ import annotations

from typing import Any

import numpy as np

KS = (3, 5, 10, 20, 30, 50, 100)
OTHERS = ("difference", "eb", "raw", "wald", "sentiment", "ppi")


def result_lines(results: dict[str, Any]) -> list[str]:
    """Write the tables of ``docs/loyalty.md``."""
    tasks = results["tasks"]
    lines = [f"{results['resamples']} resamples; sentiment model `{results['model']}`.", ""]
    for design in ("population", "disjoint"):
        lines += [
            f"### {design.capitalize()}",
            "",
            "| data | k | entities | MAE index | (A) | EB | raw | adj. Wald | sentiment | ppi-python | "
            "cover claim | cover rank | cover ppi-python | width rank / Wald | gain | index - EB (95 %) |",
            "|" + "---|" * 16,
        ]
        for name, task in tasks.items():
            for k, row in task["designs"][design].items():
                errors = " | ".join(f"{row[f'mae_{method}']:.1f}" for method in OTHERS)
                gain, low, high = row["gain_over_eb"]
                lines.append(
                    f"| {name} | {k} | {row['entities']} | **{row['mae_index']:.1f}** | {errors} | "
                    f"{row['cover_claim']:.3f} | {row['cover_rank']:.3f} | {row['cover_ppi']:.3f} | "
                    f"{row['width_rank'] / row['width_wald']:.2f} | {row['gain']:.2f} | "
                    f"{gain:+.1f} ({low:+.1f} to {high:+.1f}) |"
                )
        lines.append("")
    lines += [
        "### Words alone",
        "",
        "*Unrated*: half of the entities have no answers, the others up to 30. *Cold*: nobody answered.",
        "",
        "| data | row correlation | unrated: MAE | grand mean | Pearson | cover | width | cold: bias | "
        "MAE | Pearson | cover | width |",
        "|" + "---|" * 12,
    ]
    for name, task in tasks.items():
        u, c = task["unrated"], task["words_only"]
        lines.append(
            f"| {name} | {task['row_corr']:.2f} | {u['mae']:.1f} | {u['mae_grand_mean']:.1f} | "
            f"{u['pearson']:.2f} | {u['cover']:.3f} | {u['width']:.0f} | {c['bias']:+.1f} | "
            f"{c['mae']:.1f} | {c['pearson']:.2f} | {c['cover']:.2f} | {c['width']:.0f} |"
        )
    lines += [
        "",
        "### Controls",
        "",
        "MAE with permuted words over MAE of EB; largest gap to the measured NPS with 4,000 answers an "
        "entity; bias where unhappy words, or detractors, answer more often.",
        "",
        "| data | permuted k=5 | k=20 | gap, all answered | by words: raw | index | "
        "by answers: raw | index |",
        "|" + "---|" * 8,
    ]
    for name, task in tasks.items():
        c, b = task["controls"], task["controls"]["biased"]
        lines.append(
            f"| {name} | {c['permuted_mae_ratio_k5']:.3f} | {c['permuted_mae_ratio_k20']:.3f} | "
            f"{c['all_answered_gap']:.2f} | {b['by_words']['raw']:+.1f} | {b['by_words']['index']:+.1f} | "
            f"{b['by_answers']['raw']:+.1f} | {b['by_answers']['index']:+.1f} |"
        )
    called = {name: task["changes"] for name, task in tasks.items() if "changes" in task}
    if called:
        lines += [
            "",
            "### Change calls",
            "",
            "Two periods of 200 texts and 60 answers an entity; the truth moves 15 points in half of them.",
            "",
            "| data | calls | false discovery rate | power |",
            "|" + "---|" * 4,
        ]
        for name, c in called.items():
            lines.append(f"| {name} | {c['calls']} | {c['false_discovery_rate']:.3f} | {c['power']:.2f} |")
    post = results["post_stratification"]
    lines += [
        "",
        f"Survey commenters kept with a chance that falls with satisfaction: bias {post['raw_bias']:+.1f} "
        f"raw, {post['post_stratified_bias']:+.1f} after post-stratification by satisfaction "
        f"({post['rows']} rows).",
    ]
    return lines


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
    post = results["post_stratification"]["post_stratified_bias"]
    lines.append(
        f"| commenters' bias after post-stratification within 5 points (simulated loss) | {post:+.1f} |"
    )
    return lines


def coverage_plot(tasks: dict[str, Any]) -> str:
    """Draw the coverage of both intervals against k, one line per task, as SVG."""
    width, height, left, top = 760, 330, 60, 30
    panels = (("claim", "Claim interval"), ("rank", "Ranking interval"))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for panel, (key, title) in enumerate(panels):
        x0 = left + panel * 360

        def x_of(k: float, x0: int = x0) -> float:
            return x0 + 280 * np.log(k / KS[0]) / np.log(KS[-1] / KS[0])

        def y_of(cover: float) -> float:
            return top + 240 * (1.0 - cover) / 0.2

        parts.append(f'<text x="{x0}" y="{top - 10}" font-weight="bold">{title}</text>')
        band = f'y="{y_of(0.97):.1f}" width="280" height="{y_of(0.93) - y_of(0.97):.1f}"'
        parts.append(f'<rect x="{x0}" {band} fill="#dbe9f6"/>')
        for cover in (0.8, 0.85, 0.9, 0.95, 1.0):
            parts.append(f'<text x="{x0 - 34}" y="{y_of(cover) + 4:.1f}">{cover:.2f}</text>')
            line = f'x1="{x0}" x2="{x0 + 280}" y1="{y_of(cover):.1f}" y2="{y_of(cover):.1f}"'
            parts.append(f'<line {line} stroke="#ccc"/>')
        for k in KS:
            parts.append(f'<text x="{x_of(k) - 7:.1f}" y="{top + 258}">{k}</text>')
        parts.append(f'<text x="{x0 + 70}" y="{top + 280}">answers per entity</text>')
        for number, result in enumerate(tasks.values()):
            points = [
                (x_of(int(k)), y_of(max(row[f"cover_{key}"], 0.8)))
                for k, row in result["designs"]["population"].items()
            ]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            colour = f"hsl({number * 137 % 360},60%,45%)"
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    return "".join([*parts, "</svg>\n"])
