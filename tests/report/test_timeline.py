"""Over time: the calm line, the changes of level and the themes on the rise."""

from earful.report import write_report

MONTHS = [f"2026-{month:02d}-01" for month in range(1, 9)]


def followed(builder, change_at=None, **columns):
    builder.group("overall", -10.0)
    for t, period in enumerate(MONTHS):
        builder.group("period", 20.0 - 5 * t, 6.0, period=period, n=40)
        builder.trend(period, 20.0 - 5 * t, change=-17.5 if t == change_at else None, **columns)


def test_a_change_of_level_is_drawn_and_told(builder, parse):
    followed(builder, change_at=4)
    page = parse(write_report(builder.write()))
    assert "Everything: −18 points (−22 to −12) from May 2026 on (q 0.004)." in page.words()
    classes = [attrs.get("class") for _, attrs in page.tags]
    assert classes.count("band") == 1
    assert classes.count("ref") == 1


def test_no_change_beyond_chance_is_said(builder, parse):
    followed(builder)
    words = parse(write_report(builder.write())).words()
    assert "None beyond chance in 1 group looked at." in words


def test_why_nothing_was_looked_for_is_said(builder, parse):
    builder.group("overall", -10.0)
    for period in MONTHS[:3]:
        builder.group("period", 5.0, 6.0, period=period, n=40)
    builder.manifest["analyses"] = {
        "trends": {"period": "month", "note": "the dates span 3 months; change points need 6"},
        "emerging": {"period": "month", "note": "no month has 20 reviews with words"},
    }
    words = parse(write_report(builder.write())).words()
    assert "Not looked for: the dates span 3 months; change points need 6." in words
    assert "Not looked for: no month has 20 reviews" in words


def test_themes_on_the_rise_are_told_with_what_was_expected(builder, parse):
    followed(builder)
    builder.theme("delivery.speed", 30, 1, "Delivery <speed>")
    builder.rising("delivery.speed", n=25, product="Lamp", grouping="product")
    builder.rising("price.level", n=9, rising=False)
    words = parse(write_report(builder.write())).words()
    assert (
        "Delivery <speed>, negative, Lamp: 25 of 50 reviews since Aug 2026, 2.0 expected; 6.6 times as "
        "often, at least 4.7 (q < 0.001)."
    ) in words
    assert "price.level" not in words


def test_a_run_from_before_there_were_trends_still_has_its_time_line(builder, parse):
    builder.group("overall", -10.0)
    for period in MONTHS:
        builder.group("period", 5.0, 6.0, period=period, n=40)
    folder = builder.write()
    for name in ("trends", "emerging"):
        (folder / f"{name}.parquet").unlink()
    page = parse(write_report(folder))
    assert "Over time" in page.words()
    assert "band" not in [attrs.get("class") for _, attrs in page.tags]
