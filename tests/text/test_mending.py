from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.text.mending import mendings
from earful.text.normalise import clean

RUSSIAN, LATVIAN = "Ужасное обслуживание, деньги не вернули", "Ļoti lēna piegāde, bet laba kvalitāte"


def _as(text: str, page: str) -> str:
    return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize(
    ("spoilt", "mended"),
    [
        *((_as(text, page), text) for text in (RUSSIAN, LATVIAN) for page in ("cp1252", "cp1251")),
        ("It\u00e2\u20ac\u2122s broken", "It\u2019s broken"),
        ("Tr\u00c3\u00a8s bien, \u00c3\u00a7a va", "Tr\u00e8s bien, \u00e7a va"),
        ("\\u041e\\u0442\\u043b\\u0438\\u0447\\u043d\\u043e", "Отлично"),
        ("Love \\ud83d\\ude0d it", "Love \U0001f60d it"),
        ("b'Great \\xf0\\x9f\\x98\\x8d'", "Great \U0001f60d"),
        ("Late.\\n\\nRude.\\r\\nNever again", "Late.\n\nRude.\nNever again"),
        ("Rude_x000D_\nand late", "Rude\n\nand late"),
        ("The staff were kind but the room... Read more", "The staff were kind but the room..."),
        ("Персонал хороший, но… Читать далее", "Персонал хороший, но…"),
        ("(Translated by Google) Late and rude.\n\n(Original)\nОпоздал и нахамил.", "Опоздал и нахамил."),
        ("Опоздал и нахамил.\n\n(Translated by Google)\nLate and rude.", "Опоздал и нахамил."),
        ("(Translated by Google) Late and rude.", "Late and rude."),
        ("(Original)\nОпоздал.", "Опоздал."),
    ],
)
def test_what_an_export_spoilt_is_mended(spoilt, mended):
    assert clean(spoilt)[0].text == mended


@pytest.mark.parametrize(
    "text",
    [
        *("CAFÉ” was nice", "Сёмга и Рёв «да»", "Très bien, ça va — “ok”", "C:\\new folder", "ÀÉ»", "50 °C"),
        *("Read more books", "the original (Original) taste is gone", RUSSIAN, LATVIAN, "a\\b", "b's best"),
    ],
)
def test_what_people_write_is_left_alone(text):
    assert mendings(text) == [] or "(Original)" in text
    assert clean(text)[0].text == text


@given(st.text(max_size=80) | st.text("\\u041exn(Original)ÐÑ£¾â€™РС°\n .", max_size=80))
def test_any_text_keeps_its_way_back(text):
    result, _ = clean(text)
    for start in range(len(result.text)):
        first, last = result.to_raw(start, start + 1)
        assert 0 <= first <= last <= len(text)
