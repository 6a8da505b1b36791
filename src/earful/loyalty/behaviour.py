"""What customers do, beside what they say: repeat purchases, basket, churn, and what foretells them.

Behaviour stands beside the loyalty index and is never averaged into it: in the one public survey that has
both, the answers hardly go along with visits and baskets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earful.loyalty.frames import Floats
from earful.loyalty.intervals import Interval, mean_interval, normal_quantile, wilson

__all__ = ["Behaviour", "Foresight", "behaviour", "foresight", "mean", "response_rate", "share"]

_SEED = 20240229
_RESAMPLES = 500
#: With more customers than this an interval is that of the normal distribution instead of the bootstrap's.
_BOOTSTRAP_UP_TO = 5000
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What customers did in a window; shares in percent.

    Attributes
    ----------
    customers, customers_before
        Customers with an order in the window, and in the one before.
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
    customers_before: int
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
    stop = pd.to_datetime(end, utc=True)
    start, before = stop - days * _DAY, stop - 2 * days * _DAY
    now = known[(times >= start) & (times < stop)]
    earlier = known[(times >= before) & (times < start)]["author_id"].drop_duplicates()
    counts = now.groupby("author_id").size().to_numpy(dtype=np.float64)
    stayed = earlier.isin(now["author_id"]).to_numpy(dtype=np.float64)
    return Behaviour(
        customers=len(counts),
        customers_before=len(earlier),
        repeat=share(counts >= 2, level),
        frequency=mean(np.asarray(counts, np.float64), level),
        order_value=_order_value(now, level),
        retention=share(stayed, level),
        churn=share(1 - stayed, level),
    )


def share(happened: ArrayLike, level: float) -> Interval:
    """Share of customers of whom it is true, in percent, with Wilson's interval."""
    told = np.asarray(happened, dtype=np.float64)
    return wilson(told.sum(), len(told), level).percent()


def mean(values: Floats, level: float) -> Interval:
    """Mean of what is never below 0, with Student's t interval."""
    n = len(values)
    variance = values.var(ddof=1) if n > 1 else 0.0
    return mean_interval(values.mean() if n else np.nan, variance, n, level, (0.0, np.inf))


def response_rate(answered: int, asked: int, level: float = 0.95) -> Interval:
    """Share of those asked who answered, in percent, with Wilson's interval."""
    if not 0 <= answered <= asked:
        raise ValueError(f"answered must be in 0..{asked}, got {answered}")
    return wilson(answered, asked, level).percent()


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


def foresight(score: ArrayLike, good: ArrayLike, level: float = 0.95) -> Foresight:
    """Measure how well a score (index, NPS answer, stars) foretells an outcome (came back, stayed).

    Parameters
    ----------
    score, good
        Score and outcome (1 good, 0 not) of each customer, shape (n,); NaN where unknown.
    level
        Level of the interval. It rests on 500 resamples of customers (fixed seed); above 5,000 customers it
        is that of DeLong et al. (1988).
    """
    x, y = np.asarray(score, dtype=np.float64), np.asarray(good, dtype=np.float64)
    both = ~(np.isnan(x) | np.isnan(y))
    x, stayed = x[both], y[both] > 0
    events = int(stayed.sum())
    if events in (0, len(x)):
        return Foresight(len(x), events, Interval.unknown())
    won, lost = x[stayed], x[~stayed]
    if len(x) > _BOOTSTRAP_UP_TO:
        return Foresight(len(x), events, _placed(won, lost, level))
    random = np.random.default_rng(_SEED)
    # Drawn within each outcome, so that no resample is without one of them.
    drawn = [_auc(random.choice(won, len(won)), random.choice(lost, len(lost))) for _ in range(_RESAMPLES)]
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    auc = _auc(won, lost)
    return Foresight(len(x), events, Interval.of(auc, min(low, auc), max(high, auc)))


def _placed(won: Floats, lost: Floats, level: float) -> Interval:
    """AUC with the interval of its placements (DeLong et al. 1988), which the bootstrap then comes to."""
    places = [_places(won, lost), _places(-lost, -won)]
    auc = float(places[0].mean())
    error = np.sqrt(sum(place.var(ddof=1) / len(place) for place in places if len(place) > 1))
    half = normal_quantile(level) * float(error)
    return Interval.of(auc, max(auc - half, 0.0), min(auc + half, 1.0))


def _places(some: Floats, others: Floats) -> Floats:
    """Share of the others that lie below each, ties by half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, some, side="left") + np.searchsorted(ordered, some, side="right")
    return below / (2 * len(others))


def _auc(won: Floats, lost: Floats) -> float:
    return float(_places(won, lost).mean())


def _order_value(orders: pd.DataFrame, level: float) -> Interval:
    """Mean amount with a t interval over customers (ratio of means, linearised)."""
    paid = orders.dropna(subset=["amount"])
    by = paid.groupby("author_id")["amount"].agg(["sum", "size"])
    n, orders_each = len(by), by["size"].to_numpy(dtype=np.float64)
    if not n:
        return Interval.unknown()
    each = float(by["sum"].sum() / orders_each.sum())
    residual = (by["sum"].to_numpy(dtype=np.float64) - each * orders_each) / orders_each.mean()
    return mean_interval(each, residual.var(ddof=1) if n > 1 else 0.0, n, level)
