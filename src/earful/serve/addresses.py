"""Where things are: the addresses of pages, made in one place. Names stand in queries, never in paths."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from earful.schema import OWN_CUTS

__all__ = ["Addresses", "within"]

#: Cuts whose groups have a page of their own kind.
_PAGES = ("product", "touchpoint")


def within(by: str, name: str) -> dict[str, Any]:
    """Give the filter that finds the reviews of a group."""
    return {by: name} if by in (*_PAGES, *OWN_CUTS) else {"cut": [f"{by}={name}"]}


class Addresses:
    """The addresses of one run's pages."""

    def __init__(self, run: str) -> None:
        self.base = f"/runs/{quote(run, safe='')}"

    def page(self, name: str = "", /, **query: Any) -> str:
        """Give the address of a page; parts of the query that are empty are left out."""
        told = urlencode({key: value for key, value in query.items() if value not in (None, "")}, doseq=True)
        return f"{self.base}{'/' + name if name else ''}{'?' + told if told else ''}"

    def reviews(self, **filters: Any) -> str:
        """Give the address of the reviews that hold to filters."""
        return self.page("reviews", **filters)

    def review(self, row: int) -> str:
        """Give the address of one review."""
        return f"{self.base}/reviews/{row}"

    def group(self, by: str, name: str) -> str:
        """Give the address of a product, a touchpoint, or a group of a further cut."""
        return self.page(by, name=name) if by in _PAGES else self.page("group", by=by, name=name)

    def members(self, by: str, name: str, **filters: Any) -> str:
        """Give the address of the reviews of a group."""
        return self.reviews(**within(by, name), **filters)

    def theme(self, theme: str, by: str = "", name: str = "") -> str:
        """Give the address of a theme, in all of the run or in one group."""
        return self.page("theme", id=theme, by=by, name=name)
