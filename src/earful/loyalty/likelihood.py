"""The row model: how likely a review's writer is a detractor, a passive or a promoter.

An ordinal model reads what the words and the scores of one row say (``features.py``) and gives the chances of
each answer from 1 to 10 to "how likely are you to recommend us". Better words and better scores never lower
the answer: their weights have one sign. Any subset of the signals will do: it was trained with signals taken
away at random. The scale's cut points turn the chances of answers into those of detractor, passive and
promoter, so the same model serves every definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from earful.config import NpsScale, ScalesConfig
from earful.errors import ModelError
from earful.loyalty.features import FEATURES, SIGNAL_GROUPS, row_features
from earful.models.folder import Folder
from earful.models.home import models_home
from earful.pipeline import Batch, Parts

__all__ = ["ANSWERS", "Head", "Likelihood", "LikelihoodModel", "classes", "load_likelihood"]

#: The answers that the model gives chances of. No public data holds a 0: it counts as a 1.
ANSWERS = np.arange(1, 11)

Floats = NDArray[np.float64]


#: What a head consists of, as ``config.json`` names it.
_ARRAYS = ("mean", "scale", "linear", "hidden_weight", "hidden_bias", "output_weight", "thresholds")
_HEADS = ("words", "scores")
_HAS_SCORE = [FEATURES.index(f"has_{name}") for name in SIGNAL_GROUPS]


@dataclass(frozen=True)
class Head:
    """Weights of one head: ``P(answer <= k) = sigmoid(threshold_k - g)``.

    ``g`` is a linear part plus a layer of hidden units, of the standardised features.

    Attributes
    ----------
    mean, scale
        Standardisation of the features, shape (n_features,).
    linear
        Weights of the linear part, shape (n_features,).
    hidden_weight, hidden_bias, output_weight
        Shapes (n_features, n_hidden), (n_hidden,) and (n_hidden,).
    thresholds
        Rising, shape (9,): between the answers 1 and 2, and so on.
    """

    mean: Floats
    scale: Floats
    linear: Floats
    hidden_weight: Floats
    hidden_bias: Floats
    output_weight: Floats
    thresholds: Floats

    def predict(self, features: Floats) -> Floats:
        """Chances of the answers 1..10, shape (n, 10).

        Sums run feature by feature in a fixed order: a matrix product may add up in another order for another
        number of rows.
        """
        x = (features - self.mean) / self.scale
        hidden = np.tanh(_affine(x, self.hidden_weight, self.hidden_bias))
        level = _affine(x, self.linear[:, None], np.zeros(1))
        level = level + _affine(hidden, self.output_weight[:, None], np.zeros(1))
        below = 1 / (1 + np.exp(np.clip(level - self.thresholds, -50, 50)))
        edges = np.column_stack([np.zeros(len(x)), below, np.ones(len(x))])
        return np.asarray(np.diff(edges, axis=1))


@dataclass(frozen=True)
class LikelihoodModel:
    """The row model: one head for rows with words alone, one for rows with scores (and words, or without).

    Beside a score the words say much less, so the two do not share weights.
    """

    words: Head
    scores: Head
    name: str = "likelihood"
    checksum: str = ""

    def predict(self, features: ArrayLike) -> Floats:
        """Give the chances of the answers 1..10 for every row of features, shape (n, 10)."""
        x = np.asarray(features, dtype=np.float64)
        scored = np.asarray((x[:, _HAS_SCORE] > 0).any(axis=1))
        return np.where(scored[:, None], self.scores.predict(x), self.words.predict(x))

    def expected(self, features: ArrayLike) -> Floats:
        """Give the expected answer of every row, in [1, 10], shape (n,)."""
        chances = self.predict(features)
        answer = np.zeros(len(chances))
        for column, value in enumerate(ANSWERS):
            answer = answer + value * chances[:, column]
        return answer

    def to_config(self) -> dict[str, Any]:
        """Give what ``load_likelihood`` reads, for the folder's ``config.json``."""
        heads = {
            head: {name: np.round(getattr(getattr(self, head), name), 6).tolist() for name in _ARRAYS}
            for head in _HEADS
        }
        return {"kind": "likelihood", "name": self.name, "features": list(FEATURES), "heads": heads}


def load_likelihood(path: str | Path | None = None) -> LikelihoodModel:
    """Load the row model: the shipped one, or that of a folder.

    Raises
    ------
    ModelError
        The folder is missing or damaged, or holds another kind of model.
    """
    folder = Folder.open(models_home() / "likelihood" if path is None else Path(path))
    config, where = folder.config, str(folder.path)
    if config.get("kind") != "likelihood":
        raise ModelError(f"is a model of kind {config.get('kind')!r}", where=where, allowed="likelihood")
    if config.get("features") != list(FEATURES):
        raise ModelError("reads other features than this version gives", where=where, fix="train it again")
    words, scores = (_read_head(config["heads"][head], where) for head in _HEADS)
    return LikelihoodModel(words, scores, name=str(config["name"]), checksum=folder.checksum)


def _read_head(config: dict[str, Any], where: str) -> Head:
    arrays = {name: np.asarray(config[name], dtype=np.float64) for name in _ARRAYS}
    features, hidden = len(FEATURES), len(arrays["hidden_bias"])
    shapes = [(features,), (features,), (features,), (features, hidden), (hidden,), (hidden,), (9,)]
    for (name, array), shape in zip(arrays.items(), shapes, strict=True):
        if array.shape != shape or not np.isfinite(array).all():
            raise ModelError(f"{name} has shape {array.shape}", where=where, allowed=f"finite, {shape}")
    if (np.diff(arrays["thresholds"]) < 0).any() or (arrays["scale"] <= 0).any():
        raise ModelError("thresholds must rise and scales be above 0", where=where, fix="train it again")
    return Head(**arrays)


def classes(chances: Floats, scale: NpsScale) -> Floats:
    """Turn chances of the answers 1..10 into those of detractor, passive and promoter, shape (n, 3).

    Rounded to 6 decimals so that each row still sums to 1. A scale that does not end at 10 is stretched.
    """
    stretch = ANSWERS[-1] / scale.max
    detractor, promoter = np.zeros(len(chances)), np.zeros(len(chances))
    for column, answer in enumerate(ANSWERS):
        if answer < (scale.detractor_max + 1) * stretch:
            detractor = detractor + chances[:, column]
        elif answer >= scale.promoter_min * stretch:
            promoter = promoter + chances[:, column]
    detractor, promoter = np.round(detractor, 6), np.round(promoter, 6)
    passive = np.round(np.maximum(1 - detractor - promoter, 0), 6)
    return np.column_stack([detractor, passive, promoter])


class Likelihood:
    """Stage: add the chances of the loyalty classes and ``nps_text`` to every review.

    Parameters
    ----------
    model
        The row model.
    scales
        Scales as configured: the NPS cut points say who is a promoter, and effort answers count only where
        their direction is set.
    """

    name = "likelihood"
    requires: tuple[str, ...] = (
        "reviews.p_negative",
        "reviews.p_neutral",
        "reviews.p_positive",
        "segments.p_negative",
        "segments.p_positive",
    )
    adds: tuple[str, ...] = (
        "reviews.p_detractor",
        "reviews.p_passive",
        "reviews.p_promoter",
        "reviews.nps_text",
    )

    def __init__(self, model: LikelihoodModel, scales: ScalesConfig) -> None:
        self.model = model
        self.scales = scales

    @classmethod
    def of(cls, parts: Parts) -> Likelihood:
        """Make the stage with a run's row model and scales."""
        return cls(parts.row_model, parts.config.scales)

    @cached_property
    def _nps(self) -> NpsScale:
        return self.scales.nps or NpsScale()

    def __call__(self, batch: Batch) -> Batch:
        """Predict the classes of every review; null where a row has neither words nor scores."""
        features = row_features(batch.reviews, batch.segments, self.scales.ces)
        present = [
            FEATURES.index(f"has_{name}") for name in ("words", "rating", "csat", "ces", "recommended")
        ]
        blank = ~(features[:, present] > 0).any(axis=1)
        shares = classes(self.model.predict(features), self._nps)
        names = ("p_detractor", "p_passive", "p_promoter")
        columns = {name: pa.array(shares[:, i], pa.float64(), mask=blank) for i, name in enumerate(names)}
        # The difference of two numbers of 6 decimals, written out again with 6.
        text = np.round(100 * (shares[:, 2] - shares[:, 0]), 6)
        return batch.with_reviews(**columns, nps_text=pa.array(text, pa.float64(), mask=blank))


def _affine(x: Floats, weight: Floats, bias: Floats) -> Floats:
    total = np.tile(bias, (len(x), 1))
    for column in range(weight.shape[0]):
        total += x[:, column, None] * weight[column]
    return total
