"""The tables and the coverage plot of ``docs/loyalty.md``, made from what ``evaluate.py`` found."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Columns of the errors: name in the results, and in the table.
ERRORS = {
    "difference": "(A)",
    "eb": "EB",
    "raw": "raw",
    "wald": "adj. Wald",
    "ppi": "ppi-python",
    "sentiment": "sentiment",
    "vader_here": "VADER",
    "count": "count",
    "vader": "VADER, train line",
    "stars": "stars, answered",
    "stars_all": "stars, all rows",
}
KS = (3, 5, 10, 20, 30, 50, 100)
STRESS_KS = ("0", "3", "10", "30")

_Tasks = dict[str, dict[str, Any]]


def result_lines(results: dict[str, Any]) -> list[str]:
    """Write the tables of ``docs/loyalty.md``."""
    tasks = results["tasks"]
    counts = sorted({task["resamples"] for task in tasks.values()})
    lines = [
        f"{' or '.join(map(str, counts))} resamples (ppi-python 20); sentiment model `{results['model']}`.",
        "",
    ]
    for design in ("population", "disjoint"):
        lines += [*_error_lines(tasks, design), "", *_coverage_lines(tasks, design), ""]
    for part in (
        _words_lines,
        _neighbour_lines,
        _control_lines,
        _shift_lines,
        _missing_lines,
        _author_lines,
        _blind_lines,
    ):
        lines += [*part(tasks), ""]
    return [*lines, *_change_lines(tasks), "", *_commenter_lines(results["commenters"])]


def _error_lines(tasks: _Tasks, design: str) -> list[str]:
    lines = [
        f"### {design.capitalize()}: mean absolute error",
        "",
        f"| data | k | entities | index | {' | '.join(ERRORS.values())} | index - EB (95 %) |",
        "|" + "---|" * (5 + len(ERRORS)),
    ]
    for name, task in tasks.items():
        for k, row in task["designs"][design].items():
            errors = [f"{row[f'mae_{key}']:.1f}" if f"mae_{key}" in row else "" for key in ERRORS]
            gain, low, high = row["gain_over_eb"]
            lines.append(
                f"| {name} | {k} | {row['entities']} | **{row['mae_index']:.1f}** | {' | '.join(errors)} | "
                f"{gain:+.1f} ({low:+.1f} to {high:+.1f}) |"
            )
    return lines


def _coverage_lines(tasks: _Tasks, design: str) -> list[str]:
    lines = [
        f"### {design.capitalize()}: coverage and width",
        "",
        "| data | k | claim | ranking | EB | adj. Wald | ppi-python | claim, unusual quarter | "
        "ranking, unusual quarter | width claim | width rank / Wald | gain |",
        "|" + "---|" * 12,
    ]
    for name, task in tasks.items():
        for k, row in task["designs"][design].items():
            cover = " | ".join(f"{row[f'cover_{key}']:.3f}" for key in ("claim", "rank", "eb", "wald", "ppi"))
            lines.append(
                f"| {name} | {k} | {cover} | {row['cover_claim_by_quartile'][-1]:.3f} | "
                f"{row['cover_rank_by_quartile'][-1]:.3f} | {row['width_claim']:.0f} | "
                f"{row['width_rank'] / row['width_wald']:.2f} | {row['gain']:.2f} |"
            )
    return lines


def _words_lines(tasks: _Tasks) -> list[str]:
    lines = [
        "### Words alone",
        "",
        "*Unrated*: half of the entities have no answers, the others up to 30. *Cold*: nobody answered; "
        "*count* is classify and count.",
        "",
        "| data | row correlation | AUC detractor, promoter | unrated: MAE | grand mean | Pearson | cover | "
        "width | cold: bias | MAE | count MAE | Pearson | cover | width |",
        "|" + "---|" * 14,
    ]
    for name, task in tasks.items():
        u, c = task["unrated"], task["words_only"]
        lines.append(
            f"| {name} | {task['row_corr']:.2f} | {task['auc_detractor']:.2f}, {task['auc_promoter']:.2f} | "
            f"{u['mae']:.1f} | {u['mae_grand_mean']:.1f} | {u['pearson']:.2f} | {u['cover']:.3f} | "
            f"{u['width']:.0f} | {c['bias']:+.1f} | {c['mae']:.1f} | {c['mae_classify_and_count']:.1f} | "
            f"{c['pearson']:.2f} | {c['cover']:.2f} | {c['width']:.0f} |"
        )
    return lines


def _neighbour_lines(tasks: _Tasks) -> list[str]:
    own = {name: t["stress"] for name, t in tasks.items() if "neighbours" in t.get("stress", {})}
    if not own:
        return []
    lines = [
        "### The same knowledge of other entities",
        "",
        "Half of the entities are answered in full; errors over the others, with k answers each "
        f"({_counts(own)} resamples, population design). The lines of mean sentiment and mean VADER go "
        "through the entities answered in full.",
        "",
        "| data | k | MAE index | EB | sentiment line | VADER line |",
        "|" + "---|" * 6,
    ]
    for name, found in own.items():
        for k in STRESS_KS:
            row = found["neighbours"][k]
            rest = " | ".join(f"{row[f'mae_{key}']:.1f}" for key in ("eb", "sentiment", "vader"))
            lines.append(f"| {name} | {k} | **{row['mae_index']:.1f}** | {rest} |")
    return lines


def _control_lines(tasks: _Tasks) -> list[str]:
    lines = [
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
    return lines


def _shift_lines(tasks: _Tasks) -> list[str]:
    own = {name: task["stress"] for name, task in tasks.items() if "stress" in task}
    if not own:
        return []
    lines = [
        "### Label shift",
        "",
        f"Shares of the classes from a flat Dirichlet, 30 made-up entities of 200 rows, {_counts(own)} "
        "resamples. PCC: mean prediction. EMQ: expectation maximisation over the shares.",
        "",
        "| data | k | MAE index | (A) | raw | PCC | count | EMQ | cover claim | ranking |",
        "|" + "---|" * 10,
    ]
    for name, found in own.items():
        for k in STRESS_KS:
            row = found["label_shift"][k]
            raw = f"{row['mae_raw']:.1f}" if "mae_raw" in row else ""
            rest = " | ".join(f"{row[f'mae_{key}']:.1f}" for key in ("pcc", "count", "emq"))
            lines.append(
                f"| {name} | {k} | **{row['mae_index']:.1f}** | {row['mae_difference']:.1f} | {raw} | "
                f"{rest} | {row['cover_claim']:.3f} | {row['cover_rank']:.3f} |"
            )
    return lines


def _missing_lines(tasks: _Tasks) -> list[str]:
    own = {
        name: task["stress"]
        for name, task in tasks.items()
        if "stress" in task and "missing" in task["stress"]
    }
    if not own:
        return []
    kinds = ("words", "all", "random", "by_entity")
    lines = [
        "### Missing signals",
        "",
        f"Population design, {_counts(own)} resamples. *Words*: no score beside them. *All*: every score "
        "that the source has beside the answer. *Random*: each score missing with a chance of a half, and "
        "the words of three in ten rows that keep a score. *Half*: half of the entities have words alone.",
        "",
        "| data | scores | k | MAE words | all | random | half | "
        "claim covers: words | all | random | half | "
        "ranking covers: words | all | random | half |",
        "|" + "---|" * 15,
    ]
    for name, found in own.items():
        for k in STRESS_KS:
            row = found["missing"][k]
            cells = [f"{row[f'mae_{kind}']:.1f}" for kind in kinds]
            cells += [f"{row[f'cover_{which}_{kind}']:.3f}" for which in ("claim", "rank") for kind in kinds]
            lines.append(f"| {name} | {', '.join(found['missing']['signals'])} | {k} | {' | '.join(cells)} |")
    return lines


def _author_lines(tasks: _Tasks) -> list[str]:
    own = {name: task["stress"] for name, task in tasks.items() if "stress" in task}
    if not own:
        return []
    lines = [
        "### Authors who write more than once",
        "",
        "Made up, as no dataset names its authors: 100 authors an entity, each with one to five like rows, "
        f"10 of them with an answer; {_counts(own)} resamples. *Plain*: each row counts as a customer. "
        "*Known*: `author_id` says whose it is. *One vote*: known, and the rows of an author share one vote. "
        "*One row*: one row of each is kept.",
        "",
        "| data | claim covers: plain | known | one vote | one row | ranking covers: plain | known "
        "| one vote | one row |",
        "|" + "---|" * 9,
    ]
    hows = ("plain", "known", "one_vote", "one_row")
    keys = [f"cover_{which}_{how}" for which in ("claim", "rank") for how in hows]
    for name, found in own.items():
        row = found["authors"]
        cells = [f"{row[key]:.3f}" if key in row else "" for key in keys]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _blind_lines(tasks: _Tasks) -> list[str]:
    own = {name: task["blind"] for name, task in tasks.items() if "blind" in task}
    if not own:
        return []
    lines = [
        "### A row model that saw no dev entity",
        "",
        "The shipped row model against one fitted anew without the dev entities, on the same draws of the "
        f"population design ({_counts(own)} resamples).",
        "",
        "| data | rows: dev, test | correlation: shipped | blind | on test entities: shipped | blind | "
        "MAE k=0: shipped | blind | k=3 | blind | k=10 | blind | k=30 | blind | "
        "claim covers, k=10: shipped | blind |",
        "|" + "---|" * 16,
    ]
    for name, found in own.items():
        test = found.get("test")
        on_test = f"{test['corr_shipped']:.3f} | {test['corr_blind']:.3f}" if test else " | "
        errors = " | ".join(
            f"{found[k][f'mae_{which}']:.1f}" for k in STRESS_KS for which in ("shipped", "blind")
        )
        rows = [str(found[part]["rows"]) if part in found else "0" for part in ("dev", "test")]
        lines.append(
            f"| {name} | {', '.join(rows)} | {found['all']['corr_shipped']:.3f} | "
            f"{found['all']['corr_blind']:.3f} | {on_test} | {errors} | "
            f"{found['10']['cover_shipped']:.3f} | {found['10']['cover_blind']:.3f} |"
        )
    return lines


def _change_lines(tasks: _Tasks) -> list[str]:
    called = {name: task["changes"] for name, task in tasks.items() if "changes" in task}
    if not called:
        return []
    lines = [
        "### Change calls",
        "",
        "Two periods of 200 texts and 60 answers an entity; the truth moves 15 points in half of them; "
        f"{_counts(called)} resamples.",
        "",
        "| data | calls | false discovery rate | power |",
        "|" + "---|" * 4,
    ]
    for name, c in called.items():
        lines.append(f"| {name} | {c['calls']} | {c['false_discovery_rate']:.3f} | {c['power']:.2f} |")
    return lines


def _commenter_lines(post: dict[str, Any]) -> list[str]:
    lines = [
        "### Customers who comment are not all customers",
        "",
        f"The French survey: NPS of commenters less that of all customers {post['measured_gap']:+.1f}. "
        f"Made-up losses of commenting rows ({post['rows']} rows, {post['resamples']} resamples), weighted "
        "back by satisfaction:",
        "",
        "| rows are lost by | bias raw | post-stratified |",
        "|---|---|---|",
    ]
    for key, label in (("by_satisfaction", "their satisfaction"), ("by_answer", "their NPS answer")):
        found = post[key]
        lines.append(f"| {label} | {found['raw']:+.1f} | {found['post_stratified']:+.1f} |")
    return lines


def _counts(found: _Tasks) -> str:
    return " or ".join(str(n) for n in sorted({part["resamples"] for part in found.values()}))


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
                for k, row in result.get("designs", {}).get("population", {}).items()
            ]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            colour = f"hsl({number * 137 % 360},60%,45%)"
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    return "".join([*parts, "</svg>\n"])
