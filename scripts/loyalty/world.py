"""The datasets as the estimator meets them: held-out entities with predictions, answers and what is known.

Imported by ``evaluate.py`` and its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earful.config import NpsScale
from earful.loyalty.features import FEATURES, TEXT_FEATURES
from earful.loyalty.likelihood import LikelihoodModel, classes
from scripts.loyalty.data import load, score, signals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Dataset, what counts as the answer, and how many rows an entity must have.
TASKS = (
    ("skytrax_airline", "nps", 15),
    ("skytrax_seat", "nps", 8),
    ("druglib", "nps", 12),
    ("drugscom", "nps", 12),
    ("skytrax_airline", "recommended", 10),
    ("skytrax_lounge", "recommended", 12),
    ("skytrax_seat", "recommended", 8),
    ("womens_clothing", "recommended", 25),
    ("steam_games", "recommended", 40),
    ("glassdoor_employers", "recommended", 40),
    ("zomato_restaurants", "stars", 40),
)
#: Rows of each train entity that VADER reads, and how many entities, to learn its line to the truth.
_VADER_ROWS = 60
_VADER_ENTITIES = 60
_FEWEST_ROWS = 5


@dataclass(frozen=True)
class Line:
    """A straight line from a mean to NPS points, fitted over train entities, each with its rows' weight."""

    intercept: float
    slope: float
    entities: int

    @classmethod
    def fit(cls, entity: pd.Series, x: pd.Series, s: pd.Series) -> Line | None:
        """Fit over entities with at least five rows; ``None`` where fewer than four have as many."""
        known = x.notna() & s.notna()
        by = pd.DataFrame({"x": x[known], "s": s[known], "n": 1}).groupby(entity[known])
        table = by.agg({"x": "mean", "s": "mean", "n": "size"})
        table = table[table["n"] >= _FEWEST_ROWS]
        if len(table) < 4:
            return None
        slope, intercept = np.polyfit(table["x"], table["s"], 1, w=np.sqrt(table["n"]))
        return cls(float(intercept), float(slope), len(table))

    def __call__(self, mean: Floats) -> Floats:
        """Points for each mean, kept in [-100, 100]."""
        return np.clip(self.intercept + self.slope * mean, -100, 100)


@dataclass(frozen=True)
class World:
    """One dataset: entity, prediction, answer, features and the baselines' numbers of every held-out row.

    ``stars`` is the rating's position on its scale and ``vader`` the compound score, NaN where there is none;
    ``stars_line`` and ``vader_line`` take entity means to points. ``stars_apart`` says that the stars are
    another question than the answer, so that a baseline may look at those of every row. ``signals`` are the
    features of the scores beside the words, by name.
    """

    name: str
    answer: str
    code: Ints
    f: Floats
    s: Floats
    score: Floats
    features: Floats
    words: Floats
    chances: Floats
    stars: Floats
    vader: Floats
    stars_line: Line | None
    vader_line: Line | None
    stars_apart: bool
    signals: dict[str, Floats]
    entities: list[str]
    test: NDArray[np.bool_]

    @property
    def groups(self) -> int:
        """How many entities there are."""
        return len(self.entities)


def build(
    name: str,
    answer: str,
    least: int,
    data: Path,
    model: str,
    cache: Path | None,
    likelihood: LikelihoodModel,
) -> World | None:
    """Read and score the held-out entities of a dataset; ``None`` where fewer than four are large enough."""
    everything = load(name, data)
    everything = everything.assign(s=points(everything, answer), stars=_stars(everything))
    frame = everything[everything["split"].isin(["dev", "test"]) & everything["s"].notna()]
    frame = frame[frame.groupby("entity")["s"].transform("size") >= least].reset_index(drop=True)
    if frame["entity"].nunique() < 4:
        return None
    # Very large entities add time, not knowledge: their first 600 rows in random order are enough.
    frame = frame.sample(frac=1, random_state=1).groupby("entity").head(600).reset_index(drop=True)
    scored = score(frame, model, cache)
    scored = scored[scored["x_has_words"] > 0].reset_index(drop=True)
    words = words_only(scored)
    p = classes(likelihood.predict(words), NpsScale())
    entities = sorted(scored["entity"].unique().tolist())
    train = everything[(everything["split"] == "train") & everything["s"].notna()]
    read = _vader_sample(train)
    return World(
        name=name,
        answer=answer,
        code=scored["entity"].map({entity: i for i, entity in enumerate(entities)}).to_numpy(dtype=np.int64),
        f=100 * (p[:, 2] - p[:, 0]),
        s=scored["s"].to_numpy(),
        score=scored["score"].to_numpy(),
        features=row_knowledge(p, scored),
        words=words,
        chances=p,
        stars=scored["stars"].to_numpy(dtype=float),
        vader=_vader(scored, cache).to_numpy(),
        stars_line=Line.fit(train["entity"], train["stars"], train["s"]),
        vader_line=Line.fit(read["entity"], _vader(read, cache), read["s"]),
        stars_apart=answer == "recommended",
        signals=_other_signals(scored, answer),
        entities=entities,
        test=(scored["split"] == "test").to_numpy(),
    )


def points(frame: pd.DataFrame, answer: str) -> Floats:
    """Answers in points: +100, 0 or -100, NaN where there is none."""
    if answer == "recommended":
        return 200 * frame["recommended"].to_numpy() - 100
    if answer == "nps":
        value, top, bottom = frame["rating"].where(frame["rating_max"] == 10).round().to_numpy(), 9, 6
    else:
        value, top, bottom = frame["rating"].to_numpy(), 5, 3.999
    s = np.where(value >= top, 100.0, np.where(value <= bottom, -100.0, 0.0))
    return np.where(np.isnan(value), np.nan, s)


def words_only(frame: pd.DataFrame) -> Floats:
    """Features of the words, those of the scores blank."""
    x = frame[[f"x_{feature}" for feature in FEATURES]].to_numpy(copy=True)
    x[:, len(TEXT_FEATURES) :] = 0.0
    return x


def row_knowledge(chances: Floats, frame: pd.DataFrame) -> Floats:
    """Give what the refit looks at beside the prediction, as in the product."""
    return np.column_stack([chances[:, 1], frame["score"], np.log1p(frame["text"].str.len())])


def _stars(frame: pd.DataFrame) -> pd.Series:
    return (frame["rating"] - 1) / (frame["rating_max"].where(frame["rating_max"] > 1) - 1)


def _other_signals(frame: pd.DataFrame, answer: str) -> dict[str, Floats]:
    """Scores beside the words that are not the answer itself; stars on 1-10 are no signal of the product."""
    found = signals(frame)
    if answer == "recommended":
        found.pop("recommended", None)
        top = frame["rating_max"].iloc[0] if frame["rating_max"].notna().any() else np.nan
        if top == 5 and frame["dataset"].iloc[0] != "skytrax_lounge":
            found["rating"] = signals(frame.assign(stars_sub=frame["rating"]))["rating"]
    return found


def _vader_sample(train: pd.DataFrame) -> pd.DataFrame:
    """Pick the largest train entities, and rows of each at random."""
    size = train.groupby("entity").size()
    size = size[size >= _FEWEST_ROWS].sort_values(ascending=False, kind="stable")
    kept = train[train["entity"].isin(size.index[:_VADER_ENTITIES])]
    return kept.sample(frac=1, random_state=2).groupby("entity").head(_VADER_ROWS).sort_index()


def _vader(frame: pd.DataFrame, cache: Path | None) -> pd.Series:
    """VADER's compound score of each row's title and text (Hutto and Gilbert 2014), in [-1, 1]."""
    import hashlib

    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    words = (frame["title"] + ". " + frame["text"]).where(frame["title"] != "", frame["text"]).tolist()
    key = hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
    path = cache / f"vader-{key}.parquet" if cache else None
    if path is not None and path.is_file():
        return pd.read_parquet(path)["compound"].set_axis(frame.index)
    judge = SentimentIntensityAnalyzer()
    # Beyond this length VADER's sum is saturated and its time grows.
    found = pd.Series([judge.polarity_scores(text[:4000])["compound"] for text in words], dtype=float)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        found.to_frame("compound").to_parquet(path)
    return found.set_axis(frame.index)
