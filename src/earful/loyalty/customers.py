"""Customers who stand behind several rows: how alike their rows are, and how many rows they are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earful.loyalty.frames import Floats, Ints

__all__ = ["customer_codes", "folds", "shared_weight", "units"]


#: Correlation of two rows of one customer before any pair was seen, and how many ordered pairs it counts for.
_PRIOR, _PRIOR_PAIRS = 0.5, 20.0


def customer_codes(authors: pd.Series) -> Ints | None:
    """Give each row the number of its customer, by first appearance, -1 where unknown.

    Returns
    -------
    Ints or None
        Shape (n,); ``None`` where nobody stands behind more than one row.
    """
    codes = pd.factorize(authors)[0].astype(np.int64)
    known = codes[codes >= 0]
    return codes if len(known) and np.bincount(known).max() > 1 else None


def shared_weight(codes: Ints, deviation: Floats, w: Floats, customer: Ints, groups: int) -> Floats:
    """Give what each group's sum of squared weights grows by, as rows of one customer are alike.

    The variance of a weighted mean is sigma^2 (sum w^2 + rho sum_pairs w w') / (sum w)^2, with the pairs of
    rows of one customer and their correlation rho (Kish 1965, section 5.4). Rho is one number, estimated
    from all pairs of all groups and drawn towards :data:`_PRIOR`, so that a few pairs give a fair guess.

    Parameters
    ----------
    codes, customer
        Group and customer of each row, shape (n,); customer -1 is alone.
    deviation
        Value less the group's mean, shape (n,).
    w
        Weights; a row of weight 0 does not count.

    Returns
    -------
    Floats
        ``rho sum_pairs w w'`` of each group, shape (groups,), at least 0.
    """
    known = (customer >= 0) & (w > 0)
    if not known.any():
        return np.zeros(groups)
    people = int(customer.max()) + 1
    cell, at = np.unique(codes[known] * people + customer[known], return_inverse=True)
    v, d = w[known], w[known] * deviation[known]
    pairs = np.bincount(at, v) ** 2 - np.bincount(at, v * v)
    alike = np.bincount(at, d) ** 2 - np.bincount(at, d * d)
    variance = float(np.sum(w * deviation**2) / np.sum(w))
    prior = _PRIOR_PAIRS * float(np.mean(v * v))
    rho = _PRIOR
    if variance > 0:
        rho = float((alike.sum() / variance + _PRIOR * prior) / (pairs.sum() + prior))
    grown: Floats = np.clip(rho, 0.0, 1.0) * np.bincount(cell // people, np.maximum(pairs, 0.0), groups)
    return grown


def units(n: int, customer: Ints | None = None) -> Ints:
    """Give the unit of each row, from 0, shape (n,): a customer's rows are one, any other row is alone."""
    if customer is None:
        return np.arange(n, dtype=np.int64)
    label = np.where(customer < 0, customer.max(initial=0) + 1 + np.arange(n), customer)
    return pd.factorize(label)[0].astype(np.int64)


def folds(n: int, number: int, customer: Ints | None = None) -> Ints:
    """Deal rows into folds in turn; the rows of one customer go where the first of them went."""
    return units(n, customer) % number
