"""The public datasets that the loyalty scripts train on and measure with, read into one frame and scored.

Imported by ``train.py`` and ``evaluate.py``; nothing in the package uses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from earful import schema
from earful.loyalty.features import FEATURES, row_features
from earful.pipeline import Batch, run_stages
from earful.schema import conform
from earful.sentiment import load_model, sentiment_stages
from earful.text.language import Language
from earful.text.normalise import Normalise
from earful.text.segment import Segment

#: Files with entities, ratings or flags, under ``loyalty/``.
LOYALTY = (
    "skytrax_airline",
    "skytrax_seat",
    "skytrax_lounge",
    "skytrax_airport",
    "druglib",
    "drugscom",
    "nps_botanic_fr",
    "womens_clothing",
    "zomato_restaurants",
    "glassdoor_employers",
    "steam_games",
)
#: Files with stars in other languages, under ``sentiment/``.
STARRED = ("ru_otzovik_sberbank", "ru_livelib_books_b", "ru_ozon", "bg_cinexio")
#: Sub-ratings that stand in for a satisfaction answer and for an ease answer.
CSAT_OF = {"skytrax_airline": "cabin_staff", "skytrax_seat": "seat_comfort", "nps_botanic_fr": "satisfaction"}
EASE_OF = {"skytrax_airline": "ground_service", "skytrax_airport": "queuing"}
STARS_OF = {"skytrax_airline": "value_money", "skytrax_seat": "seat_legroom", "druglib": "effectiveness"}

_BATCH = 2000

Floats = NDArray[np.float64]


def load(name: str, data: Path, limit: int | None = None) -> pd.DataFrame:
    """Read one dataset: text, title, entity, split, lang, answers, sub-ratings; no row without words."""
    folder = "loyalty" if name in LOYALTY else "sentiment"
    raw = pd.read_json(data / folder / f"{name}.jsonl.gz", lines=True, convert_dates=False)
    if limit is not None and len(raw) > limit:
        raw = raw.sample(limit, random_state=0).sort_index()
    subs = [value if isinstance(value, dict) else {} for value in raw.get("subratings", [None] * len(raw))]
    frame = pd.DataFrame(
        {
            "dataset": name,
            "entity": raw.get("entity", pd.Series("", index=raw.index)).astype(str),
            "split": raw["split"].astype(str),
            "lang": raw["lang"].astype(str),
            "title": _texts(raw, "title"),
            "text": _texts(raw, "text"),
            "date": raw.get("date", pd.Series(None, index=raw.index)).astype(str),
            "rating": _numbers(raw, "rating"),
            "rating_max": _numbers(raw, "rating_max"),
            "recommended": _numbers(raw, "recommended"),
            "nps": _numbers(raw, "nps"),
            "visits": _numbers(raw, "visits"),
            "ticket": _numbers(raw, "ticket_eur"),
        }
    ).reset_index(drop=True)
    for role, keys in (("csat_sub", CSAT_OF), ("ease_sub", EASE_OF), ("stars_sub", STARS_OF)):
        values = [sub.get(keys.get(name, ""), np.nan) for sub in subs]
        frame[role] = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce")
    frame = frame[frame["text"].str.strip() != ""]
    # The same words twice (a review scraped from two places) would stand on both sides of a split.
    return frame.drop_duplicates(["text", "entity"]).reset_index(drop=True)


def score(frame: pd.DataFrame, model_name: str, cache: Path | None = None) -> pd.DataFrame:
    """Run the reading stages over a frame and add every text feature, the probabilities and ``score``."""
    model = load_model(model_name)
    key = hashlib.sha256(f"{model.checksum}{' '.join(FEATURES)}".encode())
    for text, title in zip(frame["text"], frame["title"], strict=True):
        key.update(f"{text}\0{title}\0".encode())
    path = cache / f"{frame['dataset'].iloc[0]}-{key.hexdigest()[:16]}.parquet" if cache else None
    if path is not None and path.is_file():
        added = pd.read_parquet(path)
    else:
        stages = [Normalise(), Language(), Segment(), *sentiment_stages(model)]
        parts = [_score_part(frame.iloc[at : at + _BATCH], stages) for at in range(0, len(frame), _BATCH)]
        added = pd.concat(parts, ignore_index=True)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            added.to_parquet(path)
    return pd.concat([frame.reset_index(drop=True), added], axis=1)


def signals(frame: pd.DataFrame) -> dict[str, Floats]:
    """Features of each signal that a source has, shape (n, features of the signal), all 0 where missing."""
    found = {
        "csat": _scaled(frame["csat_sub"], 10 if frame["dataset"].iloc[0] == "nps_botanic_fr" else 5),
        "ces": _scaled(frame["ease_sub"], 5)[:, :2],
        "rating": _scaled(frame["stars_sub"], 5),
    }
    flag = frame["recommended"].to_numpy()
    asked = ~np.isnan(flag)
    found["recommended"] = np.column_stack([asked, np.where(asked, 2 * flag - 1, 0)]).astype(float)
    if frame["dataset"].iloc[0] == "nps_botanic_fr":
        found["rating"] = _scaled(np.ceil(frame["csat_sub"] / 2), 5)
    return {name: values for name, values in found.items() if values[:, 0].any()}


def _scaled(answers: pd.Series, top: int) -> Floats:
    value = answers.to_numpy(dtype=float)
    has = (value >= 1) & (value <= top)
    share = np.where(has, (value - 1) / (top - 1), 0.5)
    coarse = has & (top < 8)
    return np.column_stack(
        [has, np.where(has, 2 * share - 1, 0), has & (share == 1), has & (share == 0), coarse]
    )


def _score_part(part: pd.DataFrame, stages: Sequence[Any]) -> pd.DataFrame:
    columns = {
        "row": pa.array(range(len(part)), pa.int64()),
        "title": pa.array(part["title"].tolist(), pa.string()),
        "text": pa.array(part["text"].tolist(), pa.string()),
    }
    batch = run_stages(Batch(conform(pa.table(columns), schema.INPUT)), list(stages))
    features = row_features(batch.reviews, batch.segments, None)
    added = pd.DataFrame(features, columns=[f"x_{name}" for name in FEATURES])
    for name in ("p_negative", "p_neutral", "p_positive", "score"):
        added[name] = batch.reviews.column(name).to_numpy(zero_copy_only=False)
    added["found_lang"] = batch.column("lang")
    return added


def _texts(raw: pd.DataFrame, name: str) -> list[str]:
    if name not in raw:
        return [""] * len(raw)
    return ["" if pd.isna(value) or value == "nan" else str(value) for value in raw[name]]


def _numbers(raw: pd.DataFrame, name: str) -> pd.Series:
    if name not in raw:
        return pd.Series(np.nan, index=raw.index)
    return pd.to_numeric(raw[name].astype(object), errors="coerce").astype(float)
