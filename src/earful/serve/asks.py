"""What people ask of a run next, each with the address that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from earful.pages.numbers import month
from earful.pages.words import say
from earful.report.sections import SIDES
from earful.runs.store import Row
from earful.serve.addresses import Addresses
from earful.serve.house import Served

__all__ = ["asks", "steps"]


def asks(served: Served, counts: Row, periods: Sequence[Row]) -> list[tuple[str, str]]:
    """Give the questions that this run has something to say to: words and address.

    Parameters
    ----------
    counts
        What the report counts of the run.
    periods
        Rows of the loyalty table by period, in order of time.
    """
    at = Addresses(served.name)
    found = _against_score(counts, at)
    if latest := steps(served, periods)[:1]:
        found.append((say("serve.asks.changed", step=latest[0][0]), latest[0][1]))
    found.append((say("serve.asks.answers"), at.page("answers")))
    if served.labels:
        found.append((say("serve.asks.audit"), at.page("audit")))
    return found


def steps(served: Served, periods: Sequence[Row]) -> list[tuple[str, str]]:
    """Give each period against the one before it, the latest first: words and address."""
    at = Addresses(served.name)
    pairs = list(pairwise(periods))[::-1]
    return [
        (
            say("serve.asks.step", later=month(later["period"]), earlier=month(earlier["period"])),
            at.page("compare", by="period", first=earlier["period"], second=later["period"]),
        )
        for earlier, later in pairs
    ]


def _against_score(counts: Row, at: Addresses) -> list[tuple[str, str]]:
    """Give where words and score part, each way by itself: the rows that the run flagged, and no others."""
    return [
        (f"{say(f'mismatches.{side}')}: {say('n.reviews', n=counts[side])}", at.reviews(mismatch=side))
        for side in SIDES
        if counts[side]
    ]
