"""A linear chain of tags: the best path, and how probable a term is.

The tags are outside (0), beginning (1) and inside (2) of a term; an inside follows a beginning or an inside.
A path's score is the sum of its tags' emissions and of the transitions between them, the first tag's start
score included; its probability is the softmax over all paths. Plain floats rather than arrays: a sentence has
some twenty tokens and three tags, and an array operation costs as much as this whole step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["BEGIN", "INSIDE", "OUTSIDE", "Chain", "spans"]

OUTSIDE, BEGIN, INSIDE = 0, 1, 2

Row = Sequence[float]


@dataclass(frozen=True, slots=True)
class Chain:
    """The scores that do not depend on the words.

    Attributes
    ----------
    start
        Score of each tag at the first token.
    transitions
        ``transitions[a][b]`` is the score of tag ``b`` after tag ``a``; minus infinity forbids it.
    """

    start: tuple[float, ...]
    transitions: tuple[tuple[float, ...], ...]

    def best(self, emissions: Sequence[Row]) -> list[int]:
        """Return the path of the highest score (Viterbi); of equal ones, that of the lower tags.

        Parameters
        ----------
        emissions
            For each token, the score of each tag.
        """
        if not emissions:
            return []
        scores = [a + b for a, b in zip(self.start, emissions[0], strict=True)]
        back: list[list[int]] = []
        incoming = list(zip(*self.transitions, strict=True))
        for emission in emissions[1:]:
            following, origins = [], []
            for tag, moves in enumerate(incoming):
                totals = [a + b for a, b in zip(scores, moves, strict=True)]
                top = max(totals)
                origins.append(totals.index(top))
                following.append(top + emission[tag])
            scores = following
            back.append(origins)
        path = [scores.index(max(scores))]
        for origins in reversed(back):
            path.append(origins[path[-1]])
        return path[::-1]

    def probabilities(self, emissions: Sequence[Row], terms: Sequence[tuple[int, int]]) -> list[float]:
        """Give, for each term, the probability that exactly these tokens are one.

        Parameters
        ----------
        emissions
            For each token, the score of each tag.
        terms
            First and last token of each, both included.
        """
        if not terms:
            return []
        forward = self._forward(emissions)
        backward = self._backward(emissions)
        total = _log_sum(*(a + b for a, b in zip(forward[-1], backward[-1], strict=True)))
        found = []
        for first, last in terms:
            if first:
                entering = _log_sum(
                    *(a + moves[BEGIN] for a, moves in zip(forward[first - 1], self.transitions, strict=True))
                )
            else:
                entering = self.start[BEGIN]
            score = entering + emissions[first][BEGIN]
            tag = BEGIN
            for place in range(first + 1, last + 1):
                score += self.transitions[tag][INSIDE] + emissions[place][INSIDE]
                tag = INSIDE
            if last + 1 < len(emissions):
                outside, begin = (
                    self.transitions[tag][after] + emissions[last + 1][after] + backward[last + 1][after]
                    for after in (OUTSIDE, BEGIN)
                )
                score += _log_sum(outside, begin, -math.inf)
            found.append(min(math.exp(score - total), 1.0))
        return found

    def _forward(self, emissions: Sequence[Row]) -> list[list[float]]:
        """Return the log-sum over all paths that end in each tag at each token."""
        rows = [[a + b for a, b in zip(self.start, emissions[0], strict=True)]]
        incoming = list(zip(*self.transitions, strict=True))
        for emission in emissions[1:]:
            a, b, c = rows[-1]
            rows.append(
                [
                    _log_sum(a + x, b + y, c + z) + score
                    for (x, y, z), score in zip(incoming, emission, strict=True)
                ]
            )
        return rows

    def _backward(self, emissions: Sequence[Row]) -> list[list[float]]:
        """Return the log-sum over all paths that go on from each tag at each token."""
        rows = [[0.0] * len(self.start)]
        for emission in reversed(emissions[1:]):
            a, b, c = (a + b for a, b in zip(emission, rows[-1], strict=True))
            rows.append([_log_sum(a + x, b + y, c + z) for x, y, z in self.transitions])
        return rows[::-1]


def spans(path: Sequence[int]) -> list[tuple[int, int]]:
    """Return first and last token of every term in a path of tags."""
    found: list[tuple[int, int]] = []
    for place, tag in enumerate(path):
        if tag == BEGIN:
            found.append((place, place))
        elif tag == INSIDE and found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
    return found


def _log_sum(a: float, b: float, c: float) -> float:
    """Return the logarithm of the sum of three numbers from theirs."""
    top = a if a > b else b
    if c > top:
        top = c
    if top == -math.inf:
        return top
    return top + math.log(math.exp(a - top) + math.exp(b - top) + math.exp(c - top))
