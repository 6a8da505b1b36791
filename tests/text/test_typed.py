import random
import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.pipeline import Batch
from earful.text.language import Language, identify
from earful.text.normalise import Clean, Normalise, clean, read_back
from earful.text.segment import Segment
from earful.text.spelling import HABITS, spelt
from earful.text.typed import edits
from scripts.text.fit_typed import as_typed

TYPED = [
    ("ru", "uzhasnoe kachestvo, slomalos srazu", "ужасное качество, сломалось сразу"),
    ("ru", "ne rabotaet voobshe, vernite dengi", "не работает вообще, верните деньги"),
    ("ru", "Ochen' dovolen pokupkoj, spasibo!", "Очень доволен покупкой, спасибо!"),
    ("ru", "otlichnyj tovar, vsem sovetuju", "отличный товар, всем советую"),
    ("ru", "dostavka bystraya, no upakovka plohaya", "доставка быстрая, но упаковка плохая"),
    ("ru", "dostavka bystraja, no kachestvo ploxoje", "доставка быстрая, но качество плохое"),
    ("ru", "menedzher hamil i ne perezvonil", "менеджер хамил и не перезвонил"),
    ("bg", "mnogo dobar produkt no dostavkata se zabavi", "много добър продукт но доставката се забави"),
    ("bg", "mnogo dobyr film, shte go gledam otnovo", "много добър филм, ще го гледам отново"),
    ("bg", "vsi4ko be6e na nivo, preporu4vam", "всичко беше на ниво, препоръчвам"),
    ("bg", "uzhasno obsluzhvane, nikoy ne vdiga telefona", "ужасно обслужване, никой не вдига телефона"),
]
#: Written for this test; what a customer may say in each.
OTHERS = {
    "en": [
        "The quality is awful and it broke at once.",
        "Not bad, no problems so far.",
        "Do not pay for it, no one came.",
    ],
    "lv": [
        "Slikta kvalitate, salūza uzreiz.",
        "loti laba apkalposana, iesaku visiem",
        "prece nav sanemta, nauda ari ne",
    ],
    "lt": [
        "Labai bloga kokybė, sulūžo iš karto.",
        "prekes kokybe gera, bet pristatymas velavo",
        "nerekomenduoju niekam",
    ],
    "pl": [
        "Okropna jakość, zepsuło się od razu.",
        "bardzo dobra obsluga, polecam wszystkim",
        "towar nie dotarl na czas",
    ],
    "cs": [
        "Hrozná kvalita, hned se to rozbilo.",
        "velmi dobra obsluha, doporucuji vsem",
        "zbozi nedorazilo vcas",
    ],
    "sk": [
        "Hrozná kvalita, hneď sa to pokazilo.",
        "velmi dobra obsluha, odporucam vsetkym",
        "tovar neprisiel nacas",
    ],
    "sr": [
        "Užasan kvalitet, odmah se pokvarilo.",
        "vrlo dobar proizvod ali dostava kasni",
        "ne radi uopste, vratite novac",
    ],
    "hr": [
        "Grozna kvaliteta, odmah se pokvarilo.",
        "jako dobra usluga, preporucam svima",
        "nitko se ne javlja na telefon",
    ],
    "sl": [
        "Grozna kakovost, takoj se je pokvarilo.",
        "zelo dobra storitev, priporocam vsem",
        "izdelek ni prispel",
    ],
    "ro": [
        "Calitate groaznică, s-a stricat imediat.",
        "foarte bun produsul, recomand tuturor",
        "nu raspunde nimeni",
    ],
    "et": [
        "Kohutav kvaliteet, läks kohe katki.",
        "vaga hea teenindus, soovitan koigile",
        "kaup ei joudnud kohale",
    ],
    "fi": [
        "Kamala laatu, hajosi heti.",
        "todella hyva palvelu, suosittelen kaikille",
        "tuote ei saapunut ajoissa",
    ],
    "tr": [
        "Kalite berbat, hemen bozuldu.",
        "cok iyi urun, herkese tavsiye ederim",
        "kargo gec geldi, memnun kalmadim",
    ],
    "de": [
        "Schreckliche Qualität, ging sofort kaputt.",
        "sehr guter Service, gerne wieder",
        "niemand geht ans Telefon",
    ],
    "fr": [
        "Qualité affreuse, cassé tout de suite.",
        "tres bon service, je recommande",
        "personne ne repond au telephone",
    ],
    "es": [
        "Calidad horrible, se rompió enseguida.",
        "muy buen producto, lo recomiendo",
        "nadie contesta el telefono",
    ],
    "it": [
        "Qualità pessima, si è rotto subito.",
        "ottimo prodotto, lo consiglio a tutti",
        "nessuno risponde al telefono",
    ],
    "pt": [
        "Qualidade horrível, quebrou logo.",
        "muito bom produto, recomendo a todos",
        "ninguem atende o telefone",
    ],
    "nl": [
        "Vreselijke kwaliteit, meteen kapot.",
        "zeer goede service, aanrader",
        "niemand neemt de telefoon op",
    ],
    "sv": [
        "Hemsk kvalitet, gick sönder direkt.",
        "mycket bra service, rekommenderas",
        "ingen svarar i telefon",
    ],
    "id": [
        "Kualitas buruk, langsung rusak.",
        "barang bagus, pengiriman cepat, saya suka",
        "tidak ada yang menjawab telepon",
    ],
}


def cyrillic(text):
    return read_back(Clean(text)).text


@pytest.mark.parametrize(("lang", "typed", "meant"), TYPED)
def test_typed_text_is_read_back(lang, typed, meant):
    assert cyrillic(typed) == meant
    assert identify(cyrillic(typed))[0] == lang


@pytest.mark.parametrize("lang", OTHERS)
def test_another_language_stays_as_it_is(lang):
    for text in [*OTHERS[lang], " ".join(OTHERS[lang])]:
        assert edits(text) == [], text


@pytest.mark.parametrize(
    "text", ["", " ", "ok", "net", "dobre", "123", "4 6", "...", "a" * 3000, "да, норм", "Spasibo"]
)
def test_what_is_too_short_or_in_cyrillic_stays(text):
    assert edits(text) == []


def test_the_language_is_that_of_the_writer():
    batch = Normalise()(Batch(pa.table({"row": [0, 1], "text": [TYPED[0][1], TYPED[7][1]]})))
    assert Language()(batch).column("lang") == ["ru", "bg"]


def test_a_case_is_kept():
    assert cyrillic("UZHASNOE KACHESTVO, slomalos srazu") == "УЖАСНОЕ КАЧЕСТВО, сломалось сразу"
    assert cyrillic("Shkaf prishel slomannyj, Chainik tozhe") == "Шкаф пришёл сломанный, Чайник тоже"


def test_links_names_codes_and_english_words_stay():
    text = (
        "Kupil Samsung A54 na https://shop.example/dostavka, kachestvo uzhasnoe, app ne rabotaet, pishite na"
        " ivan@mail.ru"
    )
    read = cyrillic(text)
    assert all(kept in read for kept in ("A54", "https://shop.example/dostavka", "ivan@mail.ru", " app "))
    assert "качество ужасное" in read


def test_english_beside_it_stays_and_cyrillic_too():
    assert cyrillic("Great phone, I love it. Dostavka uzhasnaya, kurier opozdal.") == (
        "Great phone, I love it. Доставка ужасная, курьер опоздал."
    )
    assert cyrillic("Всё хорошо. Tolko dostavka ochen medlennaya.").startswith("Всё хорошо. Только доставка")


def test_offsets_are_those_of_the_text_as_received():
    raw = "<p>uzhasnoe &amp; plohoe kachestvo.</p> Sch&eacute;? net, shchedryj magazin vernul dengi!"
    raw = raw.replace("Sch&eacute;? ", "")
    text = read_back(clean(raw)[0])
    for word, own in (
        ("ужасное", "uzhasnoe"),
        ("качество", "kachestvo"),
        ("щедрый", "shchedryj"),
        ("деньги", "dengi"),
    ):
        at = text.text.index(word)
        start, end = text.to_raw(at, at + len(word))
        assert raw[start:end] == own


def test_segments_are_stretches_of_the_text_as_received():
    raw = "Dostavka bystraya, no kachestvo uzhasnoe. Ne rabotaet voobshe!"
    stages = Normalise(), Language(), Segment()
    batch = Batch(pa.table({"row": [0], "text": [raw]}))
    for stage in stages:
        batch = stage(batch)
    assert batch.segments is not None
    parts = [raw[one["start"] : one["end"]] for one in batch.segments.to_pylist()]
    assert "".join(parts).replace(" ", "").replace(",", "") == raw.replace(" ", "").replace(",", "")
    assert len(parts) == 3


@given(st.text(alphabet="abcdehijknoqstvwxyz46' .,\nАя", max_size=60))
def test_edits_lie_in_order_and_what_they_stand_for_comes_back(text):
    last = 0
    for start, end, letters in edits("uzhasnoe kachestvo slomalos srazu. " + text):
        assert last <= start < end
        assert letters
        last = end


@pytest.mark.parametrize("lang", HABITS)
def test_a_word_is_read_by_whatever_habit_it_is_typed(lang):
    rng = random.Random(5)
    words = {
        "ru": "качество ужасное доставка хороший возвращаю",
        "bg": "качество ужасно доставка хубаво връщам",
    }
    typed = [(word, as_typed(word, lang, rng)) for word in words[lang].split() for _ in range(8)]
    read = ["".join(letters for _, letters in spelt(way, lang).pieces) for _, way in typed]
    right = sum(one == word for one, (word, _) in zip(read, typed, strict=True))
    assert right >= 0.9 * len(typed)
    for (_, way), again in zip(typed, read, strict=True):
        assert sum(length for length, _ in spelt(way, lang).pieces) == len(way)
        spelt.cache_clear()
        assert "".join(letters for _, letters in spelt(way, lang).pieces) == again


@pytest.mark.parametrize(
    "text", ["a-" * 50_000, "a." * 50_000, "a'" * 50_000, "4" * 100_000, "slomalos srazu. " * 6_000]
)
def test_time_is_linear(text):
    began = time.process_time()
    edits("uzhasnoe kachestvo slomalos srazu. " + text)
    assert time.process_time() - began < 10
