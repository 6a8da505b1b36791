"""The row model: how likely a review's writer is a detractor, a passive or a promoter.

A small network with one hidden layer reads what the words and the scores of one row say (``features.py``)
and gives the chances of each answer from 1 to 10 to "how likely are you to recommend us". Any subset of the
signals will do: it was trained with signals taken away at random. The scale's cut points turn the chances of
answers into those of detractor, passive and promoter, so the same model serves every definition.
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
from earful.loyalty.features import FEATURES, row_features
from earful.pipeline import Batch
from earful.sentiment.files import Folder

__all__ = ["ANSWERS", "Likelihood", "LikelihoodModel", "classes", "load_likelihood"]

#: The answers that the model gives chances of. No public data holds a 0: it counts as a 1.
ANSWERS = np.arange(1, 11)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LikelihoodModel:
    """Weights of the row model.

    Attributes
    ----------
    mean, scale
        Standardisation of the features, shape (n_features,).
    hidden_weight, hidden_bias
        Shapes (n_features, n_hidden) and (n_hidden,).
    output_weight, output_bias
        Shapes (n_hidden, 10) and (10,).
    name, checksum
        Which weights these are.
    """

    mean: Floats
    scale: Floats
    hidden_weight: Floats
    hidden_bias: Floats
    output_weight: Floats
    output_bias: Floats
    name: str = "likelihood"
    checksum: str = ""

    def predict(self, features: ArrayLike) -> Floats:
        """Chances of the answers 1..10 for every row of features, shape (n, 10); each row sums to 1.

        Sums run feature by feature in a fixed order: a matrix product may add up in another order for another
        number of rows.
        """
        x = (np.asarray(features, dtype=np.float64) - self.mean) / self.scale
        hidden = np.tanh(_affine(x, self.hidden_weight, self.hidden_bias))
        logits = _affine(hidden, self.output_weight, self.output_bias)
        shifted = np.exp(logits - logits.max(axis=1, initial=-np.inf, keepdims=True))
        total = np.zeros(len(shifted))
        for column in range(shifted.shape[1]):
            total = total + shifted[:, column]
        return np.asarray(shifted / total[:, None])

    def expected(self, features: ArrayLike) -> Floats:
        """Give the expected answer of every row, in [1, 10], shape (n,)."""
        chances = self.predict(features)
        answer = np.zeros(len(chances))
        for column, value in enumerate(ANSWERS):
            answer = answer + value * chances[:, column]
        return answer

    def to_config(self) -> dict[str, Any]:
        """Give what ``load_likelihood`` reads, for the folder's ``config.json``."""
        arrays = ("mean", "scale", "hidden_weight", "hidden_bias", "output_weight", "output_bias")
        weights = {name: np.round(getattr(self, name), 6).tolist() for name in arrays}
        return {"kind": "likelihood", "name": self.name, "features": list(FEATURES), **weights}


def load_likelihood(path: str | Path | None = None) -> LikelihoodModel:
    """Load the row model: the shipped one, or that of a folder.

    Raises
    ------
    ModelError
        The folder is missing or damaged, or holds another kind of model.
    """
    folder = Folder.open(Path(path) if path is not None else _shipped())
    config, where = folder.config, str(folder.path)
    if config.get("kind") != "likelihood":
        raise ModelError(f"is a model of kind {config.get('kind')!r}", where=where, allowed="likelihood")
    if config.get("features") != list(FEATURES):
        raise ModelError("reads other features than this version gives", where=where, fix="train it again")
    arrays = {
        name: np.asarray(config[name], dtype=np.float64)
        for name in ("mean", "scale", "hidden_weight", "hidden_bias", "output_weight", "output_bias")
    }
    hidden = len(arrays["hidden_bias"])
    shapes = {
        "mean": (len(FEATURES),),
        "scale": (len(FEATURES),),
        "hidden_weight": (len(FEATURES), hidden),
        "output_weight": (hidden, len(ANSWERS)),
        "output_bias": (len(ANSWERS),),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ModelError(
                f"{name} has shape {arrays[name].shape}", where=where, allowed=f"finite, {shape}"
            )
    return LikelihoodModel(**arrays, name=str(config["name"]), checksum=folder.checksum)


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
    requires = ("reviews.p_negative", "reviews.p_neutral", "reviews.p_positive", "segments.score")
    adds = ("reviews.p_detractor", "reviews.p_passive", "reviews.p_promoter", "reviews.nps_text")

    def __init__(self, model: LikelihoodModel, scales: ScalesConfig) -> None:
        self.model = model
        self.scales = scales

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


def _shipped() -> Path:
    package = Path(__file__).resolve().parents[1]
    installed = package / "_models" / "likelihood"
    return installed if installed.is_dir() else package.parents[1] / "models" / "likelihood"
