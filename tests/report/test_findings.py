import pytest

from earful.report.findings import findings

NOTHING = {"products": [], "touchpoints": [], "periods": [], "themes": [], "drivers": [], "labels": {}}


def group(index, half, **columns):
    ends = {
        "index_low": index - half,
        "index_high": index + half,
        "rank_low": index - half,
        "rank_high": index + half,
    }
    return {
        "index": index,
        **ends,
        "grade": "B",
        "product": None,
        "touchpoint": None,
        "period": None,
        **columns,
    }


def said(**parts):
    return [
        f"{finding.lead}: {finding.words}"
        for finding in findings(overall=group(0, 5), **{**NOTHING, **parts})
    ]


def test_nothing_is_said_of_nothing():
    assert said() == []
    assert findings(overall=None, **{**NOTHING, "products": [group(9, 1), group(0, 1)]}) == []


def test_extremes_are_named_only_where_their_intervals_part():
    apart = [group(30, 5, product="Lamp"), group(-30, 5, product="Desk")]
    assert said(products=apart) == [
        "Lamp: +30 (+25 to +35), the highest product",
        "Desk: −30 (−35 to −25), the lowest product",
    ]
    close = [group(3, 5, product="Lamp"), group(-3, 5, product="Desk")]
    assert said(products=close) == [
        "No product stands apart: their ranking intervals overlap from first to last"
    ]


def test_rows_that_name_no_product_are_not_an_extreme():
    groups = [group(30, 5, product="Lamp"), group(-30, 5, product="Desk"), group(-80, 5, product=None)]
    assert said(products=groups) == said(products=groups[:2])


def test_a_turn_is_told_against_the_furthest_period_that_is_clear():
    periods = [group(v, 6, period=f"2026-0{k}-01") for k, v in enumerate([40, 20, 18, -10], 1)]
    assert said(periods=periods) == ["Apr 2026: −10 (−16 to −4), down from +40 (+34 to +46) in Jan 2026"]
    assert said(periods=periods[1:3]) == []


def test_thin_periods_do_not_make_a_turn():
    periods = [
        group(90, 2, period="2026-01-01", grade="D"),
        group(0, 5, period="2026-02-01"),
        group(2, 5, period="2026-03-01"),
    ]
    assert said(periods=periods) == []


@pytest.mark.parametrize(("q", "told"), [(0.05, True), (0.2, False), (None, False)])
def test_a_driver_is_told_below_a_false_discovery_rate_of_ten_percent(q, told):
    driver = {
        "theme": "t",
        "polarity": "negative",
        "impact": -4.2,
        "impact_low": -6.0,
        "impact_high": -2.0,
        "q_value": q,
    }
    lines = said(drivers=[driver], labels={"t": "Speed"})
    assert bool(lines) is told
    if told:
        assert lines == [
            "Speed, negative: pulls the index down the most, −4.2 points (−6.0 to −2.0; q 0.050)"
        ]


def test_a_theme_on_the_rise_and_a_broken_promise_stand_out():
    rising = [
        {"grouping": "product", "theme": "price.level", "polarity": "negative"},
        {"grouping": "overall", "theme": "store.staff", "polarity": "positive", "n": 9, "expected": 2.0},
        {"grouping": "overall", "theme": "delivery.speed", "polarity": "negative", "n": 25, "expected": 2.0},
    ]
    rising = [{"period": "2026-08-01", **row} for row in rising]
    promise = {
        "stage": "followed_up", "verdict": "missed", "in_time": 60.0, "in_time_low": 50.0,
        "in_time_high": 70.0, "target_days": 3.0, "target_share": 85.0,
    }  # fmt: skip
    told = [one.replace("\N{NO-BREAK SPACE}", " ") for one in said(rising=rising, promise=promise)]
    assert told == [
        "delivery.speed: on the rise, negative: 25 reviews since Aug 2026 where 2.0 were to be expected",
        "The promise to those who complain is broken: 60 % of complaints were followed up within 3 days "
        "(50 % to 70 %), 85 % were promised",
    ]
    assert said(promise={**promise, "verdict": "undetermined"}) == []
