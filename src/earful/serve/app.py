"""The application: pages and API put together, and what errors look like on either."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from earful import __version__
from earful.errors import EarfulError, RunError
from earful.pages.words import say, speaking
from earful.serve import api, azure
from earful.serve.access import TooManyTries
from earful.serve.answers import Problem
from earful.serve.desk import Desk
from earful.serve.frame import STATIC, LogInError, address_of, explained, person_of, render
from earful.serve.policy import HEADERS, Policy, for_programs, in_page, refusal
from earful.serve.reader import Busy
from earful.serve.tongue import Tongue, language_of
from earful.serve.views import (
    answers,
    audit,
    compare,
    door,
    groups,
    overview,
    reviews,
    runs,
    themes,
    uploads,
    workshop,
)

__all__ = ["make_app"]

#: What may come instead of an answer.
_CODES = (400, 401, 403, 404, 408, 413, 421, 422, 429, 500, 503)
_log = logging.getLogger("earful.serve")
_ABOUT = """Ask finished runs for their numbers and reviews, and have texts scored and tagged.

Every error has one shape: `status`, `error` (one sentence) and `details`. Answers carry an `ETag`: with
`If-None-Match` what did not change is answered with 304. Where the server asks who you are, send
`Authorization: Bearer TOKEN`, or a name and a password as `Basic`."""


def make_app(desk: Desk) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    desk
        What it has at hand.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="Earful",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/v1/openapi.json",
        # Both load scripts from elsewhere; /api is a page of our own.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={code: {"model": Problem} for code in _CODES},
    )
    app.state.desk = desk
    for room in (
        api,
        azure,
        answers,
        audit,
        compare,
        door,
        groups,
        overview,
        reviews,
        runs,
        themes,
        uploads,
        workshop,
    ):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(
        Policy,
        limits=desk.limits,
        metrics=desk.metrics,
        host=desk.host,
        uploads=uploads.UPLOADS,
        public=desk.public,
    )
    app.add_middleware(Tongue, ours=desk.lang)  # around the other: it speaks too where it refuses
    app.add_exception_handler(LogInError, _ask_in)
    app.add_exception_handler(EarfulError, _told)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(Exception, _broken)
    return app


def _ask_in(request: Request, error: Exception) -> Response:
    if for_programs(request.url.path):
        return _answer(request, 401, "say who you are")
    return RedirectResponse(f"/login?{urlencode({'after': address_of(request)})}", 303)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, EarfulError)
    missing = isinstance(error, RunError) and error.what.startswith(("is no ", "does not exist"))
    status = 404 if missing else 400
    status = {Busy: 503, TooManyTries: 429}.get(type(error), status)
    # The folders of this machine are nobody's business who asks over the network.
    where = Path(error.where).name if error.where else ""
    said, *details = explained(error)
    return _answer(request, status, f"{where}: {said}" if where else said, details)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = str(error.detail)
    if said == "Not Found" or (said == "Method Not Allowed" and not for_programs(request.url.path)):
        said = say("serve.problem.nothing")
    return _answer(request, error.status_code, said, headers=dict(error.headers or {}))


def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details = [
        f"{'.'.join(str(part) for part in one['loc'][1:]) or one['loc'][0]}: {one['msg']}"[:300]
        for one in error.errors()[:20]
    ]
    return _answer(request, 422, say("serve.problem.asked"), details)


def _broken(request: Request, error: Exception) -> Response:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    # Whatever breaks is caught outside of what speaks the reader's language and adds these headers.
    with speaking(language_of(request.scope, request.app.state.desk.lang)):
        response = _answer(request, 500, say("serve.problem.broken"))
    response.headers.update(HEADERS)
    return response


def _answer(
    request: Request, status: int, said: str, details: Any = (), headers: dict[str, str] | None = None
) -> Response:
    kept = [detail for detail in details if detail]
    if for_programs(request.url.path):
        if status == 401:
            headers = {"www-authenticate": "Bearer", **(headers or {})}
        return JSONResponse({"status": status, "error": said, "details": kept}, status, headers)
    title = say("serve.problem.missing" if status == 404 else "serve.problem.failed")
    variables = {"title": title, "said": said, "details": kept}
    if person_of(request) is None:
        # Nobody in particular sees no more of the server than why.
        if in_page(request.url.path, request.headers.get("accept", "")):
            return HTMLResponse(refusal(said), status, headers)
        return JSONResponse({"status": status, "error": said, "details": kept}, status, headers)
    return render(request, "problem.html.j2", variables, status=status)
