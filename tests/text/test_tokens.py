"""Tokens are spaCy's own, whether it cut the text or only its stretches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.text.tokens import nlp_for, tokens_of

LANGS = ["en", "ru", "bg", "lv", "tr", "fr", "de"]
MARKS = [*".,!?…:;()\"'«»-/", "n’t", "'s", "…", "и", "а", "word", "Слово", "5", "км"]


def of_spacy(text, lang):
    tokens = [token for token in nlp_for(lang).make_doc(text) if not token.is_space]
    return [token.text for token in tokens], [token.idx for token in tokens]


@st.composite
def hostile(draw):
    """Pieces of spaCy's own cases and of what it cuts off, glued and parted at random."""
    lang = draw(st.sampled_from(LANGS))
    cases = list(nlp_for(lang).tokenizer.rules)
    parts = sorted({part for case in cases for part in case.split()})
    piece = st.one_of(st.sampled_from(cases), st.sampled_from(parts), st.sampled_from(MARKS))
    gap = st.sampled_from(["", "", " ", " ", "  ", "\n", "\u00a0"])
    found = draw(st.lists(st.tuples(piece, gap), max_size=9))
    return "".join(one + between for one, between in found), lang


@settings(deadline=None, max_examples=300)
@given(hostile())
def test_any_pieces_are_cut_as_spacy_cuts_them(given_):
    text, lang = given_
    assert tokens_of(text, lang) == of_spacy(text, lang)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.sampled_from([*LANGS, "zh", "und"]))
def test_any_text_is_cut_as_spacy_cuts_it(text, lang):
    assert tokens_of(text, lang) == of_spacy(text, lang)


@pytest.mark.parametrize(
    ("lang", "text", "token"),
    [
        ("ru", "магазины и др. места", "и др."),
        ("bg", "обувки и др. стоки", "и др."),
        ("ru", "хлеб и другие товары", "другие"),
        ("en", "I can't come. It's U.S.A :)", ":)"),
    ],
)
def test_a_case_over_a_space_is_one_token_and_what_looks_like_it_is_not(lang, text, token):
    tokens, starts = tokens_of(text, lang)
    assert token in tokens
    assert (tokens, starts) == of_spacy(text, lang)
    # Once more, from what is remembered.
    assert tokens_of(text, lang) == (tokens, starts)


def test_what_is_remembered_is_bounded(monkeypatch):
    from earful.text import tokens

    monkeypatch.setattr(tokens, "_REMEMBERED", 3)
    text = "one two three four five six seven."
    assert tokens_of(text, "en") == of_spacy(text, "en")
    assert tokens_of(text, "en") == of_spacy(text, "en")
