from __future__ import annotations

import pandas as pd
import pytest

from earful.config import LoyaltyConfig
from earful.loyalty.intervals import adjusted_wald_nps, wilson
from earful.schema import THEMES
from earful.themes.taxonomy import load_taxonomy
from earful.themes.themes_table import themes_table

CX = load_taxonomy("cx")
CONFIG = LoyaltyConfig()


def reviews(touchpoint=None):
    return pd.DataFrame(
        {
            "row": range(6),
            "product": ["a", "a", "a", "b", "b", None],
            "touchpoint": touchpoint or [None] * 6,
            "created_at": pd.to_datetime(
                ["2026-01-05", "2026-01-06", "2026-02-01", None, None, None], utc=True
            ),
            "has_words": [True, True, True, True, True, False],
        }
    )


def mentions():
    rows = [
        (0, 0, "delivery.speed", "negative"),
        (0, 0, "delivery.speed", "negative"),
        (0, 1, "delivery.speed", "positive"),
        (0, 1, "price.level", "positive"),
        (1, 0, "delivery.speed", "negative"),
        (3, 0, "delivery.speed", "neutral"),
        (4, 2, "price.level", "negative"),
    ]
    return pd.DataFrame(rows, columns=["row", "segment", "theme", "polarity"])


def table(found=None, rows=None, config=CONFIG):
    found, rows = mentions() if found is None else found, reviews() if rows is None else rows
    result = themes_table(found, rows, config, CX)
    assert result.schema.equals(THEMES)
    return result.to_pandas()


def pick(frame, theme, **group):
    for name, value in group.items():
        frame = frame[frame[name] == value]
    frame = frame[frame["theme"] == theme]
    assert len(frame) == 1
    return frame.iloc[0]


def test_counts_shares_and_intervals_overall():
    row = pick(table(), "delivery.speed", grouping="overall")
    assert (row.n_mentions, row.n_reviews, row.n_negative, row.n_neutral, row.n_positive) == (4, 3, 2, 1, 1)
    share = wilson([3], [5])
    assert row.share == pytest.approx(60)
    assert (row.share_low, row.share_high) == pytest.approx(
        (100 * share.low[0], 100 * share.high[0]), abs=1e-6
    )
    net = adjusted_wald_nps([1], [1], [2])
    assert row.net_sentiment == pytest.approx(-25)
    assert (row.net_low, row.net_high) == pytest.approx((net.low[0], net.high[0]), abs=1e-6)
    assert row.label == CX["delivery.speed"].label("en")


def test_praise_and_blame_of_a_theme_in_one_segment_both_count():
    both = pd.concat([mentions(), mentions().iloc[:1].assign(polarity="positive")])
    row = pick(table(both), "delivery.speed", grouping="overall")
    assert (row.n_mentions, row.n_reviews, row.n_negative, row.n_positive) == (5, 3, 2, 2)


def test_groupings_and_their_order():
    frame = table()
    assert list(dict.fromkeys(frame["grouping"])) == [
        "overall",
        "product",
        "touchpoint",
        "product,touchpoint",
        "period",
    ]
    assert pick(frame, "delivery.speed", grouping="product", product="a").n_reviews == 2
    assert pick(frame, "delivery.speed", grouping="period", period="2026-01-01").n_mentions == 3
    overall = frame[frame["grouping"] == "overall"]
    assert overall["theme"].tolist() == ["delivery.speed", "price.level"]


def test_without_a_touchpoint_column_a_theme_stands_under_its_own():
    frame = table()
    cut = frame[frame["grouping"] == "touchpoint"]
    assert set(zip(cut["touchpoint"], cut["theme"], strict=True)) == {
        ("delivery", "delivery.speed"),
        ("price", "price.level"),
    }
    assert pick(cut, "delivery.speed", touchpoint="delivery").share == pytest.approx(100)


def test_a_touchpoint_column_is_taken_as_it_is():
    frame = table(rows=reviews(["web", "web", "shop", "shop", None, None]))
    cut = frame[frame["grouping"] == "touchpoint"]
    assert set(zip(cut["touchpoint"], cut["theme"], strict=True)) == {
        ("web", "delivery.speed"),
        ("web", "price.level"),
        ("shop", "delivery.speed"),
    }


def test_row_order_changes_nothing():
    base = table()
    shuffled = table(
        mentions().sample(frac=1, random_state=2),
        reviews().sample(frac=1, random_state=3).reset_index(drop=True),
    )
    pd.testing.assert_frame_equal(base, shuffled)


def test_level_widens_the_interval():
    wide = pick(table(config=LoyaltyConfig(level=0.99)), "delivery.speed", grouping="overall")
    usual = pick(table(), "delivery.speed", grouping="overall")
    assert wide.share_low < usual.share_low
    assert wide.net_high > usual.net_high


def test_no_mentions_and_unknown_themes():
    assert len(table(mentions().iloc[:0])) == 0
    odd = mentions().assign(theme="mine.own")
    assert table(odd)["label"].unique().tolist() == ["mine.own"]
