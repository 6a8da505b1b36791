from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.loyalty.emerging_table import emerging, emerging_table


def frame(months=9, each=50):
    """Reviews of one product, ``each`` in every month."""
    month = np.repeat(np.arange(months), each)
    return pd.DataFrame(
        {
            "row": np.arange(len(month)),
            "product": "kettle",
            "created_at": [pd.Timestamp(2024, 1 + m, 10, tz="UTC") for m in month],
            "score": 0.5,
        }
    )


def test_a_rising_theme_is_found_and_steady_ones_are_not():
    random = np.random.default_rng(4)
    rate = random.uniform(0.005, 0.08, 40)
    baseline = random.poisson(rate * 4000)
    count = random.poisson(rate * 500)
    baseline[0], count[0] = 8, 20
    baseline[1], count[1] = 0, 12
    got = emerging(count, 500, baseline, 4000)
    assert got.rising[:2].all()
    assert not got.rising[2:].any()
    assert (got.ratio_low <= got.ratio).all()


def test_a_handful_of_mentions_is_no_rise():
    got = emerging([2, 4, 10, 12], 200, [0, 1, 100, 110], 2000)
    assert not got.rising.any()


def test_false_alarms_are_rare_over_a_year_of_weeks():
    random = np.random.default_rng(5)
    rate = random.uniform(0.002, 0.06, 30)
    alarms = sum(
        int(emerging(random.poisson(rate * 300), 300, random.poisson(rate * 2400), 2400).rising.sum())
        for _ in range(52)
    )
    assert alarms <= 2


def test_nothing_to_look_at():
    assert len(emerging([], 10, [], 10).rising) == 0
    assert not emerging([0], 10, [0], 10).rising.any()
    with pytest.raises(ValueError, match="exposure"):
        emerging([1], 0, [1], 10)


def mentions(rows, months, theme, every, polarity="negative"):
    """Every so many-th review of the months carries the theme."""
    month = rows["created_at"].dt.month
    told = rows[month.isin(months)].iloc[::every]
    return pd.DataFrame({"row": told["row"], "theme": theme, "polarity": polarity})


def test_a_theme_on_the_rise_is_found_with_its_counts():
    rows = frame(9, each=50)
    told = pd.concat(
        [
            mentions(rows, range(1, 9), "delivery.speed", 25),
            mentions(rows, [9], "delivery.speed", 2),
            mentions(rows, range(1, 10), "price.level", 5, "positive"),
        ],
        ignore_index=True,
    )
    table, note = emerging_table(rows, told, Config())
    assert note is None
    assert table.schema.equals(schema.EMERGING)
    got = table.to_pandas()
    first = got.iloc[0]
    assert (first["theme"], first["polarity"], first["period"]) == (
        "delivery.speed",
        "negative",
        "2024-09-01",
    )
    assert (first["n"], first["n_reviews"]) == (25, 50)
    assert first["expected"] == pytest.approx(16 / 400 * 50)
    assert first["ratio"] == pytest.approx((2 + 25) / (2 + 16.5 / 400 * 50), abs=1e-6)
    assert first["rising"]
    assert not got.loc[got["theme"] == "price.level", "rising"].any()
    assert set(got["grouping"]) == {"overall", "product"}


def test_a_last_month_of_few_reviews_is_passed_over():
    rows = frame(9, each=50)
    late = frame(1, each=3).assign(created_at=pd.Timestamp(2024, 10, 2, tz="UTC"))
    late["row"] += 10_000
    told = mentions(rows, [9], "delivery.speed", 2)
    table, _ = emerging_table(pd.concat([rows, late], ignore_index=True), told, Config())
    assert set(table["period"].to_pylist()) == {"2024-09-01"}


def test_rows_without_words_do_not_count_as_exposure():
    rows = frame(9, each=50)
    rows.loc[rows.index % 2 == 0, "score"] = np.nan
    table, _ = emerging_table(rows, mentions(rows, [9], "delivery.speed", 1), Config())
    assert set(table["n_reviews"].to_pylist()) == {25}


def test_nothing_to_compare_is_said():
    rows = frame(1, each=50)
    table, note = emerging_table(rows, mentions(rows, [1], "delivery.speed", 2), Config())
    assert table.num_rows == 0
    assert note == "no month has 20 reviews with words and as many before it"
    _, note = emerging_table(rows.drop(columns="created_at"), mentions(rows, [1], "x", 2), Config())
    assert note == "no row has a date"


def test_rising_themes_of_a_run():
    random = np.random.default_rng(6)
    n = 3000
    rows = pd.DataFrame(
        {"row": np.arange(n), "created_at": pd.Timestamp("2025-01-06", tz="UTC"), "score": 0.0}
    )
    week = np.arange(n) % 10
    rows["created_at"] += pd.to_timedelta(7 * week, "D")
    told = [
        pd.DataFrame(
            {"row": np.flatnonzero(random.random(n) < 0.05), "theme": "price.level", "polarity": "negative"}
        ),
        pd.DataFrame(
            {"row": np.flatnonzero((week == 9) & (random.random(n) < 0.06)), "theme": "website_app.crash"}
        ),
        pd.DataFrame({"row": np.flatnonzero((week == 9) & (random.random(n) < 0.2)), "theme": "store.staff"}),
    ]
    told[1]["polarity"], told[2]["polarity"] = "negative", "positive"
    weekly = Config.model_validate({"loyalty": {"period": "week"}})
    got = emerging_table(rows, pd.concat(told, ignore_index=True), weekly)[0].to_pandas()
    got = got[got["polarity"] == "negative"].set_index("theme")
    assert got["rising"].to_dict() == {"website_app.crash": True, "price.level": False}
    assert (got["period"] == "2025-03-10").all()
    assert not emerging_table(rows.assign(created_at=pd.NaT), pd.concat(told), weekly)[0].num_rows
    assert not emerging_table(rows, told[0].iloc[:0], weekly)[0].num_rows
