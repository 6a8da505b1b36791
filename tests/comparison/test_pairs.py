"""Two parts of a run: the gap with its interval, and what of it goes with which theme."""

import math

import pytest

from earful.comparison.pairs import Cut, compare_cuts
from earful.runs.store import Store

Z = 1.959963984540054
THEME = "delivery.speed"


@pytest.fixture
def run(builder):
    """Forty reviews of each of two lamps; 30 complain of the delivery of one, 10 of the other's."""
    from datetime import UTC, datetime

    for product, month, n in (("old", 3, 30), ("new", 4, 10)):
        for k in range(40):
            row = builder.review(
                f"late {product} {k}",
                product=product,
                created_at=datetime(2026, month, 1 + k % 28, tzinfo=UTC),
            )
            if k < n:
                builder.mention(row, THEME, "late", "negative")
    for product, claim, error in (("old", -20.0, 3.0), ("new", 10.0, 4.0)):
        builder.group("product", claim, product=product, claim=claim, claim_error=error, anchor="nps")
    for period, claim in (("2026-03-01", -20.0), ("2026-04-01", 10.0)):
        builder.group("period", claim, period=period, claim=claim, claim_error=3.0, anchor="nps")
    builder.theme(THEME, 40, 0, label="Late")
    builder.driver(THEME, "negative", -9.0, penalty=-40.0, penalty_low=-40 - 5 * Z, penalty_high=-40 + 5 * Z)
    return builder.write()


def pair(run, first, second):
    with Store.of(run) as store:
        return compare_cuts(store, first, second, 0.95)


def test_the_gap_is_that_of_the_claims_and_its_parts_add_up(run):
    found = pair(run, Cut("product", "old"), Cut("product", "new"))
    assert found.change == 30
    assert found.high - found.change == pytest.approx(Z * 5)
    (row,) = found.themes
    assert (row["n_first"], row["n_second"], row["label"]) == (30, 10, "Late")
    assert (row["share_first"], row["share_second"], row["change"]) == (75, 25, -50)
    assert row["part"] == pytest.approx(20)
    # Both the shares and what a mention moves are estimates.
    error = math.hypot(0.5 * 5, 40 * math.sqrt(2 * 0.75 * 0.25 / 40))
    assert row["part_high"] - row["part"] == pytest.approx(Z * error)
    assert found.rest == pytest.approx(10)
    assert row["q_value"] < 0.001


def test_turned_round_everything_turns_round(run):
    there = pair(run, Cut("product", "old"), Cut("product", "new"))
    back = pair(run, Cut("product", "new"), Cut("product", "old"))
    assert (back.change, back.low, back.high) == pytest.approx((-there.change, -there.high, -there.low))
    assert back.themes[0]["part"] == pytest.approx(-there.themes[0]["part"])


def test_periods_hold_their_days_and_no_others(run):
    march, april = Cut("period", "2026-03-01", "2026-04-01"), Cut("period", "2026-04-01", "2026-05-01")
    row = pair(run, march, april).themes[0]
    assert (row["n_first"], row["n_second"]) == (30, 10)


def test_touchpoints_that_only_the_words_speak_of(run):
    found = pair(run, Cut("touchpoint", "delivery", derived=True), Cut("touchpoint", "deliver", derived=True))
    assert found.first is None
    assert found.change is None
    assert found.themes == []


def test_nothing_is_said_of_two_definitions_or_without_what_a_mention_moves(builder):
    for product, anchor in (("a", "nps"), ("b", "rating")):
        for k in range(30):
            builder.mention(builder.review(f"late {k}", product=product), THEME, "late", "negative")
        builder.group("product", 5.0, product=product, claim=5.0, claim_error=1.0, anchor=anchor)
    found = pair(builder.write(), Cut("product", "a"), Cut("product", "b"))
    assert found.change is None
    assert found.rest is None
    assert found.themes[0]["part"] is None
    assert found.themes[0]["change"] == 0


def test_a_period_within_a_group_is_that_of_the_trends(run, builder):
    for period, n, claim, error in (("2026-03-01", 30, -20.0, 3.0), ("2026-04-01", 10, -5.0, 4.0)):
        builder.trend(
            period, 1.0, grouping="product", product="old", n_reviews=n, claim=claim, claim_error=error
        )
    run = builder.write()
    old = Cut("product", "old")
    march, april = (
        Cut("period", first, after, inside=old)
        for first, after in (("2026-03-01", "2026-04-01"), ("2026-04-01", "2026-05-01"))
    )
    found = pair(run, march, april)
    assert (found.change, found.first["n_reviews"], found.second["n_reviews"]) == (15, 30, 10)
    assert found.high - found.change == pytest.approx(Z * 5)
    # All forty of the old lamp are of March, so there is nothing to set the theme against.
    assert found.themes == []
    assert pair(run, Cut("product", "old", inside=april), march).change == pytest.approx(-15)


def test_themes_of_few_reviews_are_counted_and_not_tested(builder):
    for product, n in (("a", 3), ("b", 5)):
        for k in range(n):
            builder.mention(builder.review(f"late {k}", product=product), THEME, "late", "negative")
    builder.theme(THEME, 8, 0, label="Late")
    found = pair(builder.write(), Cut("product", "a"), Cut("product", "b"))
    assert found.themes == []
    (row,) = found.few
    assert (row["label"], row["n_first"], row["n_second"]) == ("Late", 3, 5)
