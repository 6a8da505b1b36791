"""The first page: the runs that are served, and the jobs that make new ones."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from earful.pages import charts
from earful.pages.making import making
from earful.pages.numbers import estimate
from earful.pages.words import say
from earful.report.anchors import anchor_words
from earful.report.sections import GRADES
from earful.serve.addresses import Addresses
from earful.serve.frame import AReader, TheDesk, render
from earful.serve.house import Served

router = APIRouter(include_in_schema=False)


@router.get("/")
def runs(request: Request, desk: TheDesk, person: AReader) -> HTMLResponse:
    """Show the runs."""
    served = [desk.house.get(name) for name in desk.house.names()]
    rows = [one.overall for one in served]
    axis = charts.axis_for(value for row in rows if row for value in estimate(row, "index"))
    lines = [one.told("line", lambda one=one: _line(one)) for one in served]  # type: ignore[misc]
    for line, row in zip(lines, rows, strict=True):
        sure = row and row["anchor"] != "words" and row["index_low"] is not None
        line["plot"] = charts.whisker_svg(axis, *estimate(row, "index"), label=line["name"]) if sure else ""
    jobs = [job for job in desk.jobs.all() if job.state != "done"][:10] if desk.home else []
    variables = {
        "title": say("serve.runs.title"),
        "lines": lines,
        "axis": charts.axis_svg(axis),
        "jobs": jobs,
        "grades": GRADES,
        "changes": desk.audit.last(8) if person.edits else [],
    }
    return render(request, "runs.html.j2", variables)


def _line(served: Served) -> dict[str, Any]:
    row, made = served.overall, making(served.manifest)
    return {
        "name": served.name,
        "href": Addresses(served.name).page(),
        "row": row,
        "anchor": anchor_words(row),
        "made": made["when"],
        "sources": made["sources"],
    }
