"""In which language a page answers: the reader's choice, else the server's, else the browser's."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import cookie_parser

from earful.pages.words import LANGUAGES, speaking
from earful.serve.policy import FOR_PROGRAMS, App, Receive, Scope, Send

__all__ = ["CHOICE", "Tongue", "language_for", "language_of"]

#: The cookie that keeps a reader's choice.
CHOICE = "earful_language"


class Tongue:
    """Middleware: speaks a language while a request is answered.

    Parameters
    ----------
    app
        What answers.
    ours
        One of :data:`~earful.pages.words.LANGUAGES` for readers who chose none; empty to go by their browser.
    """

    def __init__(self, app: App, ours: str = "") -> None:
        self.app, self.ours = app, ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request in the language that it is to be answered in."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with speaking(language_of(scope, self.ours)):
            await self.app(scope, receive, send)


def language_of(scope: Scope, ours: str = "") -> str:
    """Give the language that a request is to be answered in; ``ours`` as :class:`Tongue` takes it."""
    if scope["path"].startswith(FOR_PROGRAMS):
        return "en"
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    chosen = _chosen(headers.get("cookie", ""))
    return chosen or ours or language_for(headers.get("accept-language", ""))


def language_for(accepted: str) -> str:
    """Give the language of ours that a browser likes best by its ``Accept-Language``; else English."""
    liked = sorted(_weighed(accepted), key=lambda found: -found[1])
    return next((language for language, weight in liked if weight > 0 and language in LANGUAGES), "en")


def _weighed(accepted: str) -> Iterator[tuple[str, float]]:
    for part in accepted[:1000].split(","):
        name, _, weight = part.partition(";")
        try:
            yield name.strip().partition("-")[0].lower(), float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue


def _chosen(cookies: str) -> str:
    language = cookie_parser(cookies).get(CHOICE, "")
    return language if language in LANGUAGES else ""
