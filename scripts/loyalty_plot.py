"""The coverage plot of ``docs/loyalty.md``."""

from __future__ import annotations

from typing import Any

import numpy as np

KS = (3, 5, 10, 20, 30, 50, 100)


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
