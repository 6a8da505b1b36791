"""What to do next, and the maps behind it."""

import re

from earful.report import write_report


def repair(builder, theme, worth, low, high, product=None, n=6, q=0.01):
    builder.tables["repairs"].append(
        {
            "grouping": "product" if product else "overall", "product": product, "theme": theme, "n": n,
            "n_reviews": 40 if product else 80, "share": 15.0, "penalty": -30.0, "own": 0.5, "worth": worth,
            "worth_low": low, "worth_high": high, "q_value": q,
        }
    )  # fmt: skip


def complaints(builder):
    builder.group("overall", -10.0)
    for product in ("Lamp", "Desk"):
        for k in range(40):
            bad = k < (6 if product == "Lamp" else 2)
            words = f"The {product} came late, number {k}." if bad else f"All fine, number {k}."
            row = builder.review(words, score=-0.9 if bad else 0.8, product=product)
            if bad:
                builder.mention(row, "delivery.speed", "came late", "negative")
            elif k == 39:
                builder.mention(row, "delivery.speed", "All fine", "positive", 0.8)
    builder.theme("delivery.speed", 8, 2, "Delivery speed")


def test_the_surest_repairs_come_first_with_worth_interval_and_quotes(builder, parse):
    complaints(builder)
    repair(builder, "delivery.speed", 4.0, 1.0, 7.0, "Lamp")
    repair(builder, "delivery.speed", 9.0, -1.0, 19.0, "Desk", n=2)
    repair(builder, "delivery.speed", 5.0, 1.0, 9.0)
    repair(builder, "price.level", 9.0, 3.0, 15.0, "Desk", q=0.4)
    page = parse(write_report(builder.write()))
    words = page.words()
    assert "2 things to do next" in words
    assert words.index("Delivery speed Lamp") < words.index("Delivery speed Desk")
    assert "6 of 40 reviews with words complain of it (15 %)." in words
    assert "would be about 4.0 points higher (+1.0 to +7.0)" in words
    assert "The interval reaches zero: it may be worth nothing." in words
    assert "price.level" not in words
    assert "The Lamp came late" in page.source.replace("<mark>", "").replace("</mark>", "")


def test_without_a_sure_worth_no_points_are_said(builder, parse):
    complaints(builder)
    words = parse(write_report(builder.write())).words()
    assert "What a repair is worth cannot be told yet" in words
    assert "points higher" not in words
    assert "6 of 40 reviews with words complain of it (15 %)." in words


def test_a_run_without_complaints_has_nothing_to_do(builder, parse):
    builder.group("overall", 10.0)
    builder.review("All fine.", score=0.9)
    assert "to do next" not in parse(write_report(builder.write())).words()


def test_a_map_says_who_complains_of_what_and_of_few_reviews_no_share(builder, parse):
    complaints(builder)
    row = builder.review("The Rug came late.", score=-0.9, product="Rug")
    builder.mention(row, "delivery.speed", "came late", "negative")
    page = parse(write_report(builder.write()))
    source = " ".join(page.source.split())
    lamp = re.search(r'<td role="cell" class="(\w+)" data-of="Lamp"><b>([^<]*)</b>', source)
    assert lamp.groups() == ("n3", "15 %")
    assert re.search(r'<td role="cell" class="few" data-of="Rug"><span class="reach"></span>', source)
    assert "− 6 / + 1" in page.words()
    assert "touchpoint" not in re.findall(r'id="map-(\w+)"', source)
