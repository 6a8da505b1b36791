"""The table of behaviour: what customers do beside what they say, and how well feedback foretells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from earful import schema
from earful.config import Config
from earful.loyalty.behaviour import behaviour, foresight, mean, response_rate, share
from earful.loyalty.frames import column, groupings
from earful.loyalty.intervals import Interval
from earful.loyalty.scales import relative
from earful.schema import cut_by
from earful.tables import to_table

__all__ = ["behaviour_table"]

#: Customers of each outcome, before a score is said to foretell it.
_MIN_OUTCOMES = 10
_UNITS = {
    "repeat": "percent",
    "frequency": "orders",
    "order_value": "amount",
    "retention": "percent",
    "churn": "percent",
    "response": "percent",
    "auc": "auc",
}


def behaviour_table(
    customers: pd.DataFrame, orders: pd.DataFrame | None, config: Config, n_answered: int
) -> pa.Table:
    """Measure what customers do, as far as columns, a file of orders and settings tell.

    Customers are counted once, by what their latest row says; a row without a customer is one of its own.

    Parameters
    ----------
    customers
        One row per review that says something of its customer, in canonical order, as ``Store.customers``
        gives.
    orders
        As ``read_orders`` gives, where there is a file of orders.
    config
        Settings of the run.
    n_answered
        Rows of feedback, set against ``behaviour.asked``.

    Returns
    -------
    pa.Table
        As ``schema.BEHAVIOUR``; no rows where nothing is known.
    """
    level = config.loyalty.level
    records: list[dict[str, Any]] = []
    latest = _latest(customers)
    for grouping in groupings(latest, config, single=True, but=("touchpoint",)):
        for named, at in grouping.groups():
            told = _told(latest.iloc[grouping.row[at]], level)
            records += [{**named, **record, "origin": "columns"} for record in told]
    found = {"columns": _foretold(latest, level)}
    if orders is not None:
        found["orders"] = _ordered(customers, orders, config)
    if config.behaviour.asked is not None and n_answered <= config.behaviour.asked:
        rate = response_rate(n_answered, config.behaviour.asked, level)
        found["settings"] = iter([_record("response", config.behaviour.asked, rate)])
    for origin, some in found.items():
        records += [{"grouping": "overall", **record, "origin": origin} for record in some]
    return to_table(records, cut_by(schema.BEHAVIOUR, config.loyalty.cuts))


def _latest(customers: pd.DataFrame) -> pd.DataFrame:
    """Give one row per customer: the latest that says something of what they do, in canonical order."""
    told = customers[customers[["orders", "order_value", "retained"]].notna().any(axis=1)]
    named = told["author_id"].notna()
    by_time = told[named].sort_values("created_at", kind="stable", na_position="first")
    kept = by_time.drop_duplicates("author_id", keep="last").index.union(told.index[~named])
    # The date has done its work: these rows are not cut by period.
    return told.loc[kept].drop(columns="created_at").reset_index(drop=True)


def _told(own: pd.DataFrame, level: float) -> Iterator[dict[str, Any]]:
    """Measure what the columns say of one group."""
    orders = column(own, "orders")
    buyers = orders[orders >= 1]
    if len(buyers):
        yield _record("repeat", len(buyers), share(buyers >= 2, level))
        yield _record("frequency", len(buyers), mean(buyers, level))
    value = column(own, "order_value")
    value = value[~np.isnan(value)]
    if len(value):
        yield _record("order_value", len(value), mean(value, level))
    stayed = column(own, "retained")
    stayed = stayed[~np.isnan(stayed)]
    if len(stayed):
        yield _record("retention", len(stayed), share(stayed, level))
        yield _record("churn", len(stayed), share(1 - stayed, level))


def _foretold(own: pd.DataFrame, level: float) -> Iterator[dict[str, Any]]:
    """Measure how well each score foretells who stays."""
    stayed = column(own, "retained")
    scores = {
        "index": column(own, "nps_text"),
        "nps": column(own, "nps"),
        "rating": relative(own, "rating"),
        "csat": relative(own, "csat"),
        "words": column(own, "score"),
    }
    for name, score in scores.items():
        both = ~np.isnan(score) & ~np.isnan(stayed)
        good = int(stayed[both].sum())
        if min(good, int(both.sum()) - good) < _MIN_OUTCOMES:
            continue
        got = foresight(score, stayed, level)
        yield {**_record("auc", got.n, got.auc), "score": name}


def _ordered(customers: pd.DataFrame, orders: pd.DataFrame, config: Config) -> Iterator[dict[str, Any]]:
    """Measure what the orders say of all customers, and how well feedback foretells a further order."""
    days, level = config.behaviour.days, config.loyalty.level
    known = orders.dropna(subset=["author_id", "ordered_at"])
    if known.empty:
        return
    last = config.behaviour.as_of
    end = known["ordered_at"].max() + pd.Timedelta(seconds=1)
    if last is not None:
        end = pd.Timestamp(last, tz="UTC") + pd.Timedelta(days=1)
    got = behaviour(known, end, days, level)
    for measure in ("repeat", "frequency", "order_value", "retention", "churn"):
        interval: Interval = getattr(got, measure)
        n = got.customers_before if measure in ("retention", "churn") else got.customers
        if n and not np.isnan(float(interval.estimate)):
            yield _record(measure, n, interval)
    yield from _foretold(_came_back(customers, known, end, days), level)


def _came_back(customers: pd.DataFrame, orders: pd.DataFrame, end: pd.Timestamp, days: int) -> pd.DataFrame:
    """Say of each customer's latest feedback that is old enough whether an order came within the days."""
    wait = pd.Timedelta(days=days)
    told = customers.dropna(subset=["author_id", "created_at"])
    told = told[(told["created_at"] + wait <= end) & told["author_id"].isin(orders["author_id"])]
    told = (
        told.sort_values("created_at", kind="stable").drop_duplicates("author_id", keep="last").sort_index()
    )
    pairs = told[["author_id", "created_at"]].merge(orders[["author_id", "ordered_at"]], on="author_id")
    since = pairs["ordered_at"] - pairs["created_at"]
    again = set(pairs.loc[(since > pd.Timedelta(0)) & (since <= wait), "author_id"])
    return told.assign(retained=told["author_id"].isin(again).to_numpy())


def _record(measure: str, n: int, interval: Interval) -> dict[str, Any]:
    value, low, high = (float(part) for part in interval)
    ends = {"low": low, "high": high} if np.isfinite(high) else {}
    return {"measure": measure, "unit": _UNITS[measure], "n": n, "value": value, **ends}
