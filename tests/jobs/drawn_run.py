"""The parts of a run drawn by chance, always the same: what the stages would have left, without a model."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa

from earful.config import Config
from earful.pipeline import Batch
from earful.runs.parts import Parts
from earful.schema import MENTIONS, REVIEWS, SEGMENTS, conform
from earful.themes.taxonomy import load_taxonomy

ROWS = 900
SETTINGS = {"loyalty": {"by": ["product", "touchpoint", "channel"], "anchor": "auto"}}


WORDS = "number {} says this of the thing, {} and that, at some length {}"


class Steady:
    """A row model by two features, so that no shipped weights are in the tables."""

    def predict(self, features):
        mood = np.clip(features[:, 1] / 4 + features[:, -2], -2, 2)
        shares = np.exp(np.outer(mood, np.linspace(-1, 1, 10)))
        return shares / shares.sum(axis=1, keepdims=True)


def assembly() -> SimpleNamespace:
    settings = Config.model_validate(SETTINGS)
    made_of = {"taxonomy": load_taxonomy("cx"), "row_model": Steady(), "margins": None, "orders": None}
    return SimpleNamespace(config=settings, **made_of)


def draw(folder: Path) -> Parts:
    """Write the parts of a run of 900 reviews of five products, a year long."""
    chance = np.random.default_rng(7)
    themes = np.array(["delivery.speed", "product.quality", "price.value", "support.attitude"])
    parts = Parts(folder)
    parts.start({})
    for number, first in enumerate(range(0, ROWS, 250)):
        rows = np.arange(first, min(first + 250, ROWS))
        parts.write(number, Batch(*_tables(rows, chance, themes)), [])
    return parts


def _tables(rows: np.ndarray, chance: np.random.Generator, themes: np.ndarray) -> tuple[pa.Table, ...]:
    n = len(rows)
    product = chance.integers(0, 5, n)
    mood = np.clip(chance.normal((product - 2) / 4, 0.6, n), -0.98, 0.98).round(6)
    mood[rows % 50 == 3] = -0.97
    words = {"p_negative": np.clip(-mood, 0.01, 1), "p_positive": np.clip(mood, 0.01, 1)}
    words["p_neutral"] = 1 - words["p_negative"] - words["p_positive"]
    day = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(chance.integers(0, 365 * 24, n), unit="h")
    stars = np.clip(np.round(3 + 2 * mood + chance.normal(0, 0.7, n)), 1, 5)
    stars[rows % 50 == 3] = 5  # whose words say the opposite
    kinds = list(zip(product.tolist(), rows.tolist(), strict=True))
    reviews = {
        "row": rows,
        "source": np.where(rows < ROWS / 2, "one.csv", "two.csv"),
        "review_id": [f"r{row:04d}" for row in rows],
        "product": [f"product {one}" if one < 4 or row % 3 else None for one, row in kinds],
        "channel": chance.choice(["app", "web", None], n),
        "author_id": [None if row % 7 == 0 else f"author {row % 500}" for row in rows],
        "created_at": day,
        "text": [WORDS.format(*chance.integers(0, 10**9, 3)) for _ in rows],
        "lang": chance.choice(["en", "ru"], n),
        "rating": np.where(rows % 5 == 0, np.nan, stars),
        "rating_min": np.where(rows % 5 == 0, np.nan, 1),
        "rating_max": np.where(rows % 5 == 0, np.nan, 5),
        **words,
        "score": mood,
        "non_answer": np.zeros(n, bool),
        "nps_text": (90 * mood).round(6),
        "p_passive": np.full(n, 0.1),
    }
    frame = _repeated(pd.DataFrame(reviews))
    many = chance.integers(1, 4, n)
    of = np.repeat(np.arange(n), many)
    place = np.concatenate([np.arange(k) for k in many])
    part = np.clip(mood[of] + chance.normal(0, 0.3, len(of)), -0.98, 0.98)
    segments = {
        "row": rows[of],
        "segment": place,
        "p_negative": np.clip(-part, 0.01, 1),
        "p_positive": np.clip(part, 0.01, 1),
    }
    segments["p_neutral"] = 1 - segments["p_negative"] - segments["p_positive"]
    told = np.flatnonzero(chance.random(len(of)) < 0.6)
    side = np.select([part < -0.2, part > 0.2], ["negative", "positive"], "neutral")
    mentions = {
        "row": rows[of][told],
        "segment": place[told],
        "theme": chance.choice(themes, len(told), p=[0.4, 0.3, 0.2, 0.1]),
        "start": np.zeros(len(told), int),
        "polarity": side[told],
    }
    schemas = (REVIEWS, SEGMENTS, MENTIONS)
    frames = [frame, pd.DataFrame(segments), pd.DataFrame(mentions)]
    made = [pa.Table.from_pandas(frame, preserve_index=False) for frame in frames]
    return tuple(conform(table, schema) for table, schema in zip(made, schemas, strict=True))


def _repeated(reviews: pd.DataFrame) -> pd.DataFrame:
    """Let a few rows repeat the row before, or nearly, and three come from one author in a minute."""
    said = [name for name in reviews if name not in {"row", "review_id"}]
    for at in reviews.index[reviews["row"] % 40 == 1]:
        reviews.loc[at, said] = reviews.loc[at - 1, said]
    for at in reviews.index[reviews["row"] % 60 == 2]:
        reviews.loc[at, ["product", "text"]] = reviews.loc[at - 1, ["product", "text"]]
        reviews.loc[at, "text"] = reviews.loc[at, "text"] + " indeed"
    burst = reviews["row"].between(103, 105)
    reviews.loc[burst, ["author_id", "created_at"]] = "one", pd.Timestamp("2025-03-04 10:05Z")
    return reviews
