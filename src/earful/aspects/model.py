"""The aspect model: a small convolutional network under a linear chain, in NumPy.

A word is read as the sum of hashed rows (its form and character n-grams), its shape and, where it is
frequent, its vector. Two layers of convolution over the words of a sentence score the tags, and the chain
picks the best path. What is thought of a term is read from the same layers: the term itself, what stands
near it, and what the sentence says where the network attends to it; the sentiment of the clause joins in.
A sentence's answer depends on nothing but the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earful.aspects.chain import Chain, spans
from earful.aspects.vectors import Vectors
from earful.aspects.words import SHAPES, WordFeatures

__all__ = ["GUIDELINES", "AspectModel", "Network", "Term"]

Floats = NDArray[np.float32]

#: What counts as a term, by the annotation that the model learned it from; the first is the default.
#: ``opinion``: the words an opinion is about. ``every``: every aspect that is named, opinion or none.
GUIDELINES = ("opinion", "every")

#: Words whose rows are remembered; bounds the memory that remembering may take (about 25 MB).
_REMEMBERED, _LONGEST_REMEMBERED = 40_000, 64
_VECTOR_SCALE = np.float32(3.0)
_FARTHEST = 12  # words from a term from which on distance counts the same
_NEAR = np.float32(3.0)  # words over which what stands near a term fades to 1/e


@dataclass(frozen=True, slots=True)
class Term:
    """A term in a sentence.

    Attributes
    ----------
    first, last
        The words of the sentence, both included.
    confidence
        Probability that exactly these words are a term, in (0, 1].
    probabilities
        That what is said of it is negative, neutral, positive; they sum to 1.
    """

    first: int
    last: int
    confidence: float
    probabilities: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Network:
    """The weights.

    Attributes
    ----------
    table, scales
        Hashed rows in 8 bits a number, shape (2**bits, d), and what each is multiplied with.
    shapes
        Shape (len(SHAPES), s).
    layers
        Of each convolution its matrix, shape (width * inputs, h), and its bias, shape (h,); width is odd.
    guidelines
        Added in the first layer, one row for each of :data:`GUIDELINES`, shape (2, h).
    tags
        Matrix (h, 3) and bias of the tags' scores.
    values, attention, distances
        What a word says of terms around it, (h, v) and (v,); how loud it says it, (h,); and how its distance
        to the term tells, (25,).
    inner, outer
        Matrices and biases of the polarity, (h + 2 v, k) and (k, 3).
    """

    table: NDArray[np.int8]
    scales: Floats
    shapes: Floats
    layers: tuple[tuple[Floats, Floats], ...]
    guidelines: Floats
    tags: tuple[Floats, Floats]
    values: tuple[Floats, Floats]
    attention: Floats
    distances: Floats
    inner: tuple[Floats, Floats]
    outer: tuple[Floats, Floats]


@dataclass(slots=True)
class AspectModel:
    """Finds the terms of a sentence and what is thought of each.

    Attributes
    ----------
    blend
        Weights of the polarity: of the network's logits, of the clause's log-probabilities, and three biases.
    """

    name: str
    checksum: str
    features: WordFeatures
    network: Network = field(repr=False)
    vectors: Vectors = field(repr=False)
    chain: Chain
    blend: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0)
    _remembered: dict[tuple[str, str], Floats] = field(default_factory=dict, repr=False)

    def terms(
        self,
        words: Sequence[str],
        lang: str,
        clauses: Sequence[Sequence[float] | None] | None = None,
        guideline: str = GUIDELINES[0],
    ) -> list[Term]:
        """Find the terms of one sentence.

        Parameters
        ----------
        words
            The words and marks, as :func:`earful.aspects.tokens.token_spans` cuts them.
        lang
            ISO 639-1 code, ``und`` where unsure; it chooses the word vectors, nothing else.
        clauses
            For each word, the probabilities (negative, neutral, positive) of the clause it stands in, or
            ``None``; left out, the network alone judges.
        guideline
            One of :data:`GUIDELINES`.

        Returns
        -------
        list of Term
            In order; no two share a word.

        Raises
        ------
        ValueError
            There is no such guideline.
        """
        if not words:
            return []
        hidden = self.hidden(words, lang, guideline)
        emissions = (hidden @ self.network.tags[0] + self.network.tags[1]).tolist()
        found = spans(self.chain.best(emissions))
        if not found:
            return []
        sure = self.chain.probabilities(emissions, found)
        logits = self.polarity_logits(hidden, found)
        terms = []
        for (first, last), confidence, row in zip(found, sure, logits.tolist(), strict=True):
            clause = clauses[first] if clauses is not None else None
            rounded = self._probabilities(row, clause)
            terms.append(Term(first, last, max(round(confidence, 6), 1e-6), rounded))
        return terms

    def hidden(self, words: Sequence[str], lang: str, guideline: str = GUIDELINES[0]) -> Floats:
        """Return what the network makes of each word in its sentence, shape (words, h)."""
        if guideline not in GUIDELINES:
            raise ValueError(f"guideline must be one of {', '.join(GUIDELINES)}, got {guideline!r}")
        read = np.stack([self._read(word, lang) for word in words])
        network = self.network
        weights, bias = network.layers[0]
        hidden: Floats = np.maximum(
            _windows(read, weights) @ weights + (bias + network.guidelines[GUIDELINES.index(guideline)]), 0
        )
        for weights, bias in network.layers[1:]:
            hidden = hidden + np.maximum(_windows(hidden, weights) @ weights + bias, 0)
        return hidden

    def polarity_logits(self, hidden: Floats, terms: Sequence[tuple[int, int]]) -> Floats:
        """Return what the network thinks is said of each term, uncalibrated, shape (terms, 3)."""
        network = self.network
        places = np.arange(len(hidden))
        values = np.tanh(hidden @ network.values[0] + network.values[1])
        loudness = hidden @ network.attention
        read = []
        for first, last in terms:
            distance = np.minimum(places - first, 0) + np.maximum(places - last, 0)
            scores = loudness + network.distances[np.clip(distance, -_FARTHEST, _FARTHEST) + _FARTHEST]
            heard = np.exp(scores - scores.max())
            near = np.exp(-np.abs(distance).astype(np.float32) / _NEAR) / _NEAR
            read.append(
                np.concatenate(
                    [hidden[first : last + 1].mean(axis=0), (heard / heard.sum()) @ values, near @ values]
                )
            )
        # One term at a time: a product of matrices could round differently with their number.
        rows = [np.maximum(row @ network.inner[0] + network.inner[1], 0) for row in read]
        logits: Floats = np.stack([row @ network.outer[0] + network.outer[1] for row in rows])
        return logits

    def _probabilities(
        self, logits: Sequence[float], clause: Sequence[float] | None
    ) -> tuple[float, float, float]:
        own, others, *biases = self.blend
        z = [own * value + bias for value, bias in zip(logits, biases, strict=True)]
        if clause is not None:
            z = [a + others * float(np.log(max(p, 1e-4))) for a, p in zip(z, clause, strict=True)]
        odds = np.exp(np.array(z) - max(z))
        negative, _, positive = (odds / odds.sum()).tolist()
        negative, positive = round(negative, 6), round(positive, 6)
        return negative, round(1.0 - negative - positive, 6), positive

    def _read(self, word: str, lang: str) -> Floats:
        known = self._remembered.get((lang, word))
        if known is None:
            known = self._make(word, lang)
            if len(word) <= _LONGEST_REMEMBERED:
                if len(self._remembered) >= _REMEMBERED:
                    self._remembered.clear()
                self._remembered[lang, word] = known
        return known

    def _make(self, word: str, lang: str) -> Floats:
        network = self.network
        rows = self.features.rows(word)
        weights = network.scales[rows]
        weights[2:] *= np.float32(max(len(rows) - 2, 1) ** -0.5)
        vector = self.vectors.find(word, lang)
        there = np.float32(vector is not None)
        if vector is None:
            vector = np.zeros(self.vectors.width, np.float32)
        summed = (network.table[rows] * weights[:, None]).sum(axis=0, dtype=np.float32)
        shape = network.shapes[self.features.shape(word)]
        return np.concatenate([summed, shape, vector * _VECTOR_SCALE, [there]]).astype(np.float32)


def _windows(rows: Floats, weights: Floats) -> Floats:
    """Put each row beside its neighbours, zeros beyond the ends: (n, d) to (n, width * d)."""
    width = weights.shape[0] // rows.shape[1]
    reach = width // 2
    padded = np.zeros((len(rows) + 2 * reach, rows.shape[1]), dtype=rows.dtype)
    padded[reach : reach + len(rows)] = rows
    return np.concatenate([padded[at : at + len(rows)] for at in range(width)], axis=1)


assert len(SHAPES) == 9, "the table of shapes is part of the format"
