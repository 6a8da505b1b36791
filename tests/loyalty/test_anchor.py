"""What an index is measured on, and that missing signals move no level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from earful.config import Config, ScalesConfig
from earful.errors import ConfigError
from earful.loyalty.anchor import anchored, check_anchor, covered
from earful.loyalty.basis import basis_of
from earful.loyalty.likelihood import load_likelihood
from earful.loyalty.loyalty_table import loyalty_table, loyalty_warnings
from earful.loyalty.refit import levelled, refit
from earful.loyalty.scales import BoxScale


def rows(n=600, products=6, seed=0, level=5.0, **scores):
    """Reviews with stars whose words tell half; ``nps_text`` looks at the stars and is on another level."""
    random = np.random.default_rng(seed)
    product = np.arange(n) % products
    latent = random.normal(0.2, 0.5, products)[product] + random.normal(0, 1, n)
    seen = latent + random.normal(0, 0.8, n)
    stars = np.clip(np.round(3.6 + 1.2 * latent), 1, 5)
    words = 70 * np.tanh(seen - 0.2)
    frame = pd.DataFrame(
        {
            "row": np.arange(n),
            "source": "made.csv",
            "product": [f"product {k}" for k in product],
            "created_at": pd.Timestamp("2025-01-06", tz="UTC") + pd.to_timedelta(np.arange(n) % 120, "D"),
            "text_length": 50,
            "score": np.tanh(seen),
            "p_passive": 0.2,
            "nps_text": np.clip(40 * (stars - 3) - level, -100, 100),
            "nps_blind": words,
            "nps_words": words,
            "rating": stars,
            "rating_min": 1.0,
            "rating_max": 5.0,
        }
    )
    return frame.assign(**scores)


def table(frame, **loyalty):
    config = Config.model_validate({"loyalty": {"by": ["product"], **loyalty}})
    return loyalty_table(frame, config).to_pandas()


@pytest.mark.parametrize(
    ("low", "high", "stamp", "answers", "points"),
    [
        (1, 5, "stars 5 / 4 / 1-3", [5, 4.5, 4, 3.5, 1], [100, 0, 0, -100, -100]),
        (0, 5, "stars 5 / 4 / 0-3", [5, 4, 0], [100, 0, -100]),
        (1, 10, "stars 9-10 / 7-8 / 1-6", [10, 9, 8, 7, 6], [100, 100, 0, 0, -100]),
        (0, 10, "stars 9-10 / 7-8 / 0-6", [8.9, 0], [0, -100]),
        (1, 7, "stars 7 / 6 / 1-5", [7, 6, 5], [100, 0, -100]),
        (1, 3, "stars 3 / 2 / 1", [3, 2, 1], [100, 0, -100]),
        (0, 1, "stars 1 / 0", [1, 0], [100, -100]),
        (0, 100, "stars 90-100 / 70-89 / 0-69", [90, 89, 70, 69, 101], [100, 0, 0, -100, np.nan]),
    ],
)
def test_stars_are_cut_into_boxes(low, high, stamp, answers, points):
    scale = BoxScale.of("stars", low, high)
    assert scale.stamp == stamp
    assert scale.points(answers).tolist() == pytest.approx(points, nan_ok=True)


def test_the_best_question_that_was_asked_is_the_anchor():
    frame = rows()
    asked = {"csat": 4.0, "csat_min": 1.0, "csat_max": 5.0}
    assert anchored(frame, ScalesConfig()).name == "rating"
    assert anchored(frame.drop(columns="rating"), ScalesConfig()).name == "words"
    assert anchored(frame.drop(columns="rating").assign(**asked), ScalesConfig()).name == "csat"
    assert anchored(frame.assign(recommended=True), ScalesConfig()).name == "recommend"
    nps = {"nps": 9.0, "nps_min": 0.0, "nps_max": 10.0}
    assert anchored(frame.assign(recommended=True, **nps), ScalesConfig()).name == "nps"
    assert anchored(frame.assign(**nps), ScalesConfig(), "rating").name == "rating"


def test_a_few_answers_to_a_better_question_are_told_of():
    frame = rows(nps=np.where(np.arange(600) < 5, 9.0, np.nan), nps_min=0.0, nps_max=10.0)
    (line,) = [line for line in loyalty_warnings(frame, Config()) if "loyalty.anchor" in line]
    assert "5 NPS answers" in line
    assert 'loyalty.anchor = "rating"' in line


def test_an_anchor_that_nobody_answered_is_refused():
    with pytest.raises(ConfigError, match="no row has recommend flags"):
        anchored(rows(), ScalesConfig(), "recommend")
    with pytest.raises(ConfigError, match="no column"):
        check_anchor("csat", {"rating", "text"})
    check_anchor("auto", {"text"})
    check_anchor("rating", {"rating"})


def test_stars_alone_give_points_and_grades():
    got = table(rows(n=1200))
    products = got[got["grouping"] == "product"]
    assert set(got["anchor"]) == {"rating"}
    assert got["scale"].str.startswith("stars 5 / 4 / 1-3").all()
    assert products["grade"].isin(["A", "B"]).all()
    assert (products["index"] - products["measured"]).abs().max() < 5
    assert got["nps"].isna().all()
    # What an NPS question would have said stays wide.
    assert (got["nps_bridge_high"] - got["nps_bridge_low"] > 60).all()


def test_hidden_stars_are_found_by_the_words():
    frame = rows(n=3000, products=12)
    truth = np.where(frame["rating"] == 5, 100.0, np.where(frame["rating"] == 4, 0.0, -100.0))
    truth = pd.Series(truth).groupby(frame["product"]).mean()
    hidden = np.random.default_rng(1).random(3000) < 0.8
    got = table(frame.assign(rating=frame["rating"].where(~hidden))).query("grouping == 'product'")
    error = got.set_index("product")["index"] - truth
    assert error.abs().mean() < 8
    inside = (got["index_low"] <= truth.to_numpy()) & (truth.to_numpy() <= got["index_high"])
    assert inside.mean() >= 0.8


def test_words_alone_order_the_groups_and_say_that_the_level_is_unknown():
    got = table(rows().drop(columns=["rating", "rating_min", "rating_max"]))
    products = got[got["grouping"] == "product"]
    assert set(got["anchor"]) == {"words"}
    assert got["scale"].str.startswith("words alone, level unknown").all()
    assert products["index"].corr(products["mean_score"], method="spearman") > 0.9
    assert (got["nps_bridge_high"] - got["nps_bridge_low"] > got["index_high"] - got["index_low"]).all()
    assert got["n_rated"].eq(0).all()


def test_scales_of_stars_are_not_pooled():
    frame = rows()
    ten = frame["row"] < 200
    frame.loc[ten, "rating_max"] = 10.0
    overall = table(frame).query("grouping == 'overall'")
    assert overall["scale"].str.split(" (", regex=False).str[0].tolist() == [
        "stars 5 / 4 / 1-3",
        "stars 9-10 / 7-8 / 1-6",
    ]
    assert overall["n_rated"].sum() == 600


def test_the_rows_alone_are_measured_exactly():
    got = table(rows(), about="rows")
    assert (got["index"] == got["measured"]).all()
    assert (got["index_low"] == got["index_high"]).all()
    assert got["scale"].str.contains("these rows alone").all()


def test_what_is_measured_is_not_looked_at():
    reviews = pa.table(
        {
            "row": [3, 5, 7],
            "p_negative": [0.1, 0.1, None],
            "p_neutral": [0.2, 0.2, None],
            "p_positive": [0.7, 0.7, None],
            "rating": [1.0, 5.0, 5.0],
            "rating_min": [1.0] * 3,
            "rating_max": [5.0] * 3,
        }
    )
    segments = pa.table({"row": [3, 5], "score": [0.6, 0.6]})
    model = load_likelihood()
    got = covered(reviews, segments, ScalesConfig(), model, "rating")
    assert got.loc[3, "nps_blind"] == got.loc[5, "nps_blind"] == got.loc[5, "nps_words"]
    assert np.isnan(got.loc[7, "nps_blind"])
    other = covered(reviews, segments, ScalesConfig(), model, "nps")
    assert other.loc[3, "nps_blind"] < other.loc[5, "nps_blind"]
    assert np.isnan(other.loc[7, "nps_words"])


def test_copies_count_once():
    frame = rows(n=60, products=1)
    copies = pd.concat([frame, pd.concat([frame.iloc[[0]]] * 999)], ignore_index=True)
    copies["row"] = np.arange(len(copies))
    copies["copies"] = np.where((copies.index == 0) | (copies.index >= 60), 1000, 1)
    one, many = table(frame).iloc[0], table(copies).iloc[0]
    assert many["index"] == pytest.approx(one["index"], abs=3)
    assert many["measured"] == pytest.approx(one["measured"], abs=1e-6)
    assert many["index_high"] - many["index_low"] > 0.8 * (one["index_high"] - one["index_low"])
    assert many["n_reviews"] == 1059


def hiding(by, seed):
    """Stars beside the words of some rows and not of others, by product, by month or at random."""
    random = np.random.default_rng(seed)
    frame = rows(n=600, products=2, seed=seed, nps=np.nan, nps_min=0.0, nps_max=10.0)
    where = {
        "product": frame["product"] == "product 0",
        "month": frame["created_at"] < pd.Timestamp("2025-03-01", tz="UTC"),
        "random": pd.Series(random.random(600) < 0.5),
    }[by]
    frame["nps_text"] = np.where(where, frame["nps_words"], frame["nps_text"])
    for name in ("rating", "rating_min", "rating_max"):
        frame.loc[where, name] = np.nan
    return frame, where


@pytest.mark.parametrize("by", ["product", "month", "random"])
@pytest.mark.parametrize("answers", [0.0, 0.1])
def test_scores_that_are_missing_move_no_level(by, answers):
    """The mean prediction of 300 rows without stars and of 300 with them, of the same customers."""
    shifts, before = [], []
    for seed in range(40):
        frame, where = hiding(by, seed)
        random = np.random.default_rng(1000 + seed)
        truth = np.where(frame["nps_words"] + random.normal(0, 40, 600) > 0, 9.0, 5.0)
        frame["nps"] = np.where(random.random(600) < answers, truth, np.nan)
        full = rows(n=600, products=2, seed=seed)["nps_words"].to_numpy()
        basis = basis_of(frame, ScalesConfig(), anchor="nps")
        # Words are read the same way in both halves: how they differ is no shift of level.
        gap = basis.prediction - full
        shifts.append(gap[where].mean() - gap[~where].mean())
        gap = frame["nps_text"].to_numpy() - full
        before.append(gap[where].mean() - gap[~where].mean())
    assert abs(np.mean(before)) > 10
    assert abs(np.mean(shifts)) <= 3


def test_one_pattern_is_left_as_it_is():
    f, words = np.array([10.0, -20.0, 30.0]), np.array([50.0, 50.0, 50.0])
    assert levelled(f, words, np.array([1, 1, 1])).tolist() == f.tolist()
    assert levelled(f, np.full(3, np.nan), np.array([1, 3, 3])).tolist() == f.tolist()


def test_rows_without_words_take_the_level_of_those_with_the_same_scores():
    n = 200
    pattern = np.repeat([1, 3, 2], [n, n, n])
    words = np.concatenate([np.zeros(2 * n), np.full(n, np.nan)])
    prediction = np.concatenate([np.zeros(n), np.full(2 * n, -20.0)])
    got = levelled(prediction, words, pattern)
    assert np.abs(got).max() < 1.01


def test_no_answer_takes_part_in_the_level_of_its_own_row():
    random = np.random.default_rng(0)
    f, pattern = random.normal(0, 30, 100), np.arange(100) % 2
    answer = np.where(np.arange(100) < 60, np.where(pattern == 1, 100.0, -100.0), np.nan)
    turned = answer.copy()
    turned[0] *= -1
    one, two = (refit(f, np.zeros((100, 1)), s, pattern=pattern) for s in (answer, turned))
    assert one[0] == pytest.approx(two[0], abs=1e-9)
    assert one[99] - one[98] > 50
