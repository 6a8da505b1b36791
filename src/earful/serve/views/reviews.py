"""The reviews: searched, filtered, paged; and one review whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from earful.pages import charts, names
from earful.pages.words import say
from earful.report.sections import SIDES
from earful.serve.addresses import Addresses
from earful.serve.filters import Filters, Order, shown
from earful.serve.frame import AnEditor, AReader, Sent, TheDesk, TheRun, back_to, render, templates
from earful.serve.house import Served
from earful.serve.listing import listing, mentions_of, one_review
from earful.serve.marks import Mark, cut, pieces
from earful.serve.query import Query as Search
from earful.serve.search import Row

router = APIRouter(include_in_schema=False)

_EACH = 25
#: What can be put right here.
_FIELDS = ("sentiment", "add_theme", "remove_theme", "undo")
_ORDERS: tuple[Order, ...] = get_args(Order)
_TONES = {"negative": "neg", "neutral": "mid", "positive": "pos"}
#: What the list can be narrowed to of the reviews whose words and score part.
_MISMATCHES = ("any", *SIDES)


@router.get("/runs/{run}/reviews")
def reviews(
    request: Request,
    served: TheRun,
    person: AReader,
    order: str = "",
    page: Annotated[int, Query(ge=1, le=400_000)] = 1,
) -> HTMLResponse:
    """Show the reviews that hold to the filters in the address; a filter that cannot be read is told."""
    given: dict[str, Any] = {
        name: value
        for name, value in request.query_params.items()
        if name in Filters.model_fields and value.strip()
    }
    # What the run is cut by besides may be spoken of several times; a list left as it is says nothing.
    cuts = [one for one in dict.fromkeys(request.query_params.getlist("cut")) if one]
    given["cut"] = [one for one in cuts if one.partition("=")[0] in served.columns]
    filters, problems = _read(given)
    if len(given["cut"]) < len(cuts):
        problems.append(_left_out("cut"))
    order = order if order in _ORDERS else ""
    chosen: Any = order or ("relevant" if filters.q else "newest")
    listed = served.told(
        ("listed", filters, order, chosen, page), lambda: _listed(served, filters, order, chosen, page)
    )
    variables = listed | {
        "title": say("col.reviews"),
        "problems": problems,
        "mismatches": _MISMATCHES,
        "orders": _ORDERS,
        "order": chosen,
        "choices": served.choices,
        "groups": served.groups,
        "known": served.known,
        "labels": served.labels,
        "q": filters.q,
    }
    return render(request, "reviews.html.j2", variables, served=served, tab="reviews")


def _listed(served: Served, filters: Filters, order: str, chosen: Order, page: int) -> dict[str, Any]:
    """Give what depends on the filters: what is told of the reviews found, and a page of them, written."""
    found = listing(served, filters, chosen, _EACH, (page - 1) * _EACH)
    at = Addresses(served.name)
    pages = max(1, -(-found.total // _EACH))
    written = templates().get_template("_found.html.j2")
    return {
        "filters": filters,
        "given": [
            (name, spoken, _told(served, name, value), at.page("reviews") + "?" + without)
            for name, spoken, value, without in filters.described()
        ],
        "hint": _hint(served, filters, at),
        "total": found.total,
        "moods": found.moods,
        "found": Markup(
            written.render(
                reviews=[
                    _shown(served, row, found.mentions[row["row"]], found.query, filters, at)
                    for row in found.rows
                ],
                mood=charts.mood_svg(*found.moods.values()) if found.total else "",
                total=found.total,
                page=page,
                pages=pages,
                turns=_turns(filters, order, page, pages, at),
            )
        ),
    }


@router.get("/runs/{run}/reviews/{row}")
def review(
    request: Request,
    served: TheRun,
    desk: TheDesk,
    person: AReader,
    row: Annotated[int, InPath(ge=0, le=2**53)],
) -> HTMLResponse:
    """Show one review whole: its words with every theme marked, its scores, its sentences."""
    found = one_review(served, row)
    if found is None:
        raise HTTPException(404, say("serve.review.missing"))
    at = Addresses(served.name)
    mentions = mentions_of(served, [row])[row]
    with served.tables() as tables:
        said = [] if found["non_answer"] else tables.top("segments", "row = $row", "segment", 500, row=row)
        whole = tables.top("reviews", "row = $row", "row", 1, row=row)[0]
    marks = [_mark(mention, served.labels) for mention in mentions]
    variables = {
        "title": say("serve.review.title", row=str(row)),
        "review": found if found["worded"] else found | {"lang": None},
        "whole": whole,
        "correctable": person.edits and desk.home is not None and bool(found["text"]),
        "labels": served.labels,
        "told": sorted({(one["theme"], served.labels.get(one["theme"], one["theme"])) for one in mentions}),
        "pieces": pieces(found["text"] or "", marks),
        "segments": [
            {
                "text": (found["text"] or "")[one["start"] : one["end"]].strip(),
                "score": one["score"],
                "tone": charts.tone_of(one["score"], one["score"]) if abs(one["score"] or 0) > 0.2 else "mid",
                "themes": [
                    (served.labels.get(m["theme"], m["theme"]), m["polarity"], at.theme(m["theme"]))
                    for m in mentions
                    if m["segment"] == one["segment"]
                ],
            }
            for one in said
        ],
        "product_href": at.group("product", found["product"]) if found["product"] else "",
        "touchpoint_href": at.group("touchpoint", found["touchpoint"]) if found["touchpoint"] else "",
    }
    return render(request, "review.html.j2", variables, served=served, tab="reviews")


@router.post("/runs/{run}/reviews/{row}/correct", dependencies=[Sent])
def correct(
    served: TheRun,
    desk: TheDesk,
    person: AnEditor,
    row: Annotated[int, InPath(ge=0, le=2**53)],
    what: Annotated[str, Form(max_length=300)],
) -> Response:
    """Put right what the models said of a review; the run's numbers are worked out anew in the background."""
    found, (field, _, value) = one_review(served, row), what.partition("=")
    if found is None or field not in _FIELDS:
        raise HTTPException(404, say("serve.review.unsaid"))
    said = {"review_id": found["review_id"], "field": field, "value": value, "source": found["source"] or ""}
    source = str(served.run.path)
    back = Addresses(served.name).review(row)
    spec = {"kind": "correct", "source": source, "output": source, "correction": said, "by": person.name}
    spec["back"] = back
    job = desk.jobs.start(desk.jobs.new_id(), spec, person.name)
    desk.audit.note(person.name, "correct", run=served.name, **said)
    return back_to(f"/jobs/{job.id}")


def _read(given: dict[str, Any]) -> tuple[Filters, list[str]]:
    """Read the filters of an address; what cannot be read is left out and told."""
    problems: list[str] = []
    while True:
        try:
            return Filters.model_validate(given), problems
        except ValidationError as error:
            wrong: set[str] = set()
            for part in error.errors():
                if part["type"] == "crossed":
                    problems.append(say("serve.reviews.crossed", crossed=part["msg"]))
                    wrong |= set(part["ctx"]["names"])
                else:
                    wrong.add(str(part["loc"][0]))
                    problems.append(_left_out(str(part["loc"][0])))
            given = {name: value for name, value in given.items() if name not in wrong}


def _left_out(name: str) -> str:
    return say("serve.reviews.left_out", name=say(f"serve.given.{name}"))


def _hint(served: Served, filters: Filters, at: Addresses) -> tuple[str, int, str] | None:
    """Give the run's own list of reviews whose words and score part, where the filters ask for such."""
    bounds = {"negative": "from", "positive": "to"}.get(filters.sentiment, "")
    ends = [getattr(filters, f"{name}_{bounds}") for name in ("rating", "nps", "csat")] if bounds else []
    if filters.mismatch or all(end is None for end in ends):
        return None
    side = SIDES[bounds == "to"]
    n = served.kept(
        ("parted", side),
        lambda: served.search.value("SELECT count(*) FROM reviews WHERE mismatch = ?", (side,)),
    )
    return (say(f"mismatches.{side}"), n, at.reviews(mismatch=side)) if n else None


def _shown(
    served: Served, row: Row, mentions: Sequence[Row], search: Search, filters: Filters, at: Addresses
) -> dict[str, Any]:
    """Cut a review for the list, with the words marked that it was found by."""
    text = row["text"] or ""
    told = [mention for mention in mentions if _meant(mention, filters)]
    labels = served.labels
    marks = [_mark(mention, labels) for mention in told]
    marks += [Mark(start, end, "found") for start, end in search.marks(text, row["lang"])]
    start, stop = cut(text, marks)
    themes = {mention["theme"]: mention["polarity"] for mention in mentions}
    kept = {name: value for name, value in filters.given().items() if name != "polarity"}
    return {
        # Where there are no words there is no language to speak of.
        "review": row if row["worded"] else row | {"lang": None},
        "title": row["title"],
        "pieces": pieces(text, marks, start, stop),
        "cut_before": start > 0,
        "cut_after": stop < len(text),
        "tone": _TONES.get(row["sentiment"] or "", ""),
        "href": at.review(row["row"]),
        "themes": [
            # Within what is looked at already: the month, the product and whatever else stays as it is.
            (labels.get(theme, theme), _TONES.get(polarity, "mid"), at.reviews(**kept | {"theme": theme}))
            for theme, polarity in themes.items()
        ],
        "mismatch": say(f"mismatches.{row['mismatch']}") if row["mismatch"] else "",
    }


def _meant(mention: Row, filters: Filters) -> bool:
    """Say whether a mention is what the filters speak of."""
    if filters.theme:
        return bool(
            mention["theme"] == filters.theme
            and (not filters.polarity or mention["polarity"] == filters.polarity)
        )
    if filters.touchpoint and str(mention["theme"]).startswith(f"{filters.touchpoint}."):
        return True
    return bool(filters.polarity) and mention["polarity"] == filters.polarity


def _mark(mention: Row, labels: dict[str, str]) -> Mark:
    title = f"{labels.get(mention['theme'], mention['theme'])}, {names.polarity(mention['polarity'])}"
    return Mark(mention["start"], mention["stop"], _TONES.get(mention["polarity"], "mid"), title)


def _told(served: Served, name: str, value: str) -> str:
    """Write a filter's value for people."""
    return served.labels.get(value, value) if name == "theme" else shown(name, value)


def _turns(filters: Filters, order: str, page: int, pages: int, at: Addresses) -> list[tuple[str, str]]:
    """Give the addresses of the pages before and after, as ``prev`` and ``next``."""
    told: dict[str, Any] = filters.given() | ({"order": order} if order else {})
    turns = [("prev", page - 1)] * (page > 1) + [("next", page + 1)] * (page < pages)
    return [
        (name, f"{at.page('reviews')}?{urlencode(told | {'page': number}, doseq=True)}")
        for name, number in turns
    ]
