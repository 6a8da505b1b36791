"""Pages of a run's parts, and what they say only in some states: all of it in the reader's language."""

import html
import re
from urllib.parse import quote

import pytest

from earful.pages.words import LANGUAGES, say, speaking
from earful.serve.asks import steps
from earful.serve.house import House
from earful.serve.views.workshop import _said
from tests.serve.conftest import csrf_of
from tests.spoken_pages import Seen, english_left, texts

OTHERS = [language for language in LANGUAGES if language != "en"]
PARTS = [
    "",
    "/answers?margin=2.5",
    "/group?by=shop&name=north",
    "/product?name=Lamp",
    "/product?name=Rug",
    "/touchpoint?name=delivery",
    "/theme?id=delivery.speed",
    "/theme?id=delivery.speed&by=product&name=Lamp",
    "/compare?by=product&first=Lamp&second=Desk",
    "/compare?by=product&first=Lamp&second=Desk&part=period%3D2026-05-01",
    "/compare?by=period&first=2026-04-01&second=2026-05-01&part=product%3DLamp",
    "/compare?by=touchpoint&first=delivery&second=support",
    "/compare?by=product&first=Lamp&second=Lamp",
    "/compare?by=product&first=Lamp&second=Desk&part=nonsense",
    "/compare/scores",
    "/group?by=nothing&name=x",
    "/group?by=shop&name=none",
    "/touchpoint?name=none",
    "/theme?id=none",
]
#: What stands on every page of a run that has nothing.
BARE = ["", "/products", "/touchpoints", "/themes", "/time", "/compare", "/answers"]


@pytest.fixture
def parted(full):
    """The run by hand, cut by a column of its own, with parts that have an index over time and themes."""
    full.cut_by("shop")
    for shop, index in (("north", 12.0), ("south", -8.0)):
        full.group("shop", index, shop=shop, n=30)
        full.theme("delivery.speed", 5, 2, grouping="shop", shop=shop)
    for product in ("Lamp", "Desk"):
        full.theme("delivery.speed", 9, 4, grouping="product", product=product)
        full.driver("delivery.speed", "negative", -6.0, grouping="product", product=product, adjusted=-3.0,
                    adjusted_low=-5.0, adjusted_high=-1.0, adjusted_q=0.01)  # fmt: skip
        for period, index in (("2026-04-01", 3.0), ("2026-05-01", 9.0)):
            full.trend(period, index, grouping="product", product=product)
    for period in ("2026-04-01", "2026-05-01"):
        full.theme("delivery.speed", 6, 3, grouping="period", period=period)
    return full


def main_of(client, address, language):
    """What stands on a page inside of the frame."""
    page = client.get(address, headers={"accept-language": language}).text
    assert f'<html lang="{language}">' in page
    return "<main" + page.partition("<main")[2].partition("</main>")[0] + "</main>"


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_of_a_part_is_left_in_english(parted, make_client, language):
    client = make_client(house=House([parted.write()]))
    given = texts([parted.tables["reviews"], parted.tables["themes"]])
    given += texts([parted.manifest[name] for name in ("inputs", "model", "command")])
    given += ["shop", "north", "south", "Lamp", "Desk", "Rug"]
    for part in PARTS:
        assert english_left(main_of(client, f"/runs/run{part}", language), given, language) == set(), part


@pytest.mark.parametrize("language", OTHERS)
def test_nor_of_what_a_run_lacks(builder, make_client, language):
    client = make_client(house=House([builder.write()]))
    for page in BARE:
        assert english_left(main_of(client, f"/runs/run{page}", language), ["run"], language) == set(), page
    with speaking(language):
        assert (
            say("serve.groups.none.touchpoint")
            in client.get("/runs/run/touchpoints", headers={"accept-language": language}).text
        )


@pytest.mark.parametrize("language", OTHERS)
def test_nor_where_words_alone_put_groups_in_order(builder, make_client, language):
    for product in ("Lamp", "Desk"):
        builder.review("good", product=product)
        builder.group("product", 5.0, n=2, product=product, anchor="words")
    builder.group("overall", 5.0, n=2, anchor="words")
    client = make_client(house=House([builder.write()]))
    for page in ("", "/product?name=Lamp", "/compare?by=product&first=Lamp&second=Desk", "/answers"):
        found = english_left(main_of(client, f"/runs/run{page}", language), ["Lamp", "Desk", "run"], language)
        assert found == set(), page


def test_what_is_offered_to_compare_is_there(builder, make_client):
    builder.review("good")
    page = make_client(house=House([builder.write()])).get("/runs/run/compare").text
    assert "/compare/scores" not in page
    builder.review("bad", product="Lamp")
    builder.group("product", 5.0, n=2, product="Lamp")
    page = make_client(house=House([builder.write()])).get("/runs/run/compare").text
    assert "/runs/run/compare/scores?by=product" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workshop_tells_in_each_language_what_was_changed(folder, make_client, tmp_path, language):
    client = make_client(house=House([folder], tmp_path / "new"), home=tmp_path / "new")
    page, csrf, theme = "/runs/demo/workshop", csrf_of(client), "delivery.speed"
    for action, data in (
        ("begin", {}),
        ("merge", {"themes": ["delivery.courier"], "into": theme}),
        ("rename", {"theme": theme, "label": "Tempo"}),
        ("rename", {"theme": theme, "to": "delivery.tempo"}),
        ("rename", {"theme": "delivery.tempo", "to": theme, "label": "Pace"}),
        ("move", {"theme": "price.value", "touchpoint": "store"}),
        ("undo", {}),
    ):
        assert client.post(f"{page}/{action}", data={"csrf": csrf, **data}).status_code == 303, action
    told = Seen(main_of(client, page, language)).told
    with speaking(language):
        wanted = [
            say("serve.workshop.merged", number=1, themes="delivery.courier", into=theme),
            say("serve.workshop.relabelled", number=2, theme=theme, label="Tempo"),
            say("serve.workshop.reidentified", number=3, theme=theme, to="delivery.tempo"),
            say("serve.workshop.renamed", number=4, theme="delivery.tempo", label="Pace", to=theme),
            say("serve.workshop.moved", number=5, theme="price.value", touchpoint="store"),
            say("serve.workshop.undone", number=6, of=5),
        ]
    assert [one for one in told if one in wanted] == wanted[::-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_themes_put_in_or_parted_elsewhere_are_told_of_too(language):
    with speaking(language):
        for kind in ("add", "split"):
            said = _said(7, {"kind": kind, "theme": "price.value"})
            assert said == say(f"serve.workshop.{kind}", number=7, theme="price.value")
            assert said.startswith("7. ")
        assert _said(7, {"kind": "not yet known"}) == "7. not yet known"


def test_what_a_form_cannot_do_is_said_in_the_language_of_the_page(folder, make_client, tmp_path):
    ru = {"accept-language": "ru"}
    client = make_client(house=House([folder], tmp_path / "new"), home=tmp_path / "new")
    refused = client.post("/runs/demo/workshop/apply", data={"csrf": csrf_of(client)}, headers=ru)
    assert refused.status_code == 400
    assert "пока ни одна тема не изменена" in refused.text
    nowhere = make_client(house=House([folder]))
    refused = nowhere.post("/runs/demo/workshop/begin", data={"csrf": csrf_of(nowhere)}, headers=ru)
    assert refused.status_code == 400
    assert "этот сервер ничего не хранит" in refused.text


def test_one_and_many_have_their_forms(full, make_client):
    full.theme("support.speed", 1, 0)
    client = make_client(house=House([full.write()]))
    for address, language, said in (
        ("/theme?id=support.speed", "ru", "1 отзыв"),
        ("/theme?id=delivery.speed", "ru", "40 отзывов"),
        ("/theme?id=delivery.speed", "lv", "40 atsauksmju"),
        ("/theme?id=support.speed", "bg", "1 отзив"),
        ("/product?name=Rug", "ru", "4 отзыва, из них с ответом: 0"),
        ("/product?name=Desk", "lv", "55 atsauksmes, ar atbildi: 0"),
    ):
        page = main_of(client, f"/runs/run{address}", language)
        assert re.search(rf"(?<!\d){re.escape(said)}(?!\w)", page), (address, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_can_be_chosen_is_called_as_the_page_speaks(folder, full, make_client, language):
    page = main_of(make_client(folder, full.write()), "/runs/demo/compare", language)
    with speaking(language):
        for name in ("section.products", "section.touchpoints", "serve.compare.periods"):
            assert f"<bdi>{say(name)}</bdi>" in page
        assert f'<option value="product">{say("noun.product.col")}</option>' in page


def test_kept_steps_are_in_the_language_of_the_page(folder):
    served = House([folder]).get("demo")
    periods = [{"period": "2026-04-01"}, {"period": "2026-05-01"}]
    told = {}
    for language in LANGUAGES:
        with speaking(language):
            told[language] = steps(served, periods)[0][0]
    assert told == {
        "en": "May 2026 against Apr 2026",
        "ru": "апр. 2026 → май 2026",
        "bg": "май 2026 спрямо апр 2026",
        "lv": "2026. g. apr. → 2026. g. maijs",
    }


def test_a_theme_is_renamed_in_the_language_of_the_page(folder, make_client, tmp_path):
    client = make_client(house=House([folder], tmp_path / "new"), home=tmp_path / "new")
    page, sent = "/runs/demo/workshop", {"csrf": csrf_of(client), "theme": "delivery.speed"}
    client.post(f"{page}/begin", data=sent)
    english = main_of(client, page, "en")
    assert client.post(f"{page}/rename", data=sent | {"label": "Темп"}, headers={"accept-language": "ru"})
    assert "<bdi>Темп</bdi>" in main_of(client, page, "ru")
    for language in ("en", "bg"):
        assert "<bdi>Темп</bdi>" not in main_of(client, page, language)
    name = re.search(r"<option value=\"delivery.speed\">(.*?) \(", english)[1]
    assert f"<bdi>{name}</bdi>" in main_of(client, page, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_themes_have_their_names_in_the_language_of_the_page(folder, make_client, language):
    house = House([folder])
    client = make_client(house=house)
    with speaking(language):
        labels = house.get("demo").labels
    page = main_of(client, "/runs/demo/theme?id=delivery.speed", language)
    assert f"<h1><bdi>{labels['delivery.speed']}</bdi></h1>" in page
    first, second = house.get("demo").choices["product"][:2]
    pair = f"/runs/demo/compare?by=product&first={quote(first)}&second={quote(second)}"
    told = set(re.findall(r'theme\?id=([\w.]+)"><bdi>(.*?)</bdi>', main_of(client, pair, language)))
    assert told
    assert all(html.unescape(name) == labels[theme] for theme, name in told)
