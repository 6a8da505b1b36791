"""The pages of a run as a whole: the same sections as its report, with an address behind every number."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from earful.pages import names
from earful.pages.making import making, part_of
from earful.pages.words import say
from earful.report import sections
from earful.report.anchors import anchor_words, bridge
from earful.report.coverage import coverage
from earful.report.findings import Finding, findings
from earful.report.ranking import better_grade, ranking
from earful.report.rejected import refusals
from earful.report.repairs import repairs
from earful.report.signals import behaviour, complaints
from earful.report.tables import Tables
from earful.report.terms import terms
from earful.report.timeline import timeline
from earful.runs.store import Row
from earful.serve.addresses import Addresses
from earful.serve.asks import asks, steps
from earful.serve.filters import Filters, period_end
from earful.serve.frame import AReader, TheRun, render
from earful.serve.house import Served
from earful.serve.links import (
    link_drivers,
    link_mismatches,
    link_quotes,
    link_ranking,
    link_repairs,
    link_themes,
    link_timeline,
)
from earful.serve.listing import listing
from earful.serve.query import parse

router = APIRouter(include_in_schema=False)

_PERIODS, _STEPS, _QUOTED = 60, 24, 6
#: Where the sections that a finding points at stand here.
_SECTIONS = {
    "products": "products",
    "touchpoints": "touchpoints",
    "time": "time",
    "themes": "themes",
    "drivers": "themes",
    "complaints": "method",
    "rows": "method",
}


@router.get("/runs/{run}")
def overview(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show the index, what stands out, and what to mend first."""
    page = served.told("overview", lambda: _overview(served))
    return render(request, "overview.html.j2", page, served=served, tab="")


@router.get("/runs/{run}/products")
def products(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show the products in order, and each at every touchpoint."""
    page = served.told("products", lambda: _groups(served, "product"))
    return render(request, "groups.html.j2", page, served=served, tab="products")


@router.get("/runs/{run}/touchpoints")
def touchpoints(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show the touchpoints in order."""
    page = served.told("touchpoints", lambda: _groups(served, "touchpoint"))
    return render(request, "groups.html.j2", page, served=served, tab="touchpoints")


@router.get("/runs/{run}/themes")
def themes(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show the themes, what they do to the index, and the words that opinions are about."""
    page = served.told("themes", lambda: _themes(served))
    return render(request, "themes.html.j2", page, served=served, tab="themes")


@router.get("/runs/{run}/time")
def over_time(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show the index over time, its changes, and the themes on the rise."""
    page = served.told("time", lambda: _time(served))
    return render(request, "time.html.j2", page, served=served, tab="time")


@router.get("/runs/{run}/method")
def method(request: Request, served: TheRun, person: AReader) -> HTMLResponse:
    """Show what was read and refused, and how the run was made."""
    page = served.told("method", lambda: _method(served))
    return render(request, "method.html.j2", page, served=served, tab="method")


def warm(served: Served) -> None:
    """Work out before anybody asks what the first page of a run and a first search take."""
    served.told("overview", lambda: _overview(served))
    _ = served.choices, served.known, served.shown
    listing(served, Filters.model_validate({}), "newest", 1, 0)
    parse("word", served.langs)  # reads the dictionaries of its languages


def shared(tables: Tables, overall: Row | None) -> dict[str, Any]:
    """Give what the report's sections ask for wherever they stand."""
    return {
        "level": f"{100 * tables.level:g}",
        "min_reviews": tables.min_reviews,
        "grades": sections.grades(overall),
        "overall": overall,
        "anchor_words": anchor_words(overall),
    }


def periods_of(tables: Tables) -> list[Row]:
    """Give the periods of a run, the latest of them, in order of time."""
    return tables.groups("period", "period DESC", "period IS NOT NULL", _PERIODS)[::-1]


def _overview(served: Served) -> dict[str, Any]:
    at, overall, labels = Addresses(served.name), served.overall, served.labels
    with served.tables() as tables:
        counts, stars, spoken = sections.counts(tables), sections.stars(tables), sections.spoken(tables)
        ranked = {by: ranking(tables, by, overall, stars)["rows"] for by in ("product", "touchpoint")}
        drivers, periods = sections.drivers(tables, labels), periods_of(tables)
        time, loop = timeline(tables, periods, labels), complaints(tables)
        refused = refusals(tables.folder / "rejects.jsonl")
        found = findings(
            overall=overall,
            products=ranked["product"],
            touchpoints=ranked["touchpoint"],
            periods=periods,
            themes=spoken,
            drivers=drivers["rows"],
            labels=labels,
            rising=[line["row"] for line in time["rising"]] if time else (),
            promise=loop["promise"] if loop else None,
        )
        manifest = tables.manifest
        page = shared(tables, overall) | {
            "title": served.name,
            "counts": counts,
            "headline": sections.headline(overall),
            "bridge": bridge(overall),
            "better": better_grade(overall) if overall else "",
            "weighting": sections.weighting(manifest),
            "target": sections.target(manifest, overall),
            "cards": sections.cards(overall, counts, stars),
            "findings": [_linked(one, at) for one in found],
            "rows": sections.rows(manifest, counts, refused.n),
            "links": {name: at.page(page) for name, page in _SECTIONS.items()},
            "repairs": link_repairs(repairs(tables, labels), at),
            "whole_run": True,
            "further": _further(tables, overall, stars, at),
            "timeline": time,
            "asks": asks(served, counts, periods),
            "languages": sections.languages(tables),
            "n_products": tables.n_groups("product"),
            "making": making(manifest),
            "warnings": making(manifest)["warnings"],
        }
    return page


def _further(tables: Tables, overall: Row | None, stars: Row | None, at: Addresses) -> list[dict[str, Any]]:
    """Rank the groups of each further column that the run is cut by."""
    found = []
    for number, by in enumerate(tables.cuts, 1):
        ranked = ranking(tables, by, overall, stars)
        link_ranking(ranked, at)
        found.append({"anchor": f"by-{number}", "title": names.short(by), "ranking": ranked})
    return found


def _linked(finding: Finding, at: Addresses) -> dict[str, Any]:
    """Put an address behind what stands out: its own page where it has one."""
    href = at.page(_SECTIONS[finding.section])
    if finding.key and finding.section in ("products", "touchpoints"):
        href = at.group(finding.section.removesuffix("s"), finding.key)
    elif finding.key:
        href = at.theme(finding.key)
    return asdict(finding) | {"href": href}


def _groups(served: Served, by: str) -> dict[str, Any]:
    at = Addresses(served.name)
    with served.tables() as tables:
        found = ranking(tables, by, served.overall, sections.stars(tables))
        link_ranking(found, at)

        def cell(product: str, touchpoint: str) -> str:
            return at.reviews(product=product, touchpoint=touchpoint)

        return shared(tables, served.overall) | {
            "title": say(f"section.{by}s"),
            "same": True,
            "ranking": found,
            "anchor": f"{by}s",
            "noun": by,
            "heat": sections.heat(tables, cell) if by == "product" else None,
        }


def _themes(served: Served) -> dict[str, Any]:
    at = Addresses(served.name)
    with served.tables() as tables:
        found = sections.themes(tables, sections.spoken(tables, most=60), quoted=_QUOTED)
        drivers = sections.drivers(tables, served.labels)
        link_themes(found["lines"], at)
        link_quotes(found["lines"], at)
        link_drivers(drivers["lines"], at)
        return shared(tables, served.overall) | {
            "title": say("section.themes"),
            "same": True,
            "themes": found,
            "drivers": drivers,
            "coverage": coverage(tables),
            "terms": terms(tables),
        }


def _time(served: Served) -> dict[str, Any]:
    at = Addresses(served.name)
    with served.tables() as tables:
        periods = periods_of(tables)
        for row in periods:
            until = period_end(row["period"], served.period)
            row["reviews"] = at.reviews(since=row["period"], until=until)
        found = timeline(tables, periods, served.labels)
        if found:
            link_timeline(found, at)
        return shared(tables, served.overall) | {
            "title": say("section.time"),
            "same": True,
            "timeline": found,
            "steps": steps(served, periods)[:_STEPS],
        }


def _method(served: Served) -> dict[str, Any]:
    at = Addresses(served.name)
    with served.tables() as tables:
        counts = sections.counts(tables)
        refused = refusals(tables.folder / "rejects.jsonl")
        odd = sections.mismatches(tables, counts)
        link_mismatches(odd, at)
        manifest = tables.manifest
        return shared(tables, served.overall) | {
            "title": say("serve.method.title"),
            "counts": counts,
            "refused": refused,
            "rows": sections.rows(manifest, counts, refused.n),
            "mismatches": odd,
            "languages": sections.languages(tables),
            "complaints": complaints(tables),
            "behaviour": behaviour(tables),
            "making": making(manifest),
            "taxonomy": part_of(manifest, "taxonomy"),
            "report": at.page("report.html") if served.run.report.is_file() else "",
        }
