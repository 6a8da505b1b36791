from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.loyalty.changes import changes

STAMP = "NPS 0-10, promoters 9-10, detractors 0-6"


def table(indexes, half=5.0, stamp=STAMP):
    n = len(indexes)
    return pd.DataFrame(
        {
            "grouping": "product",
            "product": [f"p{i}" for i in range(n)],
            "touchpoint": None,
            "period": None,
            "scale": stamp,
            "index": indexes,
            "index_low": np.maximum(np.asarray(indexes) - half, -100),
            "index_high": np.minimum(np.asarray(indexes) + half, 100),
        }
    )


def test_what_moved_is_called_and_the_rest_is_not():
    got = changes(table([0.0, 10.0, 20.0]), table([30.0, 11.0, -10.0]))
    assert got["product"].tolist() == ["p0", "p2", "p1"]
    assert got["call"].tolist() == ["up", "down", ""]
    assert got["change"].tolist() == [30, -30, 1]
    assert (got["change_low"] < got["change"]).all()


def test_false_calls_are_kept_in_check():
    random = np.random.default_rng(0)
    calls = []
    for _ in range(100):
        before, after = (table(random.normal(0, 5 / 1.96, 40)) for _ in range(2))
        calls.append((changes(before, after)["call"] != "").any())
    assert np.mean(calls) <= 0.17


def test_other_definitions_are_not_compared():
    other = table([0.0], stamp="NPS 0-10, promoters 8-10, detractors 0-6")
    assert len(changes(table([0.0]), other)) == 0
    more = table(
        [40.0], stamp=f"{STAMP}, provisional (fewer than 15 groups with answers); CSAT 1-5, satisfied 4-5"
    )
    mixed = table([40.0], stamp=f"{STAMP} (not pooled with NPS 1-10, promoters 9-10, detractors 1-6)")
    assert changes(table([0.0]), more)["scale"].tolist() == [STAMP]
    assert changes(table([0.0]), mixed)["scale"].tolist() == [STAMP]


def test_an_end_that_was_cut_off_does_not_feign_certainty():
    got = changes(table([98.0], half=20.0), table([98.0], half=20.0))
    assert got["change_high"].item() == pytest.approx(20 * np.sqrt(2), rel=1e-6)


def test_the_estimate_behind_the_claim_decides_where_it_is_known():
    told = [table([100.0], half=20.0).assign(claim=[claim], claim_error=[5.0]) for claim in (80.0, 110.0)]
    got = changes(*told)
    assert got["change"].item() == pytest.approx(30)
    assert got["change_high"].item() == pytest.approx(30 + 1.96 * 5 * np.sqrt(2), abs=0.01)
    assert got["call"].item() == "up"


def test_it_says_how_many_more_reviews_a_call_would_need():
    got = changes(table([0.0, 0.0, 0.0], half=19.6), table([14.0, 1.0, 60.0], half=19.6))
    needed = got.set_index("product")["needed"]
    assert needed["p0"] == pytest.approx((2.8 * 10 * np.sqrt(2) / 14) ** 2, rel=1e-3)
    assert needed[["p1", "p2"]].isna().all()


def test_other_anchors_are_not_compared():
    stars = "stars 5 / 4 / 1-3"
    assert len(changes(table([0.0]), table([0.0], stamp=stars))) == 0
    flagged = table([0.0], stamp=f"{stars}, provisional (fewer than 15 groups with answers)")
    assert changes(flagged, table([5.0], stamp=stars))["scale"].tolist() == [stars]


def test_groups_that_stand_on_one_side_only_are_left_out():
    assert changes(table([0.0, 1.0]), table([0.0]))["product"].tolist() == ["p0"]
    assert len(changes(table([]), table([]))) == 0
    assert len(changes(table([np.nan]), table([0.0]))) == 0


def test_errors_known_from_few_answers_call_less():
    sides = [table([0.0], half=20.0).assign(claim=[value], claim_error=[5.0]) for value in (0.0, 12.3)]
    few = changes(*(side.assign(claim_df=[5.0]) for side in sides))
    many = changes(*(side.assign(claim_df=[500.0]) for side in sides))
    assert (many["call"].item(), few["call"].item()) == ("up", "")
    # Welch: two equal errors of 5 degrees of freedom each have 10.
    assert few["change_high"].item() == pytest.approx(12.3 + 2.2281 * 5 * np.sqrt(2), abs=0.01)
