"""Three ways to tell themes from labelled rows, and how much to trust each.

One reads n-grams, one the encoder's features, both by logistic regression; the third asks which theme's
examples, name and description a text is nearest to, which serves best where examples are few. How their
scores are put together is learned from scores that each gave to rows it had not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from earful.encoder import VectorMaker
from earful.themes.meaning import Codes, features, unit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Experts", "Mix", "Seen", "fit_experts", "fit_mix", "probabilities"]

_HASHED = 2**18
_LONGEST_TEXT = 20_000
_LEAST_DOCUMENTS = 2
#: scikit-learn's C, chosen on development rows of public ticket sets.
_NGRAM_PENALTY, _MEANING_PENALTY = 10.0, 4.0
_NEVER = -50.0
_GRID = 2**16  # weights are rounded to parts of this, so that products with whole numbers are exact
_UNIT = 1024.0  # length of each half of the features
_NAMED = 2.0  # how much a theme's name and description weigh beside the mean of its examples
#: Where the mix starts from and is drawn to: n-grams, features, nearest.
_USUAL = (0.5, 1.0, 4.0)
_PULL = 0.02

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Seen:
    """Texts as the experts see them.

    Attributes
    ----------
    ngrams
        Counts of hashed n-grams, shape (texts, 2**19): words and pairs of words, then 3 to 5 characters of a
        word. No vocabulary to keep, and the same on every machine.
    meaning
        The encoder's features, shape (texts, size).
    """

    ngrams: csr_matrix
    meaning: Codes

    @classmethod
    def of(cls, texts: Sequence[str], encoder: VectorMaker) -> Seen:
        """Read texts; of n-grams the first 20,000 code points."""
        from scipy.sparse import csr_matrix, hstack

        cut = [text[:_LONGEST_TEXT] for text in texts]
        counts = hstack([vectorizer.transform(cut) for vectorizer in _vectorizers()], format="csr")
        return cls(csr_matrix(counts), features(encoder, texts))

    def rows(self, which: NDArray[Any]) -> Seen:
        """Return some of the texts."""
        return Seen(self.ngrams[which], self.meaning[which])


@dataclass(frozen=True, slots=True)
class Experts:
    """What the three have learned; all of it is kept in a model's folder.

    Attributes
    ----------
    columns, idf
        The n-grams that are looked at, and their inverse document frequencies.
    ngram_weights, ngram_bias, meaning_weights, meaning_bias
        Of the two regressions, a row a theme.
    middle, nearest
        The mean of all features, and from there the direction of each theme.
    """

    columns: NDArray[np.int64]
    idf: Floats
    ngram_weights: NDArray[np.float32]
    ngram_bias: Floats
    meaning_weights: NDArray[np.int32]
    meaning_bias: Floats
    middle: NDArray[np.int16]
    nearest: NDArray[np.int32]

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def scores(self, seen: Seen) -> Floats:
        """Return the scores of each expert, shape (3, texts, themes); a text's depend on nothing else."""
        ngrams = _weigh(seen.ngrams[:, self.columns], self.idf)
        by_ngrams = np.asarray(ngrams @ self.ngram_weights.T.astype(np.float64)) + self.ngram_bias
        meaning = seen.meaning.astype(np.float64)
        by_meaning = meaning @ self.meaning_weights.T.astype(np.float64) / (_GRID * _UNIT)
        from_middle = meaning - self.middle
        length = np.sqrt(np.square(from_middle).sum(axis=1, keepdims=True))
        nearness = from_middle @ self.nearest.T.astype(np.float64) / (_GRID * np.maximum(length, 1.0))
        return np.stack([by_ngrams, by_meaning + self.meaning_bias, nearness])


@dataclass(frozen=True, slots=True)
class Mix:
    """What each expert's score is multiplied by, and what is added where themes do not exclude each other."""

    weights: tuple[float, float, float]
    bias: float = 0.0

    def logits(self, scores: Floats) -> Floats:
        """Put scores of shape (3, texts, themes) together."""
        first, second, third = self.weights
        return np.asarray(first * scores[0] + second * scores[1] + third * scores[2] + self.bias)


def fit_experts(seen: Seen, truth: Truth, exclusive: bool, named: Codes) -> Experts:
    """Teach the three.

    Parameters
    ----------
    seen, truth
        The rows, and which themes each has, shape (rows, themes).
    exclusive
        Every row has one theme.
    named
        Features of the themes' names and descriptions, shape (themes, 1024).
    """
    columns, idf = _document_weights(seen.ngrams)
    ngram_weights, ngram_bias = _logistic(
        _weigh(seen.ngrams[:, columns], idf), truth, exclusive, _NGRAM_PENALTY
    )
    weights, bias = _logistic(seen.meaning.astype(np.float64) / _UNIT, truth, exclusive, _MEANING_PENALTY)
    middle = np.rint(seen.meaning.astype(np.int64).sum(axis=0) / max(len(truth), 1))
    examples = unit(seen.meaning - middle)
    means = np.stack([examples[has].sum(axis=0) for has in truth.T])
    nearest = unit(unit(means) + _NAMED * unit(named - middle))
    return Experts(
        columns=columns,
        idf=idf,
        ngram_weights=ngram_weights.astype(np.float32),
        ngram_bias=ngram_bias,
        meaning_weights=np.rint(weights * _GRID).astype(np.int32),
        meaning_bias=bias,
        middle=middle.astype(np.int16),
        nearest=np.rint(nearest * _GRID).astype(np.int32),
    )


def fit_mix(scores: Floats, truth: Truth, exclusive: bool) -> Mix:
    """Find the mix that gives unseen rows the likeliest themes (least log loss, drawn to a usual mix).

    Parameters
    ----------
    scores
        Shape (3, rows, themes), each given by experts that had not seen the row.
    """
    from scipy.optimize import minimize

    usual = np.array([*_USUAL, 0.0])
    clipped, target = np.clip(scores, -30, 30), truth.astype(np.float64)
    pull = _PULL / np.square(np.array([*_USUAL, 1.0]))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logits = np.tensordot(parameters[:3], clipped, axes=1) + (0.0 if exclusive else parameters[3])
        chances = probabilities(logits, exclusive)
        right = np.where(truth, chances, 1.0 if exclusive else 1.0 - chances)
        wrong = (chances - target) / len(target)
        slope = np.array([*(float((wrong * one).sum()) for one in clipped), float(wrong.sum())])
        if exclusive:
            slope[3] = 0.0
        away = parameters - usual
        value = -np.log(np.maximum(right, 1e-12)).sum() / len(target) + (pull * away**2).sum()
        return float(value), slope + 2 * pull * away

    found = minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=[(0, None)] * 3 + [(None, None)])
    first, second, third, bias = (round(float(value), 4) for value in found.x)
    return Mix((first, second, third), bias)


def probabilities(logits: Floats, exclusive: bool) -> Floats:
    """Turn logits into probabilities: of one theme among all, or of each by itself."""
    if not exclusive:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))))
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _logistic(features: Any, truth: Truth, exclusive: bool, penalty: float) -> tuple[Floats, Floats]:
    """Fit weights of shape (themes, features) and a bias a theme; one that no row has is never given."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    weights, bias = np.zeros((truth.shape[1], features.shape[1])), np.full(truth.shape[1], _NEVER)
    options: dict[str, Any] = {"C": penalty, "max_iter": 300, "tol": 1e-3}
    # One thread: sums over threads come in any order.
    with threadpool_limits(1):
        if exclusive:
            present = np.flatnonzero(truth.any(axis=0))
            if len(present) < 2:
                bias[present] = 0.0
                return weights, bias
            model = LogisticRegression(**options).fit(features, truth.argmax(axis=1))
            if len(present) == 2:
                weights[present[1]], bias[present[1]] = model.coef_[0], model.intercept_[0]
                bias[present[0]] = 0.0
            else:
                weights[present], bias[present] = model.coef_, model.intercept_
            return weights, bias
        for at in range(truth.shape[1]):
            if 0 < truth[:, at].sum() < len(truth):
                model = LogisticRegression(**options).fit(features, truth[:, at])
                weights[at], bias[at] = model.coef_[0], model.intercept_[0]
            elif truth[:, at].any():
                bias[at] = -_NEVER
    return weights, bias


def _document_weights(hashed: csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the columns that two documents have (or else one) and their inverse document frequencies."""
    frequency = np.bincount(hashed.indices, minlength=hashed.shape[1])
    least = min(_LEAST_DOCUMENTS, int(frequency.max(initial=0)))
    columns = np.flatnonzero(frequency >= max(least, 1)).astype(np.int64)
    if not len(columns):
        columns = np.zeros(1, dtype=np.int64)
    return columns, np.log((1 + hashed.shape[0]) / (1 + frequency[columns])) + 1


def _weigh(counts: csr_matrix, idf: NDArray[np.float64]) -> csr_matrix:
    """Turn counts into TF-IDF of length 1, with the logarithm of the counts."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    weighed = csr_matrix(counts, dtype=np.float64, copy=True)
    weighed.data = (1 + np.log(weighed.data)) * idf[weighed.indices]
    return normalize(weighed, copy=False)


@cache
def _vectorizers() -> tuple[Any, ...]:
    from sklearn.feature_extraction.text import HashingVectorizer

    options: dict[str, Any] = {"n_features": _HASHED, "alternate_sign": False, "norm": None}
    return (
        HashingVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", **options),
        HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **options),
    )
