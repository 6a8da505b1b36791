"""Asides: what is not the writer's own word is left out of what is scored, and nothing else is."""

# ruff: noqa: E501

import time

import pytest

from earful.text.answers import is_non_answer
from earful.text.asides import asides
from earful.text.normalise import clean, own_words


def kept(text):
    """Give what is left of a text, and the kinds of what is not."""
    left, kinds = own_words(clean(text)[0])
    return " ".join(left.text.split()), kinds


@pytest.mark.parametrize(
    ("text", "own", "kinds"),
    [
        ("Broke in a week.\nResponse from the owner: We are so sorry!", "Broke in a week.", "reply"),
        ("Noisy room.\nResponse from Hotel manager, Anna:\nThank you", "Noisy room.", "reply"),
        ("Noisy room.\nResponse from the owner\nThank you for staying!", "Noisy room.", "reply"),
        ("Шумит.\nОтвет продавца: Спасибо за отзыв!", "Шумит.", "reply"),
        ("Шумит.\nОтвет представителя бренда Айва: Спасибо!", "Шумит.", "reply"),
        ("Слаба батерия.\nОтговор от търговеца:\nБлагодарим ви!", "Слаба батерия.", "reply"),
        ("Lēna piegāde.\nPārdevēja atbilde: Paldies par atsauksmi!", "Lēna piegāde.", "reply"),
        ("Ответ продавца: Спасибо за отзыв!", "", "reply"),
        ("Ответ продавца был грубым.", "Ответ продавца был грубым.", None),
        ("The response from the owner was rude.", "The response from the owner was rude.", None),
        ("Refund please.\n\nOn Mon, 12 May 2024, Shop <a@b.com> wrote:\n> Hello\n> Wait", "Refund please.", "quote"),
        ("Верните деньги.\n\n12 мая 2024 г., 10:00, Магазин <a@b.ru> написал(а):\nДобрый день", "Верните деньги.", "quote"),
        ("Върнете парите.\n\nНа пн, 12.05.2024 г. Магазин <a@b.bg> написа:\n> Здравейте", "Върнете парите.", "quote"),
        ("Atdodiet naudu.\n\n2024. g. 12. maijs 10:00, Veikals <a@b.lv> rakstīja:\nLabdien", "Atdodiet naudu.", "quote"),
        ("No answer.\n-----Original Message-----\nFrom: Shop\nSent: Monday\nHi", "No answer.", "quote"),
        ("Нет ответа.\nОт: Магазин <a@b.ru>\nОтправлено: 12 мая\nДобрый день", "Нет ответа.", "quote"),
        ("> Do you like it?\nNot at all.", "Not at all.", "quote"),
        ("My husband wrote:\nit is awful", "My husband wrote: it is awful", None),
        ("Price > quality here.", "Price > quality here.", None),
        ("It leaks.\nBest regards,\nJohn Smith\nHead of Kettles", "It leaks.", "signature"),
        ("Течёт.\nС уважением,\nИван Петров", "Течёт.", "signature"),
        ("Тече. С уважение, Иван", "Тече.", "signature"),
        ("Tek.\nAr cieņu,\nJānis", "Tek.", "signature"),
        ("It leaks.\n-- \nJohn Smith\n+44 20 7946 0958", "It leaks.", "signature"),
        ("It leaks.\nSent from my iPhone", "It leaks.", "signature"),
        ("Течёт.\nОтправлено с iPhone", "Течёт.", "signature"),
        ("С уважением отношусь к бренду, но чайник плохой.", "С уважением отношусь к бренду, но чайник плохой.", None),
        ("Kind regards from the staff made our day. The food was awful!", "Kind regards from the staff made our day. The food was awful!", None),
        ("Достоинства: отличный звук\nНедостатки: нет", "Достоинства: отличный звук", "filler"),
        ("Достоинства: нет\nНедостатки: шумит\nКомментарий: -", "Недостатки: шумит", "filler"),
        ("Плюсове: няма\nМинуси: счупи се", "Минуси: счупи се", "filler"),
        ("Plusi: nav\nMīnusi: saplīsa", "Mīnusi: saplīsa", "filler"),
        ("Pros: sturdy\nCons: none", "Pros: sturdy", "filler"),
        ("Недостатки: нет инструкции", "Недостатки: нет инструкции", None),
        ("Cons: nothing works", "Cons: nothing works", None),
        ("Недостатки: нет", "Недостатки: нет", None),
    ],
)  # fmt: skip
def test_what_is_left(text, own, kinds):
    assert kept(text) == (own, kinds)


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("Недостатки: нет", True), ("Достоинства: нет\nНедостатки: -\nКомментарий: нет", True), ("Cons: n/a", True),
        ("Минуси: няма", True), ("Mīnusi: nav", True), ("Cons: noisy", False), ("Достоинства: звук\nНедостатки: нет", False),
        ("Pros:\nCons:", True), ("Time: 10", False), ("нет", True),
    ],
)  # fmt: skip
def test_forms_that_say_nothing(text, empty):
    assert is_non_answer(text) is empty


def test_offsets_lead_back_to_the_text_as_received():
    raw = "<p>Good &amp; fast.</p>\nCons: none\nBut it <b>leaks</b> now.\nBest regards,\nJohn"
    left, kinds = own_words(clean(raw)[0])
    assert kinds == "signature,filler"
    at = left.text.index("leaks")
    start, end = left.to_raw(at, at + 5)
    assert raw[start:end] == "leaks"
    assert "regards" not in left.text
    assert "none" not in left.text


@pytest.mark.parametrize(
    "unit", ["On Mon x ", "> a\n", "Best regards, ", "Cons: none\n", "Sent from my ", "a wrote:\n", "\n--\n"]
)
def test_any_text_takes_linear_time(unit):
    started = time.perf_counter()
    asides(unit * (100_000 // len(unit)))
    assert time.perf_counter() - started < 4
