"""The complaint loop: how fast complaints are dealt with, how often they come back, what they put at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earful.loyalty.intervals import Interval, normal_quantile, wilson

__all__ = [
    "STAGES",
    "LoopReport",
    "Sla",
    "complaint_loop",
    "kaplan_meier",
    "repeat_complaints",
    "value_at_risk",
]

#: Stages of a complaint, in order; each is a column with the time it was reached, or nothing yet.
STAGES = ("received", "acknowledged", "apologised", "resolved", "followed_up")

Floats = NDArray[np.float64]
Verdict = Literal["met", "missed", "undetermined"]


@dataclass(frozen=True, slots=True)
class Sla:
    """A promise: this share of complaints reaches a stage within so many days.

    Attributes
    ----------
    share
        Share promised, in (0, 1).
    days
        Days from receipt.
    stage
        Which stage counts.
    calendar
        ``days`` counts every day, ``business`` Mondays to Fridays.
    """

    share: float = 0.85
    days: float = 3.0
    stage: str = "acknowledged"
    calendar: Literal["days", "business"] = "days"

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or self.days <= 0 or self.stage not in STAGES[1:]:
            raise ValueError(
                f"share must be in (0, 1), days above 0 and stage one of {', '.join(STAGES[1:])}; "
                f"got {self.share}, {self.days}, {self.stage!r}"
            )


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
    complaints: pd.DataFrame, now: pd.Timestamp, sla: Sla | None = None, level: float = 0.95
) -> LoopReport:
    """Measure how a promise to complainants is kept.

    Parameters
    ----------
    complaints
        One row per complaint, with ``received`` and the stage of the promise as times (empty while open). A
        complaint without ``received``, received after ``now``, or done before it was received, is left out.
    now
        Until when the data runs: open complaints have waited up to here.
    sla
        The promise; 85 % within 3 days by default.
    level
        Level of the interval.
    """
    sla = sla or Sla()
    received = pd.to_datetime(complaints["received"], utc=True, format="ISO8601")
    done = pd.to_datetime(complaints[sla.stage], utc=True, format="ISO8601")
    moment = pd.Timestamp(now)
    moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    reached = (done.notna() & (done <= moment)).to_numpy()
    end = done.where(reached, moment)
    days = _days(received, end, sla.calendar)
    usable = received.notna().to_numpy() & (days >= 0)
    days, reached = days[usable], reached[usable]
    left = kaplan_meier(days, reached, sla.days, level)
    kept, low, high = 1 - float(left.estimate), 1 - float(left.high), 1 - float(left.low)
    verdict: Verdict = "undetermined"
    if low >= sla.share:
        verdict = "met"
    elif high < sla.share:
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
    nothing = np.float64(np.nan)
    if not len(time):
        return Interval(*(np.asarray(nothing) for _ in range(3)))
    moments = np.unique(time[ended & (time <= at)])
    at_risk, events = _at_risk(time, ended, moments)
    survival = float(np.prod(1 - events / at_risk)) if len(moments) else 1.0
    if not 0 < survival < 1:
        known = int((ended | (time >= at)).sum())
        return Interval(np.asarray(survival), *wilson(survival * known, known, level)[1:])
    greenwood = float(np.sum(events / (at_risk * np.maximum(at_risk - events, 1e-300))))
    log = np.log(survival)
    half = normal_quantile(level) * np.sqrt(greenwood) / abs(log)
    return Interval(
        *(np.asarray(value) for value in (survival, survival ** np.exp(half), survival ** np.exp(-half)))
    )


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
        Chance that each customer leaves, in [0, 1], shape (n,).
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


def _at_risk(time: Floats, ended: NDArray[np.bool_], moments: Floats) -> tuple[Floats, Floats]:
    """Count the cases still watched at each moment, and those that end then."""
    watched = len(time) - np.searchsorted(np.sort(time), moments, side="left")
    done = np.sort(time[ended])
    events = np.searchsorted(done, moments, side="right") - np.searchsorted(done, moments, side="left")
    return watched.astype(np.float64), events.astype(np.float64)


def _median(days: Floats, reached: NDArray[np.bool_]) -> float:
    moments = np.unique(days[reached])
    at_risk, events = _at_risk(days, reached, moments)
    half = np.flatnonzero(np.cumprod(1 - events / at_risk) <= 0.5 + 1e-12)
    return float(moments[half[0]]) if len(half) else float("nan")
