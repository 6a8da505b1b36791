"""Searching: words in their forms, beginnings, quotes and what is not wanted; every filter against pandas."""

import html
import re
import sqlite3

import pandas as pd
import pytest
from pydantic import ValidationError

from earful.errors import RunError
from earful.runs.run import SEARCH, open_run
from earful.serve.filters import Filters, period_end
from earful.serve.house import House
from earful.serve.listing import listing
from earful.serve.query import parse
from earful.serve.search import Search
from tests.written_runs import RunBuilder

#: The name of a column that would hurt where it was not escaped.
HURT = '"><script>alert(1)</script>'

TEXTS = [
    ("The deliveries were late again.", "en"),
    ("Delivery on time, thanks.", "en"),
    ("Доставку задержали на неделю.", "ru"),
    ("Доставката закъсня с два дни.", "bg"),
    ("Piegāde kavējās divas nedēļas.", "lv"),
    ("配送が遅いです。", "ja"),
    ("I can't open the app", "en"),
    ("Crème brûlée was fine", "en"),
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    builder = RunBuilder(tmp_path_factory.mktemp("texts") / "run")
    for text, lang in TEXTS:
        builder.review(text, lang=lang)
    builder.group("overall", n=len(TEXTS))
    return House([builder.write()]).get("run")


def found(served, q, **more):
    return [row["row"] for row in listing(served, Filters(q=q, **more), "row", 100, 0).rows]


@pytest.mark.parametrize(
    ("q", "rows"),
    [
        ("delivery", [0, 1]),
        ("deliv", [0, 1]),
        ("DELIVERY late", [0]),
        ("delivery -late", [1]),
        ("-delivery", [2, 3, 4, 5, 6, 7]),
        ('"on time"', [1]),
        ('"time on"', []),
        ("доставка", [2, 3]),
        ("достав", [2, 3]),
        ("piegade", [4]),
        ("nedēļa", [4]),
        ("遅い", [5]),
        ("creme brulee", [7]),
        ("can not open", [6]),
        ("", list(range(8))),
        ("...", []),
    ],
)
def test_words_are_found_in_their_forms(texts, q, rows):
    assert found(texts, q) == rows


@pytest.mark.parametrize(
    "q",
    [
        '"',
        '""',
        "*",
        "a*",
        "NEAR(a b)",
        "said:x",
        "{said} : x",
        "AND",
        "OR NOT",
        "(",
        ")",
        "^x",
        "a AND (b",
        "-",
        '-"',
        "'; DROP TABLE fts; --",
        "\x00",
        "a" * 500,
        '"a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m"',
        "\ud800".encode("utf-8", "replace").decode(),
        "😀",
        "＊",
    ],
)
def test_nothing_typed_breaks_the_search(texts, q):
    assert isinstance(found(texts, q), list)


def test_what_was_found_can_be_marked():
    query = parse('late "on time" -never', ["en"])
    text = "Later on time, never."
    assert [text[start:end] for start, end in query.marks(text, "en")] == ["Later", "on", "time"]


def test_the_search_file_is_made_once_and_again_where_the_run_is_another(builder):
    row = builder.review("first")
    builder.group("overall")
    folder = builder.write()
    Search(open_run(folder))
    made = (folder / SEARCH).stat().st_mtime_ns
    Search(open_run(folder))
    assert (folder / SEARCH).stat().st_mtime_ns == made
    builder.tables["reviews"][row]["text"] = "second, and longer than before"
    builder.manifest["seconds"] = 51.0
    house = House([folder])
    before = house.get(house.names()[0])
    assert found(before, "second") == []
    builder.write()
    after = house.get(house.names()[0])
    assert after is not before
    assert found(after, "second") == [0]


def test_a_damaged_search_file_is_made_anew(builder):
    builder.review("words")
    builder.group("overall")
    folder = builder.write()
    (folder / SEARCH).write_bytes(b"no database" * 1000)
    assert found(House([folder]).get("run"), "words") == [0]


def test_a_run_that_cannot_be_written_is_searched_all_the_same(builder, monkeypatch):
    import earful.serve.search as search

    builder.review("words")
    builder.group("overall")
    folder = builder.write()
    real = search._make

    def full(run, path, stamp, told):
        if path.parent == folder:
            raise sqlite3.OperationalError("readonly")
        real(run, path, stamp, told)

    monkeypatch.setattr(search, "_make", full)
    served = House([folder]).get("run")
    assert found(served, "words") == [0]
    assert served.search.path.parent != folder
    served.search.path.unlink()


CASES = [
    ({"product": "Pilot robot vacuum"}, lambda r, m: r["product"] == "Pilot robot vacuum"),
    ({"touchpoint": "delivery"}, lambda r, m: r["touchpoint"] == "delivery"),
    ({"channel": "web"}, lambda r, m: r["channel"] == "web"),
    ({"lang": "lv"}, lambda r, m: r["lang"] == "lv"),
    ({"sentiment": "negative"}, lambda r, m: (r["sentiment"] == "negative") & ~r["non_answer"]),
    ({"rating_from": 2, "rating_to": 3}, lambda r, m: r["rating"].between(2, 3)),
    ({"nps_from": 9}, lambda r, m: r["nps"] >= 9),
    ({"csat_from": 4}, lambda r, m: r["csat"] >= 4),
    (
        {"csat_to": 2, "source": "survey.jsonl"},
        lambda r, m: (r["csat"] <= 2) & r["source"].eq("survey.jsonl"),
    ),
    ({"source": "reviews.csv"}, lambda r, m: r["source"] == "reviews.csv"),
    ({"mismatch": "any"}, lambda r, m: r["mismatch"].notna()),
    ({"mismatch": "score_above_text"}, lambda r, m: r["mismatch"] == "score_above_text"),
    ({"words": "no"}, lambda r, m: r["score"].isna() | r["non_answer"]),
    (
        {"since": "2026-05-01", "until": "2026-05-31"},
        lambda r, m: (r["created_at"] >= "2026-05-01") & (r["created_at"] < "2026-06-01"),
    ),
    ({"theme": "delivery.speed"}, lambda r, m: r["row"].isin(m[m["theme"] == "delivery.speed"]["row"])),
    (
        {"theme": "delivery.speed", "polarity": "negative"},
        lambda r, m: r["row"].isin(
            m[(m["theme"] == "delivery.speed") & (m["polarity"] == "negative")]["row"]
        ),
    ),
    (
        {"lang": "en", "sentiment": "positive", "rating_from": 4},
        lambda r, m: (r["lang"] == "en") & (r["sentiment"] == "positive") & (r["rating"] >= 4),
    ),
]


@pytest.mark.parametrize(("given", "held"), CASES)
def test_each_filter_finds_what_the_table_has(served, given, held):
    reviews, mentions = served.run.reviews, served.run.mentions
    expected = reviews[held(reviews, mentions).fillna(False).astype(bool)]["row"].tolist()
    page = listing(served, Filters(**given), "row", 1000, 0)
    assert [row["row"] for row in page.rows] == expected
    assert page.total == len(expected)


@pytest.mark.parametrize("order", ["newest", "oldest", "worst", "best", "relevant", "row"])
def test_pages_together_are_the_whole_in_any_order(served, order):
    filters = Filters(q="the")
    whole = [row["row"] for row in listing(served, filters, order, 500, 0).rows]
    parts = [row["row"] for at in range(0, 500, 7) for row in listing(served, filters, order, 7, at).rows]
    assert len(whole) == len(set(whole)) > 20
    assert parts == whole


def test_orders_are_what_they_say(served):
    scores = [row["score"] for row in listing(served, Filters(words="yes"), "worst", 500, 0).rows]
    assert scores == sorted(scores)
    dates = [row["created_us"] for row in listing(served, Filters(), "newest", 500, 0).rows]
    known = [date for date in dates if date is not None]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize(
    "given",
    [{"polarity": "bad"}, {"since": "soon"}, {"rating_from": "nan"}, {"nobody": "knows"}, {"q": "x" * 501}],
)
def test_filters_that_cannot_be_are_refused(given):
    with pytest.raises(ValidationError):
        Filters(**given)


@pytest.mark.parametrize(
    ("first", "length", "last"),
    [
        ("2026-02-01", "month", "2026-02-28"),
        ("2026-12-01", "month", "2026-12-31"),
        ("2026-10-01", "quarter", "2026-12-31"),
        ("2024-01-01", "year", "2024-12-31"),
        ("2026-11-23", "week", "2026-11-29"),
        ("none", "month", "none"),
    ],
)
def test_a_period_ends_where_the_next_begins(first, length, last):
    assert period_end(first, length) == last


def test_every_group_has_as_many_reviews_as_its_number_says(served):
    loyalty = served.run.loyalty
    for row in loyalty.drop_duplicates(["grouping", "product", "touchpoint", "period"]).to_dict("records"):
        given = {name: row[name] for name in ("product", "touchpoint") if not pd.isna(row[name])}
        if row["grouping"] == "period":
            given = {"since": row["period"], "until": period_end(row["period"], "month")}
        assert listing(served, Filters(**given), "row", 1, 0).total == row["n_reviews"]


def test_so_has_every_touchpoint_that_only_the_words_speak_of(builder):
    for text, theme in (
        ("late parcel", "delivery.speed"),
        ("rude staff", "store.staff"),
        ("late", "delivery.speed"),
    ):
        builder.mention(builder.review(text), theme, text.split()[0], "negative")
    builder.group("overall", n=3)
    served = House([builder.write()]).get("run")
    assert served.derived
    assert listing(served, Filters(touchpoint="delivery"), "row", 9, 0).total == 2
    assert listing(served, Filters(touchpoint="deliver"), "row", 9, 0).total == 0


@pytest.fixture
def cut(builder):
    """A run that is cut by columns of its own, one of them named to hurt."""
    builder.cut_by("Region", HURT)
    for n, region in enumerate(["West", "West", "East", "a=b", None]):
        own = {"Region": region, HURT: "pro" if n else None}
        row = builder.review(f"late parcel {n}", product="Lamp", **own)
        builder.mention(row, "delivery.speed", "late", "negative")
    builder.group("overall", n=5)
    builder.theme("delivery.speed", 5, 0)
    for region, n in (("West", 2), ("East", 1), ("a=b", 1)):
        builder.group("Region", n=n, Region=region)
        builder.theme("delivery.speed", n, 0, grouping="Region", Region=region)
    builder.driver("delivery.speed", "negative", -4.0, grouping="Region", Region="West")
    return House([builder.write()])


def test_a_column_that_the_run_is_cut_by_is_a_filter(cut):
    served = cut.get("run")
    assert served.groups == {"Region": ["West", "East", "a=b"], HURT: ["pro"]}

    def found(*given):
        return [row["row"] for row in listing(served, Filters(cut=given), "row", 9, 0).rows]

    assert found("Region=West") == [0, 1]
    assert found("Region=a=b") == [3]
    assert found("Region=West", f"{HURT}=pro") == [1]
    assert found("Region=North") == []
    with pytest.raises(RunError, match="not cut by 'Colour'; allowed: Region"):
        found("Colour=red")


def test_filters_of_such_columns_come_and_go_one_by_one():
    filters = Filters(cut=("Region=West", "Plan=pro"), q="late")
    assert filters.given() == {"q": "late", "cut": ["Region=West", "Plan=pro"]}
    told = {(name, spoken, value): without for name, spoken, value, without in filters.described()}
    assert told["cut", "Region", "West"] == "q=late&cut=Plan%3Dpro"
    assert told["q", "words", "late"] == "cut=Region%3DWest&cut=Plan%3Dpro"
    for odd in (("=West",), ("Region",), ("Region=",), ("a=b",) * 13):
        with pytest.raises(ValidationError):
            Filters(cut=odd)


def test_pages_of_a_run_that_is_cut_by_columns_of_its_own(cut, make_client):
    client = make_client(house=cut)
    overview = client.get("/runs/run").text
    assert "By Region" in overview
    assert "/runs/run/group?by=Region&amp;name=West" in overview
    group = client.get("/runs/run/group?by=Region&name=West")
    assert group.status_code == 200
    links = {html.unescape(link) for link in re.findall(r'href="([^"]*/reviews[^"]*)"', group.text)}
    assert "/runs/run/reviews?cut=Region%3DWest" in links
    complaints = "/runs/run/reviews?theme=delivery.speed&polarity=negative&cut=Region%3DWest"
    assert complaints in links
    assert "2 reviews: " in client.get(complaints).text
    assert client.get("/runs/run/group?by=Colour&name=West").status_code == 404
    assert client.get("/runs/run/group?by=Region&name=North").status_code == 404
    theme = client.get("/runs/run/theme?id=delivery.speed").text
    assert "/runs/run/group?by=Region&amp;name=West" in theme
    compared = client.get("/runs/run/compare?by=Region&first=West&second=East").text
    assert "West" in compared
    assert "cut=Region%3DEast" in compared
    page = client.get("/runs/run/reviews?cut=Region%3DWest&cut=").text
    assert '<option value="Region=West" selected>West</option>' in page
    assert "left out: cut" in client.get("/runs/run/reviews?cut=Colour%3Dred").text
    for text in (overview, group.text, page, theme, compared):
        assert "<script>alert" not in text
    found = client.get("/api/v1/runs/run/reviews", params={"cut": ["Region=West"], "limit": 1}).json()
    assert found["total"] == 2
    assert client.get(found["next"]).json()["total"] == 2
    assert client.get("/api/v1/runs/run/reviews", params={"cut": "Colour=red"}).status_code == 400
    assert client.get("/api/v1/runs/run/reviews", params={"cut": "Region"}).status_code == 422


def test_tabs_are_those_that_have_something_to_show(cut, builder, make_client, tmp_path):
    stars = RunBuilder(tmp_path / "stars")
    stars.review(rating=5.0, rating_min=1.0, rating_max=5.0, product="Lamp")
    stars.group("overall", n=1)
    stars.group("product", n=1, product="Lamp")
    client = make_client(house=House([stars.write()]))
    page = client.get("/runs/stars").text
    tabs = re.findall(r'<a href="/runs/stars/?([a-z]*)"[^>]*>', page[page.index('class="tabs') :])[:9]
    assert "themes" not in tabs
    assert "touchpoints" not in tabs
    assert "products" in tabs
    assert "reviews" in tabs


def test_what_says_nothing_has_no_sentiment(served):
    """The demo has "nav" and "няма", which the model reads as negative; the table keeps that, no sum does."""
    reviews = served.run.reviews
    silent = reviews[reviews["non_answer"]]["row"].tolist()
    assert len(silent) >= 5
    assert reviews[reviews["non_answer"]]["sentiment"].notna().any()
    found = {row["row"]: row for row in listing(served, Filters(), "row", 1000, 0).rows}
    assert all(found[row]["sentiment"] is None and found[row]["score"] is None for row in silent)
    told = listing(served, Filters(), "row", 1, 0)
    assert sum(told.moods.values()) == reviews["score"].notna().sum() - reviews["score"][silent].notna().sum()
    assert not served.run.mentions["row"].isin(silent).any()


@pytest.mark.parametrize(
    "crossed",
    [
        {"rating_from": 4, "rating_to": 2},
        {"nps_from": 9.5, "nps_to": 9},
        {"csat_from": 5, "csat_to": 1},
        {"ces_from": 7, "ces_to": 6},
        {"since": "2026-06-01", "until": "2026-05-31"},
    ],
)
def test_a_range_that_ends_before_it_begins_is_refused_and_its_ends_named(crossed):
    with pytest.raises(ValidationError) as refused:
        Filters(**crossed, lang="en")
    (told,) = refused.value.errors()
    assert (told["type"], told["ctx"]["names"]) == ("crossed", list(crossed))
    assert "no review can be in between" in told["msg"]
    alike = dict.fromkeys(crossed, next(iter(crossed.values())))
    assert Filters(**alike).given()
