"""Texts that are nearly the same: MinHash finds candidates, counting what they share decides.

Broder, 1997, On the resemblance and containment of documents. Nothing here depends on the order of the texts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

__all__ = ["SAME", "near_groups"]

#: Share of pieces two texts must have in common (Jaccard) to be nearly the same.
SAME = 0.8
#: Code points in a piece, and of a text that are looked at.
_PIECE, _READ = 5, 5_000
#: Minima a text, in bands of so many: at a share of 0.8 one pair in 5,000 has no band in common.
_MINIMA, _BAND = 64, 4
_SEED = 20
_NOT_WORDS = re.compile(r"[\W_]+")


def near_groups(texts: Sequence[str]) -> list[list[int]]:
    """Group texts that are nearly the same, directly or by way of others.

    Returns
    -------
    list of list of int
        Places of the texts of each group of two or more, each in order.

    Examples
    --------
    >>> near_groups(["The kettle leaks from the base!", "the kettle leaks from the base", "Nice lamp"])
    [[0, 1]]
    """
    folded = [_NOT_WORDS.sub(" ", text[:_READ].casefold()).strip() for text in texts]
    unique = sorted(set(folded) - {""})
    roots = _linked(unique)
    groups: dict[int, list[int]] = defaultdict(list)
    number = {text: place for place, text in enumerate(unique)}
    for place, text in enumerate(folded):
        if text:
            groups[roots[number[text]]].append(place)
    return sorted(group for group in groups.values() if len(group) > 1)


def _linked(texts: Sequence[str]) -> list[int]:
    """Give for each text, all different and sorted, the first of its group."""
    roots = list(range(len(texts)))

    def root(place: int) -> int:
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = roots[place]
        return place

    for place, other in _candidates(texts):
        one, two = sorted((root(place), root(other)))
        if one != two and _shared(texts[place], texts[other]) >= SAME:
            roots[two] = one
    return [root(place) for place in range(len(texts))]


def _candidates(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Give pairs with a band in common, each with the first of its bucket: a bucket costs but its size."""
    from rensa import RMinHash

    minima = np.empty((len(texts), _MINIMA), np.uint32)
    for place, text in enumerate(texts):
        sketch = RMinHash(num_perm=_MINIMA, seed=_SEED)
        sketch.update(list(_pieces(text)))
        minima[place] = sketch.digest()
    pairs: set[tuple[int, int]] = set()
    for first in range(0, _MINIMA, _BAND):
        band = np.ascontiguousarray(minima[:, first : first + _BAND]).view(f"V{4 * _BAND}").ravel()
        _, heads, bucket = np.unique(band, return_index=True, return_inverse=True)
        own = heads[bucket.ravel()]
        for place in np.flatnonzero(own != np.arange(len(texts))).tolist():
            pairs.add((int(own[place]), place))
    return sorted(pairs)


def _pieces(text: str) -> set[str]:
    return {text[at : at + _PIECE] for at in range(max(1, len(text) - _PIECE + 1))}


def _shared(one: str, other: str) -> float:
    left, right = _pieces(one), _pieces(other)
    return len(left & right) / len(left | right)
