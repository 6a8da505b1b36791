"""Coming in and going out, the files that pages load, and the pages about the API itself."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from earful.pages.html import styles
from earful.pages.words import LANGUAGES, retold, say
from earful.serve.access import TooManyTries
from earful.serve.api import ACaller
from earful.serve.desk import Desk
from earful.serve.frame import (
    COOKIE,
    AReader,
    Sent,
    TheDesk,
    TheRun,
    back_to,
    is_secure,
    local,
    person_of,
    render,
    with_session,
)
from earful.serve.oidc import CALLBACK, Provider, Refused
from earful.serve.tongue import CHOICE

router = APIRouter(include_in_schema=False)

_UNDER_WAY = "earful_under_way"
_A_YEAR = 365 * 86_400


@router.get("/login")
def login(request: Request, desk: TheDesk, after: str = "/") -> Response:
    """Ask who it is."""
    if person_of(request) is not None:
        return back_to(after)
    return _asked(request, after)


@router.post("/login")
def log_in(
    request: Request,
    desk: TheDesk,
    secret: Annotated[str, Form(max_length=2000)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    after: Annotated[str, Form(max_length=4000)] = "/",
) -> Response:
    """Let in who has the token, or a name and its password."""
    try:
        person = desk.access.with_secret(name, secret, request.client.host if request.client else "")
    except TooManyTries:
        return _asked(request, after, say("serve.login.tries"), 429)
    if person is None:
        return _asked(request, after, say("serve.login.wrong"), 403)
    response = back_to(after)
    # The session is a new one: an id from before somebody logged in is worth nothing after.
    with_session(request, response, desk.access.begin(person))
    return response


@router.post("/speak")
def speak(
    request: Request,
    language: Annotated[str, Form(max_length=10)],
    after: Annotated[str, Form(max_length=32_000)] = "/",  # an address as long as the server takes
) -> Response:
    """Keep in which language a reader wants the pages."""
    if language not in LANGUAGES:
        raise HTTPException(422, say("serve.refused.language", values=", ".join(LANGUAGES)))
    response = back_to(after)
    response.set_cookie(
        CHOICE, language, max_age=_A_YEAR, httponly=True, samesite="lax", secure=is_secure(request), path="/"
    )
    return response


@router.get("/login/oidc")
def elsewhere(
    request: Request, desk: TheDesk, after: Annotated[str, Query(max_length=4000)] = "/"
) -> Response:
    """Send somebody to the provider that says who they are."""
    provider = _provider_of(desk)
    address, browser = provider.begin(after)
    response = RedirectResponse(address, 303, {"cache-control": "no-store"})
    # Sent along when the provider sends the browser back, which a strict cookie would not be.
    response.set_cookie(
        _UNDER_WAY,
        browser,
        max_age=600,
        path=CALLBACK,
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )
    return response


@router.get(CALLBACK)
def back(request: Request, desk: TheDesk) -> Response:
    """Let in who comes back from the provider, if it says so and they may."""
    try:
        person, after = _provider_of(desk).finish(request.query_params, request.cookies.get(_UNDER_WAY, ""))
    except Refused as error:
        return _asked(request, "/", say("serve.login.refused", why=retold(error.what)[0]), 403)
    desk.audit.note(person.name, "come in", role=person.role)
    # A page that leads on by itself: the session goes along with no request that another site began.
    variables = {"title": say("serve.login.in"), "after": local(after), "who": person.name}
    response = render(request, "entered.html.j2", variables)
    with_session(request, response, desk.access.begin(person))
    response.delete_cookie(_UNDER_WAY, path=CALLBACK)
    return response


@router.post("/logout", dependencies=[Sent])
def log_out(request: Request, desk: TheDesk) -> Response:
    """End the session."""
    desk.access.end(request.cookies.get(COOKIE, ""))
    response = back_to("/login")
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/static/page.css")
def page_css(v: str = "") -> Response:
    """Give the styles that the report has too; those of a stamp never change."""
    kept = "max-age=31536000" if v else "no-cache"
    return Response(styles()[0], media_type="text/css", headers={"cache-control": kept})


@router.get("/runs/{run}/report.html")
def report(served: TheRun, person: AReader) -> Response:
    """Give the report of a run, to keep: it opens from disk with no network."""
    if not served.run.report.is_file():
        raise HTTPException(404, say("serve.refused.report"))
    name = quote(f"{served.name}.html")
    return FileResponse(
        served.run.report,
        media_type="application/octet-stream",
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@router.get("/api")
def about_api(request: Request, person: AReader) -> HTMLResponse:
    """Show the API: every address, what it takes, and an example."""
    document = request.app.openapi()
    base = f"{request.url.scheme}://{request.headers.get('host', '127.0.0.1')}"
    calls = [
        _call(method, path, told, base)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    return render(request, "api.html.j2", {"title": say("serve.api.title"), "calls": calls})


@router.get("/metrics")
def metrics(desk: TheDesk, caller: ACaller) -> Response:
    """Give the metrics of the server, as Prometheus reads them."""
    return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _provider_of(desk: Desk) -> Provider:
    if desk.provider is None:
        raise HTTPException(404, say("serve.refused.provider"))
    return desk.provider


def _asked(request: Request, after: str, problem: str = "", status: int = 200) -> HTMLResponse:
    variables = {"title": say("serve.login.title"), "after": after, "problem": problem}
    return render(request, "login.html.j2", variables, status=status)


def _call(method: str, path: str, told: dict[str, Any], base: str) -> dict[str, Any]:
    takes = [
        (one["name"], one.get("description", ""), one["in"])
        for one in told.get("parameters", ())
        if one["in"] in ("query", "path")
    ]
    example = f"curl {base}{path}"
    if method == "post":
        body = {
            "/api/v1/score": '{"texts": ["Great, thanks!"]}',
            "/api/v1/tag": '{"texts": ["The parcel came late."]}',
        }.get(path, '{"documents": [{"id": "1", "text": "Great, thanks!"}]}')
        if path.startswith("/language"):
            body = f'{{"kind": "SentimentAnalysis", "analysisInput": {body}}}'
        example = f"curl {base}{path} -H 'Content-Type: application/json' -d '{body}'"
        if path == "/api/v1/runs":
            example = f"curl {base}{path} -F file=@reviews.csv -F name=october"
    return {
        "method": method.upper(),
        "path": path,
        "what": (told.get("description") or told.get("summary", "")).replace("``", ""),
        "takes": takes,
        "example": example,
    }
