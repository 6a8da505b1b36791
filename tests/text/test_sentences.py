import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.text.clauses import clause_spans
from earful.text.segment import MAX_SEGMENT, segment_spans
from earful.text.sentences import sentence_spans


def sentences(text, lang):
    return [text[start:end] for start, end in sentence_spans(text, lang)]


def clauses(text, lang):
    return [text[start:end] for start, end in clause_spans(text, 0, len(text), lang)]


@pytest.mark.parametrize(
    ("lang", "split"),
    [
        ("en", "Great!!!|Loved it...|Will come again."),
        ("en", "Mr. Smith paid $3.50, e.g. for tea.|Good."),
        ("en", "Really?!|Yes."),
        ("en", "Come at 5 p.m. if you can.|We did."),
        ("en", "J. R. Tolkien wrote it.|I read it."),
        ("en", "small letters here.|and here too."),
        ("en", "Loved it 😍|Thanks"),
        ("en", "I ❤️ it so much"),
        ("en", "Nice place :)|Come again"),
        ("en", "See www.site.com/a.b?c=d.e for more.|Bye."),
        ("en", "Write to me@shop.co.uk today.|Please."),
        ("en", 'He said "Hi."|She left.'),
        ("en", '"Really?" he asked.'),
        ("en", "It was good (really.)|Yes."),
        ("en", "well... it was ok"),
        ("en", "Version 2.0.1 works.|Fine."),
        ("en", "Pros: cheap, light|Cons: breaks"),
        ("en", "1. Good food|2. Bad staff"),
        ("ru", "5.Отлично"),
        ("ru", "Было вкусно.Персонал отличный".replace(".П", ".|П")),
        ("ru", "Достоинства: нет|Недостатки: всё, т.е. ничего, и т.д.|Отзыв: плохо"),
        ("ru", "Отлично)))|Рекомендую всем!"),
        ("ru", "Живём в г. Москва на ул. Мира.|Хорошо."),
        ("ru", "Заплатил 5 тыс. руб. за всё.|Дорого."),
        ("ru", "— Куда? — спросил он."),
        ("bg", "Напр. тази сцена е слаба.|Другото е добро."),
        ("bg", "Купих го за 20 лв. от магазина.|Доволен съм."),
        ("lv", "2020. gadā piem. bija labāk.|Tagad ne."),
        ("lv", "Nr. 5 u.c. preces ir labas.|Paldies!"),
        ("de", "Am 3. Oktober war zu.|Schade."),
        ("ja", "美味しい。|また来ます！"),
        ("hi", "सेवा अच्छी थी।|धन्यवाद।"),
        ("xx", "Text ohne Regeln.|Noch einer."),
    ],
)
def test_sentences(lang, split):
    expected = split.split("|")
    joint = "" if lang in {"ja", "hi"} or ".|П" in split else " "
    assert sentences(joint.join(expected), lang) == expected


def test_lines_and_bullets_end_sentences_but_wrapped_lines_do_not():
    assert sentences("Good food\nBad staff", "en") == ["Good food", "Bad staff"]
    assert sentences("- one\n- two\n\n• three • four", "en") == ["- one", "- two", "• three", "• four"]
    wrapped = "this is a rather long line that some mail program has broken in\nthe middle of a thought"
    assert sentences(wrapped, "en") == [wrapped]


@pytest.mark.parametrize(
    ("lang", "split"),
    [
        ("en", "Food was good|but service was slow."),
        ("en", "great camera,|awful battery"),
        ("en", "Although the food was good,|the service was bad."),
        ("en", "I like it;|my wife does not."),
        ("en", "It looks nice,|although it broke quickly."),
        ("en", "nothing but trouble with these people"),
        ("en", "not only cheap but also good quality"),
        ("en", "ok but slow"),
        ("en", "great food, great staff, great place"),
        ("en", "very good, not bad at all"),
        ("ru", "Кухня хорошая,|но очень дорого всё."),
        ("ru", "Камера отличная,|а батарея просто ужасная."),
        ("ru", "это не дёшево, а дорого для нас"),
        ("ru", "есть кафе, а также хороший магазин"),
        ("ru", "Красивый зал,|зато обслуживание медленное."),
        ("ru", "Хотя цены высокие,|качество очень хорошее."),
        ("bg", "Филмът е добър,|но музиката е слаба."),
        ("bg", "Актьорите са добри|обаче сценарият е слаб."),
        ("bg", "Хубав екран,|въпреки че батерията пада бързо."),
        ("lv", "Ēdiens bija garšīgs,|bet apkalpošana ļoti lēna."),
        ("lv", "Cena ir laba,|taču kvalitāte ļoti slikta."),
        ("lv", "Lai gan cena laba,|kvalitāte ir slikta."),
        ("de", "Das Essen war gut,|aber der Service schlecht."),
        ("fr", "Le choix est bon|mais le personnel absent."),
    ],
)
def test_clauses(lang, split):
    expected = split.split("|")
    assert clauses(" ".join(expected), lang) == expected


def test_clauses_keep_two_words_each():
    assert clauses("Good, but the service was slow", "en") == ["Good, but the service was slow"]
    assert clauses("The service was slow; good", "en") == ["The service was slow; good"]


def test_missing_spaces():
    assert sentences("Nice place.Food was ok.Come", "en") == ["Nice place.", "Food was ok.", "Come"]
    assert sentences("Made in U.S.A by node.js v1.2.Nice", "en") == ["Made in U.S.A by node.js v1.2.Nice"]


def test_a_long_stretch_is_cut_at_white_space():
    spans = segment_spans("word " * 1000, "en")
    assert all(end - start <= MAX_SEGMENT for start, end in spans)
    assert {("word " * 1000)[start:end][:5] for start, end in spans} == {"word "}
    assert [end - start for start, end in segment_spans("x" * 2500, "en")] == [1000, 1000, 500]


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "Good",
                "но",
                "but",
                ",",
                ". ",
                "! ",
                "...",
                "\n",
                " ",
                ";",
                "😀",
                ":)",
                ")",
                "(",
                "т.е.",
                "5.",
                "«",
                "»",
                "Плюсы:",
                "http://a.b/c.d",
                "\u0301",
                "\u3000",
                "。",
                "• ",
                "although",
                "хотя",
                "-",
                "—",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=40,
).map("".join)


@given(PIECES, st.sampled_from(["en", "ru", "bg", "lv", "ja", "und", "de"]))
def test_every_character_is_in_one_segment(text, lang):
    position = 0
    for start, end in segment_spans(text, lang):
        assert start >= position
        assert not text[position:start].strip()
        assert start < end <= start + MAX_SEGMENT
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


HOSTILE = {
    "dots": "." * 100_000,
    "a dot": "a. " * 33_000,
    "A.": "A." * 50_000,
    "brackets": "a) " * 33_000,
    "smiles": ")" * 100_000,
    "emoji": "😀" * 100_000,
    "joined": "👩\u200d" * 50_000,
    "lines": "\n" * 100_000,
    "blank": " " * 100_000,
    "commas": "good, bad, " * 9_000,
    "but": " but" * 25_000,
    "semicolons": "a b;" * 25_000,
    "links": "a.com/" * 16_000,
    "word": "a" * 100_000,
    "dashes": "a-" * 50_000,
    "digits": "1." * 50_000,
    "quotes": "!" + '"' * 99_999,
    "colons": "pros " * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_linear_time(text):
    began = time.process_time()
    segment_spans(text, "en")
    assert time.process_time() - began < 3
