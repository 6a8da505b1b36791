"""Tokens are spaCy's own, whether it cut the text or only its stretches."""

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.config import Config
from earful.jobs.assembly import Assembly
from earful.pipeline import Batch, run_stages
from earful.text import tokens as module
from earful.text.normalise import Normalise
from earful.text.tokens import Tokens, nlp_for, tokens_of

LANGS = ["en", "ru", "bg", "lv", "tr", "fr", "de"]
MARKS = [*".,!?…:;()\"'«»-/", "n’t", "'s", "…", "и", "а", "word", "Слово", "5", "км"]
GAPS = ["", "", " ", " ", "  ", "\n", "\u00a0"]


def of_spacy(text, lang):
    tokens = [token for token in nlp_for(lang).make_doc(text) if not token.is_space]
    return [token.text for token in tokens], [token.idx for token in tokens]


@pytest.mark.parametrize("lang", LANGS)
def test_pieces_of_spacys_own_cases_are_cut_as_spacy_cuts_them(lang):
    """Cases and what is cut off words, glued and parted at random."""
    draw = random.Random(lang)
    cases = list(nlp_for(lang).tokenizer.rules)
    parts = [*MARKS, *(part for case in cases for part in case.split())]
    for _ in range(150):
        text = "".join(
            draw.choice(cases if draw.random() < 0.3 else parts) + draw.choice(GAPS)
            for _ in range(draw.randint(1, 9))
        )
        assert tokens_of(text, lang) == of_spacy(text, lang), text


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.sampled_from([*LANGS, "zh", "und"]))
def test_any_text_is_cut_as_spacy_cuts_it(text, lang):
    assert tokens_of(text, lang) == of_spacy(text, lang)


@pytest.mark.parametrize(
    ("lang", "text", "token"),
    [
        ("ru", "магазины и др. места", "и др."),
        ("bg", "мед и под. неща", "и под."),
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


def test_a_run_loads_no_rules_of_a_language_that_its_themes_have_no_words_in(monkeypatch):
    stage = Tokens.of(Assembly(Config()))
    monkeypatch.setattr(module, "_pipelines", module._Pipelines())
    texts = ["The food isn't good.", "Makanan tidak enak, ojek-ojek.", "C'est aujourd'hui."]
    table = pa.table({"row": [0, 1, 2], "text": texts, "lang": ["en", "id", "fr"]})
    cut = run_stages(Batch(table), [Normalise(), stage]).tokens
    assert set(module._pipelines.by_name) == {"en", "xx"}
    assert cut == tuple(tokens_of(text, lang) for text, lang in zip(texts, ["en", "und", "und"], strict=True))
    assert cut[0][0] == ["The", "food", "is", "n't", "good", "."]
    every = run_stages(Batch(table), [Normalise(), Tokens()]).tokens
    assert every[2] == of_spacy(texts[2], "fr")
