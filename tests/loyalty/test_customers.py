"""Customers of several rows: the intervals hold, and nothing changes where everybody has one."""

import numpy as np
import pandas as pd
import pytest

from earful.loyalty.customers import customer_codes, folds, shared_weight, units
from earful.loyalty.estimator import estimate
from earful.loyalty.impacts import impacts
from earful.loyalty.moments import Moments
from earful.loyalty.refit import FOLDS, refit


def test_codes_say_who_wrote_what_only_where_somebody_wrote_twice():
    assert customer_codes(pd.Series(["a", None, "b", None])) is None
    assert customer_codes(pd.Series([None, None], dtype=object)) is None
    assert customer_codes(pd.Series(["a", None, "b", "a"])).tolist() == [0, -1, 1, 0]


def test_units_and_folds_keep_a_customer_together():
    customer = np.array([3, -1, 3, 0, -1, 0])
    assert units(6, customer).tolist() == [0, 1, 0, 2, 3, 2]
    assert folds(6, 2, customer).tolist() == [0, 1, 0, 0, 1, 0]
    assert units(3).tolist() == [0, 1, 2]
    assert folds(4, 3).tolist() == [0, 1, 2, 0]


def test_copies_of_rows_are_worth_as_many_rows_as_there_are_customers():
    random = np.random.default_rng(3)
    times = 4
    value = random.choice([-100.0, 0.0, 100.0], 300)
    codes, who = np.repeat(np.arange(3), 100), np.arange(300)
    once = Moments.of(codes, value, np.ones(300), 3)
    again = Moments.of(
        np.repeat(codes, times), np.repeat(value, times), np.ones(300 * times), 3, np.repeat(who, times)
    )
    assert again.mean == pytest.approx(once.mean)
    assert again.n_eff == pytest.approx(once.n_eff, rel=0.02)
    assert again.variance == pytest.approx(once.variance, rel=0.02)


def test_rows_of_one_customer_that_have_nothing_in_common_count_in_full():
    random = np.random.default_rng(4)
    got = Moments.of(
        np.zeros(4000, dtype=np.int64),
        random.standard_normal(4000),
        np.ones(4000),
        1,
        np.repeat(np.arange(1000), 4),
    )
    assert got.n_eff[0] > 3500


def test_strangers_share_nothing():
    n = 50
    random = np.random.default_rng(5)
    codes, d, w = np.arange(n) % 2, random.standard_normal(n), random.uniform(0.5, 2, n)
    for customer in (np.full(n, -1), np.arange(n)):
        assert shared_weight(codes, d, w, customer, 2) == pytest.approx([0, 0])


def test_one_row_each_changes_nothing():
    random = np.random.default_rng(6)
    f, s = random.uniform(-80, 80, 200), random.choice([-100.0, 0.0, 100.0, np.nan], 200)
    codes = np.arange(200) % 5
    plain = estimate(codes, f, s, 5)
    named = estimate(codes, f, s, 5, customer=np.arange(200))
    for field in ("index", "claim_low", "claim_high", "rank_low", "rank_high", "n_effective"):
        assert np.array_equal(getattr(plain, field), getattr(named, field))
    x = random.standard_normal((200, 2))
    assert np.array_equal(refit(f, x, s), refit(f, x, s, customer=np.arange(200)))


def test_the_claim_interval_covers_when_customers_write_again():
    """Each customer's rows are alike; without knowing whose they are the interval is far too narrow."""
    random = np.random.default_rng(7)
    inside = {"known": 0, "unknown": 0}
    rounds, groups = 60, 10
    for _ in range(rounds):
        times = random.integers(1, 6, 40 * groups)
        who = np.repeat(np.arange(40 * groups), times)
        s = random.choice([-100.0, 100.0], 40 * groups)[who]
        codes = who // 40
        f = np.zeros(len(who))
        for name, customer in (("known", who), ("unknown", None)):
            got = estimate(codes, f, s, groups, customer=customer)
            inside[name] += int(np.sum((got.claim_low <= 0) & (got.claim_high >= 0)))
    assert inside["known"] / (rounds * groups) >= 0.93
    assert inside["unknown"] / (rounds * groups) < 0.85


def test_no_answer_of_a_customer_moves_the_prediction_of_his_other_rows():
    n = 40
    random = np.random.default_rng(8)
    f, x = random.uniform(-50, 50, n), random.standard_normal((n, 2))
    s = random.choice([-100.0, 0.0, 100.0], n)
    customer = np.arange(n) // 2
    other = s.copy()
    other[0] = 100.0 if s[0] < 100 else -100.0
    first, second = (refit(f, x, answers, customer=customer) for answers in (s, other))
    own = customer == customer[0]
    assert np.array_equal(first[own], second[own])
    assert not np.array_equal(first[~own], second[~own])
    assert FOLDS > 1


def test_driver_intervals_widen_when_rows_are_copies():
    from scipy import sparse

    random = np.random.default_rng(9)
    value, theme = random.uniform(-100, 100, 150), random.random(150) < 0.3
    carried = sparse.csr_matrix(theme[:, None].astype(float))
    who = np.repeat(np.arange(150), 4)
    many = sparse.csr_matrix(carried.toarray()[who])
    once = impacts(value, carried, 0.95)
    known = impacts(value[who], many, 0.95, customer=who)
    unknown = impacts(value[who], many, 0.95)
    width = once.high - once.low
    assert known.high - known.low == pytest.approx(width, rel=0.15)
    assert np.all(unknown.high - unknown.low < 0.65 * width)
