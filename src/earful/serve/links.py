"""Addresses put behind what the report's sections show."""

from __future__ import annotations

from typing import Any

from earful.serve.addresses import Addresses, within

__all__ = [
    "link_drivers",
    "link_mismatches",
    "link_quotes",
    "link_ranking",
    "link_repairs",
    "link_themes",
    "link_timeline",
]


def link_ranking(ranking: dict[str, Any], at: Addresses) -> None:
    """Put a group's page behind its name, and its reviews behind their number."""
    by = ranking["by"]
    for line in (*ranking["groups"], *ranking["ranges"]):
        name = line["row"][by]
        line["href"], line["reviews"] = at.group(by, name), at.members(by, name)


def link_themes(lines: list[dict[str, Any]], at: Addresses, by: str = "", name: str = "") -> None:
    """Put a theme's page behind its name, and its reviews behind the numbers of blame and praise.

    ``by`` and ``name`` say of which group the themes are told; everything they lead to stays in it.
    """
    for line in lines:
        theme = line["row"]["theme"]
        line["href"] = at.theme(theme, by, name)
        for polarity in ("negative", "positive"):
            line[polarity] = at.reviews(theme=theme, polarity=polarity, **_own(by, name))


def link_quotes(lines: list[dict[str, Any]], at: Addresses) -> None:
    """Put a review's page behind each quote."""
    for quote in (quote for line in lines for quote in line["quotes"]):
        quote.review["href"] = at.review(quote.review["row"])


def link_mismatches(sides: list[dict[str, Any]], at: Addresses) -> None:
    """Put the reviews behind the number of each way that words and score part, and a page behind a quote."""
    for side in sides:
        side["href"] = at.reviews(mismatch=side["name"])
    link_quotes(sides, at)


def link_drivers(lines: list[dict[str, Any]], at: Addresses, by: str = "", name: str = "") -> None:
    """Put a theme's page behind a driver's name, and its reviews behind their number, both of one group."""
    for line in lines:
        theme, polarity = line["row"]["theme"], line["row"]["polarity"]
        line["href"] = at.theme(theme, by, name)
        said = "" if polarity == "any" else polarity
        line["reviews"] = at.reviews(theme=theme, polarity=said, **_own(by, name))


def link_repairs(repairs: dict[str, Any], at: Addresses, by: str = "", name: str = "") -> dict[str, Any]:
    """Put a theme's page behind what is to be mended, and the complaints behind their number.

    Both are of the line's product where it has one, else of the group.
    """
    for line in repairs["lines"]:
        group = ("product", line["product"]) if line["product"] else (by, name)
        line["href"] = at.theme(line["theme"], *group)
        line["reviews"] = at.reviews(theme=line["theme"], polarity="negative", **_own(*group))
        line["product_href"] = at.group("product", line["product"]) if line["product"] else ""
    return repairs


def link_timeline(timeline: dict[str, Any], at: Addresses) -> None:
    """Put the pages of groups behind changes of level, and those of themes behind what is on the rise."""
    for change in timeline["changes"]:
        row = change["row"]
        if row["grouping"] != "overall" and row["grouping"] in row:
            change["href"] = at.group(row["grouping"], row[row["grouping"]])
    for rise in timeline["rising"]:
        rise["href"] = at.theme(rise["row"]["theme"])


def _own(by: str, name: str) -> dict[str, Any]:
    return within(by, name) if by else {}
