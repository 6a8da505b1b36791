from concurrent.futures import ThreadPoolExecutor

import pytest

from earful.text.language import UNDETERMINED, identify
from earful.text.languages import ALPHABETS, ROMANISED, WORDS, romanised


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Great camera, awful battery"),
        ("en", "Good"),
        ("ru", "Очень плохо, никому не советую"),
        ("ru", "Хороший банк"),
        ("ru", "Ужасное обслуживание, ждал ответа неделю."),
        ("bg", "Много добър филм"),
        ("bg", "Не работи след два дни."),
        ("bg", "Хубав филм, препоръчвам го на всички"),
        ("uk", "Дуже добре, дякую за швидку доставку"),
        ("uk", "Їжа була смачна, але ціна висока"),
        ("mk", "Многу добар филм, ми се допаѓа"),
        ("sr", "Врло добар филм, свиђа ми се"),
        ("sr", "Veoma dobar film, sviđa mi se šta rade"),
        ("lv", "Ļoti labi, paldies!"),
        ("lv", "Laba apkalpošana un garšīgs ēdiens"),
        ("lt", "Labai gerai, ačiū!"),
        ("lt", "Prekė gera, bet pristatymas vėlavo"),
        ("de", "Das Essen war leider nicht gut"),
        ("fr", "Très bon accueil, mais trop cher"),
        ("es", "La comida estaba muy buena"),
        ("it", "Il cibo era molto buono"),
        ("pt", "O serviço não foi muito bom"),
        ("nl", "Het eten was niet zo lekker"),
        ("pl", "Bardzo dobra obsługa, polecam"),
        ("tr", "Yemekler çok güzel ama servis yavaş"),
        ("el", "Πολύ ωραίο φαγητό"),
        ("he", "שירות מצוין"),
        ("ar", "الخدمة كانت ممتازة جدا"),
        ("th", "อาหารอร่อยมาก"),
        ("ja", "とても美味しかった"),
        ("zh", "服务很好"),
        ("ko", "정말 맛있어요"),
        ("hi", "सेवा बहुत अच्छी थी"),
        ("ru", "Ждал мастера две недели, приехал без запчастей."),
        ("ru", "Доставка быстрая"),
        ("ru", "Супер продукт"),
        ("ru", "Я люблю Coursera!"),
        ("ru", "Asus wl 520gc инструкция для beeline"),
        ("en", "I will never buy from Озон again"),
        ("en", "Zero stars if I could няма"),
        ("lv", "Ļoti laba apkalpošana, спасибо"),
        ("bg", "Хубава кухня"),
        ("bg", "Смешна цена"),
        ("bg", "mnogo hubav film, shte go gledam pak"),
        ("ru", "ochen ploho, nikogda ne rabotaet, prosto uzhas"),
    ],
)
def test_language(lang, text):
    code, confidence = identify(text)
    assert code == lang or {code, lang} <= {"sr", "hr", "bs"}
    assert 0.5 <= confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12345",
        "😀😀",
        "!!!",
        "ok",
        "a",
        "5/5 :)",
        "https://example.org/a?b=c",
        "@user #tag",
        "x.y@example.org",
        "Qwrtplk",
        "Zxcvb",
    ],
)
def test_und_when_there_is_too_little_to_tell_by(text):
    assert identify(text)[0] == UNDETERMINED


def test_links_names_and_digits_do_not_decide():
    assert identify("https://www.the-best-shop.com/is/this/the @John Много добър продукт 12345")[0] == "bg"


def test_capitals_do_not_decide():
    assert identify("МНОГО ДОБЪР ФИЛМ")[0] == "bg"
    assert identify("ОЧЕНЬ ХОРОШИЙ ФИЛЬМ")[0] == "ru"


def test_the_tail_of_a_long_text_does_not_matter():
    text = "The food was great and the staff was friendly. " * 20
    assert identify(text) == identify(text + "Очень плохо. " * 1000)


def test_threads_agree():
    texts = [
        "Много добър филм",
        "Очень плохо",
        "Ļoti labi",
        "Great app",
        "ok",
        "Super film",
        "Das ist gut",
    ] * 20
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(identify, texts)) == [identify(text) for text in texts]


def test_word_lists_are_written_in_their_alphabets():
    for lang, words in WORDS.items():
        for letter in sorted(set("".join(words)) - {"'"}):
            assert letter in ALPHABETS[lang] or "a" <= letter <= "z", (lang, letter)


def test_romanised_gives_each_way_of_typing():
    assert {"dobar", "dobyr", "dobur"} <= set(romanised("добър", "bg"))
    assert "ochen" in ROMANISED["ru"]
    assert "film" not in ROMANISED["bg"]
