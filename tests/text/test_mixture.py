from __future__ import annotations

import pytest

import earful
from earful.text.mixture import segment_languages


@pytest.mark.parametrize(
    ("segment", "main", "languages"),
    [
        ("But the quality is awful and the app crashes.", "ru", ("en",)),
        ("Still no refund, support does not answer.", "lv", ("en",)),
        ("Курьер нахамил, возврат денег не сделали.", "lv", ("ru",)),
        ("Refund never came.", "bg", ("en",)),
        ("Great product, курьер опоздал на час", "ru", ("ru", "en")),
        ("Пользуюсь Samsung Galaxy Note уже год", "ru", ("ru",)),
        ("Куплен iPhone Pro Max в М.Видео", "ru", ("ru",)),
        ("Very good, спасибо", "en", ("en",)),
        ("brat, 2 sedmici chakam edin kalъf za telefon", "bg", ("bg",)),
        ("asdf qwer", "und", ("und",)),
        ("", "en", ("en",)),
    ],
)
def test_languages_of_a_segment(segment, main, languages):
    assert segment_languages(segment, main) == languages


def test_themes_are_found_in_each_language():
    texts = [
        "Доставка супер, курьер вежливый. But the quality is awful and the app crashes.",
        "Piegāde kavējās trīs nedēļas. Still no refund, support does not answer.",
        "(Translated by Google) The courier was late and rude.\n\n(Original)\nКурьер опоздал и нахамил.",
        "Курьер опоздал и нахамил.",
    ]
    themes = earful.tag(texts)["themes"].tolist()
    assert {"delivery.courier", "website_app.crash"} <= set(themes[0])
    assert {"delivery.speed", "returns.refund"} <= set(themes[1])
    assert themes[2] == themes[3]
