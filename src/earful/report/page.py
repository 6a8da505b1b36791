"""What stands on the page: the run's answers put into words, tables and charts, section by section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from earful.pages import names
from earful.pages.html import write_page
from earful.pages.making import language_of, making
from earful.pages.words import say, speaking
from earful.report import sections
from earful.report.anchors import anchor_words, bridge
from earful.report.coverage import coverage
from earful.report.findings import findings
from earful.report.maps import maps
from earful.report.ranking import better_grade, ranking
from earful.report.rejected import refusals
from earful.report.signals import behaviour, complaints
from earful.report.since import since
from earful.report.tables import Tables
from earful.report.terms import terms
from earful.report.timeline import timeline
from earful.report.todo import todo

__all__ = ["pages_of", "write_report"]

#: How much of each kind one page shows; the run folder holds the rest.
_PERIODS, _THEMES = 60, 60


def write_report(
    run_dir: Path, out: Path | None = None, *, lang: str | None = None, before: Path | None = None
) -> Path:
    """Write ``report.html`` from a run folder alone.

    The same folder gives the same bytes: times come from the manifest, quotes have a total order.

    Parameters
    ----------
    run_dir
        The run folder.
    out
        Where to write; ``report.html`` in the run folder by default.
    lang
        ``en``, ``ru``, ``bg`` or ``lv``; by default the language that the run was set to.
    before
        The run before, to say what changed since.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RunError
        There is no such folder, or a file in it is damaged, or the run before cannot be compared with it.
    ConfigError
        Reports are not written in that language.
    EarfulError
        The page cannot be written there.
    """
    path = Path(run_dir) / "report.html" if out is None else Path(out)
    with Tables(Path(run_dir)) as tables, speaking(language_of(tables.manifest, lang)):
        page = pages_of(tables, None if before is None else Path(before))
        return write_page(path, "earful.report", "report.html.j2", page, scripted=True)


def pages_of(tables: Tables, before: Path | None = None) -> dict[str, Any]:
    """Collect everything that is told of a run, as the template's variables."""
    counts, overall = sections.counts(tables), tables.overall()
    stars, labels = sections.stars(tables), tables.labels()
    themes = sections.spoken(tables, most=_THEMES)
    told = sections.themes(tables, themes, quoted=_THEMES)
    anchors = {
        line["row"]["theme"]: f"theme-{k}" for k, line in enumerate(told["lines"], 1) if line["quotes"]
    }
    rankings = {by: ranking(tables, by, overall, stars) for by in ("product", "touchpoint")}
    further = [
        {"anchor": f"by-{number}", "title": names.short(by), "ranking": ranking(tables, by, overall, stars)}
        for number, by in enumerate(tables.cuts, 1)
    ]
    periods = tables.groups("period", "period DESC", "period IS NOT NULL", _PERIODS)[::-1]
    drivers, manifest = sections.drivers(tables, labels), tables.manifest
    over_time, loop = timeline(tables, periods, labels), complaints(tables)
    refused = refusals(tables.folder / "rejects.jsonl")
    page: dict[str, Any] = {
        "title": say("report.title"),
        "kind": "report",
        "counts": counts,
        "overall": overall,
        "level": f"{100 * tables.level:g}",
        "headline": sections.headline(overall),
        "anchor_words": anchor_words(overall),
        "bridge": bridge(overall),
        "better": better_grade(overall) if overall else "",
        "grades": sections.grades(overall),
        "weighting": sections.weighting(manifest),
        "target": sections.target(manifest, overall),
        "todo": todo(tables, labels, anchors),
        "since": since(tables, before, labels) if before is not None else None,
        "maps": maps(tables, labels, anchors),
        "cards": sections.cards(overall, counts, stars),
        "findings": findings(
            overall=overall,
            products=rankings["product"]["rows"],
            touchpoints=rankings["touchpoint"]["rows"],
            periods=periods,
            themes=themes,
            drivers=drivers["rows"],
            labels=labels,
            rising=[line["row"] for line in over_time["rising"]] if over_time else (),
            promise=loop["promise"] if loop else None,
        ),
        "rankings": rankings,
        "further": further,
        "min_reviews": tables.min_reviews,
        "heat": sections.heat(tables),
        "timeline": over_time,
        "themes": told,
        "coverage": coverage(tables),
        "drivers": drivers,
        "complaints": loop,
        "behaviour": behaviour(tables),
        "mismatches": sections.mismatches(tables, counts),
        "terms": terms(tables),
        "languages": sections.languages(tables),
        "refused": refused,
        "rows": sections.rows(manifest, counts, refused.n),
        "making": making(manifest),
    }
    return page | {"toc": _toc(page)}


def _toc(page: dict[str, Any]) -> list[tuple[str, str]]:
    there = {
        "summary": True,
        "since": page["since"] is not None,
        "products": page["rankings"]["product"]["n"] > 0,
        "touchpoints": page["rankings"]["touchpoint"]["n"] > 0,
        **{cut["anchor"]: True for cut in page["further"]},
        "cells": page["heat"] is not None,
        "maps": bool(page["maps"]),
        "time": page["timeline"] is not None,
        "themes": bool(page["themes"]["lines"]),
        "drivers": bool(page["themes"]["lines"]),
        "terms": bool(page["terms"]["lines"]),
        "complaints": page["complaints"] is not None,
        "behaviour": page["behaviour"] is not None,
        "mismatches": bool(page["mismatches"]),
        "languages": bool(page["languages"]["lines"]),
        "rows": True,
        "making": True,
    }
    further = {cut["anchor"]: say("section.by", name=cut["title"]) for cut in page["further"]}
    return [(at, further.get(at) or say(f"section.{at}")) for at, shown in there.items() if shown]
