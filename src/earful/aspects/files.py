"""The aspect model's folder: read and written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from earful.aspects.chain import Chain
from earful.aspects.model import GUIDELINES, AspectModel, Network
from earful.aspects.vectors import Vectors
from earful.aspects.words import SHAPES, WordFeatures
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.models.home import models_home

__all__ = ["load_aspects", "save_aspects"]

_WEIGHTS, _KIND, _NAME = "weights.safetensors", "aspects", "aspects"


def load_aspects(path: Path | None = None) -> AspectModel:
    """Read the aspect model from its folder; by default the one that is shipped.

    Raises
    ------
    ModelError
        The folder is not there, is damaged, or holds something else.
    """
    from safetensors.numpy import load

    where = models_home() / _NAME if path is None else path
    if not Folder.is_one(where):
        raise ModelError("no aspect model", where=str(where), fix="install the package again")
    folder = Folder.open(where)
    config = folder.config
    if config.get("kind") != _KIND:
        raise ModelError(f"kind of model {config.get('kind')!r}", where=str(where), allowed=_KIND)
    tensors = _with_floats(load(folder.read(_WEIGHTS)), np.float32)
    features = WordFeatures(**config["features"])
    if tensors["table"].shape[0] != 1 << features.bits or len(tensors["shapes"]) != len(SHAPES):
        raise ModelError(
            f"a table of {tensors['table'].shape[0]} rows does not fit {features.bits} bits",
            where=str(where / _WEIGHTS),
        )
    vectors = Vectors(
        tensors["vector_keys"], tensors["vectors"], tensors["vector_scales"], tuple(config["vector_langs"])
    )
    return AspectModel(
        name=config["name"],
        checksum=folder.checksum,
        features=features,
        network=_network(tensors, int(config["layers"])),
        vectors=vectors,
        chain=Chain(_scores(config["chain"]["start"]), tuple(map(_scores, config["chain"]["transitions"]))),
        blend=tuple(config["blend"]),
    )


def save_aspects(model: AspectModel, path: Path) -> None:
    """Write a model folder: settings, weights (8 and 16 bits a number) and their checksums."""
    from safetensors.numpy import save_file

    path.mkdir(parents=True, exist_ok=True)
    vectors = model.vectors
    tensors = {
        **_named(model.network),
        "vector_keys": vectors.keys,
        "vectors": vectors.table,
        "vector_scales": vectors.scales,
    }
    halves = _with_floats(tensors, np.float16)
    save_file({name: np.ascontiguousarray(array) for name, array in halves.items()}, path / _WEIGHTS)
    Folder.write(
        path,
        {
            "kind": _KIND,
            "name": model.name,
            "features": asdict(model.features),
            "layers": len(model.network.layers),
            "guidelines": list(GUIDELINES),
            "vector_langs": list(vectors.langs),
            "chain": {
                "start": _writable(model.chain.start),
                "transitions": [_writable(row) for row in model.chain.transitions],
            },
            "blend": list(model.blend),
        },
    )


def _with_floats(arrays: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Return the arrays with their numbers, where they are no whole ones, in another width."""
    return {name: array.astype(kind) if array.dtype.kind == "f" else array for name, array in arrays.items()}


def _named(network: Network) -> dict[str, Any]:
    """Return the network's arrays by name; a matrix and its bias are ``x`` and ``x_bias``."""
    values = {field.name: getattr(network, field.name) for field in fields(network)}
    values |= {f"layer{number}": layer for number, layer in enumerate(values.pop("layers"))}
    arrays: dict[str, Any] = {}
    for name, value in values.items():
        arrays |= {name: value[0], f"{name}_bias": value[1]} if isinstance(value, tuple) else {name: value}
    return arrays


def _network(arrays: Mapping[str, Any], n_layers: int) -> Network:
    """Return the network whose :func:`_named` arrays these are."""

    def value(name: str) -> Any:
        return (arrays[name], arrays[f"{name}_bias"]) if f"{name}_bias" in arrays else arrays[name]

    layers = tuple(value(f"layer{number}") for number in range(n_layers))
    names = (field.name for field in fields(Network) if field.name != "layers")
    return Network(layers=layers, **{name: value(name) for name in names})


def _scores(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(-math.inf if value is None else float(value) for value in values)


def _writable(scores: Sequence[float]) -> list[float | None]:
    # What is forbidden is null: JSON has no minus infinity.
    return [None if score == -math.inf else score for score in scores]
