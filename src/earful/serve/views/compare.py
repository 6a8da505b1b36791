"""Comparing: two parts of a run, a run with a later one, or a run's words with its measured scores."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from earful.pages import charts, names
from earful.pages.numbers import count, estimate, finite, month
from earful.pages.words import say
from earful.report.tables import MAX_Q
from earful.runs.store import quoted
from earful.serve.addresses import Addresses, within
from earful.serve.filters import period_end
from earful.serve.frame import AReader, TheDesk, TheRun, render
from earful.serve.house import Served
from earful.serve.views.overview import shared

router = APIRouter(include_in_schema=False)

_By = Annotated[str, Query(max_length=200)]
_Name = Annotated[str, Query(max_length=2000)]
_MOST, _FEW = 30, 12
#: What the groups of our own cuts are called together.
_TITLES = {
    "product": "section.products",
    "touchpoint": "section.touchpoints",
    "period": "serve.compare.periods",
}


@router.get("/runs/{run}/compare")
def compare(
    request: Request,
    served: TheRun,
    desk: TheDesk,
    person: AReader,
    by: _By = "product",
    first: _Name = "",
    second: _Name = "",
    part: _Name = "",
) -> HTMLResponse:
    """Set two parts of a run side by side, all of them or within a part; without them, ask which."""
    groups = served.told("compared", lambda: _groups(served))
    page: dict[str, Any] = {
        "title": say("serve.compare.title"),
        "groups": groups,
        "cuts": [cut for cut, some in groups.items() if some],
        "titles": {cut: say(_TITLES[cut]) if cut in _TITLES else names.short(cut, 60) for cut in groups},
        "by": by,
        "parts": {cut: _parts(cut, groups) for cut in groups},
        "part": part,
        "chosen": {
            cut: _chosen(cut, groups[cut], (first, second) if cut == by else ("", "")) for cut in groups
        },
        "pair": None,
        "runs": [name for name in desk.house.names() if name != served.name],
    }
    if first and second:
        known = {value for _, some in page["parts"].get(by, ()) for value, _ in some}
        if first == second or not {first, second} <= {name for name, _ in groups.get(by, ())}:
            page["problem"] = say("serve.compare.choose_two")
        elif part and part not in known:
            page["problem"] = say("serve.compare.choose_part")
        else:
            key = ("pair", by, first, second, part)
            page["pair"] = served.told(key, lambda: _pair(served, by, first, second, part))
    with served.tables() as tables:
        page |= shared(tables, served.overall)
    return render(request, "compare.html.j2", page, served=served, tab="compare")


@router.get("/runs/{run}/compare/run")
def with_run(
    request: Request, served: TheRun, desk: TheDesk, person: AReader, other: str, by: _By = "product"
) -> HTMLResponse:
    """Show what changed from this run to a later one."""
    later = desk.house.get(other)
    template, page = served.told(("with", later.stamp, by), lambda: _compared(served, later, by))
    return render(request, template, page, served=served, tab="compare")


@router.get("/runs/{run}/compare/scores")
def with_scores(request: Request, served: TheRun, person: AReader, by: _By = "product") -> HTMLResponse:
    """Set the words of each group against what was measured of it."""
    template, page = served.told(("scores", by), lambda: _compared(served, None, by))
    return render(request, template, page, served=served, tab="compare")


def _parts(by: str, groups: dict[str, list[tuple[str, str]]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the parts of the run that two groups can be compared within: periods within groups, and back."""
    cuts = [cut for cut in groups if cut != "period"] if by == "period" else ["period"]
    return [(cut, [(f"{cut}={name}", said) for name, said in groups[cut]]) for cut in cuts if groups[cut]]


def _chosen(by: str, groups: list[tuple[str, str]], wanted: tuple[str, str]) -> tuple[str, str]:
    """Give what the form proposes: what was asked for, else the largest groups or the last periods."""
    known = [name for name, _ in groups]
    usual = (known[-2:] if by == "period" else known[:2]) if len(known) > 1 else ["", ""]
    first, second = (name if name in known else other for name, other in zip(wanted, usual, strict=True))
    return first, second


def _compared(served: Served, later: Served | None, by: str) -> tuple[str, dict[str, Any]]:
    from earful.comparison import compare as set_against

    found = set_against(served.run, later.run if later else None, by)
    try:
        return found.page()
    finally:
        for reading in found.runs:
            reading.store.close()


def _groups(served: Served) -> dict[str, list[tuple[str, str]]]:
    """Give what can be compared: cut -> name and how it is written."""
    with served.tables() as tables:
        return {
            by: [
                (row[by], f"{_written(by, row[by])} ({count(row['n_reviews'])})")
                for row in tables.groups(
                    by,
                    "period" if by == "period" else f"n_reviews DESC, {quoted(by)}",
                    f"{quoted(by)} IS NOT NULL",
                    500,
                )
            ]
            for by in ("product", "touchpoint", "period", *tables.cuts)
        }


def _written(by: str, name: str) -> str:
    """Write the name of a group as people read it."""
    if by == "period":
        return month(name)
    return names.touchpoint(name) if by == "touchpoint" else names.short(name)


def _pair(served: Served, by: str, first: str, second: str, part: str) -> dict[str, Any]:
    from earful.comparison.pairs import Cut, compare_cuts

    def cut(by: str, name: str, inside: Cut | None = None) -> Cut:
        return Cut(by, name, _after(name, served.period), served.derived, inside)

    at, labels = Addresses(served.name), served.labels
    whole, _, of = part.partition("=")
    inside = cut(whole, of) if part else None
    with served.tables() as tables:
        found = compare_cuts(tables, cut(by, first, inside), cut(by, second, inside), tables.level)
    common = _filters(whole, of, served) if part else {}
    sides = [
        _side(row, name, by, _filters(by, name, served) | common, bool(part), at)
        for row, name in ((found.first, first), (found.second, second))
    ]
    drawn = [side for side in sides if side["row"]]
    axis = charts.axis_for(value for side in drawn for value in estimate(side["row"], "index"))
    for side in drawn:
        side["plot"] = charts.whisker_svg(axis, *estimate(side["row"], "index"), label=side["name"])
    parts = charts.axis_for((v for row in found.themes for v in estimate(row, "part")), 200.0)
    lines = []
    for row in found.themes[:_MOST]:
        tone = charts.tone_of(row["part_low"], row["part_high"])
        known = finite(row["part"]) is not None
        name = names.theme(row, labels)
        lines.append(
            {
                "row": row,
                "name": name,
                **_spoken(row, sides, at),
                "plot": charts.whisker_svg(parts, *estimate(row, "part"), label=name, tone=tone)
                if known
                else "",
                "sure": row["q_value"] <= MAX_Q,
                "tone": _tone(row),
            }
        )
    return {
        "sides": sides,
        "inside": _written(whole, of) if part else "",
        "few": [
            {"row": row, "name": names.theme(row, labels), **_spoken(row, sides, at)}
            for row in found.few[:_FEW]
        ],
        "axis": charts.axis_svg(axis),
        "found": found,
        "lines": lines,
        "parts": any(row["part"] is not None for row in found.themes),
        "parts_axis": charts.axis_svg(parts),
        "hidden": len(found.themes) - len(lines),
        "overlap": by == "touchpoint" and served.derived,
    }


def _spoken(row: Any, sides: list[dict[str, Any]], at: Addresses) -> dict[str, Any]:
    """Give the page of a theme, how it is spoken of, and the reviews of either side that do so."""
    return {
        "href": at.theme(row["theme"]),
        "said": say(f"since.{'complaints' if row['polarity'] == 'negative' else 'praise'}"),
        "reviews": [
            at.reviews(theme=row["theme"], polarity=row["polarity"], **side["filters"]) for side in sides
        ],
    }


def _filters(by: str, name: str, served: Served) -> dict[str, Any]:
    """Give the filters that find the reviews of a group or a period."""
    if by == "period":
        return {"since": name, "until": period_end(name, served.period)}
    return within(by, name)


def _side(
    row: Any, name: str, by: str, filters: dict[str, Any], inside: bool, at: Addresses
) -> dict[str, Any]:
    return {
        "row": row,
        "name": _written(by, name),
        "plot": "",
        "href": at.reviews(**filters) if by == "period" or inside else at.group(by, name),
        "filters": filters,
        "reviews": at.reviews(**filters),
        "complaints": at.reviews(**filters, sentiment="negative"),
    }


def _tone(row: Any) -> str:
    """Say whether the change is better or worse news, where it is more than chance."""
    if row["q_value"] > MAX_Q:
        return ""
    return "pos" if (row["change"] > 0) == (row["polarity"] == "positive") else "neg"


def _after(first: str, length: str) -> str:
    """Give the first day after a period; empty where it is no period."""
    try:
        return (date.fromisoformat(period_end(first, length)) + timedelta(days=1)).isoformat()
    except ValueError:
        return ""
