"""What stands out: a few sentences, each said only where the intervals carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from earful.pages import names
from earful.pages.numbers import (
    estimate,
    finite,
    interval,
    month,
    percent,
    plain,
    points,
    q_value,
    reach,
    short_number,
    signed,
)
from earful.pages.words import say
from earful.report.tables import MAX_Q
from earful.runs.store import Row
from earful.schema import STAGES

__all__ = ["Finding", "findings"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence: ``lead`` names the thing, ``words`` say what of it, ``section`` is where to read on.

    ``key`` is the thing's own name in the tables: a product, a touchpoint, the id of a theme.
    """

    lead: str
    words: str
    section: str
    tone: str = field(default="mid")
    key: str = ""


def findings(
    *,
    overall: Row | None,
    products: Sequence[Row],
    touchpoints: Sequence[Row],
    periods: Sequence[Row],
    themes: Sequence[Row],
    drivers: Sequence[Row],
    labels: dict[str, str],
    rising: Sequence[Row] = (),
    promise: Row | None = None,
) -> list[Finding]:
    """Say what stands out, at most two sentences for each part of the report.

    A group stands out where its ranking interval lies wholly above or below that of another; a period where
    its claim interval does; a driver where its false discovery rate is at most 10 %; a promise to those who
    complain where its whole interval is on one side of it.
    """
    found = [
        *_extremes(products, "product", "products"),
        *_extremes(touchpoints, "touchpoint", "touchpoints"),
        *_turn([row for row in periods if finite(row["index_low"]) is not None]),
        *_rising(rising, labels),
        *_promise(promise),
        *_complaint(themes, labels),
        *_driver(drivers, labels),
    ]
    return found if overall else []


def _extremes(rows: Sequence[Row], column: str, section: str) -> list[Finding]:
    rows = [row for row in rows if (row[column] or "").strip()]
    if len(rows) < 2:
        return []
    best, worst = rows[0], rows[-1]
    if not _above(best, worst, "rank"):
        return [Finding(say(f"finding.apart.{column}"), say("finding.overlap"), section)]
    naming = names.touchpoint if column == "touchpoint" else names.short
    return [
        Finding(
            naming(row[column]), say(f"finding.{end}.{column}", size=_sized(row)), section, tone, row[column]
        )
        for row, end, tone in ((best, "highest", "pos"), (worst, "lowest", "neg"))
    ]


def _turn(periods: Sequence[Row]) -> list[Finding]:
    """Compare the last period with the best or worst before it that its interval is clear of."""
    solid = [row for row in periods if row["grade"] != "D"] or list(periods)
    if len(solid) < 2:
        return []
    last = solid[-1]
    clear = [row for row in solid[:-1] if _above(row, last, "index") or _above(last, row, "index")]
    if not clear:
        return []
    other = max(clear, key=lambda row: (abs(row["index"] - last["index"]), row["period"]))
    fell = other["index"] > last["index"]
    way = "down" if fell else "up"
    words = say(f"finding.{way}", now=_sized(last), then=_sized(other), month=month(other["period"]))
    return [Finding(month(last["period"]), words, "time", "neg" if fell else "pos")]


def _rising(rising: Sequence[Row], labels: dict[str, str]) -> list[Finding]:
    """Name the surest theme on the rise over everything, complaints first."""
    some = [row for row in rising if row["grouping"] == "overall"]
    if not some:
        return []
    row = min(some, key=lambda row: bool(row["polarity"] != "negative"))
    since, expected = month(row["period"]), plain(row["expected"])
    side = row["polarity"] if row["polarity"] in ("negative", "positive") else "any"
    words = say(f"finding.rising.{side}", n=row["n"], since=since, expected=expected)
    lead = names.theme(row, labels)
    return [Finding(lead, words, "time", "neg" if row["polarity"] == "negative" else "pos")]


def _promise(row: Row | None) -> list[Finding]:
    if row is None or row["verdict"] not in ("met", "missed") or row["stage"] not in STAGES:
        return []
    missed = row["verdict"] == "missed"
    ends = reach(row["in_time_low"], row["in_time_high"], percent)
    words = say(
        f"finding.promise.{row['stage']}",
        share=percent(row["in_time"]),
        days=short_number(row["target_days"]),
        ends=ends,
        promised=percent(row["target_share"]),
    )
    lead = say("finding.broken" if missed else "finding.kept")
    return [Finding(lead, words, "complaints", "neg" if missed else "pos")]


def _complaint(themes: Sequence[Row], labels: dict[str, str]) -> list[Finding]:
    if not themes or not themes[0]["n_negative"]:
        return []
    row = themes[0]
    ends = reach(row["share_low"], row["share_high"], percent)
    words = say("finding.complaint", n=row["n_negative"])
    if ends:
        words += say("finding.share", ends=ends)
    return [Finding(names.theme(row, labels), words, "themes", "neg", row["theme"])]


def _driver(drivers: Sequence[Row], labels: dict[str, str]) -> list[Finding]:
    """Name what pulls the index down the most, and what lifts it the most."""
    sure = [row for row in drivers if finite(row["q_value"]) is not None and row["q_value"] <= MAX_Q]
    found = []
    for words, tone, rows in (
        ("finding.pulls", "neg", [row for row in sure if row["impact"] < 0]),
        ("finding.lifts", "pos", [row for row in sure if row["impact"] > 0]),
    ):
        for row in rows[:1]:
            lead = names.theme(row, labels)
            lead = lead if row["polarity"] == "any" else f"{lead}, {names.polarity(row['polarity'])}"
            ends = interval(row["impact_low"], row["impact_high"], 1)
            told = say(words, size=signed(row["impact"], 1), ends=ends, q=q_value(row["q_value"]))
            found.append(Finding(lead, told, "drivers", tone, row["theme"]))
    return found


def _sized(row: Row) -> str:
    return f"{points(row['index'])} ({interval(row['index_low'], row['index_high'])})"


def _above(higher: Row, lower: Row, prefix: str) -> bool:
    """Whether one row's interval lies wholly above the other's."""
    for name in (prefix, "index"):
        low, high = estimate(higher, name)[1], estimate(lower, name)[2]
        if low is not None and high is not None:
            return low > high
    return False
