from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earful.themes.notation import Pattern, PhraseError, Word, parse_phrase


def only(phrase: str, **lists: str) -> Pattern:
    patterns = parse_phrase(phrase, lists)
    assert len(patterns) == 1
    return patterns[0]


def test_words_side_by_side():
    assert only("late delivery") == Pattern(((Word("late"),), (Word("delivery"),)), (0, 0))


def test_kinds_of_words():
    pattern = only("deliver*|parcel =late")
    assert pattern.slots == ((Word("deliver", "stem"), Word("parcel")), (Word("late", "form"),))


def test_gap_and_weak_and_exclusion():
    pattern = only("?parcel ... late -early|too")
    assert pattern.gaps == (0, 4)
    assert pattern.weak
    assert pattern.without == (Word("early"), Word("too"))


def test_any_order_opens_into_every_order():
    orders = {tuple(slot[0].text for slot in p.slots) for p in parse_phrase("one & two & three")}
    assert len(orders) == 6
    assert all(p.gaps == (0, 5, 5) for p in parse_phrase("one & two & three"))


def test_word_lists_and_words_of_several_words():
    patterns = parse_phrase("@box late", {"box": "parcel|small packet"})
    assert {tuple(slot[0].text for slot in p.slots) for p in patterns} == {
        ("parcel", "late"),
        ("small", "packet", "late"),
    }
    assert {len(p.slots) for p in parse_phrase("on_time|late parcel")} == {2, 3}


def test_contractions_are_two_words():
    assert [slot[0].text for slot in only("doesn't work").slots] == ["does", "not", "work"]


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("& a", "no word"),
        ("a &", "no word"),
        ("... a", "between two words"),
        ("a ...", "between two words"),
        ("a ... ... b", "between two words"),
        ("ab*", "at least 3 letters"),
        ("a*b", "is not a word"),
        ("=abc*", "is not a word"),
        ("a | b", "is not a word"),
        ("a & b & c & d", "more than 3 parts"),
        ("a -b c", "come last"),
        ("a -b & c", "come last"),
        ("a -b_c", "single words"),
        ("@nope", "no word list 'nope'"),
        ("a_b|c_d|e_f|g_h|i_j & a_b|c_d|e_f|g_h|i_j & a_b|c_d", "more than 64"),
        ("-a", "no word"),
        ("?", "no word"),
    ],
)
def test_broken_phrases_say_why(phrase, why):
    with pytest.raises(PhraseError, match=why):
        parse_phrase(phrase)


@given(st.text(alphabet="ab*=|&.-@?_ '", max_size=30))
def test_any_text_parses_or_is_refused(phrase):
    try:
        patterns = parse_phrase(phrase, {"a": "x|y z"})
    except PhraseError:
        return
    assert patterns
    for pattern in patterns:
        assert len(pattern.slots) == len(pattern.gaps) >= 1
        assert pattern.gaps[0] == 0


def test_a_phrase_that_is_the_whole_segment():
    assert only("^broken").alone
    assert not only("broken").alone
