"""A tiny aspect model with random weights, and a stage run over texts."""

import numpy as np
import pyarrow as pa
import pytest

from earful.aspects.chain import Chain
from earful.aspects.joining import Joining
from earful.aspects.model import AspectModel, Network
from earful.aspects.vectors import Vectors, key
from earful.aspects.words import SHAPES, WordFeatures
from earful.pipeline import Batch, run_stages
from earful.schema import INPUT, conform
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.tokens import Tokens
from earful.themes.stage import Themes
from earful.themes.taxonomy import load_taxonomy

INF = float("inf")
CHAIN = Chain((0.2, 0.4, -INF), ((0.5, 0.1, -INF), (0.3, -0.4, 0.6), (0.2, 0.0, 0.7)))


def half(rng, *shape):
    return (0.4 * rng.standard_normal(shape)).astype(np.float16).astype(np.float32)


@pytest.fixture(scope="session")
def tiny():
    """Random weights: finds terms all over the place, the same ones every time."""
    rng = np.random.default_rng(5)
    bits, row, shape, hidden, values, width = 8, 6, 2, 10, 4, 5
    words = {("en", "food"), ("en", "battery"), ("ru", "еда"), ("bg", "храна")}
    keys = np.array(sorted(key(*word) for word in words), dtype=np.uint32)
    vectors = Vectors(
        keys,
        rng.integers(-127, 128, (len(keys), width), dtype=np.int8),
        half(rng, len(keys)),
        ("bg", "en", "ru"),
    )
    inputs = row + shape + width + 1
    network = Network(
        table=rng.integers(-127, 128, (1 << bits, row), dtype=np.int8),
        scales=half(rng, 1 << bits) / 50,
        shapes=half(rng, len(SHAPES), shape),
        layers=(
            (half(rng, 5 * inputs, hidden), half(rng, hidden)),
            (half(rng, 3 * hidden, hidden), half(rng, hidden)),
        ),
        guidelines=half(rng, 2, hidden),
        tags=(half(rng, hidden, 3), np.array([0.0, 1.0, 0.5], np.float32)),
        values=(half(rng, hidden, values), half(rng, values)),
        attention=half(rng, hidden),
        distances=half(rng, 25),
        inner=(half(rng, hidden + 2 * values, 7), half(rng, 7)),
        outer=(half(rng, 7, 3), half(rng, 3)),
    )
    network = Network(
        **{name: getattr(network, name) for name in network.__slots__}
        | {"scales": network.scales.astype(np.float16).astype(np.float32)}
    )
    return AspectModel("tiny", "0", WordFeatures(bits), network, vectors, CHAIN, (0.1, 0.3, 0.0, 0.1, -0.1))


class Marks:
    """Gives every segment a polarity that depends on its place alone."""

    name = "marks"
    requires = ("segments",)
    adds = ("segments.score",)

    def __call__(self, batch):
        kinds = [start % 3 for start in batch.segments.column("start").to_pylist()]
        columns = [[0.8 if kind == which else 0.1 for kind in kinds] for which in range(3)]
        score = [positive - negative for negative, _, positive in zip(*columns, strict=True)]
        names = ("p_negative", "p_neutral", "p_positive", "score")
        return batch.with_segments(**{n: pa.array(c) for n, c in zip(names, [*columns, score], strict=True)})


@pytest.fixture(scope="session")
def themes():
    return Themes(load_taxonomy("cx"))


@pytest.fixture(scope="session")
def read(themes):
    """Take (lang, text) through the stages up to the one given, which comes last."""

    def go(stage, rows, sentiment=None, numbers=None):
        numbers = range(len(rows)) if numbers is None else numbers
        table = pa.table({"row": pa.array(list(numbers), pa.int64()), "text": [text for _, text in rows]})
        batch = Normalise()(Batch(conform(table, INPUT)))
        batch = batch.with_reviews(lang=pa.array([lang for lang, _ in rows], pa.string()))
        return run_stages(batch, [Segment(), Tokens(), sentiment or Marks(), themes, stage, Joining()])

    return go
