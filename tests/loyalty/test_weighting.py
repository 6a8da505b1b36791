from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.errors import InputError
from earful.loyalty.weighting import CAP, effective_n, rake, read_margins, tipping_bias


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
