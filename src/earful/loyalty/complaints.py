"""The complaint loop: how fast complaints are dealt with, how often they come back, what they put at risk."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earful.config import ComplaintsConfig
from earful.loyalty.frames import Flags, Floats
from earful.loyalty.intervals import Interval, wilson

__all__ = [
    "LoopReport",
    "complaint_loop",
    "kaplan_meier",
    "repeat_complaints",
    "value_at_risk",
]

Verdict = Literal["met", "missed", "undetermined"]


@dataclass(frozen=True, slots=True)
class LoopReport:
    """How a promise is kept.

    Attributes
    ----------
    n, n_open
        Complaints, and those that have not reached the stage yet.
    kept, low, high
        Share that reached the stage in time, in [0, 1], with its interval; open complaints count for as long
        as they have waited (Kaplan-Meier).
    verdict
        ``met`` where the whole interval is at or above the promise, ``missed`` where it is below, otherwise
        ``undetermined``.
    median_days
        Days until half have reached the stage; NaN where fewer than half have.
    """

    n: int
    n_open: int
    kept: float
    low: float
    high: float
    verdict: Verdict
    median_days: float


def complaint_loop(
    complaints: pd.DataFrame,
    now: pd.Timestamp,
    promise: ComplaintsConfig | None = None,
    level: float = 0.95,
    stage: str | None = None,
) -> LoopReport:
    """Measure how a promise to complainants is kept.

    Parameters
    ----------
    complaints
        One row per complaint, with ``received`` and the stage of the promise as times (empty while open). A
        complaint without ``received``, received after ``now``, or done before it was received, is left out.
    now
        Until when the data runs: open complaints have waited up to here.
    promise
        What share is to reach the stage within how many days; 85 % within 3 days by default.
    level
        Level of the interval.
    stage
        Another stage than the one that was promised, measured by the same share and days.
    """
    promise = promise or ComplaintsConfig()
    received = pd.to_datetime(complaints["received"], utc=True, format="ISO8601")
    done = pd.to_datetime(complaints[stage or promise.target_stage], utc=True, format="ISO8601")
    moment = pd.to_datetime(now, utc=True)
    reached = (done.notna() & (done <= moment)).to_numpy()
    end = done.where(reached, moment)
    days = _days(received, end, promise.calendar)
    usable = received.notna().to_numpy() & (days >= 0)
    days, reached = days[usable], reached[usable]
    left = kaplan_meier(days, reached, promise.target_days, level)
    kept, low, high = 1 - float(left.estimate), 1 - float(left.high), 1 - float(left.low)
    verdict: Verdict = "undetermined"
    if low >= promise.target_share:
        verdict = "met"
    elif high < promise.target_share:
        verdict = "missed"
    return LoopReport(len(days), int((~reached).sum()), kept, low, high, verdict, _median(days, reached))


def kaplan_meier(days: ArrayLike, reached: ArrayLike, at: float, level: float = 0.95) -> Interval:
    """Share still waiting at ``at`` days, with the log-log interval (Greenwood's variance).

    Parameters
    ----------
    days
        How long each case was watched, shape (n,).
    reached
        Whether it ended then; otherwise it was still open.
    at
        When to look, in days.
    level
        Level of the interval. Where nobody or everybody is left it is Wilson's, by the cases whose outcome at
        ``at`` is known.
    """
    time, ended = np.asarray(days, dtype=np.float64), np.asarray(reached, dtype=bool)
    if not len(time):
        return Interval.unknown()
    left = _waiting(time, ended)
    survival = float(left.evaluate(at))
    if not 0 < survival < 1:
        known = int((ended | (time >= at)).sum())
        return Interval(np.asarray(survival), *wilson(survival * known, known, level)[1:])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Undefined where nobody has left yet or nobody is left; not asked for there.
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = left.confidence_interval(level, method="log-log")
    return Interval.of(survival, ends.low.evaluate(at), ends.high.evaluate(at))


def repeat_complaints(complaints: pd.DataFrame, within_days: float = 90.0, level: float = 0.95) -> Interval:
    """Share of complaints by a customer (``author_id``) who had complained in the days before."""
    known = complaints.dropna(subset=["author_id", "received"])
    times = pd.to_datetime(known["received"], utc=True, format="ISO8601")
    ordered = pd.DataFrame({"author": known["author_id"].to_numpy(), "at": times.to_numpy()}).sort_values(
        ["author", "at"]
    )
    gap = ordered.groupby("author")["at"].diff().dt.total_seconds() / 86_400
    return wilson(float((gap <= within_days).sum()), float(len(ordered)), level)


def value_at_risk(churn: ArrayLike, annual_value: ArrayLike) -> float:
    """Yearly value of the customers who may leave: the sum of chance of leaving times yearly value.

    Parameters
    ----------
    churn
        Chance that each customer leaves, in [0, 1], one number for all or shape (n,).
    annual_value
        What each is worth a year, one number for all or shape (n,).
    """
    chance = np.asarray(churn, dtype=np.float64)
    if np.any((chance < 0) | (chance > 1)):
        raise ValueError("the chance of leaving must be in [0, 1]")
    return float(np.nansum(chance * np.asarray(annual_value, dtype=np.float64)))


def _days(start: pd.Series, end: pd.Series, calendar: str) -> Floats:
    whole = ((end - start).dt.total_seconds() / 86_400).to_numpy(dtype=np.float64)
    if calendar == "days":
        return np.asarray(np.nan_to_num(whole, nan=-1.0), dtype=np.float64)
    out = np.full(len(start), -1.0)
    known = (start.notna() & end.notna()).to_numpy() & (whole >= 0)
    begin, stop = start[known], end[known]
    first = begin.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    last = stop.dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    full = np.busday_count(first, last).astype(np.float64)
    # Parts of the first and the last day count where these are working days.
    part = _part_of_day(stop) * np.is_busday(last) - _part_of_day(begin) * np.is_busday(first)
    out[known] = np.maximum(full + part, 0.0)
    return out


def _part_of_day(times: pd.Series) -> Floats:
    part = (times - times.dt.normalize()).dt.total_seconds() / 86_400
    return np.asarray(part.to_numpy(dtype=np.float64), dtype=np.float64)


def _waiting(days: Floats, reached: Flags) -> Any:
    """Give the share still waiting as a function of the days (Kaplan-Meier)."""
    from scipy import stats  # dear to import, and few runs hold complaints

    return stats.ecdf(stats.CensoredData(uncensored=days[reached], right=days[~reached])).sf


def _median(days: Floats, reached: Flags) -> float:
    if not reached.any():
        return float("nan")
    left = _waiting(days, reached)
    half = np.flatnonzero(left.probabilities <= 0.5 + 1e-12)
    return float(left.quantiles[half[0]]) if len(half) else float("nan")
