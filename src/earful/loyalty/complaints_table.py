"""The table of the complaint loop: what became of complaints, stage by stage, and what they put at risk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from earful import schema
from earful.config import ComplaintsConfig, Config
from earful.loyalty.complaints import complaint_loop, repeat_complaints, value_at_risk
from earful.loyalty.frames import column, groupings
from earful.loyalty.intervals import Interval, wilson
from earful.schema import STAGES, cut_by
from earful.tables import to_table

__all__ = ["complaints_table"]

#: A stage is timed where so large a part of the complaints that reached it have a time.
_TIMED = 0.9
#: Customers whose outcome is known, before their share that left is taken for a chance.
_MIN_OUTCOMES = 20


def complaints_table(
    complaints: pd.DataFrame,
    config: Config,
    now: pd.Timestamp | None,
    row_touchpoints: pd.DataFrame | None = None,
) -> pa.Table:
    """Measure what became of complaints, overall, by product and by touchpoint.

    Parameters
    ----------
    complaints
        One row per complaint in canonical order: ``row``, ``product``, ``touchpoint``, ``author_id``,
        ``annual_value``, ``retained``, ``received_at`` and, for each stage, whether it was reached (null
        where nothing says) and when.
    config
        Settings of the run.
    now
        Until when open complaints have waited, where ``complaints.as_of`` is not set.
    row_touchpoints
        As ``loyalty_table`` takes it.

    Returns
    -------
    pa.Table
        As ``schema.COMPLAINTS``: for each group a row ``received`` (how many, how many came back, what is at
        risk) and one for each stage that a column tells of.
    """
    promise, level = config.complaints, config.loyalty.level
    end = now if promise.as_of is None else pd.Timestamp(promise.as_of, tz="UTC") + pd.Timedelta(days=1)
    stages = [stage for stage in STAGES if complaints[stage].notna().any()]
    records: list[dict[str, Any]] = []
    for grouping in groupings(complaints, config, row_touchpoints, single=True):
        for named, at in grouping.groups():
            own = complaints.iloc[grouping.row[at]]
            told = {stage: _stage(own, stage, promise, end, level) for stage in stages}
            told = {"received": _received(own, promise, level), **told}
            records += [{**named, "stage": stage, **columns} for stage, columns in told.items()]
    return to_table(records, cut_by(schema.COMPLAINTS, config.loyalty.cuts))


def _received(own: pd.DataFrame, promise: ComplaintsConfig, level: float) -> dict[str, Any]:
    """Count complaints, those that came back, and what is at risk with the customers who complained."""
    told: dict[str, Any] = {"n": len(own)}
    known = own.dropna(subset=["author_id", "received_at"]).rename(columns={"received_at": "received"})
    if len(known):
        told |= repeat_complaints(known, promise.repeat_days, level).percent().named("repeat")
    customers = _customers(own)
    chance = _chance(customers, promise, level)
    value = column(customers, "annual_value")
    if promise.customer_value is not None:
        value = np.where(np.isnan(value), promise.customer_value, value)
    told |= chance.percent().named("churn")
    if not np.isnan(value).all() and not np.isnan(chance.estimate):
        at_risk = (np.nan if np.isnan(part) else value_at_risk(part, value) for part in chance)
        told |= Interval.of(*at_risk).named("value_at_risk")
    return told


def _customers(own: pd.DataFrame) -> pd.DataFrame:
    """Give one row per customer, their latest complaint; a complaint without a customer is one of its own."""
    named = own[own["author_id"].notna()].sort_values("received_at", kind="stable", na_position="first")
    return pd.concat([named.drop_duplicates("author_id", keep="last"), own[own["author_id"].isna()]])


def _chance(customers: pd.DataFrame, promise: ComplaintsConfig, level: float) -> Interval:
    """Chance that a customer who complained leaves: as set, or the share of those known to have left."""
    if promise.churn_rate is not None:
        return Interval.of(promise.churn_rate, np.nan, np.nan)
    stayed = column(customers, "retained")
    n = int(np.sum(~np.isnan(stayed)))
    if n < _MIN_OUTCOMES:
        return Interval.unknown()
    return wilson(float(np.sum(stayed == 0)), n, level)


def _stage(
    own: pd.DataFrame, stage: str, promise: ComplaintsConfig, end: pd.Timestamp | None, level: float
) -> dict[str, Any]:
    reached = column(own, stage)
    known, done = ~np.isnan(reached), reached == 1
    n, n_reached = int(known.sum()), int(done.sum())
    told: dict[str, Any] = {
        "n": n,
        "n_reached": n_reached,
        **wilson(n_reached, n, level).percent().named("reached"),
    }
    promised = stage == promise.target_stage
    if promised:
        told |= {"target_share": 100 * promise.target_share, "target_days": promise.target_days}
    when, received = own[f"{stage}_at"], own["received_at"]
    timed = done & when.notna().to_numpy()
    if end is None or timed.sum() < _TIMED * n_reached or not received.notna().any():
        return told
    usable = known & (timed | ~done)
    frame = pd.DataFrame({"received": received[usable], stage: when[usable]})
    loop = complaint_loop(frame, end, promise, level, stage)
    if not loop.n:
        return told
    return told | {
        "n_timed": loop.n,
        "n_open": loop.n_open,
        **Interval.of(loop.kept, loop.low, loop.high).percent().named("in_time"),
        "median_days": loop.median_days,
        "verdict": loop.verdict if promised else None,
    }
