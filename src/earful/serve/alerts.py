"""What a run has to tell that somebody should hear of: what changed beyond chance, false alarms held down.

Both kinds come from tests whose false discovery rate is held over all groups that were looked at (up to 5 %),
so that more products do not mean more false alarms.
"""

from __future__ import annotations

import hashlib
from typing import Any

from earful.pages import names
from earful.pages.numbers import finite, month, q_value, signed
from earful.runs.store import Row
from earful.serve.addresses import Addresses, within
from earful.serve.filters import period_end
from earful.serve.house import Served

__all__ = ["alerts"]

#: A change of level is news while it is among the last periods of the run.
_NEWS = 3
_MOST = 100


def alerts(served: Served) -> list[dict[str, Any]]:
    """Give the alerts of a run, the same for the same run: themes on the rise, and levels that changed."""
    return served.kept("alerts", lambda: _alerts(served))


def _alerts(served: Served) -> list[dict[str, Any]]:
    at = Addresses(served.name)
    with served.tables() as tables:
        rising = tables.top("emerging", "rising", f"q_value, {tables.group_order}, theme, polarity", _MOST)
        last = tables.ask(
            "SELECT DISTINCT period FROM trends WHERE grouping = 'overall' AND period IS NOT NULL "
            f"ORDER BY period DESC LIMIT {_NEWS}"
        )
        changed = tables.top(
            "trends",
            "change_point AND list_contains($news, period)",
            f"change_q, {tables.group_order}, period",
            _MOST,
            news=[row["period"] for row in last],
        )
    found = [_rise(row, served, at) for row in rising] + [_change(row, served, at) for row in changed]
    return [{"id": _id(one), **one} for one in found]


def _rise(row: Row, served: Served, at: Addresses) -> dict[str, Any]:
    theme = names.theme(row, served.labels)
    what = (
        f"{theme}, {row['polarity']}, in {names.group(row, 80, led=True)}: {row['n']:,} reviews since "
        f"{month(row['period'])} where {row['expected']:.1f} were to be expected"
        f" (q {q_value(row['q_value'])})"
    )
    by = row["grouping"]
    own = within(by, row[by]) if by in row else {}
    until = period_end(row["period"], served.period)
    address = at.reviews(
        theme=row["theme"], polarity=row["polarity"], since=row["period"], until=until, **own
    )
    numbers = {name: row[name] for name in ("n", "n_reviews", "expected", "ratio", "ratio_low")}
    return _told("theme_rising", row, what, row["q_value"], address, numbers) | {
        "theme": row["theme"],
        "label": theme,
        "polarity": row["polarity"],
    }


def _change(row: Row, served: Served, at: Addresses) -> dict[str, Any]:
    what = (
        f"{names.group(row, 80, led=True)}: {signed(row['change'])} points from {month(row['period'])} on "
        f"(q {q_value(row['change_q'])})"
    )
    by = row["grouping"]
    address = at.group(by, row[by]) if by in row else at.page("time")
    numbers = {name: row[name] for name in ("change", "change_low", "change_high", "index", "n_reviews")}
    return _told("level_changed", row, what, row["change_q"], address, numbers)


def _told(kind: str, row: Row, what: str, q: Any, address: str, numbers: dict[str, Any]) -> dict[str, Any]:
    by = row["grouping"]
    return {
        "kind": kind,
        "what": what,
        "grouping": by,
        "product": row["product"],
        "touchpoint": row["touchpoint"],
        "period": row["period"],
        "group": None if by in ("overall", "product", "touchpoint") else row.get(by),
        "q_value": finite(q),
        "address": address,
        "numbers": {name: finite(value) for name, value in numbers.items()},
    }


def _id(alert: dict[str, Any]) -> str:
    """Name an alert by what it is about: told again with other numbers it is still the same."""
    parts = ("kind", "grouping", "product", "touchpoint", "period", "theme", "polarity")
    told = "\0".join(str(alert.get(part) or "") for part in parts)
    if group := alert["group"]:
        told += f"\0{group}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:24]
