"""What a person at a terminal sees of a comparison."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from earful.comparison.changes_view import series
from earful.comparison.naming import group_name
from earful.comparison.sides_view import most_apart, written
from earful.pages.numbers import finite, percent, points, several, signed

if TYPE_CHECKING:
    import pandas as pd

    from earful.comparison.comparison import Comparison

__all__ = ["print_comparison"]

#: Groups and themes that the terminal shows; the rest stand in the files.
_GROUPS, _THEMES = 12, 6


def print_comparison(comparison: Comparison, page: Path) -> None:
    """Print the groups that part or changed most, what agrees, the notes, and where the page is."""
    out = Console(highlight=False)
    if comparison.other is None:
        out.print(_sides(comparison))
        for line in _agreement(comparison):
            out.print(line, markup=False, soft_wrap=True)
    else:
        out.print(_changes(comparison))
        themes = _themes(comparison)
        if themes.row_count:
            out.print(themes)
    for note in comparison.notes:
        out.print(_plain(f"Note: {note}"), soft_wrap=True)
    out.print(_plain(f"Comparison: {page}"), soft_wrap=True)


def _table(title: str, noun: str, *columns: str) -> Table:
    table = Table(title=_plain(title), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.caption_justify = "left"
    table.add_column(noun, overflow="fold", max_width=28)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _sides(comparison: Comparison) -> Table:
    measure = comparison.measure
    assert measure is not None
    groups = comparison.groups
    # Both ends of the gaps, as those are what one looks for; first the groups that can be compared at all.
    compared = groups[groups["compared"]].sort_values("gap", kind="stable", na_position="last")
    shown = compared if len(compared) else groups.sort_values("n_reviews", ascending=False, kind="stable")
    hidden = len(groups) - min(len(shown), _GROUPS)
    if len(compared) > _GROUPS:
        apart = {*most_apart(groups), *compared.index[: _GROUPS // 2], *compared.index[-_GROUPS // 2 :]}
        shown = compared[compared.index.isin(apart)]
        hidden = len(groups) - len(shown)
    else:
        shown = shown.head(_GROUPS)
    title = f"Words against {measure.title}"
    table = _table(
        title, comparison.noun, "n", "from\nwords", "\nindex", measure.title.replace(" ", "\n"), "\ngap"
    )

    def line(row: dict[Any, Any]) -> list[str | Text]:
        mark = {"above": " above", "below": " below"}.get(row["parts"] or "", "")
        return [
            _plain(group_name(row, comparison.by)),
            f"{row['n_reviews']:,}",
            _two(points, row, "words_nps"),
            _two(points, row, "index"),
            _two(measure.show, row, "measured"),
            _two(measure.show_change, row, "gap", mark) if finite(row["gap"]) is not None else "",
        ]

    table.add_row(*line(comparison.table.iloc[0].to_dict()))
    table.add_section()
    for row in shown.to_dict("records"):
        table.add_row(*line(row))
    if hidden:
        table.caption = _plain(f"{several(hidden, 'more ' + comparison.noun)} in compare.csv")
    return table


def _agreement(comparison: Comparison) -> list[str]:
    sides, measure = comparison.sides, comparison.measure
    assert sides is not None
    assert measure is not None
    lines = []
    for name, title in (("words_nps", "NPS from words"), ("index", "index, partly circular")):
        found = sides.agreements[name]
        if finite(found.spearman.value) is None:
            continue
        kinds = [
            f"{kind} {written(coefficient)}"
            for kind, coefficient in (("Spearman", found.spearman), ("Kendall", found.kendall))
        ]
        lines.append(f"{measure.title} and {title}: {', '.join(kinds)}, {several(found.n, comparison.noun)}")
    parts = int(comparison.groups["parts"].notna().sum())
    tested = int(comparison.groups["gap"].notna().sum())
    if tested:
        verb = "parts" if parts == 1 else "part"
        lines.append(
            f"{parts} of {several(tested, comparison.noun)} {verb}: "
            "the answers are above or below what such words go with"
        )
    return lines


def _changes(comparison: Comparison) -> Table:
    kinds = series(comparison)
    groups = comparison.groups
    told = groups[groups[f"{kinds[0][0]}_change"].notna()]
    other = comparison.other
    assert other is not None
    names = [reading.run.path.resolve().name for reading in (comparison.reading, other)]
    table = _table(
        f"From {names[0]} to {names[1]}",
        comparison.noun,
        "n",
        *(kind[1].replace(" ", "\n", 1) for kind in kinds),
    )

    def line(row: dict[Any, Any]) -> list[str | Text]:
        cells: list[str | Text] = [
            _plain(group_name(row, comparison.by)),
            f"{row['n_reviews_before']:,.0f}\n{row['n_reviews_after']:,.0f}",
        ]
        for name, _, _, show_change in kinds:
            mark = f" {row[f'{name}_call']}" if row[f"{name}_call"] else ""
            known = finite(row[f"{name}_change"]) is not None
            cells.append(_two(show_change, row, f"{name}_change", mark) if known else "")
        return cells

    table.add_row(*line(comparison.table.iloc[0].to_dict()))
    table.add_section()
    for row in told.head(_GROUPS).to_dict("records"):
        table.add_row(*line(row))
    left = [
        (len(told) - min(len(told), _GROUPS), "more"),
        (int((groups["in_runs"] == "both").sum()) - len(told), "with too few reviews"),
        (int((groups["in_runs"] == "before").sum()), f"in {names[0]} alone"),
        (int((groups["in_runs"] == "after").sum()), f"in {names[1]} alone"),
    ]
    told_less = [f"{n:,} {what}" for n, what in left if n]
    if told_less:
        table.caption = _plain(f"In compare.csv: {', '.join(told_less)}")
    return table


def _themes(comparison: Comparison) -> Table:
    themes: pd.DataFrame | None = comparison.themes
    assert themes is not None
    called = themes[(themes["grouping"] == "overall") & (themes["call"] != "")]
    table = Table(
        title="Themes that changed most", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for name in ("theme", "", "before", "after", "change"):
        table.add_column(name, justify="left" if name in ("theme", "") else "right")
    for row in called.head(_THEMES).to_dict("records"):
        table.add_row(
            _plain(str(row["label"] or row["theme"])),
            "complaints" if row["polarity"] == "negative" else "praise",
            percent(row["share_before"]),
            percent(row["share_after"]),
            f"{signed(row['change'], 1)} ({signed(row['change_low'], 1)} to {signed(row['change_high'], 1)})",
        )
    return table


#: What could steer a terminal, or turn its text around.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _plain(text: str) -> Text:
    """Give a text that neither markup nor control characters change."""
    return Text(_STEERING.sub("\N{REPLACEMENT CHARACTER}", text))


def _two(show: Any, row: dict[Any, Any], name: str, mark: str = "") -> str:
    """Write a value and under it its interval."""
    value, low, high = (finite(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    if value is None:
        return ""
    return f"{show(value)}{mark}" + ("" if low is None or high is None else f"\n{show(low)} to {show(high)}")
