"""py3langid's classifier for many texts at once: the same answer to the bit, in a fraction of the time.

The library walks through the bytes of a text by a table of states, a step a byte. Here one step is taken for
all texts together. What it counts on the way, and how it weighs that, are its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

__all__ = ["Classifier", "classifier"]

#: Texts that are worth walking through together, and as many as are at once: bounds the memory (about 2 MB).
_FEWEST, _MOST = 12, 512


class Classifier(LanguageIdentifier):  # type: ignore[misc]
    """The classifier with its tables as arrays."""

    def rank_all(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """Return what ``rank`` returns of each text: all languages with their probability, the best first."""
        encoded = [self._encode(text) for text in texts]
        # Half precision is dear to read; for a few texts it would be dearer to turn the table into single.
        table = self.nb_ptc if len(texts) < _FEWEST else self._single
        return [
            self._ranked(visits, table, len(own))
            for visits, own in zip(self._visits(encoded), encoded, strict=True)
        ]

    def _visits(self, texts: Sequence[bytes]) -> list[Counter[int]]:
        """Count the features of each text, in the order in which they are first met."""
        if len(texts) < _FEWEST:
            walk = (visit_counts(self.tk_nextmove, self._rowbase, self.tk_output, text) for text in texts)
            return [visits or Counter() for visits in walk]
        # Texts of like length go together, and the longest first: those that are through drop off the end.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        found: list[Counter[int]] = [Counter()] * len(texts)
        for first in range(0, len(order), _MOST):
            places = order[first : first + _MOST]
            met = self._walk([texts[place] for place in places])
            for place, features in zip(places, met, strict=True):
                found[place] = Counter(features[features >= 0].tolist())
        return found

    def _walk(self, texts: Sequence[bytes]) -> list[NDArray[np.int32]]:
        """Walk through texts, the longest first; give what each byte leads to, -1 where to nothing."""
        moves, rows, output = self._arrays
        lengths = np.array([len(text) for text in texts])
        longest = int(lengths[0])
        letters = np.zeros((longest, len(texts)), dtype=np.intp)
        for place, text in enumerate(texts):
            letters[: len(text), place] = np.frombuffer(text, dtype=np.uint8)
        met = np.full((longest, len(texts)), -1, dtype=np.int32)
        left = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right")
        state = np.zeros(len(texts), dtype=np.intp)
        for step in range(longest):
            n = left[step]
            state = moves[rows[state[:n]] + letters[step, :n]]
            met[step, :n] = output[state]
        return [met[:length, place] for place, length in enumerate(lengths)]

    def _ranked(self, visits: Counter[int], table: NDArray[Any], n_bytes: int) -> list[tuple[str, float]]:
        """Weigh what was counted, as ``rank`` does."""
        if visits:
            scores = self._sparse_score(visits, table)
        else:
            scores = np.full(len(self.nb_classes), 0.0, dtype=np.float32)
        scores *= 1.0 / math.sqrt(n_bytes or 1)
        np.exp(scores - scores.max(), out=scores)
        scores /= scores.sum()
        for first, other in self._alias_pairs:
            scores[first] += scores[other]
            scores[other] = 0.0
        # What an alias had is with its language by now, and a language stands where its first column does.
        chances = scores[list(self._columns.values())]
        order = np.argsort(-chances, kind="stable")
        codes = list(self._columns)
        return list(zip([codes[at] for at in order.tolist()], chances[order].tolist(), strict=True))

    @cached_property
    def _columns(self) -> dict[str, int]:
        """The first column of each language."""
        return {code: self.nb_classes.index(code) for code in self.nb_classes}

    @cached_property
    def _single(self) -> NDArray[np.float32]:
        """The weights in single precision: the same numbers."""
        single: NDArray[np.float32] = self.nb_ptc.astype(np.float32)
        return single

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.uint32], NDArray[np.intp], NDArray[np.int32]]:
        """The moves, where those of each state begin, and what each state tells."""
        moves = np.frombuffer(self.tk_nextmove, dtype=self.tk_nextmove.typecode)
        rows, output = np.asarray(self.tk_row, dtype=np.intp), np.asarray(self.tk_output, dtype=np.int32)
        return moves, rows << 8, output


@cache
def classifier() -> Classifier:
    """Load the classifier with the model that the library carries."""
    loaded: Classifier = Classifier.from_model_file(MODEL_FILE, norm_probs=True)
    return loaded
