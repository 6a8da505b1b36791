"""How training texts are written another way."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.sentiment.alter import Alter

WORDS = {"lv": {"seat": ["sēdeklis"]}, "bg": {"seat": ["седалка"]}, "ru": {"seat": ["сиденье"]}}


@pytest.fixture(scope="module")
def alter():
    return Alter(WORDS)


def altered(alter, text, lang, draws=400):
    return {alter(text, lang, np.random.default_rng((5, draw))) for draw in range(draws)}


def test_the_same_draw_writes_the_same(alter):
    draws = [
        [alter("The seats are hard", "en", np.random.default_rng((5, n))) for n in range(60)] for _ in "ab"
    ]
    assert draws[0] == draws[1]


def test_latvian_loses_its_diacritics_now_and_then(alter):
    found = altered(alter, "Ļoti šaurs", "lv")
    assert found == {"Ļoti šaurs", "Loti saurs"}


def test_english_words_are_replaced_in_every_form_and_no_others(alter):
    found = altered(alter, "Seats, bad", "en")
    assert {"sēdeklis, bad", "седалка, bad", "сиденье, bad"} <= found
    assert found <= {"Seats, bad", "sēdeklis, bad", "седалка, bad", "сиденье, bad"}


def test_slips_swap_two_letters_that_stand_together(alter):
    text = "Седалката скърца"
    for found in altered(alter, text, "bg") - {text}:
        at = next(place for place, (a, b) in enumerate(zip(text, found, strict=True)) if a != b)
        assert found == text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def test_what_is_short_in_a_language_without_changes_stays(alter):
    assert altered(alter, "Вкусно", "ru") == {"Вкусно"}
