"""Themes found by what a segment means, from a theme's label, description and examples alone.

A theme is one vector. A segment's likeness to it, and how far it is ahead of (or behind) the next best theme,
make the confidence; below a threshold the matcher abstains.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder import VectorMaker
from earful.themes.known import load_known
from earful.themes.meaning import VECTOR_SCALE, Bytes, readable, unit
from earful.themes.taxonomy import Taxonomy, Theme

__all__ = ["GIVEN", "SemanticMatcher", "needs_vectors", "semantic_matcher"]

#: Confidence from which a theme is given.
GIVEN = 0.5

#: Logistic regression on likeness and lead: printed by ``scripts/themes/calibrate.py``, which says on what.
_LIKENESS, _LEAD, _BIAS = 2.2, 11.5, -2.5
#: A theme leads at least this: what the best of several themes reaches with a text about something else.
_FLOOR = 0.2
#: How much label and description weigh beside the mean of the examples.
_NAMED = 2.0
_SCALE = 127 / 0.25

Floats = NDArray[np.float64]


class SemanticMatcher:
    """The themes of a taxonomy as vectors.

    Parameters
    ----------
    taxonomy
        All its themes compete; those that say more than phrases are found.
    encoder
        What gave the segments' vectors.
    """

    def __init__(self, taxonomy: Taxonomy, encoder: VectorMaker) -> None:
        self.themes = tuple(theme.id for theme in taxonomy.themes)
        self.found = np.array([_tells(theme) for theme in taxonomy.themes])
        whole = np.stack([_theme_vector(theme, encoder) for theme in taxonomy.themes])
        # Whole numbers: a sum of their few hundred products is exact in single precision, in any order.
        self._codes = np.clip(np.rint(whole * _SCALE), -127, 127).astype(np.float32)

    def confidences(self, vectors: Bytes) -> Floats:
        """Return the confidence of each theme for each segment, shape (n, themes), rounded to 6 decimals.

        Parameters
        ----------
        vectors
            What :func:`earful.themes.meaning.vectors` gives, shape (n, size).
        """
        likeness = (vectors.astype(np.float32) @ self._codes.T).astype(np.float64) / (_SCALE * VECTOR_SCALE)
        ranked = np.sort(likeness, axis=1)
        best = ranked[:, -1:]
        second = ranked[:, -2:-1] if likeness.shape[1] > 1 else np.zeros_like(best)
        rival = np.maximum(np.where(likeness >= best, second, best), _FLOOR)
        logit = _LIKENESS * likeness + _LEAD * (likeness - rival) + _BIAS
        return np.asarray(np.round(1 / (1 + np.exp(-logit)), 6))

    def match(self, vectors: Bytes, least: float = GIVEN) -> list[list[tuple[str, float]]]:
        """Find each segment's themes with their confidence, in the taxonomy's order; none where unsure."""
        confidences = self.confidences(vectors)
        given = (confidences >= least) & self.found
        return [
            [(self.themes[at], float(row[at])) for at in np.flatnonzero(which)]
            for row, which in zip(confidences, given, strict=True)
        ]


def needs_vectors(taxonomy: Taxonomy) -> bool:
    """Say whether a theme is to be found by the vectors of segments.

    A built-in theme is where its classifier reads vectors, one of somebody's own where it says more than
    phrases.
    """
    known = load_known()
    return any(known.reads_vectors if known.knows(theme) else _tells(theme) for theme in taxonomy.themes)


def _tells(theme: Theme) -> bool:
    """Say whether a theme can be found by what it says of itself, and not by its phrases alone."""
    return bool(theme.description or theme.examples or not theme.phrases)


@lru_cache(maxsize=4)
def semantic_matcher(taxonomy: Taxonomy, encoder: VectorMaker) -> SemanticMatcher:
    """Give the matcher of a taxonomy; one that was made already is given again."""
    return SemanticMatcher(taxonomy, encoder)


def _theme_vector(theme: Theme, encoder: VectorMaker) -> NDArray[Any]:
    labels = list(theme.labels.values()) or [theme.label()]
    said = _mean(encoder, labels)
    if theme.description:
        said = unit(said + _mean(encoder, [theme.description]))
    examples = [example for examples in theme.examples.values() for example in examples]
    return unit(_NAMED * said + _mean(encoder, examples)) if examples else said


def _mean(encoder: VectorMaker, texts: Sequence[str]) -> NDArray[Any]:
    return unit(encoder.embed([readable(text) for text in texts]).astype(np.float64).sum(axis=0))
