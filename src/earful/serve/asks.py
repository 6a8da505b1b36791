"""What people ask of a run next, each with the address that answers it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from earful.pages.numbers import month, several
from earful.runs.store import Row
from earful.serve.addresses import Addresses
from earful.serve.house import Served

__all__ = ["asks", "steps"]


def asks(served: Served, periods: Sequence[Row]) -> list[tuple[str, str]]:
    """Give the questions that this run has something to say to: words and address.

    Parameters
    ----------
    periods
        Rows of the loyalty table by period, in order of time.
    """
    at = Addresses(served.name)
    found = _against_score(served, at)
    if latest := steps(served, periods)[:1]:
        found.append((f"What changed: {latest[0][0]}", latest[0][1]))
    found.append(("How many more answers would it take?", at.page("answers")))
    if served.labels:
        found.append(("How right are the themes? Judge a sample", at.page("audit")))
    return found


def steps(served: Served, periods: Sequence[Row]) -> list[tuple[str, str]]:
    """Give each period against the one before it, the latest first: words and address."""
    at = Addresses(served.name)
    pairs = list(pairwise(periods))[::-1]
    return [
        (
            f"{month(later['period'])} against {month(earlier['period'])}",
            at.page("compare", by="period", first=earlier["period"], second=later["period"]),
        )
        for earlier, later in pairs
    ]


def _against_score(served: Served, at: Addresses) -> list[tuple[str, str]]:
    """Give where angry words stand beside a good score: beyond chance, and by the two themselves."""
    told = served.search.ask(
        """SELECT sum(nps >= 9) AS nps, min(nps_max) AS lowest, max(nps_max) AS highest,
        sum(rating >= rating_max) AS rating,
        count(DISTINCT rating_max) AS scales, max(rating_max) AS top
        FROM reviews WHERE sentiment = 'negative'"""
    )[0]
    parted = served.search.value("SELECT count(*) FROM reviews WHERE mismatch IS NOT NULL")
    found = []
    # The surest first: of the others the score itself says that some are read wrong.
    if parted:
        words = f"{several(parted, 'review')} whose words and score part beyond chance"
        found.append((words, at.reviews(mismatch="any")))
    if told["nps"] and told["lowest"] == told["highest"] == 10:
        words = f"{several(told['nps'], 'answer')} read as negative with an NPS of 9 or 10"
        found.append((words, at.reviews(sentiment="negative", nps_from=9, order="worst")))
    if told["rating"] and told["scales"] == 1:
        top = f"{told['top']:g}"
        words = f"{several(told['rating'], 'review')} read as negative with {top} of {top} stars"
        found.append((words, at.reviews(sentiment="negative", rating_from=top, order="worst")))
    return found
