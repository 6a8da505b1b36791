from __future__ import annotations

import numpy as np
import pytest

from earful.loyalty.importance import shapley_shares


def test_shapley_against_every_order_by_hand():
    random = np.random.default_rng(1)
    x = random.normal(size=(400, 2))
    x[:, 1] += 0.8 * x[:, 0]
    y = x[:, 0] + 0.5 * x[:, 1] + random.normal(size=400)

    def r2(*columns):
        design = np.column_stack([np.ones(400), *(x[:, [c]] for c in columns)])
        left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        return 1 - left.var() / y.var()

    first = (r2(0) + r2(0, 1) - r2(1)) / 2
    assert shapley_shares(x, y)[0] == pytest.approx(first / r2(0, 1), abs=1e-6)


def test_drawn_orders_come_close_to_all_of_them():
    random = np.random.default_rng(2)
    x = random.normal(size=(500, 7)) + random.normal(size=(500, 1))
    y = x @ np.arange(7) + random.normal(size=500)
    shares = shapley_shares(x, y)
    assert shares.sum() == pytest.approx(1)
    assert shares == pytest.approx(shapley_shares(x, y, orders=5040), abs=0.02)


def test_shares_of_columns_that_say_nothing():
    assert shapley_shares(np.zeros((10, 0)), np.arange(10.0)).shape == (0,)
    assert shapley_shares(np.zeros((10, 2)), np.arange(10.0)).tolist() == [0.5, 0.5]
    twins = np.column_stack([np.arange(10.0), np.arange(10.0), np.zeros(10)])
    assert shapley_shares(twins, np.arange(10.0)) == pytest.approx([0.5, 0.5, 0], abs=1e-4)
