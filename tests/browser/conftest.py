"""Tests that open pages in headless Chromium; on a machine without one they are left out, and loudly said so.

It is driven over the DevTools protocol's pipe: standard library only, no port, no driver.
"""

import base64
import json
import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from scripts.live import chromium as find

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Chrome:
    """One browser with one page. Use as a context manager; ``profile`` is a fresh folder."""

    def __init__(self, binary: str, profile: Path, timeout: float = 60.0) -> None:
        self.timeout = timeout
        self.events: list[dict[str, Any]] = []
        self._buffer = b""
        self._last = 0
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4; a shell puts them there.
        command = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._from, selectors.EVENT_READ)
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> "Chrome":
        return self

    def __exit__(self, *_: object) -> None:
        self._session = None
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            self._selector.close()
            os.close(self._from)
            os.close(self._to)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and give its result; events that come meanwhile are kept in ``events``."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        wanted = self._last
        return self._until(lambda got: got.get("id") == wanted)["result"]

    def open(self, url: str, width: int, height: int = 900, mobile: bool = False, dark: bool = False) -> None:
        """Open a page at a width in CSS pixels and wait until it has loaded."""
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if mobile else 1,
            mobile=mobile,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Page.navigate", url=url)
        if not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self._until(lambda got: got.get("method") == "Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """Evaluate JavaScript in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path: Path, full: bool = True) -> None:
        """Write a PNG of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(shot["data"]))

    def print_pdf(self, path: Path) -> None:
        """Write the page as it prints."""
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"]))

    def _until(self, wanted: Any) -> dict[str, Any]:
        end = time.monotonic() + self.timeout
        while True:
            while b"\0" in self._buffer:
                raw, self._buffer = self._buffer.split(b"\0", 1)
                got = json.loads(raw)
                if "method" in got:
                    self.events.append(got)
                if wanted(got):
                    assert "error" not in got, got
                    return got
            if not self._selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError("the browser did not answer")
            chunk = os.read(self._from, 1 << 20)
            if not chunk:
                raise OSError("the browser went away")
            self._buffer += chunk


#: Tests that are left out where there is no browser.
LEFT_OUT: list[str] = []


def pytest_collection_modifyitems(items):
    if find():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here"))
            LEFT_OUT.append(item.nodeid)


def pytest_terminal_summary(terminalreporter):
    if LEFT_OUT:
        terminalreporter.write_line(
            f"NO CHROMIUM HERE: {len(LEFT_OUT)} browser tests are left out, so nothing is said of what "
            "people see. Mend it with: apt-get install chromium, or EARFUL_CHROMIUM=PATH",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with Chrome(find(), tmp_path_factory.mktemp("profile")) as open_browser:
        yield open_browser
