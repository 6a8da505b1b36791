from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from earful.encoder import load_encoder
from earful.errors import ModelError, TaxonomyError
from earful.workshop.learn import READER, learn, load_learned

STEMS = {
    "late": ["the parcel came {} late", "delivery {} delayed again", "still {} waiting for my order"],
    "rude": ["the {} waiter was rude", "{} impolite staff shouted", "they were {} unfriendly"],
    "price": ["{} too expensive", "the {} price went up", "costs {} a fortune"],
}
FILLERS = [
    "very",
    "really",
    "so",
    "quite",
    "just",
    "simply",
    "truly",
    "again",
    "today",
    "sadly",
    "always",
    "often",
]


def rows():
    pairs = [
        (text.format(word), theme) for theme, texts in STEMS.items() for text in texts for word in FILLERS
    ]
    return [text for text, _ in pairs], [theme for _, theme in pairs]


@pytest.fixture(scope="module")
def model():
    return learn(*rows())


def test_learns_what_the_rows_say(model):
    assert model.themes == ("late", "price", "rude")
    assert model.exclusive
    found = model.tag(["the parcel is late", "such rude staff", "the price is too high, expensive"])
    assert [themes[0][0] for themes in found] == ["late", "rude", "price"]
    chances = model.predict(["the parcel is late", ""])
    assert chances.shape == (2, 3)
    assert chances.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_each_text_is_read_by_itself(model):
    texts = rows()[0] + ["", "ещё", "x" * 100_000]
    whole = model.predict(texts)
    assert np.array_equal(whole, np.vstack([model.predict([text]) for text in texts]))
    assert np.array_equal(whole, model.predict(texts[::-1])[::-1])
    assert model.predict([]).shape == (0, 3)


def test_order_of_the_rows_changes_nothing(model):
    texts, themes = rows()
    order = np.random.default_rng(1).permutation(len(texts))
    again = learn([texts[i] for i in order], [themes[i] for i in order])
    assert again.checksum == model.checksum
    assert again.reports == model.reports


def test_several_themes_a_row_and_none():
    texts, themes = rows()
    both = [f"{a} and {b}" for a, b in zip(texts[:36], texts[36:72], strict=True)]
    model = learn(
        [*texts, *both, *["nothing to say " + word for word in FILLERS]],
        [*([theme] for theme in themes), *[["late", "rude"]] * 36, *[[]] * len(FILLERS)],
    )
    assert not model.exclusive
    assert {theme for theme, _ in model.tag(["the parcel was late and the waiter was rude"])[0]} == {
        "late",
        "rude",
    }
    assert model.tag(["nothing to say"]) == [[]]


def test_precision_is_stated_and_asked_for():
    rng = np.random.default_rng(0)
    texts, themes = rows()
    noisy = [theme if rng.random() > 0.3 else "late" for theme in themes]
    usual, strict = learn(texts, noisy), learn(texts, noisy, precision=0.9)
    for report in strict.reports:
        assert report.n == noisy.count(report.theme)
        assert report.precision >= 0.9 or (np.isnan(report.precision) and report.recall == 0)
    by_theme = {report.theme: report for report in usual.reports}
    for report in strict.reports:
        assert report.threshold >= by_theme[report.theme].threshold or report.precision >= 0.9


def test_saved_and_read_back(model, tmp_path):
    again = load_learned(model.save(tmp_path / "m"))
    texts = rows()[0]
    assert np.array_equal(again.predict(texts), model.predict(texts))
    assert again.reports == model.reports
    description = tmp_path / "m" / "learned.json"
    description.write_text(
        description.read_text(encoding="utf-8").replace('"late"', '"early"', 1), encoding="utf-8"
    )
    with pytest.raises(ModelError, match="damaged"):
        load_learned(tmp_path / "m")
    (tmp_path / "m" / "weights.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match="not a learned theme model"):
        load_learned(tmp_path / "m")
    with pytest.raises(ModelError):
        load_learned(tmp_path / "nowhere")


def test_names_and_descriptions_help_where_rows_are_few():
    texts = ["it broke", "broke after a week", "nobody answered", "no answer on the phone"]
    themes = ["a", "a", "b", "b"]
    told = learn(
        texts, themes, descriptions={"a": "The product was broken.", "b": "Support was not reached."}
    )
    untold = learn(texts, themes)
    probe = ["The support team could not be reached"]
    assert told.predict(probe)[0, 1] > untold.predict(probe)[0, 1]


def test_a_model_of_another_encoder_is_refused(model, tmp_path):
    folder = model.save(tmp_path / "m")
    description = folder / "learned.json"
    told = json.loads(description.read_text(encoding="utf-8"))
    other = replace(model, encoder=SimpleNamespace(checksum="0" * 64, name="own"))
    described = {**told, "encoder": other.encoder.checksum, "checksum": other.checksum}
    description.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(ModelError, match="another encoder"):
        load_learned(folder)
    with pytest.raises(ModelError, match="another encoder"):
        load_learned(model.save(tmp_path / "own"), SimpleNamespace(checksum="0" * 64))
    description.write_text(json.dumps({**told, "version": 1}), encoding="utf-8")
    with pytest.raises(ModelError, match="another version"):
        load_learned(folder)


def test_a_model_is_read_by_the_reader_that_it_was_learned_with(model, tmp_path):
    assert model.encoder.name == READER == "accurate"
    quick = learn(*rows(), encoder=load_encoder("fast"))
    again = load_learned(quick.save(tmp_path / "m"))
    assert again.encoder.name == "fast"
    assert np.array_equal(again.predict(rows()[0]), quick.predict(rows()[0]))
    # What was learned before the reader was named was learned with the fast one.
    description = tmp_path / "m" / "learned.json"
    told = json.loads(description.read_text(encoding="utf-8"))
    del told["reader"]
    description.write_text(json.dumps(told), encoding="utf-8")
    assert load_learned(tmp_path / "m").encoder.name == "fast"


@pytest.mark.parametrize(
    ("texts", "themes", "why"),
    [
        (["a"], [], "1 texts but 0 labels"),
        (["a", "b"], ["x", "y"], "two themes with 2 rows each, got 0"),
        (["a", "b", "c"], ["x", "x", "y"], "got 1"),
        ([], [], "got 0"),
    ],
)
def test_too_little_to_learn_from(texts, themes, why):
    with pytest.raises(TaxonomyError, match=why):
        learn(texts, themes)
