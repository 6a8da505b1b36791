"""Values over time stand where the calendar has them."""

import re

from earful.pages.time_chart import Point, timeline_svg
from earful.report.timeline import merged


def places(drawing):
    return [float(x) for x in re.findall(r'<circle class="dot" cx="([\d.]+)%"', drawing)]


def test_missing_months_leave_room():
    months = ["2026-01-01", "2026-02-01", "2026-06-01"]
    first, second, third = places(timeline_svg([Point(m, 1.0, 0.0, 2.0, 50) for m in months], label="x"))
    assert 3.5 < (third - second) / (second - first) < 4.5


def test_a_span_of_years_is_told_by_years():
    series = [
        Point(f"{year}-{month:02d}-01", 1.0, 0.0, 2.0, 50) for year in range(2019, 2027) for month in (1, 7)
    ]
    names = re.findall(r'class="mid">([^<]*)<', timeline_svg(series, label="x"))
    assert names == ["2020", "2022", "2024", "2026"]


def test_on_a_phone_every_second_month_gives_way():
    def kinds(months):
        series = [Point(f"2026-{month:02d}-01", 1.0, 0.0, 2.0, 50) for month in range(1, months + 1)]
        return re.findall(r'class="(mid[a-z ]*)">', timeline_svg(series, label="x"))

    assert kinds(3) == ["mid"] * 3
    assert kinds(6) == ["mid", "mid minor"] * 3


def test_thin_periods_are_drawn_as_one_and_the_mean_weighs_by_reviews():
    series = [
        Point("2026-01-01", 10.0, 0.0, 20.0, 40),
        Point("2026-02-01", -100.0, -100.0, -20.0, 3),
        Point("2026-03-01", 50.0, 10.0, 90.0, 9),
        Point("2026-04-01", 20.0, 10.0, 30.0, 40),
    ]
    one, two, three = merged(series)
    assert (one.period, two.period, two.last, three.period) == (
        "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01",
    )  # fmt: skip
    assert two.n == 12
    assert two.value == (3 * -100.0 + 9 * 50.0) / 12
    assert (two.low, two.high) == ((3 * -100 + 9 * 10) / 12, (3 * -20 + 9 * 90) / 12)


def test_thin_periods_are_not_merged_over_a_change_of_level_or_a_year():
    changed = [Point("2026-01-01", 1.0, 0.0, 2.0, 5), Point("2026-02-01", 9.0, 8.0, 10.0, 50, change=8.0)]
    assert [point.value for point in merged(changed)] == [None, 9.0]
    apart = [Point("2024-01-01", 1.0, 0.0, 2.0, 5), Point("2026-02-01", 9.0, 8.0, 10.0, 50)]
    assert [point.value for point in merged(apart)] == [None, 9.0]


def test_a_thin_end_joins_what_is_before_it():
    series = [Point("2026-01-01", 1.0, 0.0, 2.0, 50), Point("2026-02-01", 9.0, 8.0, 10.0, 5)]
    assert [(point.period, point.last, point.n) for point in merged(series)] == [
        ("2026-01-01", "2026-02-01", 55)
    ]
