"""What holds for every request, whatever it asks for: limits on the way in, headers on the way out.

Plain ASGI, so that a body is counted while it arrives and never held.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from earful.pages.html import environment
from earful.pages.words import say
from earful.serve.access import LOOPBACK
from earful.serve.metrics import Metrics

__all__ = ["FOR_PROGRAMS", "HEADERS", "Limits", "Policy", "for_programs", "in_page", "refusal"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Nothing loads but what this server gives; nobody may put these pages into a frame.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
#: Whose answers programs read: always JSON, in English.
FOR_PROGRAMS = ("/api/", "/metrics", "/text/", "/language/")
_SAFE = ("GET", "HEAD", "OPTIONS")
#: Callers whose pace is remembered.
_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one caller may ask for.

    Attributes
    ----------
    body, upload
        Bytes of a request, and of an upload.
    unpacked
        Bytes that a packed upload (a workbook, gzip) may come to.
    seconds
        How long a request's body may take to arrive; uploads may take ten times as long.
    pace, burst
        Requests a second that one caller may make in the long run, and at once.
    """

    body: int = 2_000_000
    upload: int = 200_000_000
    unpacked: int = 1_000_000_000
    seconds: float = 30.0
    pace: float = 20.0
    burst: int = 200


class _TooLongError(Exception):
    """A body is larger, or slower, than it may be."""


class Policy:
    """Middleware: whom it speaks to, how much, how fast; and what every answer says to browsers.

    Parameters
    ----------
    app
        What answers.
    limits
        How much one caller may ask for.
    metrics
        Where requests are counted.
    host
        What the server is bound to. On this machine alone, requests for another name are refused, so that no
        page elsewhere can reach it by a name of its own (DNS rebinding).
    public
        The address that people reach the server at, where another stands before it: its name is one of them.
    uploads
        Addresses whose bodies may be as large as an upload.
    """

    def __init__(
        self,
        app: App,
        limits: Limits,
        metrics: Metrics,
        host: str = LOOPBACK[0],
        uploads: tuple[str, ...] = (),
        public: str = "",
    ) -> None:
        self.app, self.limits, self.metrics, self.uploads = app, limits, metrics, uploads
        named = urlsplit(public).hostname
        self._behind = bool(public)
        self._names = (*LOOPBACK, *([named] if named else ())) if host in LOOPBACK else ()
        self._pace: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if self._behind:
            scope = _from_afar(scope, headers)
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_headers(message.get("headers", ()))
            await send(message)

        in_words = in_page(scope["path"], headers.get("accept", ""))
        refused = self._refused(scope, headers)
        try:
            if refused is not None:
                await _refuse(answer, *refused, in_words)
            else:
                await self._pass(scope, headers, receive, answer, in_words)
        finally:
            route = getattr(scope.get("route"), "path", "")
            self.metrics.counted(scope["method"], route, status, time.perf_counter() - started)

    async def _pass(
        self, scope: Scope, headers: dict[str, str], receive: Receive, answer: Send, in_words: bool
    ) -> None:
        large = scope["path"] in self.uploads
        most = self.limits.upload if large else self.limits.body
        until = time.monotonic() + self.limits.seconds * (10 if large else 1)
        arrived, whole, begun = 0, False, False
        why: tuple[int, str] | None = None

        async def counted() -> Message:
            nonlocal arrived, whole, why
            if whole:
                return await receive()  # nothing but the end of the connection can come now
            try:
                message = await asyncio.wait_for(receive(), max(until - time.monotonic(), 0.001))
            except TimeoutError:
                why = 408, say("serve.refused.slow")
                raise _TooLongError from None
            arrived += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if arrived > most:
                why = too_large
                raise _TooLongError
            return message

        async def told(message: Message) -> None:
            nonlocal begun
            # What the application makes of a body that broke off is not what the caller should hear.
            if why is None or begun:
                begun = True
                await answer(message)

        too_large = 413, say("serve.refused.large", n=most)
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length[:20]) > most:
            await _refuse(answer, *too_large, in_words)
            return
        with contextlib.suppress(_TooLongError):
            await self.app(scope, counted, told)
        if why is not None and not begun:
            await _refuse(answer, *why, in_words)

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Say why a request is refused at the door; ``None`` where it is not."""
        host = headers.get("host", "")
        if self._names and _name_of(host) not in self._names:
            return 421, say("serve.refused.elsewhere", names=", ".join(self._names))
        if scope["method"] not in _SAFE and not _same_site(headers, host):
            return 403, say("serve.refused.site")
        caller = (scope.get("client") or ("", 0))[0]
        if not self._in_pace(caller):
            return 429, say("serve.refused.pace", pace=f"{self.limits.pace:g}")
        return None

    def _in_pace(self, caller: str) -> bool:
        """Say whether a caller is within the pace: a bucket that fills steadily, emptied by requests."""
        now = time.monotonic()
        left, last = self._pace.pop(caller, (float(self.limits.burst), now))
        left = min(self.limits.burst, left + (now - last) * self.limits.pace)
        self._pace[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._pace) > _CALLERS:
            self._pace.popitem(last=False)
        return left >= 1


def _from_afar(scope: Scope, headers: dict[str, str]) -> Scope:
    """Put the caller in whose name the server before this one asks, where that one is of this machine.

    Its own word is the last one; what stands before it anybody may have written.
    """
    peer = (scope.get("client") or ("", 0))[0]
    told = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return {**scope, "client": (str(ip_address(told)), 0)} if peer in LOOPBACK else scope
    except ValueError:
        return scope


def _same_site(headers: dict[str, str], host: str) -> bool:
    """Say whether a request that changes something comes from a page of this server, or from no page."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _name_of(host: str) -> str:
    return host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0].lower()


def _with_headers(headers: Any) -> list[tuple[bytes, bytes]]:
    own = [(name.lower(), value) for name, value in headers]
    there = {name for name, _ in own}
    more = ((name.encode(), value.encode()) for name, value in HEADERS.items())
    return own + [(name, value) for name, value in more if name not in there]


def for_programs(path: str) -> bool:
    """Say whether what is under an address is read by programs."""
    return path.startswith(FOR_PROGRAMS) or path.endswith(".json")


def in_page(path: str, accepted: str) -> bool:
    """Say whether who asks for an address reads why that cannot be on a page."""
    return "text/html" in accepted and not for_programs(path)


def refusal(why: str) -> str:
    """Write a page that says why, and shows nothing else of the server."""
    return environment("earful.serve").get_template("refused.html.j2").render(said=why)


async def _refuse(send: Send, status: int, what: str, in_words: bool) -> None:
    """Answer with the one shape that errors have, or a person with a page that asks nothing of the server."""
    if in_words:
        written = refusal(what)
    else:
        written = json.dumps({"status": status, "error": what, "details": []}, ensure_ascii=False)
    body = written.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if in_words else b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *([(b"retry-after", b"5")] if status == HTTPStatus.TOO_MANY_REQUESTS else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
