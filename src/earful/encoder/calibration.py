"""Calibration: a temperature and biases per language, and how far confidence is from accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Calibration",
    "Scaling",
    "expected_calibration_error",
    "fit_calibration",
    "fit_scaling",
    "softmax",
]

Floats = NDArray[np.float64]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class Scaling:
    """Vector scaling of logits, one bias for each: ``logits / temperature + bias``.

    Without biases none is added.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """

    temperature: float = 1.0
    bias: tuple[float, ...] = ()

    def apply(self, logits: Floats) -> Floats:
        """Scale logits of shape (n, classes)."""
        return logits / self.temperature + self.biases(logits.shape[1])

    def biases(self, classes: int) -> Floats:
        """Give the bias of each class."""
        return np.asarray(self.bias, dtype=np.float64) if self.bias else np.zeros(classes)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A scaling per language; a language without its own takes the one for any language."""

    by_language: Mapping[str, Scaling] = field(default_factory=dict)

    def probabilities(self, logits: Floats, langs: Sequence[str]) -> Floats:
        """Turn logits of shape (n, classes) into calibrated probabilities of that shape, row by row."""
        default = self.by_language.get(_ANY, Scaling())
        if len(set(langs)) == 1:  # as all pieces of a review are
            return softmax(self.by_language.get(langs[0], default).apply(logits))
        scalings = [self.by_language.get(lang, default) for lang in langs]
        classes = logits.shape[1]
        temperature = np.array([[scaling.temperature] for scaling in scalings]).reshape(-1, 1)
        bias = np.array([scaling.biases(classes) for scaling in scalings]).reshape(-1, classes)
        return softmax(logits / temperature + bias)

    def to_dict(self) -> dict[str, Any]:
        """Give what ``from_dict`` reads, for a model's ``config.json``."""
        return {
            lang: {"temperature": round(scaling.temperature, 6), "bias": [round(b, 6) for b in scaling.bias]}
            for lang, scaling in sorted(self.by_language.items())
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """Read what ``to_dict`` gave."""
        return cls(
            {
                lang: Scaling(float(value["temperature"]), tuple(float(b) for b in value["bias"]))
                for lang, value in values.items()
            }
        )


def softmax(logits: Floats) -> Floats:
    """Probabilities of each row of logits; safe for large logits."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
    probabilities: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities


def fit_scaling(
    logits: Floats,
    labels: NDArray[np.int64],
    weights: Floats,
    prior: Scaling | None = None,
    pull: float = 20.0,
) -> Scaling:
    """Fit a temperature and biases by weighted log-loss, drawn towards ``prior`` where rows are few.

    Parameters
    ----------
    logits
        Shape (n, classes).
    labels
        The number of the right class, shape (n,).
    weights
        How much each row counts, shape (n,).
    prior
        Where to start and to be drawn to; by default no scaling.
    pull
        How strongly, in units of weight.
    """
    from scipy.optimize import minimize

    start = prior or Scaling()
    centre = np.array([np.log(start.temperature), *start.biases(logits.shape[1])])
    strength = pull / max(float(weights.sum()), 1.0)

    def loss(values: Floats) -> float:
        scaled = logits / np.exp(values[0]) + values[1:]
        top = scaled.max(axis=1)
        log_sum = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        nll = log_sum - scaled[np.arange(len(labels)), labels]
        return float((weights * nll).sum() / weights.sum() + strength * ((values - centre) ** 2).sum())

    fitted = minimize(loss, centre, method="L-BFGS-B").x
    bias = fitted[1:] - fitted[1:].mean()
    return Scaling(float(np.exp(fitted[0])), tuple(float(b) for b in bias))


def fit_calibration(
    logits: Floats,
    labels: NDArray[np.int64],
    langs: Sequence[str],
    weights: Floats,
    min_rows: int = 300,
    pull: float = 20.0,
) -> Calibration:
    """Fit a scaling for any language and one for each language with at least ``min_rows`` rows."""
    scalings = {_ANY: fit_scaling(logits, labels, weights, pull=pull)}
    languages = np.asarray(langs)
    for lang in sorted(set(langs)):
        rows = languages == lang
        if rows.sum() >= min_rows and len(set(labels[rows].tolist())) == 3:
            scalings[lang] = fit_scaling(logits[rows], labels[rows], weights[rows], scalings[_ANY], pull)
    return Calibration(scalings)


def expected_calibration_error(probabilities: Floats, labels: NDArray[np.int64], bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins of confidence, in [0, 1].

    Source: Naeini, Cooper and Hauskrecht 2015. 0 means that of the answers given with 80 % confidence 80 %
    are right.
    """
    if not len(labels):
        return float("nan")
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean()
        for b in set(place)
    ]
    return float(sum(gaps))
