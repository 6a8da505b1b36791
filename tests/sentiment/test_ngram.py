"""Features of the n-gram model, and a tiny one trained here."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.sentiment.ngram import Features, NgramModel

FEATURES = Features(bits=12)


def _train(features, texts, labels, steps=300):
    """Fit by plain gradient descent: the model's own features, written as a dense matrix."""
    x = np.zeros((len(texts), 1 << features.bits))
    for row, text in enumerate(texts):
        tokens = features.tokens(text)
        for token in tokens:
            places, values = features.word(token)
            np.add.at(x[row], places, values)
        np.add.at(x[row], features.context(tokens), 1.0)
        x[row] *= len(tokens) ** -features.power
    w = np.zeros((x.shape[1], 3))
    target = np.eye(3)[labels]
    for _ in range(steps):
        z = x @ w
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        w -= 0.5 * (x.T @ (p - target)) / len(texts)
    return NgramModel("tiny", "", features, (w[:, [0, 2]] - w[:, [1]]).astype(np.float32), np.zeros(3)), x @ w


TEXTS = ["good phone", "bad phone", "a phone", "good food", "bad food", "the food", "not good", "not bad"]
LABELS = [2, 0, 1, 2, 0, 1, 0, 2]


@pytest.fixture(scope="module")
def trained():
    return _train(FEATURES, TEXTS, LABELS)


def test_it_learns_words_and_negation(trained):
    model, _ = trained
    assert model.predict(TEXTS, ["en"] * 8).argmax(axis=1).tolist() == LABELS
    assert model.predict(["good shop"], ["en"])[0].argmax() == 2
    assert model.predict(["goood"], ["en"])[0].argmax() == 2  # shares its beginning with "good"


def test_the_model_sums_exactly_what_was_trained_on(trained):
    model, logits = trained
    gap = (model.logits(TEXTS) - (logits - logits[:, [1]])) - 0.0
    assert np.abs(gap).max() < 1e-4


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_probabilities_that_no_neighbour_changes(trained, texts, random):
    model, _ = trained
    whole = model.predict(texts, ["und"] * len(texts))
    assert np.isfinite(whole).all()
    assert np.abs(whole.sum(axis=1) - 1).max() < 3e-6
    place = random.randrange(len(texts))
    assert model.predict([texts[place]], ["und"])[0].tobytes() == whole[place].tobytes()


def test_rows_are_the_same_on_every_machine():
    assert FEATURES.row("w", "good") == zlib.crc32(b"w\x1fgood") & 4095
    assert Features(bits=20).row("w", "labi") == 0x000FFFFF & zlib.crc32(b"w\x1flabi")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Good!!!", ["good", "!", "!"]),
        ("sooooo good", ["soo", "good"]),
        ("It's 25 °C, 3.5*", ["it's", "0", "°", "c", ",", "0", ".", "0", "*"]),
        ("see https://x.y/z?q=1 @anna", ["see", "http", "@user"]),
        ("Ļoti слабо ёлка", ["ļoti", "слабо", "елка"]),
        ("😡👍", ["😡", "👍"]),
        ("don’t", ["don't"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_tokens(text, tokens):
    assert FEATURES.tokens(text) == tokens


def test_negation_reaches_three_words_and_stops_at_a_comma():
    def negated(text):
        tokens = FEATURES.tokens(text)
        rows = set(FEATURES.context(tokens).tolist())
        return [token for token in tokens if FEATURES.row("n", token) in rows]

    assert negated("not a very good phone") == ["a", "very", "good"]
    assert negated("not cheap, good phone") == ["cheap"]
    assert negated("не очень хорошо") == ["очень", "хорошо"]


def test_names_of_numbers_do_not_matter(trained):
    model, _ = trained
    assert model.predict(["good 12"], ["en"]).tobytes() == model.predict(["good 987"], ["en"]).tobytes()


def test_a_monstrous_word_costs_little():
    rows, values = FEATURES.word(FEATURES.tokens("x" + "ab" * 50_000)[0])
    assert len(rows) == len(values) < 200
