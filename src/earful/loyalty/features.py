"""What the row model looks at: numbers drawn from one review's words and from the scores it came with.

Every number is made from its own row alone, in a fixed order, so that the answer for a row is the same in
any batch. The measured NPS answer is never among them: it is what the row model predicts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from earful.config import CesScale
from earful.loyalty.arrays import Floats
from earful.loyalty.scales import ease, position

__all__ = ["FALLING", "FEATURES", "RISING", "SIGNAL_GROUPS", "TEXT_FEATURES", "row_features"]


#: Drawn from the words; all 0 where there are none.
TEXT_FEATURES = (
    "has_words",
    "log_odds",
    "neutral_log_odds",
    "score",
    "segment_min",
    "segment_max",
    "segment_mean",
    "segment_first",
    "segment_last",
    "segment_sd",
    "share_negative",
    "share_positive",
)
#: Drawn from the scores, by signal; all 0 where the signal is missing.
SIGNAL_GROUPS = {
    "rating": ("has_rating", "rating", "rating_top", "rating_bottom", "rating_coarse"),
    "csat": ("has_csat", "csat", "csat_top", "csat_bottom", "csat_coarse"),
    "ces": ("has_ces", "ces"),
    "recommended": ("has_recommended", "recommended"),
}
#: The more of these, the higher the answer, whatever the rest; and the other way round. Length and language
#: are left out: in public data they tell which source a row is from, and would bring its mood along.
RISING = (
    "log_odds",
    "score",
    "segment_min",
    "segment_max",
    "segment_mean",
    "segment_first",
    "segment_last",
    "share_positive",
    "rating",
    "rating_top",
    "csat",
    "csat_top",
    "ces",
    "recommended",
)
FALLING = ("share_negative", "rating_bottom", "csat_bottom")
FEATURES = TEXT_FEATURES + tuple(name for names in SIGNAL_GROUPS.values() for name in names)

#: Beyond this score, in absolute value, a segment counts as negative or positive.
_CLEAR = 0.3
_SMALL = 1e-3


def row_features(reviews: pa.Table, segments: pa.Table | None, ces: CesScale | None) -> Floats:
    """Draw the features of every review, shape (n, len(FEATURES)), none of them missing.

    Parameters
    ----------
    reviews
        Reviews after the sentiment stage, as ``schema.REVIEWS`` names the columns.
    segments
        Their segments, with ``row``, ``p_positive`` and ``p_negative``; ``None`` counts as none.
    ces
        The effort question, with its direction; without it effort answers are left aside.
    """
    columns = {name: np.zeros(reviews.num_rows) for name in FEATURES}
    _add_words(columns, reviews)
    if segments is not None and segments.num_rows:
        _add_segments(columns, reviews, segments)
    for name in ("rating", "csat"):
        low, high = _numbers(reviews, f"{name}_min"), _numbers(reviews, f"{name}_max")
        _add_scale(columns, name, position(_numbers(reviews, name), low, high), high - low + 1)
    if ces is not None:
        _add_ces(columns, reviews, ces)
    flag = _numbers(reviews, "recommended")
    asked = ~np.isnan(flag)
    columns["has_recommended"] = asked.astype(np.float64)
    columns["recommended"] = np.where(asked, 2 * flag - 1, 0.0)
    # Without words nothing may speak of words.
    for name in TEXT_FEATURES[1:]:
        columns[name] = np.where(columns["has_words"] > 0, columns[name], 0.0)
    return np.column_stack([columns[name] for name in FEATURES])


def _add_words(columns: dict[str, Floats], reviews: pa.Table) -> None:
    negative, neutral, positive = (
        _numbers(reviews, f"p_{name}") for name in ("negative", "neutral", "positive")
    )
    has = ~np.isnan(negative)
    columns["has_words"] = has.astype(np.float64)
    columns["log_odds"] = np.where(has, np.log((positive + _SMALL) / (negative + _SMALL)), 0.0)
    columns["neutral_log_odds"] = np.where(has, np.log((neutral + _SMALL) / (1 - neutral + _SMALL)), 0.0)
    columns["score"] = np.where(has, positive - negative, 0.0)


def _add_segments(columns: dict[str, Floats], reviews: pa.Table, segments: pa.Table) -> None:
    rows, owner = _numbers(reviews, "row"), _numbers(segments, "row")
    # Not the column ``score``, which is kept on the side of the label.
    score = np.round(_numbers(segments, "p_positive") - _numbers(segments, "p_negative"), 6)
    kept = ~np.isnan(score)
    score, order = score[kept], np.argsort(rows, kind="stable")
    at = order[np.searchsorted(rows, owner[kept], sorter=order)]
    n = np.bincount(at, minlength=len(rows)).astype(np.float64)
    some = n > 0
    safe = np.maximum(n, 1)
    least, most = np.full(len(rows), np.inf), np.full(len(rows), -np.inf)
    np.minimum.at(least, at, score)
    np.maximum.at(most, at, score)
    mean = np.bincount(at, score, len(rows)) / safe
    spread = np.bincount(at, (score - mean[at]) ** 2, len(rows)) / safe
    first, last = np.zeros(len(rows)), np.zeros(len(rows))
    last[at] = score
    first[at[::-1]] = score[::-1]
    columns["segment_min"] = np.where(some, least, 0.0)
    columns["segment_max"] = np.where(some, most, 0.0)
    columns["segment_mean"] = mean
    columns["segment_first"] = first
    columns["segment_last"] = last
    columns["segment_sd"] = np.sqrt(spread)
    columns["share_negative"] = np.bincount(at, (score < -_CLEAR).astype(np.float64), len(rows)) / safe
    columns["share_positive"] = np.bincount(at, (score > _CLEAR).astype(np.float64), len(rows)) / safe


def _add_scale(columns: dict[str, Floats], name: str, share: Floats, points: Floats) -> None:
    has = ~np.isnan(share)
    columns[f"has_{name}"] = has.astype(np.float64)
    columns[name] = np.where(has, 2 * share - 1, 0.0)
    columns[f"{name}_top"] = (share == 1).astype(np.float64)
    columns[f"{name}_bottom"] = (share == 0).astype(np.float64)
    columns[f"{name}_coarse"] = (has & (points < 8)).astype(np.float64)


def _add_ces(columns: dict[str, Floats], reviews: pa.Table, ces: CesScale) -> None:
    low, high = _numbers(reviews, "ces_min"), _numbers(reviews, "ces_max")
    answers = _numbers(reviews, "ces")
    on_scale = (low == ces.min) & (high == ces.max)
    share = np.where(on_scale, ease(answers, ces) / 100, position(answers, low, high))
    if ces.direction == "effort":
        share = np.where(on_scale, share, 1 - share)
    has = ~np.isnan(share)
    columns["has_ces"] = has.astype(np.float64)
    columns["ces"] = np.where(has, 2 * share - 1, 0.0)


def _numbers(table: pa.Table, name: str) -> Floats:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    column = table.column(name)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return values
