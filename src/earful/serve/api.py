"""REST API, version 1: runs, their numbers and reviews; texts scored and tagged."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, UploadFile
from fastapi import Path as InPath
from fastapi.responses import Response
from pydantic import BaseModel, Field

from earful.schema import TABLES
from earful.serve.access import Person
from earful.serve.alerts import alerts as alerts_of
from earful.serve.answers import (
    Alert,
    Alerts,
    JobAbout,
    Review,
    Reviews,
    Rows,
    RunAbout,
    Runs,
    Scored,
    Tagged,
    Texts,
    TextsToTag,
)
from earful.serve.filters import Filters, Order
from earful.serve.frame import TheDesk, TheRun, desk_of, person_of
from earful.serve.house import Served
from earful.serve.listing import listing, mentions_of, one_review
from earful.serve.search import Row

__all__ = ["ACaller", "router"]

router = APIRouter(prefix="/api/v1", tags=["runs"])

#: Rows of one answer.
_MOST = 500


def caller_of(request: Request) -> Person:
    """Give who asks: by a token, a name and a password, or the session of the dashboard."""
    access, caller = desk_of(request).access, request.client.host if request.client else ""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    known: Person | None = None
    if kind.lower() == "bearer" and not access.users:
        known = access.with_secret("", secret.strip(), caller)
    elif kind.lower() == "basic":
        try:
            name, _, password = base64.b64decode(secret, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name, password = "", ""
        known = access.with_secret(name, password, caller)
    person = known or person_of(request)
    if person is None:
        raise HTTPException(401, "say who you are: a token as Bearer, or a name and a password as Basic")
    return person


ACaller = Annotated[Person, Depends(caller_of)]
Limit = Annotated[int, Query(ge=1, le=_MOST, description="rows of the answer")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="rows before the first")]
_Product = Annotated[str, Query(max_length=2000, description="one product")]
_Touchpoint = Annotated[str, Query(max_length=2000, description="one touchpoint")]
_Theme = Annotated[str, Query(max_length=200, description="theme id")]
#: Cuts that a table may have; an empty one stands for all of them.
_Single = Literal["", "overall", "product", "touchpoint"]
_Cut = Literal["", "overall", "product", "touchpoint", "product,touchpoint", "period"]
_How = Query(description="how the run is cut; empty: every way")


class ReviewsAsked(Filters):
    """Which reviews, in which order, and which page of them."""

    order: Order = Field("newest", description="relevant: the best match first, where words are searched")
    limit: int = Field(50, ge=1, le=_MOST, description="reviews of the answer")
    offset: int = Field(0, ge=0, le=10_000_000, description="reviews before the first")


@router.get("/runs", response_model=Runs)
def list_runs(request: Request, desk: TheDesk, caller: ACaller) -> Response:
    """List the runs that are served, each with its headline."""
    served = [desk.house.get(name) for name in desk.house.names()]
    return answered(request, Runs(runs=[_about(one) for one in served]), *(one.stamp for one in served))


@router.get("/runs/{run}", response_model=RunAbout)
def about_run(request: Request, served: TheRun, caller: ACaller) -> Response:
    """Tell how a run was made, and its headline."""
    return answered(request, _about(served), served.stamp)


@router.get("/runs/{run}/loyalty", response_model=Rows)
def loyalty(
    request: Request,
    served: TheRun,
    caller: ACaller,
    grouping: Annotated[_Cut, _How] = "",
    product: _Product = "",
    touchpoint: _Touchpoint = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Give the index, its intervals and the measured metrics, group by group."""
    wanted = {"grouping": grouping, "product": product, "touchpoint": touchpoint}
    order = "grouping, product NULLS FIRST, touchpoint NULLS FIRST, period NULLS FIRST, scale"
    return _rows(request, served, "loyalty", wanted, order, limit, offset)


@router.get("/runs/{run}/themes", response_model=Rows)
def themes(
    request: Request,
    served: TheRun,
    caller: ACaller,
    grouping: Annotated[_Cut, _How] = "overall",
    product: _Product = "",
    touchpoint: _Touchpoint = "",
    theme: _Theme = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Give how often each theme is spoken of, and how, group by group."""
    wanted = {"grouping": grouping, "product": product, "touchpoint": touchpoint, "theme": theme}
    order = (
        "grouping, product NULLS FIRST, touchpoint NULLS FIRST, period NULLS FIRST, n_mentions DESC, theme"
    )
    return _rows(request, served, "themes", wanted, order, limit, offset)


@router.get("/runs/{run}/drivers", response_model=Rows)
def drivers(
    request: Request,
    served: TheRun,
    caller: ACaller,
    grouping: Annotated[_Single, _How] = "overall",
    product: _Product = "",
    touchpoint: _Touchpoint = "",
    theme: _Theme = "",
    polarity: Annotated[
        Literal["", "any", "negative", "positive"], Query(description="which mentions count")
    ] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Give what each theme does to the index, group by group."""
    wanted = {
        "grouping": grouping,
        "product": product,
        "touchpoint": touchpoint,
        "theme": theme,
        "polarity": polarity,
    }
    order = (
        "grouping, product NULLS FIRST, touchpoint NULLS FIRST, abs(impact) DESC NULLS LAST, theme, polarity"
    )
    return _rows(request, served, "drivers", wanted, order, limit, offset)


@router.get("/runs/{run}/trends", response_model=Rows)
def trends(
    request: Request,
    served: TheRun,
    caller: ACaller,
    grouping: Annotated[_Single, _How] = "overall",
    product: _Product = "",
    touchpoint: _Touchpoint = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """Give the index over time and where its level changed, group by group."""
    wanted = {"grouping": grouping, "product": product, "touchpoint": touchpoint}
    order = "grouping, product NULLS FIRST, touchpoint NULLS FIRST, period"
    return _rows(request, served, "trends", wanted, order, limit, offset)


@router.get("/runs/{run}/alerts", response_model=Alerts)
def alerts(request: Request, served: TheRun, caller: ACaller) -> Response:
    """Give what changed beyond chance: themes on the rise and levels that changed, as webhooks send it."""
    found = Alerts(run=served.name, alerts=[Alert.model_validate(one) for one in alerts_of(served)])
    return answered(request, found, served.stamp)


@router.get("/runs/{run}/reviews", response_model=Reviews)
def reviews(
    request: Request,
    served: TheRun,
    caller: ACaller,
    filters: Annotated[ReviewsAsked, Query()],
) -> Response:
    """Find reviews by their words and by filters, page by page."""
    only = Filters.model_validate(filters.model_dump(include=set(Filters.model_fields)))
    found = listing(served, only, filters.order, filters.limit, filters.offset)
    told = only.given() | {"order": filters.order, "limit": filters.limit}
    after = filters.offset + filters.limit
    more = (
        f"{request.url.path}?{urlencode(told | {'offset': after}, doseq=True)}"
        if after < found.total
        else None
    )
    answer = Reviews(
        total=found.total,
        limit=filters.limit,
        offset=filters.offset,
        next=more,
        reviews=[_review(row, found.mentions[row["row"]]) for row in found.rows],
    )
    return answered(request, answer, served.stamp)


@router.get("/runs/{run}/reviews/{row}", response_model=Review)
def review(
    request: Request, served: TheRun, caller: ACaller, row: Annotated[int, InPath(ge=0, le=2**53)]
) -> Response:
    """Give one review."""
    found = one_review(served, row)
    if found is None:
        raise HTTPException(404, "there is no such review in this run")
    return answered(request, _review(found, mentions_of(served, [row])[row]), served.stamp)


@router.post("/score", tags=["texts"])
def score(desk: TheDesk, caller: ACaller, asked: Texts) -> Scored:
    """Score the sentiment of texts, as ``earful score`` does."""
    from earful.jobs.score import SCORES

    wanted = [f"reviews.{name}" for name in SCORES.names]
    read = desk.reader.read(asked.texts, wanted)
    desk.metrics.read("score", len(asked.texts))
    return Scored(model=desk.reader.name(), results=[_finite(row) for row in read.reviews])  # type: ignore[misc]


@router.post("/tag", tags=["texts"])
def tag(desk: TheDesk, caller: ACaller, asked: TextsToTag) -> Tagged:
    """Find the themes of texts, as ``earful tag`` does."""
    found = desk.reader.tag(asked.texts, asked.themes, asked.min_confidence, asked.polarity)
    desk.metrics.read("tag", len(asked.texts))
    return Tagged(themes=asked.themes, results=found)  # type: ignore[arg-type]


def answered(request: Request, answer: BaseModel, *stamps: str) -> Response:
    """Answer with a tag of what the answer says; 304 where the caller has it."""
    body = json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _about(served: Served) -> RunAbout:
    return served.kept("about", lambda: _made(served))


def _made(served: Served) -> RunAbout:
    manifest, row = served.manifest, served.overall or {}
    names = ("index", "index_low", "index_high", "anchor", "grade", "scale", "answers_needed")
    rows = manifest.get("rows") or {}
    return RunAbout(
        name=served.name,
        created_at=manifest.get("created_at"),
        reviews=int(rows.get("accepted") or 0),
        rejected=int(rows.get("rejected") or 0),
        **{name: row.get(name) for name in names},
        sources=[str(one.get("source")) for one in manifest.get("inputs") or () if isinstance(one, dict)],
        languages=manifest.get("languages") or {},
        model=manifest.get("model"),
        taxonomy=manifest.get("taxonomy"),
    )


def _rows(
    request: Request,
    served: Served,
    table: str,
    wanted: dict[str, str],
    order: str,
    limit: int,
    offset: int,
) -> Response:
    """Answer with rows of a table that hold to what is wanted; only columns of the schema are given."""
    told = {name: value for name, value in wanted.items() if value}
    where = " AND ".join(f"{name} = ${name}" for name in told) or "true"
    columns = ", ".join(f'"{name}"' for name in TABLES[table].schema.names)

    def ask() -> Rows:
        with served.tables() as tables:
            total = tables.count(table, where, **told)
            rows = tables.ask(
                f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order} "
                f"LIMIT {limit:d} OFFSET {offset:d}",
                **told,
            )
        return Rows(total=total, limit=limit, offset=offset, rows=[_finite(row) for row in rows])

    key = (table, *told.items(), limit, offset)
    return answered(request, served.kept(key, ask), served.stamp)


def _review(row: Row, mentions: list[Row]) -> Review:
    moment = row["created_us"]
    created = None
    if moment is not None:
        try:
            created = datetime.fromtimestamp(moment / 1e6, UTC).isoformat(timespec="seconds")
        except (OverflowError, OSError, ValueError):
            created = None
    told = [mention | {"end": mention["stop"]} for mention in mentions]
    return Review.model_validate(_finite(row) | {"created_at": created, "mentions": told})


def _finite(row: Row) -> Row:
    """Turn what JSON cannot hold into nothing."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


@router.get("/health", tags=["server"])
def health() -> dict[str, str]:
    """Say that the server answers; for this nobody is asked who they are."""
    return {"status": "ok"}


@router.post("/runs", status_code=202, tags=["jobs"])
def make_run(
    desk: TheDesk,
    caller: ACaller,
    file: UploadFile,
    name: Annotated[str, Form(max_length=100)] = "",
    settings: Annotated[str, Form(max_length=20_000, description="settings as a JSON object")] = "{}",
) -> JobAbout:
    """Upload a file and analyse it in the background; the job's address says how far it is."""
    from earful.serve.uploading import keep
    from earful.serve.views.uploads import begin, checked_settings

    if not caller.edits:
        raise HTTPException(403, "making runs is for editors")
    given = checked_settings(settings)
    found = keep(desk.jobs, file.file, file.filename or "", desk.limits)
    return JobAbout.model_validate(begin(desk, caller.name, found, given, name).shown())


@router.get("/jobs", tags=["jobs"])
def list_jobs(desk: TheDesk, caller: ACaller) -> list[JobAbout]:
    """List the jobs, the latest first."""
    return [JobAbout.model_validate(job.shown()) for job in desk.jobs.all()]


@router.get("/jobs/{job}", tags=["jobs"])
def about_job(desk: TheDesk, caller: ACaller, job: Annotated[str, InPath(max_length=40)]) -> JobAbout:
    """Tell how far a job is."""
    return JobAbout.model_validate(desk.jobs.get(job).shown())
