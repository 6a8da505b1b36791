"""A dashboard that runs, and Chromium to look at it: for the README's pictures and the browser tests."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from earful.serve.desk import Desk

__all__ = ["chromium", "opened_browser", "running"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ("--no-sandbox", "--disable-quic", "--disable-dev-shm-usage", "--hide-scrollbars")
#: Seconds that a server has to begin.
_PATIENCE = 60.0


def chromium() -> str | None:
    """Give the path of a Chromium on this machine, ``EARFUL_CHROMIUM`` first."""
    given = os.environ.get("EARFUL_CHROMIUM")
    return given or next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def running(desk: Desk) -> Iterator[str]:
    """Serve on a free port of this machine, and give the address."""
    import uvicorn

    from earful.serve.app import make_app

    config = uvicorn.Config(make_app(desk), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + _PATIENCE
        while not (server.started and server.servers):
            if time.monotonic() > until:
                raise TimeoutError("the server did not begin")
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)


@contextmanager
def opened_browser(binary: str | None = None) -> Iterator[Browser]:
    """Open a headless Chromium of this machine; nothing is downloaded."""
    from playwright.sync_api import sync_playwright

    found = binary or chromium()
    if found is None:
        raise FileNotFoundError("no Chromium here: apt-get install chromium, or say EARFUL_CHROMIUM=PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
