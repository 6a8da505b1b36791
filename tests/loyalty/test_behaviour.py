from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from earful.loyalty.behaviour import behaviour, foresight, response_rate

END = pd.Timestamp("2025-01-01", tz="UTC")


def orders(*rows):
    return pd.DataFrame(rows, columns=["author_id", "ordered_at", "amount"])


def test_counts_by_hand():
    got = behaviour(
        orders(
            ("a", "2024-02-01", 10.0),
            ("a", "2024-03-01", 30.0),
            ("b", "2024-04-01", 20.0),
            ("c", "2024-12-31 23:59", None),
            ("a", "2023-05-01", 99.0),
            ("d", "2023-05-01", 99.0),
            ("e", "2025-01-01", 5.0),
            (None, "2024-05-01", 1000.0),
        ),
        END,
    )
    assert got.customers == 3
    assert float(got.repeat.estimate) == pytest.approx(100 / 3)
    assert float(got.frequency.estimate) == pytest.approx(4 / 3)
    assert float(got.order_value.estimate) == 20
    assert float(got.retention.estimate) == 50
    assert float(got.churn.estimate) == 50
    assert float(got.churn.low) < 50 < float(got.churn.high)


def test_nothing_to_measure():
    got = behaviour(orders(), END)
    assert got.customers == 0
    assert all(np.isnan(i.estimate) for i in (got.repeat, got.frequency, got.order_value, got.retention))
    with pytest.raises(ValueError, match="days"):
        behaviour(orders(), END, days=0)


def test_orders_of_one_customer_are_one_cluster():
    random = np.random.default_rng(0)
    many = [(f"c{i}", "2024-06-01", float(random.normal(50, 10))) for i in range(40)]
    heavy = [(who, when, amount) for who, when, amount in many for _ in range(25)]
    one, repeated = behaviour(orders(*many), END).order_value, behaviour(orders(*heavy), END).order_value
    assert float(repeated.estimate) == pytest.approx(float(one.estimate))
    assert float(repeated.high - repeated.low) == pytest.approx(float(one.high - one.low))


def test_response_rate():
    got = response_rate(120, 1000)
    assert float(got.low) < 12 < float(got.high)
    assert float(got.estimate) == pytest.approx(12)
    with pytest.raises(ValueError, match="answered"):
        response_rate(5, 4)


def test_foresight_is_the_area_under_the_curve():
    random = np.random.default_rng(1)
    score = np.round(random.normal(size=300), 1)
    good = (score + random.normal(size=300) > 0.2).astype(float)
    good[:5] = np.nan
    got = foresight(score, good)
    assert got.n == 295
    assert float(got.auc.estimate) == pytest.approx(roc_auc_score(good[5:], score[5:]))
    assert 0.5 < float(got.auc.low) < float(got.auc.estimate) < float(got.auc.high) < 1


def test_a_useless_score_is_a_coin():
    random = np.random.default_rng(2)
    got = foresight(random.normal(size=500), random.random(500) < 0.5)
    assert float(got.auc.low) < 0.5 < float(got.auc.high)
    assert np.isnan(foresight([1, 2], [1, 1]).auc.estimate)
