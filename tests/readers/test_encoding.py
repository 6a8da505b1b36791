from __future__ import annotations

import pytest

from earful.errors import InputError

RU = [
    "Очень доволен покупкой, доставили быстро и вовремя",
    "Ужасное обслуживание, больше сюда не приду",
    "Обычный магазин, ничего особенного",
    "Съел щуку, ёмкий вкус, ждём ещё",
]
BG = [
    "Много съм доволен от обслужването, бързо и любезно",
    "Ужасно отношение, повече няма да дойда тук",
    "Обикновен магазин, нищо особено",
    "Щях да купя още, но цената е висока",
]
LV = [
    "Ļoti labs serviss, noteikti iesaku visiem",
    "Briesmīga apkalpošana, vairs šeit nenākšu",
    "Parasts veikals, nekā īpaša, ēdiens kā jau ēdiens",
    "Ķēķī garšo viss, žēl, ka tik maz",
]


@pytest.mark.parametrize(
    ("texts", "header", "encoding"),
    [
        *(
            (RU, "отзыв", name)
            for name in ("cp1251", "koi8-r", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
        ),
        *((BG, "коментар", name) for name in ("cp1251", "utf-8", "utf-16", "utf-16-le")),
        *((LV, "komentārs", name) for name in ("cp1257", "utf-8", "utf-16", "utf-16-be")),
    ],
)
@pytest.mark.parametrize("n", [1, 4])
def test_encoding_is_found(read, texts, header, encoding, n):
    content = f"{header};оценка\n" if texts is not LV else f"{header};vērtējums\n"
    content += "".join(f"{text};5\n" for text in texts[:n])
    outcome = read(content.encode(encoding))
    assert outcome.column("text") == texts[:n]
    assert outcome.column("rating") == [5.0] * n
    if encoding not in {"utf-8", "utf-16-le", "utf-16-be"}:
        assert outcome.survey.encoding == encoding


def test_configured_encoding_wins_and_what_does_not_decode_is_rejected(read):
    outcome = read("text,rating\nХорошо,5\nGood,4\n".encode("cp1251"), config={"encoding": "utf-8"})
    assert outcome.column("text") == ["Good"]
    (reject,) = outcome.rejects
    assert reject.line == 2
    assert "0xD5" in reject.reason
    assert "utf-8" in reject.reason
    assert "\\\\xd5\\\\xee" in reject.to_json()
    assert read("text,rating\nХорошо,5\n".encode("cp1251"), config={"encoding": "cp1251"}).column("text") == [
        "Хорошо"
    ]


def test_one_bad_byte_does_not_change_the_encoding(read):
    outcome = read(b"text,rating\n" + "Хорошо,5\n".encode() * 20 + b"caf\xe9,3\n")
    assert outcome.survey.encoding == "utf-8"
    assert len(outcome.rows) == 20
    assert [r.line for r in outcome.rejects] == [22]
    assert "\ufffd" not in "".join(outcome.column("text"))


def test_late_bytes_decide_too(read):
    content = (
        "text,rating\n"
        + ("plain words " * 100 + ",5\n") * 400
        + "".join(f"{text.replace(',', '')},1\n" for text in RU)
    )
    outcome = read(content.encode("cp1251"))
    assert outcome.survey.encoding == "cp1251"
    assert outcome.column("text")[-4:] == [text.replace(",", "") for text in RU]


def test_header_that_does_not_decode_is_one_error(read):
    with pytest.raises(InputError, match="header cannot be read"):
        read("отзыв,оценка\nХорошо,5\n".encode("cp1251"), config={"encoding": "utf-8"})


def test_unknown_encoding(read):
    for name in ("klingon", "base64", "rot13"):
        with pytest.raises(InputError, match="no text encoding"):
            read("text\na\n", config={"encoding": name})


def test_json_lines_in_utf16_and_cp1251(read):
    content = '{"отзыв": "Хорошо, очень доволен покупкой", "оценка": 5}\n{"отзыв": "Плохо", "оценка": 1}\n'
    for encoding in ("utf-16", "utf-16-le", "cp1251"):
        outcome = read(content.encode(encoding), "data.jsonl")
        assert outcome.column("text") == ["Хорошо, очень доволен покупкой", "Плохо"]
