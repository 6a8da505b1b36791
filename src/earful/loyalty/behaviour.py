"""What customers do, beside what they say: repeat purchases, basket, churn, and what foretells them.

Behaviour stands beside the loyalty index and is never averaged into it: in the one public survey that has
both, the answers hardly go along with visits and baskets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earful.loyalty.intervals import Interval, mean_interval, normal_quantile, wilson

__all__ = ["Behaviour", "Foresight", "behaviour", "foresight", "response_rate"]

Floats = NDArray[np.float64]
_SEED = 20240229
#: With more customers than this an interval is that of the normal distribution instead of the bootstrap's.
_BOOTSTRAP_UP_TO = 5000
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What customers did in a window; shares in percent.

    Attributes
    ----------
    customers
        Customers with an order in the window.
    repeat
        Share of them with two orders or more.
    frequency
        Orders per customer.
    order_value
        Mean amount of an order; orders of one customer count as one cluster.
    retention, churn
        Of the customers of the window before, the share with an order in this one, and the share without.
        NaN where the window before has no customers.
    """

    customers: int
    repeat: Interval
    frequency: Interval
    order_value: Interval
    retention: Interval
    churn: Interval


def behaviour(orders: pd.DataFrame, end: pd.Timestamp, days: int = 365, level: float = 0.95) -> Behaviour:
    """Measure behaviour in the ``days`` before ``end``, against the same stretch before that.

    Parameters
    ----------
    orders
        One row per order: ``author_id``, ``ordered_at`` and ``amount``. Orders without a customer or a time
        are left out; an order without an amount counts, but not for its value.
    end
        End of the window (not in it).
    days
        Length of the window.
    level
        Level of the intervals.
    """
    if days < 1:
        raise ValueError(f"days must be at least 1, got {days}")
    known = orders.dropna(subset=["author_id", "ordered_at"])
    times = pd.to_datetime(known["ordered_at"], utc=True, format="ISO8601")
    stop = pd.Timestamp(end)
    stop = stop.tz_localize("UTC") if stop.tzinfo is None else stop.tz_convert("UTC")
    start, before = stop - days * _DAY, stop - 2 * days * _DAY
    now = known[(times >= start) & (times < stop)]
    earlier = set(known[(times >= before) & (times < start)]["author_id"])
    counts = now.groupby("author_id").size().to_numpy(dtype=np.float64)
    n = len(counts)
    stayed = len(earlier & set(now["author_id"]))
    variance = counts.var(ddof=1) if n > 1 else 0.0
    frequency = mean_interval(counts.mean() if n else np.nan, variance, n, level, (0.0, np.inf))
    return Behaviour(
        customers=n,
        repeat=_percent(wilson(float((counts >= 2).sum()), n, level)),
        frequency=frequency,
        order_value=_order_value(now, level),
        retention=_percent(wilson(float(stayed), len(earlier), level)),
        churn=_percent(wilson(float(len(earlier) - stayed), len(earlier), level)),
    )


def response_rate(answered: int, asked: int, level: float = 0.95) -> Interval:
    """Share of those asked who answered, in percent, with Wilson's interval."""
    if not 0 <= answered <= asked:
        raise ValueError(f"answered must be in 0..{asked}, got {answered}")
    return _percent(wilson(answered, asked, level))


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well a score ranks who stayed above who left.

    Attributes
    ----------
    n, n_events
        Customers with a score and an outcome, and those with the good outcome.
    auc
        Chance that a customer with the good outcome has the higher score: 0.5 is a coin, 1 perfect, below 0.5
        the wrong way round; with its bootstrap interval.
    """

    n: int
    n_events: int
    auc: Interval


def foresight(score: ArrayLike, good: ArrayLike, level: float = 0.95, resamples: int = 500) -> Foresight:
    """Measure how well a score (index, NPS answer, stars) foretells an outcome (came back, stayed).

    Parameters
    ----------
    score, good
        Score and outcome (1 good, 0 not) of each customer, shape (n,); NaN where unknown.
    level, resamples
        Level of the interval, and on how many resamples of customers it rests (fixed seed); above 5,000
        customers it is that of DeLong et al. (1988).
    """
    x, y = np.asarray(score, dtype=np.float64), np.asarray(good, dtype=np.float64)
    both = ~(np.isnan(x) | np.isnan(y))
    x, stayed = x[both], y[both] > 0
    events = int(stayed.sum())
    if events in (0, len(x)):
        nothing = np.asarray(np.nan)
        return Foresight(len(x), events, Interval(nothing, nothing, nothing))
    won, lost = x[stayed], x[~stayed]
    if len(x) > _BOOTSTRAP_UP_TO:
        return Foresight(len(x), events, _placed(won, lost, level))
    random = np.random.default_rng(_SEED)
    # Drawn within each outcome, so that no resample is without one of them.
    drawn = [_auc(random.choice(won, len(won)), random.choice(lost, len(lost))) for _ in range(resamples)]
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    auc = _auc(won, lost)
    return Foresight(
        len(x), events, Interval(np.asarray(auc), np.asarray(min(low, auc)), np.asarray(max(high, auc)))
    )


def _placed(won: Floats, lost: Floats, level: float) -> Interval:
    """AUC with the interval of its placements (DeLong et al. 1988), which the bootstrap then comes to."""
    places = []
    for some, others in ((won, np.sort(lost)), (-lost, np.sort(-won))):
        below = np.searchsorted(others, some, side="left") + np.searchsorted(others, some, side="right")
        places.append(below / (2 * len(others)))
    auc = float(places[0].mean())
    error = np.sqrt(sum(place.var(ddof=1) / len(place) for place in places if len(place) > 1))
    half = normal_quantile(level) * float(error)
    return Interval(np.asarray(auc), np.asarray(max(auc - half, 0.0)), np.asarray(min(auc + half, 1.0)))


def _auc(won: Floats, lost: Floats) -> float:
    ordered = np.sort(lost)
    below = np.searchsorted(ordered, won, side="left") + np.searchsorted(ordered, won, side="right")
    return float(below.mean() / (2 * len(lost)))


def _order_value(orders: pd.DataFrame, level: float) -> Interval:
    """Mean amount with a t interval over customers (ratio of means, linearised)."""
    paid = orders.dropna(subset=["amount"])
    by = paid.groupby("author_id")["amount"].agg(["sum", "size"])
    n, orders_each = len(by), by["size"].to_numpy(dtype=np.float64)
    if not n:
        nothing = np.asarray(np.nan)
        return Interval(nothing, nothing, nothing)
    mean = float(by["sum"].sum() / orders_each.sum())
    residual = (by["sum"].to_numpy(dtype=np.float64) - mean * orders_each) / orders_each.mean()
    return mean_interval(mean, residual.var(ddof=1) if n > 1 else 0.0, n, level)


def _percent(interval: Interval) -> Interval:
    return Interval(*(100 * values for values in interval))
