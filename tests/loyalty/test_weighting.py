from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.config import Config
from earful.errors import InputError
from earful.loyalty.basis import basis_of
from earful.loyalty.drivers_table import drivers_table
from earful.loyalty.estimator import estimate
from earful.loyalty.loyalty_table import loyalty_table
from earful.loyalty.weighting import CAP, effective_n, rake, read_margins, tipping_bias, weigh


def survey(n=2000, seed=0):
    random = np.random.default_rng(seed)
    channel = random.choice(["web", "store"], n, p=[0.8, 0.2])
    age = random.choice(["young", "old"], n, p=[0.5, 0.5])
    answer = (
        np.where(channel == "store", 60.0, 10.0) + np.where(age == "old", 10, 0) + random.normal(0, 50, n)
    )
    return pd.DataFrame({"channel": channel, "age": age}), answer


def test_one_margin_is_post_stratification():
    frame, answer = survey()
    weight = rake(frame, {"channel": {"web": 0.5, "store": 0.5}})
    assert weight.mean() == pytest.approx(1)
    assert np.average(frame["channel"] == "store", weights=weight) == pytest.approx(0.5)
    assert np.average(answer, weights=weight) == pytest.approx(40, abs=4)


def test_several_margins_all_come_out():
    frame, _ = survey()
    weight = rake(frame, {"channel": {"web": 0.4, "store": 0.6}, "age": {"young": 0.3, "old": 0.7}})
    assert np.average(frame["channel"] == "store", weights=weight) == pytest.approx(0.6, abs=1e-6)
    assert np.average(frame["age"] == "old", weights=weight) == pytest.approx(0.7, abs=1e-6)
    assert effective_n(weight) < len(frame)


def test_no_answer_counts_too_much():
    frame = pd.DataFrame({"channel": ["store"] * 10 + ["web"] * 990})
    weight = rake(frame, {"channel": {"web": 0.1, "store": 0.9}})
    assert weight.max() / weight.mean() == pytest.approx(CAP)
    assert weight.min() > 0


def test_small_groups_stand_together():
    frame = pd.DataFrame({"age": ["a"] * 3 + ["b"] * 4 + ["c"] * 93})
    weight = rake(frame, {"age": {"a": 0.05, "b": 0.15, "c": 0.8}})
    assert len(set(np.round(weight[:7], 9))) == 1
    assert weight[:7].sum() / weight.sum() == pytest.approx(0.2)


def test_values_nobody_listed_keep_their_share():
    frame = pd.DataFrame({"channel": ["web"] * 40 + ["store"] * 40 + ["kiosk"] * 10 + [None] * 10})
    weight = rake(frame, {"channel": {"web": 0.75, "store": 0.25}})
    assert weight[80:].sum() / weight.sum() == pytest.approx(0.2)
    assert weight[:40].sum() / weight[:80].sum() == pytest.approx(0.75)


def test_margins_of_a_file(tmp_path):
    path = tmp_path / "margins.csv"
    path.write_text("column,value,share\nchannel,web,30\nchannel,store,70\nage,old,1\n", encoding="utf-8-sig")
    assert read_margins(path) == {"channel": {"web": 0.3, "store": 0.7}, "age": {"old": 1.0}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("column,value\na,b\n", "lacks share"),
        ("column,value,share\na,b,many\n", "line 2"),
        ("column,value,share\na,b,-1\n", "'-1'"),
        ("column,value,share\na,b,nan\n", "'nan'"),
        ("column,value,share\na,b,0\n", "sum to 0"),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path, text, message):
    path = tmp_path / "margins.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_margins(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_margins(tmp_path / "none.csv")


def test_tipping_bias():
    # An index of 30 with half silent falls to 20 where the silent are 20 points below.
    assert tipping_bias([30], 20, [50], [100]).tolist() == [-20]
    assert np.isneginf(tipping_bias([30], 20, [100], [100]))[0]


def test_nothing_to_weigh():
    assert len(rake(pd.DataFrame({"a": []}), {"a": {"x": 1.0}})) == 0
    assert effective_n([]) == 0
    assert rake(pd.DataFrame({"a": ["x"] * 20}), {}).tolist() == [1.0] * 20


def frame(answers, **columns):
    n = len(answers)
    rows = pd.DataFrame(
        {
            "row": np.arange(n),
            "product": "kettle",
            "score": 0.0,
            "text_length": 20,
            "nps_text": 0.0,
            "p_passive": 1.0,
            "nps": np.asarray(answers, dtype=float),
            "nps_min": 0.0,
            "nps_max": 10.0,
        }
    )
    return rows.assign(**columns)


def overall(rows, weighting=None, config=None):
    config = config or Config()
    table = loyalty_table(rows, config, basis=basis_of(rows, config.scales, weighting)).to_pandas()
    return table[table["grouping"] == "overall"].iloc[0]


def test_weights_as_given_have_mean_1_and_rows_without_one_count_as_the_mean():
    rows = frame([10, 10, 0, 0], weight=[1.0, 5.0, 3.0, np.nan])
    got = weigh(rows, None)
    assert got.weight == pytest.approx([1 / 3, 5 / 3, 1, 1])
    assert got.stamp == "weighted as given"
    assert got.warnings == ["rows without a weight count as much as the mean of the others: 1"]
    assert got.summary["n_effective"] == pytest.approx(16 / (1 / 9 + 25 / 9 + 2), abs=0.05)


def test_nothing_is_weighted_without_weights_or_margins():
    assert weigh(frame([1, 2]), None) is None
    assert weigh(frame([1, 2], weight=[np.nan, np.nan]), None) is None
    assert weigh(frame([]), {"channel": {"shop": 1.0}}) is None


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(InputError, match="every weight is 0"):
        weigh(frame([1, 2], weight=[0.0, 0.0]), None)


@pytest.mark.parametrize(("shares", "refused"), [((0.5, 0.3), True), ((0.5, 0.5), False), ((60, 30), False)])
def test_shares_that_do_not_sum_to_one_are_refused(tmp_path, shares, refused):
    path = tmp_path / "margins.csv"
    path.write_text(f"column,value,share\nchannel,shop,{shares[0]}\nchannel,web,{shares[1]}\n")
    if refused:
        with pytest.raises(InputError, match=r"sum to 0\.8"):
            read_margins(path)
    else:
        assert sum(read_margins(path)["channel"].values()) == pytest.approx(1)


def test_the_weighted_nps_is_what_one_counts_by_hand():
    # Weights 3, 1, 1, 1: promoters hold half of all weight, detractors a third.
    rows = frame([10, 8, 2, 1], weight=[3.0, 1.0, 1.0, 1.0])
    got = overall(rows, weigh(rows, None))
    assert got["nps"] == pytest.approx(100 * (3 / 6 - 2 / 6))
    assert got["n_effective"] == pytest.approx(36 / 12)
    assert (got["n_reviews"], got["n_promoters"], got["n_detractors"]) == (4, 1, 2)
    assert got["scale"].endswith("; weighted as given")
    plain = overall(rows)
    assert plain["nps"] == -25
    assert plain["n_effective"] == 4
    assert "weighted" not in plain["scale"]


def test_a_row_of_weight_0_has_no_say():
    rows = frame([10] * 6 + [0] * 3, weight=[1.0] * 6 + [0.0] * 3)
    got = overall(rows, weigh(rows, None))
    assert got["nps"] == 100
    assert got["n_reviews"] == 9


def test_other_metrics_are_weighted_too():
    rows = frame(
        [np.nan] * 4,
        weight=[3.0, 1.0, 1.0, 1.0],
        csat=[5.0, 1.0, 1.0, 1.0],
        csat_min=1.0,
        csat_max=5.0,
        rating=[5.0, 1.0, 1.0, 3.0],
        rating_min=1.0,
        rating_max=5.0,
        recommended=[True, False, False, None],
    )
    got = overall(rows, weigh(rows, None))
    assert got["csat"] == pytest.approx(50)
    assert got["mean_rating"] == pytest.approx((3 * 1 + 0 + 0 + 0.5) / 6)
    assert got["recommend"] == pytest.approx(60)
    assert got["csat_low"] < 50 < got["csat_high"]


def test_whole_weights_give_the_difference_estimate_of_repeats():
    random = np.random.default_rng(0)
    n = 60
    prediction = random.normal(0, 50, n)
    answer = np.where(random.random(n) < 0.5, random.choice([-100.0, 0, 100], n), np.nan)
    times = random.integers(1, 4, n)
    weighted = estimate(np.zeros(n, int), prediction, answer, 1, weight=times)
    again = np.repeat(np.arange(n), times)
    repeated = estimate(np.zeros(len(again), int), prediction[again], answer[again], 1)
    assert weighted.raw[0] == pytest.approx(repeated.raw[0])
    # The slope leans on how many answers there are, which repeats inflate.
    assert weighted.difference[0] == pytest.approx(repeated.difference[0], abs=3)
    assert weighted.claim_error[0] > repeated.claim_error[0]


def test_post_stratification_brings_the_share_of_silent_customers_back():
    # 30 commenters at 0, 10 silent customers at 100; among all customers 3 of 4 are silent.
    answers = [10] * 15 + [0] * 15 + [10] * 10
    rows = frame(answers, score=[0.0] * 30 + [np.nan] * 10, nps_text=[0.0] * 30 + [np.nan] * 10)
    got = weigh(rows, {"words": {"yes": 0.25, "no": 0.75}})
    assert got.weight[:30] == pytest.approx(1 / 3)
    assert got.weight[30:] == pytest.approx(3)
    table = overall(rows, got)
    assert table["nps"] == pytest.approx(75)
    # The index is drawn towards what the words say, and the silent have none.
    assert table["index"] > overall(rows)["index"] + 25
    assert table["scale"].endswith("; post-stratified by words")


def test_margins_start_from_the_weights_that_were_given():
    rows = frame([10] * 20 + [0] * 20, weight=[2.0] * 10 + [1.0] * 30, channel=["a"] * 20 + ["b"] * 20)
    got = weigh(rows, {"channel": {"a": 0.5, "b": 0.5}})
    assert got.weight[:20].sum() == pytest.approx(20)
    assert got.weight[0] == pytest.approx(2 * got.weight[15])
    assert got.stamp == "weighted as given; post-stratified by channel"


def test_scores_can_be_margins_written_as_people_write_them():
    rows = frame([10] * 30 + [0] * 10, csat=[5.0] * 30 + [1.0] * 10)
    got = weigh(rows, {"csat": {"5": 0.5, "1": 0.5}})
    assert got.weight[0] == pytest.approx(2 / 3)
    assert got.weight[-1] == pytest.approx(2)


def test_what_margins_do_not_meet_is_said():
    rows = frame([10] * 20 + [0] * 20, channel=["shop"] * 20 + ["web"] * 15 + ["fax"] * 5)
    told = weigh(rows, {"channel": {"shop": 0.5, "web": 0.3, "phone": 0.2}}).warnings
    assert told == [
        "margins: no row has channel = phone (20 %); the other shares stand for these customers too",
        "margins: 5 rows have a channel that is not listed; they keep their share",
    ]
    rare = frame([10] * 200 + [0] * 10, channel=["shop"] * 200 + ["web"] * 10)
    got = weigh(rare, {"channel": {"shop": 0.5, "web": 0.5}})
    assert got.weight.max() == pytest.approx(5)
    assert "10 rows were weighted at the cap of 5 times the mean" in got.warnings[0]


@pytest.mark.parametrize(
    ("margins", "says"),
    [({"income": {"high": 1.0}}, "'income'"), ({"channel": {"shop": 1.0}}, "'channel', which no row has")],
)
def test_margins_that_cannot_be_used_are_refused(margins, says):
    rows = frame([10, 0], channel=None)
    with pytest.raises(InputError, match=says):
        weigh(rows, margins, "margins.csv")


def test_drivers_count_weights_like_repeats():
    random = np.random.default_rng(2)
    n = 300
    late = random.random(n) < 0.3
    rows = frame([np.nan] * n, nps_text=np.where(late, -40.0, 30.0) + random.normal(0, 20, n))
    rows["weight"] = np.where(np.arange(n) % 2, 3.0, 1.0)
    told = pd.DataFrame({"row": rows["row"][late], "theme": "delivery.speed", "polarity": "negative"})
    config = Config()

    def first(rows, told, weighting):
        basis = basis_of(rows, config.scales, weighting)
        table = drivers_table(rows, told, config, basis).to_pandas()
        return table.query("grouping == 'overall' and polarity == 'negative'").iloc[0]

    weighted = first(rows, told, weigh(rows, None))
    again = np.repeat(np.arange(n), rows["weight"].astype(int))
    repeated = rows.iloc[again].reset_index(drop=True).assign(row=np.arange(len(again)))
    repeated_told = pd.DataFrame(
        {"row": repeated["row"][late[again]], "theme": "delivery.speed", "polarity": "negative"}
    )
    plain = first(repeated, repeated_told, None)
    for name in ("share", "impact", "adjusted", "importance"):
        assert weighted[name] == pytest.approx(plain[name], rel=1e-6), name
    assert weighted["n"] == late.sum()
    assert weighted["impact_high"] - weighted["impact_low"] > plain["impact_high"] - plain["impact_low"]
    assert weighted["impact"] != pytest.approx(first(rows, told, None)["impact"], abs=0.01)


def test_the_tipping_bias_is_the_gap_over_the_share_of_silent_customers():
    rows = frame([10, 10, 8, 0] + [np.nan] * 12)
    got = overall(rows, config=Config.model_validate({"loyalty": {"target": 10}}))
    assert got["tipping"] == pytest.approx((10 - got["index"]) / 0.75, abs=1e-4)
    assert np.isnan(overall(rows)["tipping"])
    unasked = frame([np.nan] * 4)
    assert np.isnan(overall(unasked, config=Config.model_validate({"loyalty": {"target": 10}}))["tipping"])
    everybody = frame([10, 10, 8, 0])
    assert np.isnan(overall(everybody, config=Config.model_validate({"loyalty": {"target": 10}}))["tipping"])
