"""The page of one theme: how it is spoken of, by whom, since when, and what it does to the index."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from earful.pages import charts, names
from earful.pages.numbers import estimate, month, points
from earful.pages.quotes import theme_quotes
from earful.pages.words import say
from earful.report.sections import WHOLE, Part
from earful.report.tables import Tables
from earful.runs.store import Row, members
from earful.serve.addresses import Addresses, within
from earful.serve.filters import period_end
from earful.serve.frame import AReader, TheRun, render
from earful.serve.house import Served
from earful.serve.views.overview import shared

router = APIRouter(include_in_schema=False)

_GROUPS, _PERIODS, _QUOTES, _TERMS = 40, 36, 9, 30


@router.get("/runs/{run}/theme")
def theme(
    request: Request,
    served: TheRun,
    person: AReader,
    id: Annotated[str, Query(min_length=1, max_length=200)],  # noqa: A002
    by: Annotated[str, Query(max_length=200)] = "",
    name: Annotated[str, Query(max_length=2000)] = "",
) -> HTMLResponse:
    """Show a theme in all of the run, or as the reviews of one product or other group speak of it."""
    page = served.told(("theme", id, by, name), lambda: _page(served, id, by, name))
    if page is None:
        raise HTTPException(404, say("serve.theme.missing"))
    return render(request, "theme.html.j2", page, served=served, tab="themes")


def _page(served: Served, theme_id: str, by: str, name: str) -> dict[str, Any] | None:
    at, own = Addresses(served.name), within(by, name) if by else {}
    labels = served.labels
    with served.tables() as tables:
        if by and by not in ("product", "touchpoint", *tables.cuts):
            return None
        rows = tables.top("themes", "theme = $theme", "grouping, n_mentions DESC", theme=theme_id)
        told = (row for row in rows if row["grouping"] == (by or "overall") and (not by or row[by] == name))
        whole = next(told, None)
        if whole is None:
            return None
        quotes = theme_quotes(tables, [theme_id], _QUOTES, within=(by, name) if by else None)[theme_id]
        for quote in quotes:
            quote.review["href"] = at.review(quote.review["row"])
        cuts = () if by else ("product", "touchpoint", *tables.cuts)
        return shared(tables, served.overall) | {
            "title": names.theme(whole, labels),
            "theme": theme_id,
            "touchpoint": names.touchpoint(theme_id.partition(".")[0]),
            "inside": names.group(whole) if by else "",
            "group": at.group(by, name) if by else "",
            "everywhere": at.theme(theme_id),
            "row": whole,
            "net": _net(whole),
            "drivers": _drivers(tables, theme_id, by, name, at),
            "cuts": [cut for one in cuts if (cut := _by(rows, one, at, theme_id))],
            "periods": [] if by else _periods(rows, served, at, theme_id),
            "quotes": quotes,
            "terms": _terms(served, tables, theme_id, by, name, at),
            "links": {
                said: at.reviews(theme=theme_id, polarity=said, **own)
                for said in ("", "negative", "neutral", "positive")
            },
        }


def _net(row: Row) -> dict[str, Any]:
    axis = charts.axis_between(-100.0, 100.0, points)
    net, low, high = row["net_sentiment"], row["net_low"], row["net_high"]
    tone = charts.tone_of(low, high)
    plot = charts.whisker_svg(axis, net, low, high, label=say("serve.theme.net"), tone=tone)
    return {"plot": plot, "axis": charts.axis_svg(axis)}


def _drivers(tables: Tables, theme_id: str, within_by: str, name: str, at: Addresses) -> dict[str, Any]:
    """Give what the theme does to the index, by who speaks of it and how, or in one group alone."""
    part = Part(within_by, name) if within_by else WHOLE
    rows = tables.top(
        "drivers",
        "theme = $theme AND polarity <> 'any' AND isfinite(impact) AND n >= 20"
        + (f" AND {part.where}" if within_by else ""),
        "grouping <> 'overall', abs(impact) DESC, polarity, product, touchpoint",
        _GROUPS,
        theme=theme_id,
        **(part.parameters if within_by else {}),
    )
    axis = charts.axis_for(value for row in rows for value in estimate(row, "impact"))
    lines = []
    for row in rows:
        by = row["grouping"]
        own = within(by, row[by]) if by != "overall" else {}
        impact = estimate(row, "impact")
        name = names.group(row, led=True)
        plot = charts.whisker_svg(axis, *impact, label=name, tone=charts.tone_of(*impact[1:]))
        href = at.group(by, row[by]) if own else ""
        reviews = at.reviews(theme=theme_id, polarity=row["polarity"], **own)
        lines.append({"row": row, "name": name, "plot": plot, "href": href, "reviews": reviews})
    return {"lines": lines, "axis": charts.axis_svg(axis)}


def _by(rows: list[Row], by: str, at: Addresses, theme_id: str) -> dict[str, Any] | None:
    """Set the groups of one cut side by side: the share of their reviews that speak of the theme."""
    own = [row for row in rows if row["grouping"] == by]
    if len(own) < 2:
        return None
    own.sort(key=lambda row: (-row["n_negative"] / max(row["n_mentions"], 1) * row["share"], row[by]))
    shown = own[:_GROUPS]
    most = max(max(row["n_negative"], row["n_positive"]) for row in shown)
    lines = []
    for row in shown:
        name = names.touchpoint(row[by]) if by == "touchpoint" else names.short(row[by])
        lines.append(
            {
                "name": name,
                "row": row,
                "href": at.group(by, row[by]),
                "plot": charts.balance_svg(row["n_negative"], row["n_positive"], most, label=name),
                "negative": at.members(by, row[by], theme=theme_id, polarity="negative"),
                "positive": at.members(by, row[by], theme=theme_id, polarity="positive"),
                "reviews": at.members(by, row[by], theme=theme_id),
            }
        )
    ours = by in ("product", "touchpoint")
    title = say(f"serve.theme.by.{by}") if ours else say("section.by", name=names.short(by, 60))
    return {"by": by, "title": title, "lines": lines, "hidden": len(own) - len(shown)}


def _periods(rows: list[Row], served: Served, at: Addresses, theme_id: str) -> list[dict[str, Any]]:
    own = sorted((row for row in rows if row["grouping"] == "period"), key=lambda row: row["period"])
    own = own[-_PERIODS:]
    most = max((max(row["n_negative"], row["n_positive"]) for row in own), default=1)
    return [
        {
            "period": row["period"],
            "row": row,
            "plot": charts.balance_svg(
                row["n_negative"], row["n_positive"], most, label=month(row["period"])
            ),
            "reviews": at.reviews(
                theme=theme_id, since=row["period"], until=period_end(row["period"], served.period)
            ),
        }
        for row in own
    ]


def _terms(
    served: Served, tables: Tables, theme_id: str, by: str, name: str, at: Addresses
) -> list[tuple[str, int, str]]:
    """Give the words by which the theme was found, the most frequent first, in all reviews or a group's."""
    inside = f"AND row IN (SELECT row FROM reviews WHERE {members(by, served.derived)})" if by else ""
    own = within(by, name) if by else {}
    rows = tables.ask(
        f"""SELECT lower(term) AS term, count(DISTINCT row) AS n FROM mentions
        WHERE theme = $theme AND term <> '' AND length(term) <= 60 {inside}
        GROUP BY 1 ORDER BY n DESC, term LIMIT {_TERMS}""",
        theme=theme_id,
        **({"name": name} if by else {}),
    )
    return [(row["term"], row["n"], at.reviews(theme=theme_id, q=f'"{row["term"]}"', **own)) for row in rows]
