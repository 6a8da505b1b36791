"""The README's pictures, taken of the bundled sample's report and dashboard: `python -m scripts.pictures`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import earful
from earful.data import demo_inputs
from earful.serve.desk import Desk
from earful.serve.house import House
from earful.serve.policy import Limits
from scripts.live import opened_browser, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Name of the picture -> the page of the run (the report where it is empty), the scheme, and how high it is.
_PICTURES = {
    "report": ("", "light", 1350),
    "dashboard": ("/runs/{run}", "light", 1150),
    "reviews": ("/runs/{run}/reviews?theme=delivery.speed&polarity=negative", "light", 900),
    "compare-dark": ("/runs/{run}/compare?by=period&first=2026-04-01&second=2026-05-01", "dark", 900),
}
_WIDTH = 1280


def take(browser: Browser, address: str, scheme: str, height: int, target: Path) -> None:
    """Take a picture of a page."""
    context = browser.new_context(
        viewport={"width": _WIDTH, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(address)
    page.screenshot(path=target)
    context.close()


def main() -> None:
    """Take all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="a run of the sample; by default one is made")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Served from a place of its own: what it keeps beside a run is not wanted there.
        run = given.run or earful.analyze(demo_inputs(), Path(folder) / "demo").path
        given.out.mkdir(parents=True, exist_ok=True)
        desk = Desk(House([run], Path(folder) / "new"), limits=Limits(burst=1000))
        with running(desk) as base, opened_browser() as browser:
            for name, (page, scheme, height) in _PICTURES.items():
                report = (run / "report.html").resolve().as_uri()
                address = base + page.format(run=run.name) if page else report
                target = given.out / f"{name}.png"
                take(browser, address, scheme, height, target)
                print(target)


if __name__ == "__main__":
    main()
