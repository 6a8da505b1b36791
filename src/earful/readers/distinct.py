"""Different values, told apart and counted in bounded memory, the same for any order of the rows."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ONE", "Distinct", "Within", "tallied"]

#: Cells of these types that are equal are read alike; of others (moments in two zones) they need not be.
_PLAIN = frozenset({str, int, float, bool, type(None)})
_TEXTS = frozenset({str, type(None)})


def tallied(*columns: Sequence[Any]) -> Collection[tuple[tuple[Any, ...], int]]:
    """Give the different rows that columns make, in the order they came up, with how many there are of each.

    Cells that are equal and yet not the same (``1``, ``1.0`` and ``True``) make different rows.
    """
    rows = zip(*columns, strict=True)
    if all(_TEXTS.issuperset(map(type, column)) for column in columns):
        return Counter(rows).items()
    groups: dict[Any, tuple[tuple[Any, ...], int]] = {}
    for place, row in enumerate(rows):
        kinds = tuple(map(type, row))
        key = (kinds, row) if _PLAIN.issuperset(kinds) else place
        groups[key] = row, groups.get(key, (row, 0))[1] + 1
    return groups.values()


class Distinct:
    """Counts different values in bounded memory.

    Of too many values those are kept whose hash ends in zeros, so that what is kept does not depend on the
    order in which the values came.
    """

    __slots__ = ("_kept", "_mask")
    _LIMIT = 4096

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._kept: dict[str, int] = {}
        self._mask = 0
        self.add_all(values)

    def add_all(self, values: Iterable[str]) -> None:
        """Take in values."""
        for value in values:
            if value in self._kept:
                continue
            place = zlib.crc32(value.encode("utf-8", "surrogatepass"))
            if place & self._mask:
                continue
            self._kept[value] = place
            while len(self._kept) > self._LIMIT:
                self._mask = 2 * self._mask + 1
                self._kept = {kept: at for kept, at in self._kept.items() if not at & self._mask}

    def __contains__(self, value: str) -> bool:
        return value in self._kept

    def __len__(self) -> int:
        return len(self._kept) * (self._mask + 1)


#: The whole source as one product.
ONE = Distinct([""])


@dataclass(slots=True)
class Within:
    """How a column of scores varies among the rows of one product."""

    products: Distinct
    _seen: dict[str, tuple[int, frozenset[float]]] = field(default_factory=dict)
    _ENOUGH = 8

    def add(self, product: str, value: float, times: int) -> None:
        """Take in a score of a product, and how often it came up."""
        if product in self.products:
            n, values = self._seen.get(product, (0, frozenset()))
            if value not in values and len(values) < self._ENOUGH:
                values = values | {value}
            self._seen[product] = n + times, values

    def varied(self) -> tuple[int, int, int]:
        """Give how many products hold different scores, of how many with several rows; their spare rows."""
        kept = [seen for product, seen in self._seen.items() if product in self.products and seen[0] > 1]
        return sum(len(values) > 1 for _, values in kept), len(kept), sum(n - 1 for n, _ in kept)
