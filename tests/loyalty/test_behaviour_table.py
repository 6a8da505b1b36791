from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earful import schema
from earful.config import Config
from earful.errors import InputError
from earful.loyalty.behaviour import foresight
from earful.loyalty.behaviour_table import behaviour_table
from earful.loyalty.orders import read_orders

START = pd.Timestamp("2026-01-01", tz="UTC")


def frame(n, **columns):
    blank = dict.fromkeys(
        ("author_id", "orders", "order_value", "retained", "nps_text", "nps", "rating", "rating_min"), None
    )
    blank |= dict.fromkeys(("rating_max", "csat", "csat_min", "csat_max", "score"), None)
    rows = pd.DataFrame({"row": np.arange(n), "product": "kettle", **blank}, index=range(n))
    return rows.assign(**{"created_at": START, **columns})


def table(rows, orders=None, answered=0, **behaviour):
    config = Config.model_validate({"behaviour": behaviour})
    got = behaviour_table(rows, orders, config, answered)
    assert got.schema.equals(schema.BEHAVIOUR)
    return got.to_pandas()


def measure(got, name, **which):
    for column, value in {"grouping": "overall", "measure": name, **which}.items():
        got = got[got[column] == value]
    (row,) = got.to_dict("records")
    return row


def test_columns_by_hand():
    rows = frame(5, orders=[0.0, 1, 2, 3, np.nan], order_value=[np.nan, 10, 20, 30, 40.0])
    got = table(rows)
    repeat = measure(got, "repeat")
    assert (repeat["n"], repeat["value"]) == (3, pytest.approx(200 / 3))
    assert measure(got, "frequency")["value"] == 2
    value = measure(got, "order_value")
    assert (value["n"], value["value"], value["unit"], value["origin"]) == (4, 25, "amount", "columns")
    assert value["low"] < 25 < value["high"]
    assert set(got["grouping"]) == {"overall", "product"}


def test_a_customer_counts_once_by_the_latest_row():
    rows = frame(
        4,
        author_id=["ann", "ann", "bob", None],
        created_at=[START + pd.Timedelta(days=9), START, START, START],
        retained=[False, True, True, True],
    )
    got = table(rows)
    assert (measure(got, "churn")["n"], measure(got, "churn")["value"]) == (3, pytest.approx(100 / 3))
    assert measure(got, "retention")["value"] == pytest.approx(200 / 3)


def test_the_auc_by_hand_and_from_ten_of_each_outcome():
    # Of 10 x 10 pairs the one who stayed has the higher answer in 90, ties in 5.
    stayed = [True] * 10 + [False] * 10
    nps = [9.0] * 9 + [5.0] + [5.0] * 10
    got = table(frame(20, retained=stayed, nps=nps))
    auc = measure(got, "auc")
    assert (auc["score"], auc["n"]) == ("nps", 20)
    assert auc["value"] == pytest.approx((9 * 10 + 10 * 0.5) / 100)
    assert "auc" not in set(table(frame(19, retained=stayed[:19], nps=nps[:19]))["measure"])


def test_the_interval_of_many_customers_is_that_of_few():
    random = np.random.default_rng(1)
    stayed = random.random(4900) < 0.4
    score = random.normal(0, 1, 4900) + 0.5 * stayed
    few = foresight(score, stayed)
    again = foresight(np.tile(score, 2), np.tile(stayed, 2))
    assert float(few.auc.estimate) == pytest.approx(float(again.auc.estimate))
    widths = [float(got.auc.high - got.auc.low) for got in (few, again)]
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(2), rel=0.12)


def test_orders_are_measured_and_feedback_is_set_against_what_came_after(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "Customer ID,Order date,Amount\n"
        "ann,2025-02-01,10\nann,2026-02-01,30\nann,2026-03-01,20\nbob,2025-03-01,50\nbob,,7\n,2026-03-01,9\n"
    )
    orders = read_orders(path)
    assert orders["amount"].tolist() == [10, 30, 20, 50, 7, 9]
    got = table(frame(0), orders, days=365)
    assert measure(got, "repeat")["value"] == 100
    assert measure(got, "frequency")["value"] == 2
    assert measure(got, "order_value")["value"] == 25
    assert (measure(got, "retention")["n"], measure(got, "retention")["value"]) == (2, 50)
    assert set(got["origin"]) == {"orders"}


def test_a_further_order_is_the_outcome_of_the_orders():
    n = 30
    names = [f"c{i}" for i in range(n)]
    rows = frame(n, author_id=names, score=[0.9] * 15 + [-0.9] * 15, created_at=START)
    back = [START + pd.Timedelta(days=20)] * 15 + [START - pd.Timedelta(days=20)] * 15
    orders = pd.DataFrame({"author_id": names, "ordered_at": back, "amount": 5.0})
    late = pd.DataFrame({"author_id": ["x"], "ordered_at": [START + pd.Timedelta(days=80)], "amount": [1.0]})
    got = table(rows, pd.concat([orders, late], ignore_index=True), days=60)
    auc = measure(got, "auc")
    assert (auc["score"], auc["origin"], auc["value"]) == ("words", "orders", 1.0)
    # Feedback of which it is too early to tell is left out.
    early = table(rows, orders, days=60)
    assert "auc" not in set(early["measure"])


def test_the_response_rate():
    got = measure(table(frame(0), answered=30, asked=120), "response")
    assert (got["value"], got["n"], got["origin"]) == (25, 120, "settings")
    assert table(frame(0), answered=30, asked=20).empty


@pytest.mark.parametrize(
    ("text", "says"),
    [("customer,amount\nann,3\n", "no column of times"), ("date\n2026-01-01\n", "no column of customers")],
)
def test_a_file_of_orders_that_cannot_serve_is_refused(tmp_path, text, says):
    path = tmp_path / "orders.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_orders(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_orders(tmp_path / "none.csv")
