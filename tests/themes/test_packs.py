from __future__ import annotations

import pytest

from earful.errors import TaxonomyError
from earful.themes.packs import combine, suggest_packs
from earful.themes.phrases import PhraseMatcher
from earful.themes.taxonomy import load_taxonomy, pack_names, parse_taxonomy

LANGUAGES = ("en", "ru", "bg", "lv")


def found(themes: str, text: str, lang: str = "en") -> set[str]:
    return {match.theme for match in PhraseMatcher(load_taxonomy(themes)).match(text.split(), lang)}


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_speaks_four_languages(name):
    for theme in load_taxonomy(name).themes:
        assert theme.description, theme.id
        for lang in LANGUAGES:
            assert theme.labels[lang], theme.id
            assert theme.phrases[lang], theme.id
            assert len(theme.examples[lang]) >= 2, theme.id


@pytest.mark.parametrize("name", pack_names())
def test_what_a_pack_stands_instead_of_is_there(name):
    cx = load_taxonomy("cx").by_id
    for theme in load_taxonomy(name).themes:
        assert set(theme.instead_of) <= cx.keys(), theme.id


@pytest.mark.parametrize(
    ("pack", "lang", "text", "theme", "not_theme"),
    [
        ("travel", "en", "They cancelled our flight", "travel.flight_cancelled", "delivery.lost"),
        ("travel", "ru", "Рейс отменили ночью", "travel.flight_cancelled", "delivery.lost"),
        ("travel", "bg", "Отмениха полета", "travel.flight_cancelled", "delivery.lost"),
        ("travel", "lv", "Reisu atcēla", "travel.flight_cancelled", "delivery.lost"),
        ("bank", "en", "My account was blocked", "bank.account_blocked", "website_app.login"),
        ("bank", "ru", "Счёт заблокировали", "bank.account_blocked", "website_app.login"),
        ("restaurant", "en", "We got food poisoning", "restaurant.food_safety", "product.defect"),
        ("hotel", "lv", "Brokastis nebija garšīgas", "hotel.breakfast", "product.taste"),
    ],
)
def test_the_theme_of_a_pack_wins_over_that_of_cx(pack, lang, text, theme, not_theme):
    together = found(f"cx+{pack}", text, lang)
    assert theme in together
    assert not_theme not in together
    assert theme not in found("cx", text, lang)


@pytest.mark.parametrize(
    ("pack", "lang", "text", "theme"),
    [
        ("telecom", "en", "Data caps are unfair", "telecom.internet_speed"),
        ("telecom", "en", "Another outage in our street", "telecom.coverage"),
        ("telecom", "ru", "Билайн у нас не ловит", "telecom.coverage"),
        ("telecom", "ru", "Опять пропал интернет", "telecom.internet_speed"),
        ("telecom", "bg", "Нямам обхват вкъщи", "telecom.coverage"),
        ("telecom", "lv", "Atkal nav interneta", "telecom.internet_speed"),
        ("bank", "ru", "Процент очень высокий", "bank.loan"),
        ("bank", "bg", "Лихвата им е много висока", "bank.loan"),
        ("travel", "en", "A five hour delay on Sunday", "travel.flight_delay"),
        ("travel", "ru", "Задержали на шесть часов", "travel.flight_delay"),
        ("travel", "en", "Stranded in Denver for two days", "travel.flight_cancelled"),
        ("restaurant", "en", "Our drinks never arrived", "restaurant.order_wrong"),
        ("restaurant", "ru", "Закуски так и не принесли", "restaurant.order_wrong"),
        ("app", "ru", "Реклама после каждого уровня", "app.ads"),
    ],
)
def test_what_customers_of_an_industry_say_is_found(pack, lang, text, theme):
    assert theme in found(f"cx+{pack}", text, lang)


@pytest.mark.parametrize(
    ("pack", "lang", "text", "not_theme"),
    [
        ("telecom", "ru", "Кот мышей не ловит", "telecom.coverage"),
        ("telecom", "en", "The network of volunteers is dead serious", "telecom.internet_speed"),
        ("travel", "en", "The delivery was delayed by two hours", "travel.flight_delay"),
        ("travel", "ru", "Задержали доставку на три часа", "travel.flight_delay"),
        ("bank", "en", "I lost interest after the second chapter", "bank.loan"),
        ("restaurant", "en", "The drinks arrived at once", "restaurant.order_wrong"),
    ],
)
def test_what_only_sounds_like_an_industry_is_not(pack, lang, text, not_theme):
    assert not_theme not in found(f"cx+{pack}", text, lang)


def test_taxonomies_are_joined_in_the_order_given():
    both = load_taxonomy("cx+bank")
    assert both.name == "cx+bank"
    assert [theme.id for theme in both.themes] == [
        theme.id for name in ("cx", "bank") for theme in load_taxonomy(name).themes
    ]
    assert both.checksum != load_taxonomy("cx").checksum


def test_a_theme_of_both_keeps_one_id_and_the_phrases_of_both(tmp_path):
    (tmp_path / "own.toml").write_text(
        '[[theme]]\nid = "delivery.speed"\nphrases = {en = ["snail post"]}\nlabels = "Snail"',
        encoding="utf-8",
    )
    both = load_taxonomy(f"cx+{tmp_path / 'own.toml'}")
    assert len(both) == len(load_taxonomy("cx"))
    assert both["delivery.speed"].label() == load_taxonomy("cx")["delivery.speed"].label()
    assert "snail post" in both["delivery.speed"].phrases["en"]


def test_a_pack_that_there_is_not_is_named_with_those_there_are():
    with pytest.raises(TaxonomyError, match=r"'banc' \(did you mean 'bank'\?\).*telecom, travel"):
        load_taxonomy("cx+banc")


def test_word_lists_that_contradict_each_other_are_refused():
    one, two = (
        parse_taxonomy(
            [("t", f'[words.en]\nbox = "{word}"\n[[theme]]\nid = "a.b"\nphrases = {{en = ["@box"]}}')],
            name=word,
        )
        for word in ("crate", "parcel")
    )
    with pytest.raises(TaxonomyError, match=r"en\.box"):
        combine([one, two], "both")


BANK = [(f"The mortgage number {n} was refused by the bank", "en") for n in range(30)]
OTHER = [(f"The jacket number {n} is warm", "en") for n in range(60)]


def test_a_pack_is_suggested_where_it_fits_and_only_there():
    assert [one.pack for one in suggest_packs([*BANK, *OTHER], "cx")] == ["bank"]
    assert suggest_packs([*BANK, *OTHER], "cx") == suggest_packs([*OTHER, *BANK[::-1]], "cx")
    assert suggest_packs(OTHER, "cx") == []
    assert suggest_packs([*BANK, *OTHER], "cx+bank") == []
    assert suggest_packs(BANK, "mine.toml") == []
