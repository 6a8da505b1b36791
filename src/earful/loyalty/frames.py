"""Frames of reviews: their columns as numbers, and the groups they are cut into."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earful.config import Config
from earful.loyalty.arrays import Flags, Floats, Ints

if TYPE_CHECKING:
    from scipy import sparse

__all__ = [
    "POLARITIES",
    "Flags",
    "Floats",
    "Grouping",
    "Ints",
    "column",
    "cut_rows",
    "groupings",
    "period_starts",
    "rows_of",
    "theme_matrices",
]

#: Which mentions count: all, or those of one polarity.
POLARITIES = ("any", "negative", "positive")
#: Ways of cutting the rows that only the loyalty and the theme table have: two things at a time, and periods.
_FULL = frozenset({"product,touchpoint", "period"})
#: Without a value of these a row stands in no group.
_OWN = frozenset({"product", "touchpoint"})
_PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way of cutting the rows into groups; a row may stand in none or in several.

    Attributes
    ----------
    name
        ``overall``, ``product``, ``touchpoint``, ``product,touchpoint``, ``period``, or the name of another
        column; of several that are crossed their names, parted by commas.
    labels
        One row per group, with the columns that the grouping cuts by.
    row, code
        Position of the row in the frame, and its group; both of the same length.
    """

    name: str
    labels: pd.DataFrame
    row: Ints
    code: Ints

    def __len__(self) -> int:
        return len(self.labels)

    def groups(self) -> Iterator[tuple[dict[str, Any], Ints]]:
        """Give each group: the columns that name it in a table, and where in ``row`` its members stand."""
        order = np.argsort(self.code, kind="stable")
        ends = np.searchsorted(self.code[order], np.arange(len(self) + 1))
        for group, label in enumerate(self.labels.to_dict("records")):
            named = {"grouping": self.name, **{str(name): value for name, value in label.items()}}
            yield named, order[ends[group] : ends[group + 1]]


def column(rows: pd.DataFrame, name: str) -> Floats:
    """Give a column as floats: NaN where missing, all NaN where the frame does not have it."""
    if name not in rows:
        return np.full(len(rows), np.nan)
    values = rows[name]
    if values.dtype == object:
        values = values.where(values.notna(), np.nan)
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def groupings(
    rows: pd.DataFrame,
    config: Config,
    row_touchpoints: pd.DataFrame | None = None,
    *,
    single: bool = False,
    but: Collection[str] = (),
) -> Iterator[Grouping]:
    """Give the ways the rows are cut: overall, by product, touchpoint, both, period, and further columns.

    Parameters
    ----------
    rows
        One row per review, with what there is of ``product``, ``touchpoint`` and ``created_at``; of a further
        column ``NAME`` the values stand in ``by NAME``, as ``Store.rows`` gives them.
    config
        What to cut by, and the length of a period.
    row_touchpoints
        ``row``, ``touchpoint``: the touchpoints that each review's words speak of. They cut the touchpoint
        groupings where no row has a touchpoint of its own.
    single
        One thing at a time, and no period.
    but
        Names of ways that are not wanted.
    """
    every = np.arange(len(rows), dtype=np.int64)
    if len(rows):
        yield Grouping("overall", pd.DataFrame(index=[0]), every, np.zeros(len(rows), dtype=np.int64))
    product = rows["product"].to_numpy(dtype=object) if "product" in rows else None
    period = period_starts(rows, config.loyalty.period)
    known = {"product": pd.DataFrame({"at": every, "product": product, "period": period})}
    known["period"] = known["product"]
    known["touchpoint"] = _touchpoints(rows, row_touchpoints)
    for by in (["product"], ["touchpoint"], ["product", "touchpoint"], ["period"]):
        name = ",".join(by)
        wanted = {*by} <= {*config.loyalty.by, "period"} and not (single and name in _FULL)
        if not wanted or name in but:
            continue
        pairs = known[by[0]] if len(by) == 1 else known[by[0]].merge(known[by[1]], on="at")
        kept = pairs.dropna(subset=by)
        if len(kept):
            labels = kept[by].drop_duplicates().sort_values(by).reset_index(drop=True)
            code = np.asarray(kept.groupby(by).ngroup(), dtype=np.int64)
            yield Grouping(name, labels, kept["at"].to_numpy(dtype=np.int64), code)
    for name in config.loyalty.cuts if len(rows) else ():
        if name in but:
            continue
        yield _further(name, rows[f"by {name}"], every)
    for names in config.loyalty.crosses if len(rows) and not single else ():
        if names not in {("product", "touchpoint"), ("touchpoint", "product")}:
            cuts = config.loyalty.cuts
            further = {name: pd.DataFrame({"at": every, name: rows[f"by {name}"]}) for name in cuts}
            yield from _crossed(names, {**known, **further})


def _crossed(names: tuple[str, ...], known: dict[str, pd.DataFrame]) -> Iterator[Grouping]:
    """Cut by several columns at a time; rows without a value of a further column are groups of their own."""
    pairs = known[names[0]][["at", names[0]]]
    for name in names[1:]:
        pairs = pairs.merge(known[name][["at", name]], on="at")
    by = list(names)
    kept = pairs.dropna(subset=[name for name in by if name in _OWN])
    if len(kept):
        # Missing values come last in both, so that labels and codes agree.
        labels = kept[by].drop_duplicates().sort_values(by, na_position="last").reset_index(drop=True)
        code = np.asarray(kept.groupby(by, dropna=False).ngroup(), dtype=np.int64)
        labels = labels.astype(object).where(labels.notna(), None)
        yield Grouping(",".join(by), labels, kept["at"].to_numpy(dtype=np.int64), code)


def cut_rows(rows: pd.DataFrame, at: Ints, config: Config) -> pd.DataFrame:
    """Give the rows at some places, with what they are cut by and held equal in, and nothing else."""
    names = ["row", "product", "touchpoint", "created_at", "lang", "text_length"]
    names += [f"by {name}" for name in config.loyalty.cuts]
    return rows[[name for name in names if name in rows]].iloc[at].reset_index(drop=True)


def _further(name: str, values: pd.Series, every: Ints) -> Grouping:
    """Cut by a further column; rows without a value are a group of their own, the last."""
    code, found = pd.factorize(values.to_numpy(dtype=object), sort=True)
    labels: list[str | None] = [str(value) for value in found]
    if (code < 0).any():
        code, labels = np.where(code < 0, len(labels), code), [*labels, None]
    return Grouping(name, pd.DataFrame({name: pd.Series(labels, dtype=object)}), every, code.astype(np.int64))


def _touchpoints(rows: pd.DataFrame, row_touchpoints: pd.DataFrame | None) -> pd.DataFrame:
    own = rows["touchpoint"] if "touchpoint" in rows else pd.Series(dtype=object)
    if own.notna().any() or row_touchpoints is None:
        return pd.DataFrame({"at": np.arange(len(own), dtype=np.int64), "touchpoint": own.to_numpy(object)})
    at = pd.DataFrame({"row": rows["row"].to_numpy(), "at": np.arange(len(rows), dtype=np.int64)})
    told = row_touchpoints[["row", "touchpoint"]].drop_duplicates().merge(at, on="row")
    return told.sort_values(["at", "touchpoint"])[["at", "touchpoint"]].reset_index(drop=True)


def period_starts(rows: pd.DataFrame, period: str) -> pd.Series:
    """Give the first day of each row's period, YYYY-MM-DD, by ``created_at``; None where it has no time."""
    if "created_at" not in rows or rows["created_at"].isna().all():
        return pd.Series([None] * len(rows), dtype=object)
    times = pd.to_datetime(rows["created_at"], utc=True).dt.tz_localize(None).reset_index(drop=True)
    # Periods are few: each is written out once, however many rows lie in it.
    code, periods = pd.factorize(times.dt.to_period(_PERIODS[period]))
    days = [None if pd.isna(one) else f"{one.start_time:%Y-%m-%d}" for one in periods]
    return pd.Series(np.array([*days, None], dtype=object)[code], dtype=object)


def rows_of(matrix: sparse.csr_matrix, at: Ints) -> sparse.csr_matrix:
    """Give some rows of a matrix; the matrix itself, not a copy, where these are all of them in order."""
    every = len(at) == matrix.shape[0] and np.array_equal(at, np.arange(len(at)))
    return matrix if every else matrix[at]


def theme_matrices(rows: pd.DataFrame, mentions: pd.DataFrame) -> tuple[list[str], dict[str, Any]]:
    """Give the themes that are mentioned, and who mentions them: negatively, positively, or at all.

    Parameters
    ----------
    rows
        One row per review: ``row``.
    mentions
        One row per mention: ``row``, ``theme``, ``polarity``; those of other rows are passed over.

    Returns
    -------
    themes
        In alphabetical order.
    carried
        Polarity (``any``, ``negative``, ``positive``) -> 1 where a review carries a theme, shape
        (n, n_themes).
    """
    from scipy.sparse import csr_matrix

    at = pd.DataFrame({"row": rows["row"].to_numpy(), "at": np.arange(len(rows))})
    told = mentions[["row", "theme", "polarity"]].merge(at, on="row")
    themes = sorted(told["theme"].unique().tolist())
    place = {theme: i for i, theme in enumerate(themes)}
    carried = {}
    for polarity in POLARITIES:
        some = told if polarity == "any" else told[told["polarity"] == polarity]
        pairs = some[["at", "theme"]].drop_duplicates()
        cells = (pairs["at"].to_numpy(dtype=np.int64), pairs["theme"].map(place).to_numpy(dtype=np.int64))
        shape = (len(rows), len(themes))
        carried[polarity] = csr_matrix((np.ones(len(pairs)), cells), shape=shape)
    return themes, carried
