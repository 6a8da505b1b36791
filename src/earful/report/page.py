"""What stands on the page: the run's answers put into words, tables and charts, section by section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from earful.pages import names
from earful.pages.html import write_page
from earful.pages.making import making
from earful.pages.quotes import mismatched
from earful.report import sections
from earful.report.anchors import anchor_words, bridge
from earful.report.findings import findings
from earful.report.ranking import better_grade, ranking
from earful.report.rejected import refusals
from earful.report.signals import behaviour, complaints
from earful.report.tables import Tables
from earful.report.terms import terms
from earful.report.timeline import timeline

__all__ = ["write_report"]

#: How much of each kind one page shows; the run folder holds the rest.
_PERIODS, _MISMATCHES = 60, 12


def write_report(run_dir: Path, out: Path | None = None) -> Path:
    """Write ``report.html`` from a run folder alone.

    The same folder gives the same bytes: times come from the manifest, quotes have a total order.

    Parameters
    ----------
    run_dir
        The run folder.
    out
        Where to write; ``report.html`` in the run folder by default.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RunError
        There is no such folder, or a file in it is damaged.
    EarfulError
        The page cannot be written there.
    """
    path = Path(run_dir) / "report.html" if out is None else Path(out)
    with Tables(Path(run_dir)) as tables:
        page = _page(tables)
    return write_page(path, "earful.report", "report.html.j2", page)


def _page(tables: Tables) -> dict[str, Any]:
    """Collect everything the page needs, as the template's variables."""
    counts, overall = sections.counts(tables), tables.overall()
    stars, labels = sections.stars(tables), tables.labels()
    themes = sections.spoken(tables)
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
        "title": "Loyalty report",
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
        "themes": sections.themes(tables, themes),
        "coverage": sections.coverage(manifest),
        "drivers": drivers,
        "complaints": loop,
        "behaviour": behaviour(tables),
        "mismatches": mismatched(tables, _MISMATCHES) if counts["mismatches"] else [],
        "terms": terms(tables),
        "languages": sections.languages(tables),
        "refused": refused,
        "rows": sections.rows(manifest, counts, refused.n),
        "making": making(manifest),
    }
    return page | {"toc": _toc(page)}


def _toc(page: dict[str, Any]) -> list[tuple[str, str]]:
    entries = [
        ("summary", "Summary", True),
        ("products", "Products", page["rankings"]["product"]["n"] > 0),
        ("touchpoints", "Touchpoints", page["rankings"]["touchpoint"]["n"] > 0),
        *((cut["anchor"], f"By {cut['title']}", True) for cut in page["further"]),
        ("cells", "Product by touchpoint", page["heat"] is not None),
        ("time", "Over time", page["timeline"] is not None),
        ("themes", "Themes", bool(page["themes"]["lines"])),
        ("drivers", "Drivers", bool(page["themes"]["lines"])),
        ("terms", "What opinions are about", bool(page["terms"]["lines"])),
        ("complaints", "Complaint loop", page["complaints"] is not None),
        ("behaviour", "What customers do", page["behaviour"] is not None),
        ("mismatches", "Words against scores", bool(page["mismatches"])),
        ("languages", "Languages", bool(page["languages"]["lines"])),
        ("rows", "Rows", True),
        ("making", "How it was made", True),
    ]
    return [(anchor, name) for anchor, name, there in entries if there]
