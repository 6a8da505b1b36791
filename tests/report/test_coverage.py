"""Complaints with a theme, by product and by language: the lowest share first, of enough complaints."""

import re

import pytest

from earful.report import write_report


def covered(builder, grouping, value, n, k):
    builder.tables["coverage"].append(
        {
            "grouping": grouping, "value": value, "n_complaints": n, "n_with_theme": k, "share": 100 * k / n,
            "share_low": 100 * k / n - 1, "share_high": 100 * k / n + 1,
        }
    )  # fmt: skip


@pytest.fixture
def counted(full):
    """A run whose complaints are of products and languages enough, and of some with too few."""
    full.manifest["complaints"] = {"segments": 240, "with_theme": 150}
    covered(full, "overall", None, 240, 150)
    covered(full, "theme", "delivery.speed", 240, 90)
    for product, n, k in (("Lamp", 100, 80), ("Desk", 100, 50), ("Rug", 19, 2), ("Sofa", 20, 18)):
        covered(full, "product", product, n, k)
    covered(full, "language", "en", 140, 100)
    covered(full, "language", "ru", 100, 50)
    return full


def tables_of(source, caption):
    found = re.findall(rf"<caption[^>]*>{caption}</caption>.*?</table>", source, re.DOTALL)
    return [re.findall(r'<th role="rowheader" scope="row"><bdi>(.*?)</bdi>', one) for one in found]


def test_the_lowest_share_comes_first_and_few_complaints_are_left_out(counted, parse):
    path = write_report(counted.write())
    source, words = path.read_text(encoding="utf-8"), parse(path).words()
    assert tables_of(source, "Complaints with a theme, by product") == [["Desk", "Lamp", "Sofa"]]
    assert tables_of(source, "Complaints with a theme, by language") == [["Russian", "English"]]
    assert "Desk 50 % 49 % to 51 % 50 100" in words
    assert "fewer than 20 negative sentences are left out" in words
    assert "see coverage.csv" not in words


@pytest.mark.parametrize("language", ["ru", "bg", "lv"])
def test_it_is_told_in_every_language_with_the_same_numbers(counted, language):
    run = counted.write()
    told = [write_report(run, lang=one).read_text(encoding="utf-8") for one in ("en", language)]
    numbers = [re.findall(r'data-v="([^"]*)"', one) for one in told]
    assert numbers[0] == numbers[1]
    assert "Complaints with a theme" in told[0]
    assert "Complaints with a theme" not in told[1]


def test_one_product_or_language_alone_is_no_table(counted, parse):
    counted.tables["coverage"] = [
        row for row in counted.tables["coverage"] if row["value"] not in ("Lamp", "Sofa", "ru")
    ]
    assert "Complaints with a theme" not in parse(write_report(counted.write())).words()


def test_eight_are_shown_and_the_rest_counted(counted, parse):
    for k in range(9):
        covered(counted, "product", f"Item {k}", 50, 25 + k)
    path = write_report(counted.write())
    (shown,) = tables_of(path.read_text(encoding="utf-8"), "Complaints with a theme, by product")
    # Of one share the one with more complaints comes first.
    assert shown == ["Desk", *(f"Item {k}" for k in range(7))]
    assert "For 4 more see coverage.csv." in parse(path).words()


@pytest.mark.parametrize(
    "told", [None, {"segments": 240, "with_theme": None}, {"segments": 0, "with_theme": 0}]
)
def test_where_no_themes_were_looked_for_there_is_none(counted, parse, told):
    counted.manifest["complaints"] = told
    assert "Complaints with a theme" not in parse(write_report(counted.write())).words()


def test_a_run_without_the_table_says_the_share_of_all(counted, parse):
    run = counted.write()
    (run / "coverage.parquet").unlink()
    words = parse(write_report(run)).words()
    assert "Of 240 negative sentences, 62 % carry a theme." in words
    assert "Complaints with a theme" not in words


def test_a_name_from_outside_stays_words(counted, parse):
    covered(counted, "product", "<script>alert(1)</script>", 60, 6)
    covered(counted, "language", "<b>", 60, 6)
    page = parse(write_report(counted.write()))
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert "<script>alert(1)</script>" in page.text
