from __future__ import annotations

import numpy as np
import pandas as pd

from earful.config import Config, ScalesConfig
from earful.loyalty.basis import basis_of
from earful.loyalty.drivers_table import drivers_table
from earful.loyalty.loyalty_table import loyalty_table


def frame(n=120):
    random = np.random.default_rng(4)
    seen = random.normal(0, 1, n)
    return pd.DataFrame(
        {
            "row": np.arange(n),
            "product": np.where(np.arange(n) % 2, "kettle", "lamp"),
            "text_length": 50,
            "score": np.where(np.arange(n) % 10 == 9, np.nan, np.tanh(seen)),
            "p_passive": 0.2,
            "nps_text": 80 * np.tanh(seen),
            "nps": np.where(np.arange(n) % 3 == 0, np.clip(np.round(7 + 2 * seen), 0, 10), np.nan),
            "nps_min": 0.0,
            "nps_max": 10.0,
        }
    )


def test_tables_are_the_same_with_the_basis_handed_in():
    rows = frame()
    told = pd.DataFrame({"row": rows["row"][::2], "theme": "delivery.speed", "polarity": "negative"})
    basis = basis_of(rows, ScalesConfig())
    assert loyalty_table(rows, Config(), basis=basis).equals(loyalty_table(rows, Config()))
    assert drivers_table(rows, told, Config(), basis).equals(drivers_table(rows, told, Config()))


def test_rows_without_words_are_silent():
    rows = frame()
    assert basis_of(rows, ScalesConfig()).silent.tolist() == rows["score"].isna().tolist()


def test_the_first_scale_is_that_of_most_answers():
    rows = frame()
    rows.loc[rows.index[:9], "nps_min"] = 1.0
    rows.loc[rows.index[:9], "nps"] = 10.0
    basis = basis_of(rows, ScalesConfig())
    assert [scale.min for scale, _, _ in basis.by_scale] == [0, 1]
    assert np.isnan(basis.answer[:9]).all()
    assert (~np.isnan(basis.answer)).sum() == (rows["nps"].notna() & (rows["nps_min"] == 0)).sum()
