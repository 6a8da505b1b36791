"""The page of one product, one touchpoint, or one group of a further column that the run is cut by."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from earful.pages import charts, names
from earful.pages.numbers import estimate, points
from earful.pages.words import say
from earful.report import sections
from earful.report.ranking import better_grade
from earful.report.repairs import repairs
from earful.report.sections import Part
from earful.report.tables import Tables
from earful.runs.store import members
from earful.serve.addresses import Addresses
from earful.serve.filters import period_end
from earful.serve.frame import AReader, TheRun, render
from earful.serve.house import Served
from earful.serve.links import link_drivers, link_quotes, link_repairs, link_themes
from earful.serve.views.overview import shared

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Query(min_length=1, max_length=2000)]
Cut = Annotated[str, Query(min_length=1, max_length=200)]
#: The cut whose groups stand on the page of one, and the tab that the page belongs to.
_OTHER = {"product": "touchpoint", "touchpoint": "product"}
_TABS = {"product": "products", "touchpoint": "touchpoints"}
#: Groups of the other cut that are shown, and periods.
_MOST, _PERIODS = 40, 60


@router.get("/runs/{run}/product")
def product(request: Request, served: TheRun, person: AReader, name: Name) -> HTMLResponse:
    """Show a product: its index, what to mend first, its themes, its touchpoints."""
    return _shown(request, served, "product", name)


@router.get("/runs/{run}/touchpoint")
def touchpoint(request: Request, served: TheRun, person: AReader, name: Name) -> HTMLResponse:
    """Show a touchpoint in the same way, with its products."""
    return _shown(request, served, "touchpoint", name)


@router.get("/runs/{run}/group")
def group(request: Request, served: TheRun, person: AReader, by: Cut, name: Name) -> HTMLResponse:
    """Show a group of a further column that the run is cut by, in the same way."""
    with served.tables() as tables:
        if by not in tables.cuts:
            raise HTTPException(404, say("serve.group.no_cut"))
    return _shown(request, served, by, name)


def _shown(request: Request, served: Served, by: str, name: str) -> HTMLResponse:
    page = served.told(("group", by, name), lambda: _page(served, by, name))
    if page is None:
        raise HTTPException(404, say("serve.group.missing"))
    return render(request, "group.html.j2", page, served=served, tab=_TABS.get(by, ""))


def _page(served: Served, by: str, name: str) -> dict[str, Any] | None:
    at, part = Addresses(served.name), Part(by, name)
    with served.tables() as tables:
        row = next(iter(tables.top("loyalty", part.where, "n_reviews DESC", 1, **part.parameters)), None)
        if row is None:
            return None
        stars = sections.stars(tables)
        themes = sections.themes(tables, sections.spoken(tables, part, 40), part, quoted=4)
        drivers = sections.drivers(tables, served.labels, part)
        link_themes(themes["lines"], at, by, name)
        link_drivers(drivers["lines"], at, by, name)
        link_quotes(themes["lines"], at)
        timeline = _timeline(tables, part, by, name, served, at)
        page = shared(tables, row) | {
            "title": names.group(row, 120),
            "by": by,
            "name": name,
            "row": row,
            "better": better_grade(row),
            "whole": served.overall,
            "headline": sections.headline(row),
            "cards": sections.cards(row, _counts(tables, by, name, served.derived), stars),
            "themes": themes,
            "drivers": drivers,
            "coverage": None,
            "repairs": link_repairs(repairs(tables, served.labels, part), at, by, name),
            "whole_run": False,
            "other": _OTHER.get(by, ""),
            "others": _others(tables, by, name, at) if by in _OTHER else {"lines": []},
            "timeline": timeline,
            # The last two periods, which are what somebody asks after first.
            "latest": [row["period"] for row in timeline["rows"][-2:]] if timeline else [],
            "reviews": at.members(by, name),
        }
    return page


def _counts(tables: Tables, by: str, name: str, derived: bool) -> dict[str, Any]:
    """Count how the words of a group read, as the report counts all."""
    moods = ", ".join(
        f"count(*) FILTER (sentiment = '{mood}') AS {mood}" for mood in ("negative", "neutral", "positive")
    )
    return tables.one(
        f"SELECT count(*) AS read, {moods} FROM reviews WHERE score IS NOT NULL AND duplicate_of IS NULL "
        f"AND NOT coalesce(non_answer, false) AND {members(by, derived)}",
        name=name,
    )


def _others(tables: Tables, by: str, name: str, at: Addresses) -> dict[str, Any]:
    """Give the group's rows of the other cut: a product's touchpoints, a touchpoint's products."""
    other = _OTHER[by]
    rows = tables.top(
        "loyalty",
        f"grouping = 'product,touchpoint' AND {by} = $name",
        f"coalesce(grade, 'D') = 'D', \"index\" DESC NULLS LAST, {other}",
        _MOST,
        name=name,
    )
    drawn = [row for row in rows if row["index_low"] is not None]
    axis = charts.axis_for(value for row in drawn for value in estimate(row, "index"))
    lines = []
    for row in drawn:
        wide = row["grade"] == "D" or row["n_reviews"] < tables.min_reviews
        value, low, high = estimate(row, "index")
        label = names.touchpoint(row[other]) if other == "touchpoint" else names.short(row[other])
        plot = charts.whisker_svg(
            axis, None if wide else value, low, high, label=label, tone="range" if wide else ""
        )
        lines.append(
            {
                "name": label,
                "row": row,
                "wide": wide,
                "plot": plot,
                "href": at.group(other, row[other]),
                "reviews": at.reviews(**{by: name, other: row[other]}),
            }
        )
    return {"lines": lines, "axis": charts.axis_svg(axis)}


def _timeline(
    tables: Tables, part: Part, by: str, name: str, served: Served, at: Addresses
) -> dict[str, Any] | None:
    """Draw the group's index over time, where it has periods."""
    rows = tables.top("trends", part.where, "period DESC", _PERIODS, **part.parameters)[::-1]
    series = [
        charts.Point(
            row["period"],
            *(estimate(row, "index") if row["n_reviews"] >= 10 else (None, None, None)),
            row["n_reviews"],
            *estimate(row, "level"),
            row["change"] if row["change_point"] else None,
        )
        for row in rows
    ]
    if len(series) < 2 or not any(point.value is not None for point in series):
        return None
    for row in rows:
        until = period_end(row["period"], served.period)
        row["reviews"] = at.members(by, name, since=row["period"], until=until)
    label = say("serve.group.timeline", name=names.short(name), last=points(series[-1].value))
    return {"plot": charts.timeline_svg(series, label=label), "rows": rows}
