from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful.loyalty.mismatch import inverted_sources, mismatches, score_class


def world(n=600, seed=0, wrong=20):
    """Scores and words that agree but for noise, and the first ``wrong`` rows turned round."""
    random = np.random.default_rng(seed)
    happy = random.random(n) < 0.6
    sure = random.beta(300, 1.2, n)
    words = np.where(happy[:, None], np.column_stack([(1 - sure) / 2, (1 - sure) / 2, sure]), 0)
    words += np.where(happy[:, None], 0, np.column_stack([sure, (1 - sure) / 2, (1 - sure) / 2]))
    stars = np.where(happy, 5.0, 1.0)
    stars[:wrong] = 6 - stars[:wrong]
    return pd.DataFrame(
        {
            "source": "shop.csv",
            "p_negative": words[:, 0],
            "p_neutral": words[:, 1],
            "p_positive": words[:, 2],
            "rating": stars,
            "rating_min": 1.0,
            "rating_max": 5.0,
            "non_answer": False,
        },
        index=np.arange(n) + 50,
    )


def test_rows_that_part_are_found_and_few_others():
    rows = world()
    got = mismatches(rows)
    assert got.index.equals(rows.index)
    flagged = got["mismatch"].notna().to_numpy()
    assert flagged[:20].mean() >= 0.7
    assert flagged[20:].sum() <= 0.15 * flagged.sum()
    first = got["mismatch"].iloc[:20].dropna()
    stars = rows["rating"].loc[first.index]
    assert (first[stars == 5] == "score_above_text").all()
    assert (first[stars == 1] == "text_above_score").all()


def test_where_all_agree_hardly_anything_is_flagged():
    assert mismatches(world(wrong=0))["mismatch"].notna().sum() <= 2


def test_q_values_are_rates_and_nobody_is_flagged_above_the_limit():
    got = mismatches(world())
    q = got["mismatch_q"].dropna()
    assert q.between(0, 1).all()
    assert got.loc[got["mismatch"].notna(), "mismatch_q"].max() <= 0.10


def test_an_upside_down_source_is_named_and_its_rows_left_alone():
    rows = world(wrong=0)
    other = rows.copy()
    other["source"], other["rating"] = "upside.csv", 6 - other["rating"]
    both = pd.concat([rows, other], ignore_index=True)
    assert inverted_sources(both) == {"upside.csv": "rating"}
    got = mismatches(both)
    assert got.loc[both["source"] == "upside.csv", "mismatch_q"].isna().all()
    assert got["mismatch"].notna().sum() <= 2


def test_the_answer_that_decides():
    rows = pd.DataFrame(
        {
            "nps": [10.0, np.nan, np.nan, np.nan, 5.0, np.nan],
            "nps_min": 0.0,
            "nps_max": 10.0,
            "rating": [1.0, 2.0, np.nan, np.nan, np.nan, 3.0],
            "rating_min": 1.0,
            "rating_max": 5.0,
            "recommended": [None, True, False, None, None, None],
        }
    )
    got = score_class(rows)
    assert got[[0, 1, 2, 4, 5]].tolist() == [1, -1, -1, 0, 0]
    assert np.isnan(got[3])


def test_rows_without_words_or_with_empty_ones_are_passed_over():
    rows = world()
    rows.loc[rows.index[:10], ["p_negative", "p_neutral", "p_positive"]] = np.nan
    rows.loc[rows.index[10:15], "non_answer"] = True
    got = mismatches(rows)
    assert got["mismatch"].iloc[:15].isna().all()
    assert got["mismatch_q"].iloc[:15].isna().all()


def test_order_does_not_matter():
    rows = world()
    shuffled = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(mismatches(shuffled).loc[rows.index], mismatches(rows))


@pytest.mark.parametrize("frame", [pd.DataFrame(), world(n=0, wrong=0)])
def test_nothing_at_all(frame):
    assert len(mismatches(frame)) == 0
