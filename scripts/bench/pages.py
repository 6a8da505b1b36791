"""Measure the dashboard on a run under wrk: how long pages of it take where several readers ask at once.

python -m scripts.bench.pages RUN

It needs ``wrk``. The server is without the pace that ``earful serve`` holds a caller to. Each request of a
list asks for another page of its reviews; those of the last line were asked for before.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from earful.serve.desk import Desk
from earful.serve.filters import Filters
from earful.serve.house import House
from earful.serve.listing import listing
from earful.serve.policy import Limits
from earful.serve.views.overview import warm
from scripts.live import running

_EACH = 25
#: Each thread of wrk asks for every second page.
_TURNED = """
local n = 0
local id = 0
function setup(thread) thread:set("id", id) id = id + 1 end
function request()
  n = n + 1
  return wrk.format("GET", wrk.path .. "&page=" .. (1 + (n * 2 + id) % PAGES))
end
"""


def main() -> None:
    """Print a table: each page, answers, their median and 99th percentile, errors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=8)
    given = parser.parse_args()
    house = House([given.run])
    served = house.get(house.names()[0])
    warm(served)
    page = f"/runs/{served.name}"
    lists = {"all": {}, "complaints": {"polarity": "negative"}, "words sought": {"q": "delivery"}}
    asked = {"overview": (page, 0)}
    for name, chosen in lists.items():
        found = listing(served, Filters.model_validate(chosen), "newest", 1, 0).total
        pages = max(1, found // _EACH)
        asked[f"{name}, {pages:,} pages"] = (f"{page}/reviews?{urlencode(chosen)}", pages)
    asked["all, the first 50 pages"] = (f"{page}/reviews?", 50)
    print(f"{served.total:,} reviews, {given.connections} connections, {given.seconds} s each\n")
    print("| page | answers | median, ms | 99 %, ms | errors |\n|---|---|---|---|---|")
    with running(Desk(house, limits=Limits(pace=1e9, burst=10**9))) as base:
        for name, (address, pages) in asked.items():
            answers, median, worst, errors = _wrk(base + address, pages, given.connections, given.seconds)
            print(f"| {name} | {answers:,} | {median} | {worst} | {errors} |", flush=True)


def _wrk(address: str, pages: int, connections: int, seconds: int) -> tuple[int, str, str, int]:
    """Give the answers of so many seconds, their median and 99th percentile in ms, and what was no answer."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", address]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if pages:
            script.write(_TURNED.replace("PAGES", str(pages)))
            script.flush()
            command += ["-s", script.name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    count = re.search(r"(\d+) requests in", told)
    assert count is not None, told
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    errors = sum(map(int, sockets.groups())) if sockets else 0
    errors += int(failed.group(1)) if failed else 0
    return int(count.group(1)), _ms(told, "50%"), _ms(told, "99%"), errors


def _ms(told: str, share: str) -> str:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", told)
    assert found is not None, told
    return f"{float(found.group(1)) * {'us': 0.001, 'ms': 1, 's': 1000}[found.group(2)]:.0f}"


if __name__ == "__main__":
    main()
