"""The frame of every page, who asks for it, and whether its forms came from here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from earful.errors import EarfulError
from earful.pages.html import environment, styles
from earful.pages.words import LANGUAGES, retold, say
from earful.serve.access import Person
from earful.serve.addresses import Addresses
from earful.serve.desk import Desk
from earful.serve.house import Served

__all__ = [
    "COOKIE",
    "STATIC",
    "AReader",
    "AnEditor",
    "LogInError",
    "Sent",
    "TheDesk",
    "TheRun",
    "address_of",
    "back_to",
    "desk_of",
    "explained",
    "is_secure",
    "local",
    "person_of",
    "render",
    "static_stamp",
    "templates",
    "with_session",
]

COOKIE = "earful_session"
STATIC = Path(__file__).parent / "static"

#: Pages of a run: the last part of the address, and the key of what the tab is called.
TABS = (
    ("", "serve.tab.overview"),
    ("products", "section.products"),
    ("touchpoints", "section.touchpoints"),
    ("themes", "section.themes"),
    ("time", "section.time"),
    ("reviews", "col.reviews"),
    ("compare", "serve.tab.compare"),
    ("workshop", "serve.tab.workshop"),
    ("method", "serve.tab.method"),
)
#: Tabs that only a run has which has something to show there.
_MAY_LACK = {name for name, _ in TABS} - {"", "method"}


class LogInError(Exception):
    """A page is asked for by somebody who has to say first who they are."""


def desk_of(request: Request) -> Desk:
    """Give what the server has at hand."""
    desk: Desk = request.app.state.desk
    return desk


def person_of(request: Request) -> Person | None:
    """Give who asks by their session; ``None`` where nobody knows them."""
    return desk_of(request).access.person(request.cookies.get(COOKIE, ""))


def _reader(request: Request) -> Person:
    person = person_of(request)
    if person is None:
        raise LogInError
    return person


def _editor(person: Annotated[Person, Depends(_reader)]) -> Person:
    if not person.edits:
        raise HTTPException(403, say("serve.refused.viewer"))
    return person


def _sent(request: Request, csrf: Annotated[str, Form()] = "") -> None:
    if not desk_of(request).access.fits(request.cookies.get(COOKIE, ""), csrf):
        raise HTTPException(403, say("serve.refused.form"))


def _served(request: Request, run: str) -> Served:
    return desk_of(request).house.get(run)


TheDesk = Annotated[Desk, Depends(desk_of)]
#: Somebody who may look; somebody who may change things.
AReader = Annotated[Person, Depends(_reader)]
AnEditor = Annotated[Person, Depends(_editor)]
#: Checks that a form came from a page of the same session.
Sent = Depends(_sent)
TheRun = Annotated[Served, Depends(_served)]


def render(
    request: Request,
    template: str,
    variables: Mapping[str, Any],
    *,
    served: Served | None = None,
    tab: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Fill a template in the frame.

    Parameters
    ----------
    template
        Of this room, the report's or the comparison's: what extends ``page.html.j2`` stands in this frame.
    variables
        What it speaks of.
    served, tab
        The run and the tab that the page belongs to, where it is of one.
    """
    person = person_of(request)
    session = request.cookies.get(COOKIE) or secrets.token_urlsafe(32)
    desk = desk_of(request)
    frame = {
        "kind": "page",
        "toc": (),
        "path": request.url.path,
        "here": _here(request, served),
        "tongues": LANGUAGES,
        "person": person,
        "access": desk.access,
        "provider": desk.provider.name if desk.provider else "",
        "home": desk.home is not None,
        "csrf": desk.access.form_token(session),
        "stamp": static_stamp(),
        "served": served,
        "at": Addresses(served.name) if served else None,
        "tabs": _tabs(served, tab) if served else (),
        "q": "",
    }
    # The report's own frame takes its styles and its policy from the page; here both come beside it.
    filled = templates().get_template(template)
    response = HTMLResponse(filled.render(frame | dict(variables)), status)
    response.headers["cache-control"] = "no-store"
    if COOKIE not in request.cookies and desk.access.open:
        with_session(request, response, session)
    return response


def _here(request: Request, served: Served | None) -> str:
    """Give the address that shows this page again; what a form brought is not shown again."""
    if request.method != "GET":
        return Addresses(served.name).page() if served else "/"
    return address_of(request)


def address_of(request: Request) -> str:
    """Give what was asked for, as an address of this server."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def explained(error: EarfulError) -> list[str]:
    """Say what went wrong, what would have been taken and what to do; the unknown stays English."""
    said, allowed, fix = (retold(part)[0] for part in (error.what, error.allowed, error.fix))
    allowed = say("serve.problem.allowed", values=allowed) if allowed else ""
    return [said, *filter(None, (allowed, fix))]


def templates() -> Environment:
    """Give the templates of this room, the report's and the comparison's."""
    return environment("earful.serve", "earful.report", "earful.comparison")


def with_session(request: Request, response: Response, session: str) -> None:
    """Give the browser its session: no script reads it, and no other site sends it."""
    response.set_cookie(
        COOKIE, session, httponly=True, samesite="strict", secure=is_secure(request), path="/"
    )


def is_secure(request: Request) -> bool:
    """Say whether the browser speaks TLS, to this server or to one that stands before it."""
    return request.url.scheme == "https" or desk_of(request).public.startswith("https://")


def local(address: str) -> str:
    """Give the address of a page of this server: the one given where it is, else the first page."""
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return quote(address, safe="/?&=%:+,;~@!$'()*#-._") if fine else "/"


def back_to(address: str) -> RedirectResponse:
    """Send the browser on after a form; only to pages of this server."""
    return RedirectResponse(local(address), 303)


def _tabs(served: Served, tab: str | None) -> list[tuple[str, str, bool]]:
    at = Addresses(served.name)
    return [
        (at.page(name), say(key), name == tab)
        for name, key in TABS
        if name not in _MAY_LACK or name == tab or name in served.shown
    ]


@cache
def static_stamp() -> str:
    """Name the state of the files that pages load, so that browsers keep them until they change."""
    digest = hashlib.sha256(styles()[0].encode())
    for path in sorted(STATIC.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
