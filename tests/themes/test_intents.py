from __future__ import annotations

import pytest

from earful.themes.intents import read_wish


@pytest.mark.parametrize(
    ("lang", "text", "intents"),
    [
        ("en", "The app crashes when I open a photo.", {"bug"}),
        ("en", "How do I change my address?", {"question"}),
        ("en", "Please refund my order.", {"request"}),
        ("en", "Terrible service, I am disappointed.", {"complaint"}),
        ("en", "Thank you, excellent help.", {"praise"}),
        ("en", "I live in Leeds.", set()),
        ("ru", "Приложение вылетает.", {"bug"}),
        ("ru", "Подскажите, как мне сменить адрес?", {"question"}),
        ("ru", "Верните деньги.", {"request"}),
        ("ru", "Ужасное обслуживание.", {"complaint"}),
        ("ru", "Спасибо, отличная работа.", {"praise"}),
        ("ru", "Живу в Твери.", set()),
        ("bg", "Приложението забива.", {"bug"}),
        ("bg", "Как да сменя адреса?", {"question"}),
        ("bg", "Моля, върнете парите.", {"request"}),
        ("bg", "Ужасно обслужване.", {"complaint"}),
        ("bg", "Благодаря, чудесно.", {"praise"}),
        ("bg", "Живея в Русе.", set()),
        ("lv", "Lietotne uzkaras.", {"bug"}),
        ("lv", "Kā es varu mainīt adresi?", {"question"}),
        ("lv", "Lūdzu, atdodiet naudu.", {"request"}),
        ("lv", "Šausmīga apkalpošana.", {"complaint"}),
        ("lv", "Paldies, lieliski.", {"praise"}),
        ("lv", "Dzīvoju Cēsīs.", set()),
    ],
)
def test_what_a_text_wants(lang, text, intents):
    assert set(read_wish(text, lang).intents) == intents


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("en", "I need this urgently!", ("urgently",)),
        ("en", "No hurry at all.", ()),
        ("ru", "Срочно нужен ответ.", ("Срочно",)),
        ("bg", "Спешно е.", ("Спешно",)),
        ("lv", "Steidzami atzvaniet.", ("Steidzami",)),
    ],
)
def test_words_of_urgency_stand_as_received(lang, text, words):
    assert read_wish(text, lang).urgency == words
