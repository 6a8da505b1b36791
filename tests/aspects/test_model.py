"""The network and its folder: the same answer for a sentence whatever was read before, and kept on disk."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.aspects import load_aspects, save_aspects
from earful.aspects.model import GUIDELINES
from earful.aspects.vectors import key
from earful.errors import ModelError

SENTENCES = [
    ("en", ["great", "camera", ",", "awful", "battery"]),
    ("ru", ["еда", "вкусная", ",", "но", "официант", "грубый"]),
    ("bg", ["храна"]),
    ("und", ["храна", "食べ物", "🙂", "42", "!"]),
    ("xx", ["x" * 5000, "ok"]),
]


def answers(model, sentences):
    return [model.terms(words, lang, [(0.5, 0.2, 0.3)] * len(words)) for lang, words in sentences]


def test_terms_are_in_order_apart_and_probable(tiny):
    found = answers(tiny, SENTENCES)
    assert any(found)
    for (_, words), terms in zip(SENTENCES, found, strict=True):
        ends = [-1, *(term.last for term in terms)]
        for before, term in zip(ends, terms, strict=False):
            assert before < term.first <= term.last < len(words)
            assert 0 < term.confidence <= 1
            assert sum(term.probabilities) == pytest.approx(1, abs=1e-9)
            assert min(term.probabilities) >= 0
            assert [round(p, 6) for p in term.probabilities] == list(term.probabilities)


def test_what_was_read_before_changes_nothing(tiny, tmp_path):
    save_aspects(tiny, tmp_path)
    forth, back = load_aspects(tmp_path), load_aspects(tmp_path)
    assert answers(forth, SENTENCES) == answers(back, SENTENCES[::-1])[::-1] == answers(forth, SENTENCES)


def test_forgetting_changes_nothing(tiny, tmp_path, monkeypatch):
    whole = answers(tiny, SENTENCES)
    save_aspects(tiny, tmp_path)
    monkeypatch.setattr("earful.aspects.model._REMEMBERED", 2)
    short = load_aspects(tmp_path)
    assert answers(short, SENTENCES * 2) == whole * 2
    assert len(short._remembered) <= 2


def test_no_words_no_terms(tiny):
    assert tiny.terms([], "en") == []


def test_the_guideline_matters(tiny):
    words = SENTENCES[0][1]
    first, second = (tiny.hidden(words, "en", guideline) for guideline in GUIDELINES)
    assert not np.array_equal(first, second)
    with pytest.raises(ValueError, match="none"):
        tiny.terms(words, "en", guideline="none")


def test_a_clause_pulls_the_polarity(tiny):
    words = SENTENCES[0][1] + SENTENCES[1][1]
    bad, good = (
        tiny.terms(words, "en", [clause] * len(words)) for clause in ((0.98, 0.01, 0.01), (0.01, 0.01, 0.98))
    )
    assert [(t.first, t.last) for t in bad] == [(t.first, t.last) for t in good]
    assert all(b.probabilities[0] > g.probabilities[0] for b, g in zip(bad, good, strict=True))
    assert bad


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.text(min_size=1, max_size=12), max_size=12), st.sampled_from(["en", "ru", "lv", "und", "ja"])
)
def test_any_words_can_be_read(tiny, words, lang):
    for term in tiny.terms(words, lang):
        assert math.isfinite(term.confidence)


def test_vectors_are_found_by_form_lemma_and_script(tiny):
    vectors = tiny.vectors
    food = vectors.find("Food", "en")
    assert food is not None
    assert np.array_equal(food, vectors.find("foods", "en"))
    assert np.array_equal(food, vectors.find("FOOD", "und"))
    assert np.array_equal(vectors.find("храна", "bg"), vectors.find("храна", "mk"))
    assert np.array_equal(vectors.find("еда", "ru"), vectors.find("еда", "uk"))
    assert vectors.find("food", "de") is None
    assert vectors.find("drink", "en") is None
    assert key("en", "food") != key("ru", "food")


def test_a_folder_keeps_the_model(tiny, tmp_path):
    save_aspects(tiny, tmp_path)
    kept = load_aspects(tmp_path)
    assert kept.chain == tiny.chain
    assert kept.blend == tiny.blend
    assert kept.checksum != tiny.checksum
    assert answers(kept, SENTENCES) == answers(tiny, SENTENCES)


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json"])
def test_a_damaged_folder_is_refused(tiny, tmp_path, name):
    save_aspects(tiny, tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(bytes(content))
    with pytest.raises(ModelError, match="damaged"):
        load_aspects(tmp_path)


def test_another_kind_of_folder_is_refused(tiny, tmp_path):
    from earful.models.folder import Folder

    save_aspects(tiny, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config.pop("format")
    Folder.write(tmp_path, {**config, "kind": "ngram"})
    with pytest.raises(ModelError, match="ngram"):
        load_aspects(tmp_path)
    Folder.write(tmp_path, {**config, "features": {**config["features"], "bits": 9}})
    with pytest.raises(ModelError, match="bits"):
        load_aspects(tmp_path)
    with pytest.raises(ModelError, match="no aspect model"):
        load_aspects(tmp_path / "nowhere")
