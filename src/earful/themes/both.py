"""Phrases and what a segment says, put together into one confidence for each theme.

A built-in theme has two witnesses: its phrases, and the classifier of :mod:`earful.themes.known`. Together
they make one confidence; below the threshold that holds the stated precision the theme is not given,
whichever of them spoke for it. A theme of somebody's own keeps every phrase that its author wrote, and is
found by its label, description and examples beside that (:mod:`earful.themes.semantic`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from earful.encoder import VectorMaker
from earful.themes.known import KnownThemes, load_known
from earful.themes.meaning import from_bytes
from earful.themes.semantic import semantic_matcher
from earful.themes.taxonomy import Taxonomy

__all__ = ["Both", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a segment says by itself.

    Attributes
    ----------
    odds
        Log odds of the known themes, in the taxonomy's order; ``None`` where the segment has no words.
    given
        The themes that are sure enough without a phrase, with their confidence, in the taxonomy's order.
    opinion
        What its blame and praise add to each of them.
    """

    odds: NDArray[np.float64] | None
    given: list[tuple[str, float]]
    opinion: float = 0.0


_NOTHING = Said(None, [])
#: Log odds by which a theme's confidence in one segment may stand below its best in the review.
_ECHO = 4.0


class Both:
    """Reads segments for the themes of a taxonomy.

    Parameters
    ----------
    taxonomy
        The themes to look for.
    encoder
        What the segments' vectors are from; without, words alone are read.
    known
        The classifier of the built-in themes; by default the shipped one.
    """

    def __init__(
        self, taxonomy: Taxonomy, encoder: VectorMaker | None = None, known: KnownThemes | None = None
    ) -> None:
        self._known = known or load_known()
        self._themes = [theme.id for theme in taxonomy.themes]
        self._order = {theme: at for at, theme in enumerate(self._themes)}
        self._learned = [at for at, theme in enumerate(taxonomy.themes) if self._known.knows(theme)]
        self._place = {self._themes[at]: place for place, at in enumerate(self._learned)}
        self._passing = self._known.passing(taxonomy)[:, self._learned]
        self._way = self._known.way(encoder.checksum if encoder is not None else "")
        self._reads = self._way.meaning is not None
        own = len(self._learned) < len(self._themes)
        self._own = semantic_matcher(taxonomy, encoder) if own and encoder is not None else None
        self._confidence, self._least = self._way.confidence, self._way.least

    def read(
        self, texts: Sequence[str], embeddings: pa.Table | None, opinions: NDArray[np.float64] | None = None
    ) -> list[Said]:
        """Say of each segment what it says.

        Parameters
        ----------
        texts
            Their words.
        embeddings
            Their vectors, as ``schema.EMBEDDINGS``, in the same order; ``None`` where there are none.
        opinions
            The chances that each blames and that it praises, shape (n, 2); ``None`` where nobody asked. They
            count where vectors are read: what tells themes by words alone was fitted without them.
        """
        found: list[Said] = [_NOTHING] * len(texts)
        worded = [at for at, text in enumerate(texts) if any(map(str.isalpha, text))]
        if not worded:
            return found
        vectors = None
        if embeddings is not None and (self._reads or self._own is not None):
            vectors = from_bytes(embeddings.column("vector").to_pylist())[worded]
        odds = np.zeros((len(worded), 0))
        if self._learned:
            some = [texts[at] for at in worded]
            odds = self._known.log_odds(some, vectors, self._way, self._passing)
        own: list[list[tuple[str, float]]] | None = None
        if self._own is not None and vectors is not None and embeddings is not None:
            reviews = embeddings.column("row").to_numpy()[worded]
            own = _without_echoes(self._own.match(vectors), reviews.tolist())
        leaning = np.zeros(len(worded))
        if opinions is not None and self._reads and vectors is not None:
            leaning = self._confidence.leaning(opinions[worded])
        sure = self._confidence.of(odds, opinion=leaning[:, None])
        for row, at in enumerate(worded):
            given = {self._learned[k]: float(sure[row, k]) for k in np.flatnonzero(sure[row] >= self._least)}
            if own is not None:
                given |= {self._order[theme]: one for theme, one in own[row] if theme not in self._place}
            themes = [(self._themes[k], given[k]) for k in sorted(given)]
            found[at] = Said(odds[row], themes, float(leaning[row]))
        return found

    def of_phrases(self, hits: Sequence[tuple[str, float]], said: Said) -> list[float | None]:
        """Say how sure the themes are that phrases found: theme and the phrase's own confidence.

        ``None`` where a theme is not sure enough to be given.
        """
        best: dict[str, float] = {}
        for theme, sure in hits:
            best[theme] = max(sure, best.get(theme, 0.0))
        settled: list[float | None] = []
        for theme, sure in hits:
            if said.odds is None or theme not in self._place:
                settled.append(sure)
                continue
            odds = said.odds[self._place[theme]]
            given = float(self._confidence.of(odds, best[theme], said.opinion)) >= self._least
            settled.append(float(self._confidence.of(odds, sure, said.opinion)) if given else None)
        return settled


def _without_echoes(
    found: Sequence[list[tuple[str, float]]], reviews: Sequence[int]
) -> list[list[tuple[str, float]]]:
    """Return themes by meaning without those that are much surer elsewhere in the review.

    A segment's vector knows the rest of its review: beside "the staff was rude" a praise of the food sounds a
    little of rude staff.
    """
    best: dict[tuple[int, str], float] = {}
    for review, themes in zip(reviews, found, strict=True):
        for theme, sure in themes:
            best[review, theme] = max(_log_odds(sure), best.get((review, theme), -np.inf))
    return [
        [(theme, sure) for theme, sure in themes if _log_odds(sure) >= best[review, theme] - _ECHO]
        for review, themes in zip(reviews, found, strict=True)
    ]


def _log_odds(chance: float) -> float:
    chance = min(max(chance, 1e-6), 1 - 1e-6)
    return float(np.log(chance / (1 - chance)))
