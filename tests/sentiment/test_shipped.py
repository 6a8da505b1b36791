"""The weights that are shipped: they load, they are whole, and they read plain sentences right."""

from __future__ import annotations

import numpy as np
import pytest

from earful.sentiment import LABELS, load_model, shipped_models

PLAIN = [
    ("I love it", "en", "positive"),
    ("Terrible, never again", "en", "negative"),
    ("Ужасное обслуживание", "ru", "negative"),
    ("Отлично!", "ru", "positive"),
    ("Много лошо", "bg", "negative"),
    ("Страхотен филм", "bg", "positive"),
    ("Ļoti slikti", "lv", "negative"),
    ("Apkalpošana bija ļoti slikta", "lv", "negative"),
    ("Lieliska apkalpošana", "lv", "positive"),
]


@pytest.fixture(scope="module", params=["ngrams", "fast", "accurate", "auto"])
def model(request):
    return load_model(request.param)


@pytest.mark.parametrize(("text", "lang", "label"), PLAIN)
def test_plain_sentences_are_read_right(model, text, lang, label):
    assert LABELS[model.predict([text], [lang])[0].argmax()] == label


@pytest.mark.parametrize(("text", "lang", "label"), PLAIN)
@pytest.mark.parametrize(
    "change", [str.upper, str.lower, lambda text: text + "...", lambda text: f"  {text}\n"]
)
def test_case_dots_and_space_do_not_flip_a_label(model, change, text, lang, label):
    assert LABELS[model.predict([change(text)], [lang])[0].argmax()] == label


def test_an_unknown_language_is_still_read(model):
    assert LABELS[model.predict(["Terrible, never again"], ["und"])[0].argmax()] == "negative"


def test_answers_do_not_depend_on_the_batch_bit_for_bit(model):
    texts = [text for text, _, _ in PLAIN] * 3 + ["", "a" * 5000, "😡😡", "\ud800", "no " * 300]
    langs = [lang for _, lang, _ in PLAIN] * 3 + ["und"] * 5
    whole = model.predict(texts, langs)
    alone = np.concatenate([model.predict([t], [g]) for t, g in zip(texts[-6:], langs[-6:], strict=True)])
    backwards = model.predict(texts[::-1], langs[::-1])[::-1]
    assert whole[-6:].tobytes() == alone.tobytes()
    assert whole.tobytes() == np.ascontiguousarray(backwards).tobytes()


def test_probabilities_are_probabilities(model):
    read = model.predict([text for text, _, _ in PLAIN], [lang for _, lang, _ in PLAIN])
    assert read.shape == (len(PLAIN), 3)
    assert ((read >= 0) & (read <= 1)).all()
    assert np.abs(read.sum(axis=1) - 1).max() < 3e-6


def test_no_texts_give_no_rows(model):
    assert model.predict([], []).shape == (0, 3)


def test_every_shipped_model_loads_and_is_named_like_its_folder():
    assert "fast" in shipped_models()
    for name in shipped_models():
        model = load_model(name)
        assert model.name == name
        assert len(model.checksum) == 64
