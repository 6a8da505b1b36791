"""Texts that are nearly the same: MinHash finds candidates, counting what they share decides.

Broder, 1997, On the resemblance and containment of documents. Nothing here depends on the order of the texts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAME", "folded", "near_folded", "near_groups"]

#: Share of pieces two texts must have in common (Jaccard) to be nearly the same.
SAME = 0.8
#: Code points in a piece, and of a text that are looked at.
_PIECE, _READ = 5, 5_000
#: Minima a text, in bands of so many: at a share of 0.8 one pair in 5,000 has no band in common.
_MINIMA, _BAND = 64, 4
#: Minima two texts must have in common to be counted: at a share of 0.8 one pair in 1,000 has fewer.
_LEAST = 41
#: Pairs compared at a time.
_CHUNK = 200_000
_SEED = 20
_NOT_WORDS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Return the words of a text as they are compared: without case and marks, its beginning alone."""
    return _NOT_WORDS.sub(" ", text[:_READ].casefold()).strip()


def near_groups(texts: Iterable[str]) -> list[list[int]]:
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
    return near_folded([folded(text) for text in texts])


def near_folded(texts: Sequence[str]) -> list[list[int]]:
    """Group as ``near_groups`` texts that are folded already, so that a million need be held but once."""
    unique = sorted(set(texts) - {""})
    roots = _linked(unique)
    number = {text: place for place, text in enumerate(unique)}
    groups: dict[int, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
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


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give pairs that have a band, and nearly as many minima as such texts have, in common.

    In each bucket a text is paired with the first and with the one before it: a bucket costs but its size.
    Texts of one template share bands with half of all others: without counting minima, which costs little,
    a million of them would be compared piece by piece millions of times.
    """
    minima = _minima(texts)
    n = len(texts)
    pairs = np.empty(0, np.int64)
    for first in range(0, _MINIMA, _BAND):
        band = np.ascontiguousarray(minima[:, first : first + _BAND]).view(f"V{4 * _BAND}").ravel()
        order = np.argsort(band, kind="stable")
        same = band[order][1:] == band[order][:-1]
        begins = np.flatnonzero(np.concatenate([[True], ~same])[: len(order)])
        heads = order[np.repeat(begins, np.diff([*begins, n]))] if n else order
        found = [
            _alike(minima, heads[1:][same], order[1:][same]),
            _alike(minima, order[:-1][same], order[1:][same]),
        ]
        pairs = np.union1d(pairs, np.concatenate(found))
    for pair in pairs.tolist():
        yield divmod(pair, n)


def _minima(texts: Sequence[str]) -> NDArray[np.uint32]:
    from rensa import RMinHash

    minima = np.empty((len(texts), _MINIMA), np.uint32)
    for place, text in enumerate(texts):
        sketch = RMinHash(num_perm=_MINIMA, seed=_SEED)
        sketch.update(list(_pieces(text)))
        minima[place] = sketch.digest()
    return minima


def _alike(
    minima: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the pairs with minima enough in common, each as one number: ``left * n + right``."""
    kept = [np.empty(0, np.int64)]
    for at in range(0, len(left), _CHUNK):
        one, two = left[at : at + _CHUNK], right[at : at + _CHUNK]
        enough = (minima[one] == minima[two]).sum(axis=1) >= _LEAST
        kept.append(one[enough].astype(np.int64) * len(minima) + two[enough])
    return np.concatenate(kept)


def _pieces(text: str) -> set[str]:
    return {text[at : at + _PIECE] for at in range(max(1, len(text) - _PIECE + 1))}


def _shared(one: str, other: str) -> float:
    left, right = _pieces(one), _pieces(other)
    return len(left & right) / len(left | right)
