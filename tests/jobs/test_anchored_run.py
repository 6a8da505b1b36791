"""What a file with stars, with words alone, or with copies says from end to end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import earful
from earful.errors import ConfigError, InputError

GOOD = "Friendly staff and a lovely room, we enjoyed every minute of visit number {}."
BAD = "Rude staff and a dirty room, we complained and nobody cared on visit number {}."


def reviews(n=80):
    """Two products whose words and stars go together, every fifth review without stars."""
    happy = np.random.default_rng(0).random(n) < np.where(np.arange(n) % 2, 0.8, 0.3)
    return pd.DataFrame(
        {
            "text": [(GOOD if glad else BAD).format(k) for k, glad in enumerate(happy)],
            "stars": [None if k % 5 == 4 else 5 if glad else 1 for k, glad in enumerate(happy)],
            "product": ["lamp" if k % 2 else "kettle" for k in range(n)],
        }
    )


def analyze(frame, **more):
    return earful.analyze(frame, model="fast", by=["product"], **more)


def test_a_file_of_stars_is_measured_on_stars():
    loyalty = analyze(reviews()).loyalty
    assert set(loyalty["anchor"]) == {"rating"}
    products = loyalty[loyalty["grouping"] == "product"].set_index("product")
    assert products.loc["lamp", "index"] > products.loc["kettle", "index"] + 20
    assert (products["index_high"] - products["index_low"] < 80).all()
    assert (products["nps_bridge_high"] - products["nps_bridge_low"] > 80).all()


def test_words_alone_have_no_level():
    run = analyze(reviews().drop(columns="stars"))
    loyalty = run.loyalty
    assert set(loyalty["anchor"]) == {"words"}
    assert any("grade D" in line and "order" in line for line in run.manifest["warnings"])
    assert loyalty["scale"].str.contains("level unknown").all()


def test_a_thousand_copies_count_once():
    frame = reviews()
    copies = pd.concat([frame, pd.concat([frame.iloc[[1]]] * 1000)], ignore_index=True)
    one, many = (analyze(f).loyalty.iloc[0] for f in (frame, copies))
    assert many["n_reviews"] == 1080
    assert many["index"] == pytest.approx(one["index"], abs=4)
    assert many["grade"] == one["grade"]


def test_an_anchor_without_a_column_is_refused_before_anything_is_read():
    with pytest.raises(ConfigError, match=r"loyalty\.anchor"):
        analyze(reviews(), config={"loyalty": {"anchor": "csat"}})


def test_weights_of_nothing_but_zero_are_refused():
    with pytest.raises(InputError, match="every weight is 0"):
        analyze(reviews().assign(weight=0.0), columns={"weight": "weight"})


def test_dates_to_come_are_noted():
    frame = reviews().assign(date=["2020-01-01"] * 79 + ["2045-01-01"])
    assert any("in the future" in line for line in analyze(frame).manifest["warnings"])
