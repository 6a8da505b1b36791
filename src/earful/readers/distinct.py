"""How the values of a column repeat: how many are different, and whether scores vary within a product."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

__all__ = ["ONE", "Distinct", "Within"]


class Distinct:
    """Counts different values in bounded memory.

    Of too many values those are kept whose hash ends in zeros, so that what is kept does not depend on the
    order in which the values came.
    """

    __slots__ = ("_kept", "_mask")
    _LIMIT = 4096

    def __init__(self) -> None:
        self._kept: dict[str, int] = {}
        self._mask = 0

    def add(self, value: str) -> bool:
        """Take in a value; say whether it is among those that are kept."""
        if value in self._kept:
            return True
        place = zlib.crc32(value.encode("utf-8", "surrogatepass"))
        if place & self._mask:
            return False
        self._kept[value] = place
        while len(self._kept) > self._LIMIT:
            self._mask = 2 * self._mask + 1
            self._kept = {kept: at for kept, at in self._kept.items() if not at & self._mask}
        return value in self._kept

    def __contains__(self, value: str) -> bool:
        return value in self._kept

    def __len__(self) -> int:
        return len(self._kept) * (self._mask + 1)


#: The whole source as one product.
ONE = Distinct()
ONE.add("")


@dataclass(slots=True)
class Within:
    """How a column of scores varies among the rows of one product."""

    products: Distinct
    _seen: dict[str, tuple[int, frozenset[float]]] = field(default_factory=dict)
    _ENOUGH = 8

    def add(self, product: str, value: float) -> None:
        """Take in a score of a product."""
        if product in self.products:
            n, values = self._seen.get(product, (0, frozenset()))
            if value not in values and len(values) < self._ENOUGH:
                values = values | {value}
            self._seen[product] = n + 1, values

    def varied(self) -> tuple[int, int, int]:
        """Give how many products hold different scores, of how many with several rows; their spare rows."""
        kept = [seen for product, seen in self._seen.items() if product in self.products and seen[0] > 1]
        return sum(len(values) > 1 for _, values in kept), len(kept), sum(n - 1 for n, _ in kept)
