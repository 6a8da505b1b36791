"""What a person at a terminal sees of a comparison."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from earful.comparison.changes_page import series, theme_lines
from earful.comparison.sides import most_apart
from earful.comparison.sides_page import cells, written
from earful.pages import names
from earful.pages.numbers import finite, several

if TYPE_CHECKING:
    from earful.comparison.comparison import Comparison
    from earful.comparison.measures import Cell

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
        out.print(_shown(f"Note: {note}"), soft_wrap=True)
    out.print(_shown(f"Comparison: {page}"), soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    """Begin a table: names on the left, numbers on the right."""
    table = Table(title=_shown(title), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.caption_justify = "left"
    table.add_column(columns[0], overflow="fold", max_width=28)
    for name in columns[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _sides(comparison: Comparison) -> Table:
    measure = comparison.measure
    assert measure is not None
    groups = comparison.groups
    # Both ends of the gaps, as those are what one looks for; first the groups that can be compared at all.
    compared = groups[groups["compared"]].sort_values("gap", kind="stable", na_position="last")
    shown = compared if len(compared) else groups.sort_values("n_reviews", ascending=False, kind="stable")
    if len(compared) > _GROUPS:
        apart = {*most_apart(groups), *compared.index[: _GROUPS // 2], *compared.index[-_GROUPS // 2 :]}
        shown = compared[compared.index.isin(apart)]
    else:
        shown = shown.head(_GROUPS)
    hidden = len(groups) - len(shown)
    headings = ("n", "from\nwords", "\nindex", measure.title.replace(" ", "\n"), "\ngap")
    table = _table(f"Words against {measure.title}", comparison.noun, *headings)
    for row in [comparison.table.iloc[0].to_dict(), *shown.to_dict("records")]:
        numbers = [_written(cell) for cell in cells(row, measure)[1:]]
        table.add_row(_shown(names.group(row, 48)), f"{row['n_reviews']:,}", *numbers)
        if row["grouping"] == "overall":
            table.add_section()
    if hidden:
        table.caption = _shown(f"{several(hidden, 'more ' + comparison.noun)} in compare.csv")
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
    told = groups[groups[f"{kinds[0].name}_change"].notna()]
    before, after = (reading.name for reading in comparison.runs)
    headings = ("n", *(kind.title.replace(" ", "\n", 1) for kind in kinds))
    table = _table(f"From {before} to {after}", comparison.noun, *headings)
    for row in [comparison.table.iloc[0].to_dict(), *told.head(_GROUPS).to_dict("records")]:
        n = f"{row['n_reviews_before']:,.0f}\n{row['n_reviews_after']:,.0f}"
        numbers = [_written(kind.cell(row)) for kind in kinds]
        table.add_row(_shown(names.group(row, 48)), n, *numbers)
        if row["grouping"] == "overall":
            table.add_section()
    left = [
        (len(told) - min(len(told), _GROUPS), "more"),
        (int((groups["in_runs"] == "both").sum()) - len(told), "with too few reviews"),
        (int((groups["in_runs"] == "before").sum()), f"in {before} alone"),
        (int((groups["in_runs"] == "after").sum()), f"in {after} alone"),
    ]
    told_less = [f"{n:,} {what}" for n, what in left if n]
    if told_less:
        table.caption = _shown(f"In compare.csv: {', '.join(told_less)}")
    return table


def _themes(comparison: Comparison) -> Table:
    themes = comparison.themes
    assert themes is not None
    called = themes[(themes["grouping"] == "overall") & (themes["call"] != "")]
    table = _table("Themes that changed most", "theme", "", "before", "after", "change")
    for line in theme_lines(called.head(_THEMES)):
        change = f"{line['change']} ({line['reach']})"
        table.add_row(_shown(line["name"]), line["kind"], line["before"], line["after"], change)
    return table


#: What could steer a terminal, or turn its text around.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _shown(text: str) -> Text:
    """Give a text that neither markup nor control characters change."""
    return Text(_STEERING.sub("\N{REPLACEMENT CHARACTER}", text))


def _written(cell: Cell) -> str:
    """Write a number with its call, and under it its interval."""
    return " ".join(filter(None, (cell.value, cell.call))) + (f"\n{cell.reach}" if cell.reach else "")
