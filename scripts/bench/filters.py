"""Measure the dashboard's list of reviews on a run: processor time of each filter's first and fourth page.

python -m scripts.bench.filters RUN
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from earful.schema import SIGNALS
from earful.serve.filters import Filters
from earful.serve.house import House, Served
from earful.serve.listing import listing
from earful.serve.views.overview import warm

_EACH = 25


def main() -> None:
    """Print a table: each filter, the reviews it finds, milliseconds of its first page and of its fourth."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    house = House([parser.parse_args().run])
    served = house.get(house.names()[0])
    began = time.process_time()
    warm(served)
    print(f"{served.total:,} reviews; overview and a first search: {time.process_time() - began:.2f} s\n")
    print("| filter | reviews | first page, ms | fourth page, ms |\n|---|---|---|---|")
    for given in _filters(served):
        filters = Filters.model_validate(given)
        spent = []
        for offset in (0, 3 * _EACH):
            began = time.process_time()
            found = listing(served, filters, "newest", _EACH, offset)
            spent.append(1000 * (time.process_time() - began))
        told = ", ".join(f"{name} {value}" for name, value in given.items()) or "none"
        print(f"| {told} | {found.total:,} | {spent[0]:.0f} | {spent[1]:.1f} |")


def _filters(served: Served) -> Iterator[dict[str, Any]]:
    """Give a filter of each kind that the run has something for, and some together."""
    yield {}
    for name, values in served.choices.items():
        if values:
            yield {name: values[0]}
    for name, values in served.groups.items():
        if values:
            yield {"cut": [f"{name}={values[0]}"]}
    for name in SIGNALS:
        if name in served.known:
            yield {f"{name}_to": 3}
    day = served.search.value("SELECT date(max(created_us) / 1000000, 'unixepoch', '-60 days') FROM reviews")
    if day:
        yield {"since": day}
    theme = served.search.value(
        "SELECT theme FROM mentions GROUP BY theme ORDER BY count(*) DESC, theme LIMIT 1"
    )
    if theme:
        yield {"theme": theme}
        yield {"theme": theme, "polarity": "negative"}
        yield {"theme": theme, "polarity": "negative", "sentiment": "negative"}
    yield {"polarity": "negative"}
    yield {"sentiment": "negative"}
    yield {"words": "yes"}
    yield {"mismatch": "any"}
    yield {"q": "delivery"}


if __name__ == "__main__":
    main()
