"""The aspect model's folder: read and written."""

from __future__ import annotations

from dataclasses import asdict
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
    tensors = {name: _wide(array) for name, array in load(folder.read(_WEIGHTS)).items()}
    features = WordFeatures(**config["features"])
    if tensors["table"].shape[0] != 1 << features.bits or len(tensors["shapes"]) != len(SHAPES):
        raise ModelError(
            f"a table of {tensors['table'].shape[0]} rows does not fit {features.bits} bits",
            where=str(where / _WEIGHTS),
        )
    layers = tuple((tensors[f"layer{n}"], tensors[f"layer{n}_bias"]) for n in range(int(config["layers"])))
    network = Network(
        layers=layers,
        table=tensors["table"],
        scales=tensors["scales"],
        shapes=tensors["shapes"],
        guidelines=tensors["guidelines"],
        attention=tensors["attention"],
        distances=tensors["distances"],
        **{name: (tensors[name], tensors[f"{name}_bias"]) for name in ("tags", "values", "inner", "outer")},
    )
    vectors = Vectors(
        tensors["vector_keys"], tensors["vectors"], tensors["vector_scales"], tuple(config["vector_langs"])
    )
    return AspectModel(
        name=config["name"],
        checksum=folder.checksum,
        features=features,
        network=network,
        vectors=vectors,
        chain=_chain(config),
        blend=tuple(config["blend"]),
    )


def save_aspects(model: AspectModel, path: Path) -> None:
    """Write a model folder: settings, weights (8 and 16 bits a number) and their checksums."""
    from safetensors.numpy import save_file

    path.mkdir(parents=True, exist_ok=True)
    network, vectors = model.network, model.vectors
    tensors: dict[str, Any] = {
        "table": network.table,
        "scales": _half(network.scales),
        "shapes": _half(network.shapes),
        "guidelines": _half(network.guidelines),
        "attention": _half(network.attention),
        "distances": _half(network.distances),
        "vector_keys": vectors.keys,
        "vectors": vectors.table,
        "vector_scales": _half(vectors.scales),
    }
    pairs = {name: getattr(network, name) for name in ("tags", "values", "inner", "outer")}
    pairs |= {f"layer{n}": layer for n, layer in enumerate(network.layers)}
    for name, (weights, bias) in pairs.items():
        tensors[name], tensors[f"{name}_bias"] = _half(weights), _half(bias)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path / _WEIGHTS)
    inside_first, inside_after_outside = None, None  # forbidden: JSON has no minus infinity
    assert np.isneginf(model.chain.transitions[0][2])
    assert np.isneginf(model.chain.start[2])
    start: list[float | None] = [*model.chain.start[:2], inside_first]
    moves: list[list[float | None]] = [list(row) for row in model.chain.transitions]
    moves[0][2] = inside_after_outside
    Folder.write(
        path,
        {
            "kind": _KIND,
            "name": model.name,
            "features": asdict(model.features),
            "layers": len(network.layers),
            "guidelines": list(GUIDELINES),
            "vector_langs": list(vectors.langs),
            "chain": {"start": start, "transitions": moves},
            "blend": list(model.blend),
        },
    )


def _chain(config: Any) -> Chain:
    start = tuple(_score(value) for value in config["chain"]["start"])
    return Chain(start, tuple(tuple(_score(v) for v in row) for row in config["chain"]["transitions"]))


def _score(value: float | None) -> float:
    return float("-inf") if value is None else float(value)


def _half(array: Any) -> Any:
    return np.asarray(array).astype(np.float16)


def _wide(array: Any) -> Any:
    return array.astype(np.float32) if array.dtype == np.float16 else array
