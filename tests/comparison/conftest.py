"""Run folders written by hand, with words and answers that are known."""

import functools
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.comparison.reading import touchpoint_of
from earful.config import load_config
from earful.loyalty.drivers_table import drivers_table
from earful.loyalty.likelihood import load_likelihood
from earful.loyalty.loyalty_table import loyalty_table
from earful.runs.files import write_table
from earful.runs.store import Store
from earful.schema import MENTIONS, REVIEWS, SEGMENTS
from earful.themes.taxonomy import load_taxonomy
from earful.themes.themes_table import themes_table

cx = functools.cache(lambda: load_taxonomy("cx"))


@pytest.fixture
def make_run(tmp_path):
    """Write a finished run of given reviews; ``mood`` is their score, in [-1, 1], None without words."""

    def make(reviews, name="run", mentions=(), min_reviews=20, model="test", shuffle=None):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        records = [record(k, **review) for k, review in enumerate(reviews)]
        if shuffle is not None:
            order = np.random.default_rng(shuffle).permutation(len(records))
            records = [records[k] | {"row": place} for place, k in enumerate(order.tolist())]
            places = {int(k): place for place, k in enumerate(order.tolist())}
            mentions = [mention | {"row": places[mention["row"]]} for mention in mentions]
        segments = [
            {"row": r["row"], "segment": 0, "start": 0, "end": len(r["text"]), "score": r["score"]}
            | {key: r[key] for key in ("p_negative", "p_neutral", "p_positive")}
            for r in records
            if r["score"] is not None
        ]
        told = [
            {
                "segment": 0,
                "start": 0,
                "end": 4,
                "term": "word",
                "score": 0.5,
                "confidence": 0.9,
                "matcher": "phrase",
            }
            | dict(mention)
            for mention in mentions
        ]
        for table, rows, schema in (
            ("reviews", records, REVIEWS),
            ("segments", segments, SEGMENTS),
            ("mentions", told, MENTIONS),
        ):
            pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{table}.parquet")
        config = load_config(overrides={"loyalty": {"min_reviews": min_reviews}}, environ={})
        store = Store(*(str(folder / f"{table}.parquet") for table in ("reviews", "segments", "mentions")))
        rows, carried = store.rows(), store.mentions()
        touched = carried[["row"]].assign(touchpoint=carried["theme"].map(touchpoint_of))
        taxonomy = cx()
        write_table(loyalty_table(rows, config, row_touchpoints=touched), folder / "loyalty.parquet")
        write_table(drivers_table(rows, carried, config), folder / "drivers.parquet")
        write_table(themes_table(carried, rows, config.loyalty, taxonomy), folder / "themes.parquet")
        manifest = {
            "earful": "0.1.0",
            "created_at": "2026-05-01T00:00:00+00:00",
            "rows": {"read": len(records), "accepted": len(records), "rejected": 0},
            "inputs": [{"source": "reviews.csv"}],
            "config": config.model_dump(mode="json"),
            "model": {"name": model, "checksum": f"{model}-sum"},
            "taxonomy": {"name": "cx", "checksum": "cx-sum"},
            "likelihood": {"name": "likelihood", "checksum": load_likelihood().checksum},
            "warnings": [],
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make


def record(row, mood=None, nps=None, rating=None, text="some words", **columns):
    """Give one review's columns."""
    known = {
        "row": row,
        "source": "reviews.csv",
        "review_id": f"r{row}",
        "text": text if mood is not None else "",
    }
    known |= {"non_answer": False, "truncated": False, "lang": "en", "score": mood}
    known |= dict.fromkeys(("p_negative", "p_neutral", "p_positive", "sentiment", "nps_text"))
    known |= dict.fromkeys(("p_detractor", "p_passive", "p_promoter", "product", "touchpoint", "created_at"))
    if mood is not None:
        positive, negative = max(mood, 0.0), max(-mood, 0.0)
        known |= {"p_negative": negative, "p_neutral": 1 - positive - negative, "p_positive": positive}
        known["sentiment"] = "positive" if mood > 0 else "negative"
        known |= {"p_detractor": negative, "p_passive": 1 - positive - negative, "p_promoter": positive}
        known["nps_text"] = 100 * mood
    if nps is not None:
        known |= {"nps": float(nps), "nps_min": 0.0, "nps_max": 10.0}
    if rating is not None:
        known |= {"rating": float(rating), "rating_min": 1.0, "rating_max": 5.0}
    return known | columns
