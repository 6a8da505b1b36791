from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.loyalty.repairs_table import MIN_COMPLAINTS, repairs_table


def world(sizes, hurt, share=0.3, seed=0):
    """Reviews of products; a slow delivery costs each product so many points, and noise beside that."""
    random = np.random.default_rng(seed)
    frames, told, first = [], [], 0
    for (name, n), points in zip(sizes.items(), hurt, strict=True):
        slow = random.random(n) < share
        nps = np.clip(40 - points * slow + random.normal(0, 25, n), -100, 100)
        rows = np.arange(first, first + n)
        first += n
        frames.append(
            pd.DataFrame(
                {
                    "row": rows,
                    "product": name,
                    "touchpoint": None,
                    "text_length": 80,
                    "score": nps / 100,
                    "p_passive": 0.2,
                    "nps_text": nps,
                    "nps": np.nan,
                    "nps_min": 0.0,
                    "nps_max": 10.0,
                }
            )
        )
        told.append(pd.DataFrame({"row": rows[slow], "theme": "delivery.speed", "polarity": "negative"}))
    return pd.concat(frames, ignore_index=True), pd.concat(told, ignore_index=True)


def table(rows, mentions):
    return repairs_table(rows, mentions, Config()).to_pandas()


def of(got, product):
    return got[got["product"].isna() if product is None else got["product"] == product].iloc[0]


def test_it_is_the_documented_table_and_its_parts_fit():
    rows, mentions = world({"kettle": 400, "toaster": 300}, (60, 60))
    got = repairs_table(rows, mentions, Config())
    assert got.schema.equals(schema.REPAIRS)
    whole = of(got.to_pandas(), None)
    assert whole["grouping"] == "overall"
    assert whole["n"] == len(mentions)
    assert whole["penalty_low"] < whole["penalty"] < whole["penalty_high"] < 0
    assert whole["worth"] == pytest.approx(-whole["share"] / 100 * whole["penalty"])
    assert 0 < whole["worth_low"] < whole["worth"] < whole["worth_high"]
    assert whole["q_value"] < 0.001
    assert whole["own"] == 0


def test_a_small_product_has_a_row_that_leans_on_the_others():
    rows, mentions = world({"kettle": 600, "tiny": 6, "toaster": 600}, (60, 60, 60), seed=3)
    mentions = pd.concat([mentions, mentions.tail(1).assign(row=600)]).drop_duplicates()
    got = table(rows, mentions)
    tiny, kettle = of(got, "tiny"), of(got, "kettle")
    assert tiny["n"] >= 1
    assert tiny["own"] < kettle["own"]
    assert abs(tiny["penalty"] - of(got, None)["penalty"]) < 15
    assert tiny["worth_high"] - tiny["worth_low"] > kettle["worth_high"] - kettle["worth_low"]


def test_a_product_that_is_hurt_more_keeps_what_its_reviews_show():
    rows, mentions = world({"hard": 500, "mild": 500, "other": 500}, (90, 20, 50), seed=1)
    got = table(rows, mentions)
    assert of(got, "hard")["penalty"] < of(got, "other")["penalty"] < of(got, "mild")["penalty"]
    assert of(got, "hard")["own"] > 0.5
    assert of(got, "hard")["penalty_high"] < of(got, "mild")["penalty_low"]


def test_order_of_the_rows_changes_nothing():
    rows, mentions = world({"a": 120, "b": 60}, (50, 50))
    again = table(rows, mentions.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(again, table(rows, mentions))


def test_a_product_where_all_complain_leans_on_the_others_alone():
    rows, mentions = world({"a": 300, "b": 12}, (50, 50))
    every = rows.loc[rows["product"] == "b", ["row"]].assign(theme="delivery.speed", polarity="negative")
    got = table(rows, pd.concat([mentions, every]).drop_duplicates())
    assert of(got, "b")["own"] == 0
    assert of(got, "b")["penalty"] == pytest.approx(of(got, None)["penalty"])
    assert np.isfinite(of(got, "b")["worth_low"])


def test_too_few_complaints_or_reviews_give_an_empty_table():
    rows, mentions = world({"a": 200}, (50,))
    assert len(table(rows, mentions.head(MIN_COMPLAINTS - 1))) == 0
    assert len(table(rows, mentions.head(0))) == 0
    few, told = world({"a": 12}, (50,), share=1.0)
    assert len(table(few, told)) == 0
