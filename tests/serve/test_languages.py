"""The dashboard in every language: nothing of our English is left on any page; programs stay with English."""

from typing import get_args

import pytest

from earful.pages.words import LANGUAGES, messages, say, speaking
from earful.serve.desk import Desk
from earful.serve.filters import Filters, Order
from earful.serve.house import House
from earful.serve.policy import Limits
from tests.spoken_pages import Seen, english_left, texts

from .conftest import csrf_of, open_client

#: Themes that have pages here; each shows the words that it was found by.
SHOWN = ("delivery.speed",)
OTHERS = [language for language in LANGUAGES if language != "en"]
#: Every page, and what it can say besides where its address asks for that.
PAGES = [
    "/",
    "/runs/demo",
    "/runs/demo/products",
    "/runs/demo/product?name=Aura+headphones",
    "/runs/demo/touchpoints",
    "/runs/demo/touchpoint?name=delivery",
    "/runs/demo/themes",
    "/runs/demo/theme?id=delivery.speed",
    "/runs/demo/theme?id=delivery.speed&by=product&name=Aura+headphones",
    "/runs/demo/time",
    "/runs/demo/reviews",
    "/runs/demo/reviews?page=2",
    "/runs/demo/reviews?page=999",
    "/runs/demo/reviews?q=nosuchwordatall",
    "/runs/demo/reviews?q=battery&product=Aura+headphones&touchpoint=delivery&theme=delivery.speed"
    "&polarity=negative&sentiment=negative&lang=en&rating_from=1&rating_to=4.5&since=2025-01-01&words=yes",
    "/runs/demo/reviews?sentiment=negative&rating_from=4",
    "/runs/demo/reviews?mismatch=any&lang=und",
    "/runs/demo/reviews?rating_from=4&rating_to=2&since=soon&nps_from=x",
    "/runs/demo/reviews?since=2026-06-01&until=2026-05-01",
    "/runs/demo/compare",
    "/runs/demo/compare?by=product&first=Aura+headphones",
    "/runs/demo/answers",
    "/runs/demo/workshop",
    "/runs/demo/method",
    "/runs/demo/audit",
    "/new",
    "/api",
    "/runs/demo/reviews/999999",
    "/runs/demo/product?name=none",
    "/runs/demo/theme?id=none",
    "/nowhere",
]


@pytest.fixture(scope="module")
def keeping(folder, tmp_path_factory):
    return House([folder], tmp_path_factory.mktemp("new"))


@pytest.fixture(scope="module")
def editor(keeping):
    """A server where things can be made, and somebody who may."""
    desk = Desk(keeping, limits=Limits(burst=50_000), model="fast")
    with open_client(desk) as client:
        client.desk = desk
        client.post("/runs/demo/audit/begin", data={"csrf": csrf_of(client)})
        yield client


@pytest.fixture(scope="module")
def given(keeping):
    """What stands on pages as it was given: names, numbers of reviews, terms, words of themes, columns."""
    served = keeping.get("demo")
    columns = ("product", "touchpoint", "channel", "source", "review_id", "author_id")
    reviews = served.run.reviews
    told = [str(one) for name in columns if name in reviews for one in reviews[name].dropna().unique()]
    told += [str(one) for one in served.run.table("aspects")["term"].unique()]
    told += texts([one["mapping"] for one in served.manifest["inputs"]])
    mentions, words = served.run.mentions, reviews.set_index("row")["text"]
    mentions = mentions[mentions["theme"].isin(SHOWN)]
    told += [words[one["row"]][one["start"] : one["end"]] for one in mentions.to_dict("records")]
    # A setting, words of a scale in the input, what a reader of JSON says, and methods of the API.
    told += ["scales.rating", "unhappy, neutral, happy", "Unterminated string starting at", "GET", "POST"]
    return told + texts(served.manifest["command"])


def page_in(client, address, language):
    response = client.get(address, headers={"accept-language": language})
    assert f'<html lang="{language}">' in response.text
    return response.text


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("address", PAGES)
def test_nothing_of_a_page_is_left_in_english(editor, given, address, language):
    assert english_left(page_in(editor, address, language), given, language) == set()


@pytest.mark.parametrize("address", PAGES)
def test_the_scan_finds_english_on_every_page_that_speaks_it(editor, address):
    assert len(english_left(page_in(editor, address, "en"), [], "ru")) > 8


@pytest.mark.parametrize("language", OTHERS)
def test_nor_of_a_review_of_any_kind(editor, given, keeping, language):
    reviews = keeping.get("demo").run.reviews
    kinds = {
        "mismatch": reviews["mismatch"].notna(),
        "nothing": reviews["non_answer"].fillna(False).astype(bool),
        "repeats": reviews["duplicate_of"].notna(),
        "scored": reviews["score"].notna(),
        "wordless": reviews["text"].fillna("") == "",
    }
    rows = {int(reviews.loc[which, "row"].iloc[0]) for which in kinds.values() if which.any()}
    assert len(rows) >= 3
    for row in sorted(rows):
        page = page_in(editor, f"/runs/demo/reviews/{row}", language)
        assert english_left(page, given, language) == set(), row


@pytest.mark.parametrize("language", OTHERS)
def test_nor_where_nothing_is_kept(client, given, language):
    for address in ("/runs/demo/audit", "/runs/demo/audit.csv", "/runs/demo/workshop"):
        assert english_left(page_in(client, address, language), given, language) == set(), address


@pytest.mark.parametrize("language", OTHERS)
def test_nor_of_a_run_with_complaints_behaviour_and_reviews_of_all_kinds(full, make_client, language):
    full.review("Cut short", truncated=True, title="A head", score=-0.4)
    full.review("Again", near_duplicate_of=0, score=0.3)
    client = make_client(house=House([full.write()]))
    told = texts([full.tables["reviews"], full.tables["themes"], full.tables["loyalty"]])
    made = full.manifest
    told += texts([made["inputs"][0]["mapping"], made["model"], made["command"], "anchor", "rows"])
    told += ["no words and no score"]  # written by hand: no reader gives this reason
    rows = [row["row"] for row in full.tables["reviews"]]
    pages = ["", *(f"/{name}" for name in ("products", "themes", "time", "reviews", "workshop", "method"))]
    for page in [*pages, *(f"/reviews/{row}" for row in (rows[0], *rows[-2:]))]:
        left = english_left(page_in(client, f"/runs/run{page}", language), told, language)
        assert left == set(), page


@pytest.mark.parametrize("language", LANGUAGES)
def test_filters_are_told_in_the_language_their_values_too(editor, language):
    address = "/runs/demo/reviews?rating_from=1.5&sentiment=negative&since=2026-05-04&words=yes"
    page = Seen(page_in(editor, address, language)).told
    with speaking(language):
        wanted = [say(f"serve.given.{name}") for name in ("rating_from", "sentiment", "since", "words")]
        wanted += [say("polarity.negative"), say("serve.answer.yes")]
    wanted += {
        "en": ["1.5", "4 May 2026"],
        "ru": ["1,5", "4 мая 2026 г."],
        "bg": ["1,5", "4 май 2026 г."],
        "lv": ["1,5", "2026. gada 4. maijs"],
    }[language]
    assert [one for one in wanted if one not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_filter_and_every_order_has_its_name(language):
    told = messages(language)
    wanted = [f"serve.given.{name}" for name in Filters.model_fields]
    wanted += [f"serve.order.{name}" for name in get_args(Order)]
    assert [key for key in wanted if key not in told] == []


def test_a_page_that_is_kept_is_kept_in_each_language(editor):
    address = "/runs/demo/reviews?order=oldest&page=2"
    told = [Seen(page_in(editor, address, language)).told for language in (*LANGUAGES, *LANGUAGES)]
    for k, language in enumerate(LANGUAGES):
        with speaking(language):
            assert {say("serve.found.prev"), say("serve.found.open")} <= set(told[k])
        assert [text for text in told[k] if text.strip()] == [text for text in told[k + 4] if text.strip()]


@pytest.mark.parametrize("language", OTHERS)
def test_programs_are_told_in_english_what_is_wrong_with_a_range(editor, language):
    asked = "/runs/demo/reviews?rating_from=4&rating_to=2"
    answer = editor.get(f"/api/v1{asked}", headers={"accept-language": language})
    assert answer.status_code == 422
    assert "rating from 4 is above rating to 2" in answer.text
    with speaking(language):
        first = say("serve.given.rating_from")
    assert first in page_in(editor, asked, language)
    assert "is above" not in page_in(editor, asked, language)
