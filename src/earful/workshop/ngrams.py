"""Texts as hashed n-grams of words and characters: no vocabulary to keep, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["document_weights", "hash_ngrams", "weigh"]

_HASHED = 2**18
_LONGEST_TEXT = 20_000
_LEAST_DOCUMENTS = 2


def hash_ngrams(texts: Sequence[str]) -> csr_matrix:
    """Count hashed n-grams, shape (texts, 2**19): words and pairs of words, then 3 to 5 characters of a word.

    Only the first 20,000 code points of a text are read.
    """
    from scipy.sparse import csr_matrix, hstack

    cut = [text[:_LONGEST_TEXT] for text in texts]
    return csr_matrix(hstack([vectorizer.transform(cut) for vectorizer in _vectorizers()], format="csr"))


def document_weights(hashed: csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the columns that two documents have (or else one) and their inverse document frequencies."""
    frequency = np.bincount(hashed.indices, minlength=hashed.shape[1])
    least = min(_LEAST_DOCUMENTS, int(frequency.max(initial=0)))
    columns = np.flatnonzero(frequency >= max(least, 1)).astype(np.int64)
    if not len(columns):
        columns = np.zeros(1, dtype=np.int64)
    return columns, np.log((1 + hashed.shape[0]) / (1 + frequency[columns])) + 1


def weigh(counts: csr_matrix, idf: NDArray[np.float64]) -> csr_matrix:
    """Turn counts into TF-IDF of length 1, with the logarithm of the counts."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    weighed = csr_matrix(counts, dtype=np.float64, copy=True)
    weighed.data = (1 + np.log(weighed.data)) * idf[weighed.indices]
    return normalize(weighed, copy=False)


@lru_cache(maxsize=1)
def _vectorizers() -> tuple[Any, ...]:
    from sklearn.feature_extraction.text import HashingVectorizer

    options: dict[str, Any] = {"n_features": _HASHED, "alternate_sign": False, "norm": None}
    return (
        HashingVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", **options),
        HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **options),
    )
