"""How many more answers it takes: for the next better grade, and for an interval as narrow as is wanted."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from earful.loyalty.intervals import normal_quantile
from earful.pages import names
from earful.pages.words import say
from earful.report.ranking import better_grade
from earful.report.tables import Tables
from earful.runs.store import Row
from earful.serve.addresses import Addresses
from earful.serve.frame import AReader, TheRun, render
from earful.serve.house import Served
from earful.serve.views.overview import shared

router = APIRouter(include_in_schema=False)

_MOST = 40
#: The cuts that are shown, and what each is called.
_CUTS = {"overall": "group.overall", "product": "section.products", "touchpoint": "section.touchpoints"}


@router.get("/runs/{run}/answers")
def answers(
    request: Request,
    served: TheRun,
    person: AReader,
    margin: Annotated[float, Query(ge=0.5, le=50)] = 5.0,
) -> HTMLResponse:
    """Show what each group would need for an interval of so many points either way."""
    page = served.told(("answers", margin), lambda: _page(served, margin))
    return render(request, "answers.html.j2", page, served=served, tab="")


def needed(row: Row, margin: float, level: float) -> tuple[float, float] | None:
    """Give how many answers a group needs, in all and more than it has, for a half width in points.

    The error of the claim falls with the root of the answers, as long as they come with words as they do now:
    so many times the square of the half width now over the wanted one. ``None`` where nobody answered.
    """
    error, n = row["claim_error"], row["n_rated"]
    if not n or error is None or error <= 0:
        return None
    whole = math.ceil(n * (normal_quantile(level) * error / margin) ** 2)
    return whole, max(whole - n, 0)


def _page(served: Served, margin: float) -> dict[str, Any]:
    at = Addresses(served.name)
    with served.tables() as tables:
        cuts = [
            (by, say(title), [_line(row, by, margin, tables, at) for row in rows])
            for by, title in _CUTS.items()
            if (rows := tables.groups(by, "n_reviews DESC, product, touchpoint", limit=_MOST))
        ]
        return shared(tables, served.overall) | {
            "title": say("serve.answers.title"),
            "margin": margin,
            "cuts": cuts,
            "asked": any(line["whole"] is not None for *_, lines in cuts for line in lines),
        }


def _line(row: Row, by: str, margin: float, tables: Tables, at: Addresses) -> dict[str, Any]:
    found = needed(row, margin, tables.level)
    again = needed(row, margin / math.sqrt(2), tables.level)
    return {
        "name": names.group(row, 80),
        "href": at.page() if by == "overall" else at.group(by, row[by]),
        "row": row,
        "half": normal_quantile(tables.level) * row["claim_error"] if found else None,
        "whole": found[0] if found else None,
        "more": found[1] if found else None,
        "each": again[0] if again else None,
        "better": better_grade(row),
    }
