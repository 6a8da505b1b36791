"""The shipped model on plain sentences: what is praised, what is blamed."""

from functools import cache

import numpy as np
import pytest

from earful.aspects import load_aspects
from earful.aspects.stage import Aspects
from earful.models.home import models_home
from earful.sentiment import load_model
from earful.sentiment.stage import Sentiment

#: language, sentence, the terms that must be found with their polarity (+ or -)
SENTENCES = [
    ("en", "Great camera, awful battery.", {"camera": "+", "battery": "-"}),
    ("en", "The food was delicious but the service was terrible.", {"food": "+", "service": "-"}),
    ("en", "The waiter was rude.", {"waiter": "-"}),
    ("en", "Excellent pizza and friendly staff!", {"pizza": "+", "staff": "+"}),
    ("ru", "Еда вкусная, но обслуживание ужасное.", {"Еда": "+", "обслуживание": "-"}),
    ("ru", "Отличный интерьер и вежливый персонал.", {"интерьер": "+", "персонал": "+"}),
    ("bg", "Страхотна камера, ужасна батерия.", {"камера": "+", "батерия": "-"}),
    ("bg", "Много вкусна пица и приятна атмосфера.", {"пица": "+", "атмосфера": "+"}),
    ("lv", "Lieliska kamera, briesmīga baterija.", {"kamera": "+", "baterija": "-"}),
    ("lv", "Ļoti garšīga pica un patīkama atmosfēra.", {"pica": "+", "atmosfēra": "+"}),
]


@cache
def model():
    return load_aspects()


@cache
def stages():
    return Aspects(model()), Sentiment(load_model("fast"))


def found(read, lang, text):
    aspects, sentiment = stages()
    signs = {"negative": "-", "neutral": "0", "positive": "+"}
    return {
        term["term"]: signs[term["polarity"]]
        for term in read(aspects, [(lang, text)], sentiment).aspects.to_pylist()
    }


@pytest.mark.parametrize(("lang", "text", "terms"), SENTENCES)
def test_terms_and_their_polarity(read, lang, text, terms):
    assert found(read, lang, text) == terms


def test_two_terms_give_the_mentions_their_own_polarity(read):
    aspects, sentiment = stages()
    batch = read(aspects, [("en", "Great camera, awful battery.")], sentiment)
    said = {m["term"].lower(): m["polarity"] for m in batch.mentions.to_pylist()}
    assert all(polarity == "negative" for term, polarity in said.items() if "battery" in term)


def test_the_folder_is_small_and_carries_its_card():
    folder = models_home() / "aspects"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 12e6
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "SHA256SUMS",
        "config.json",
        "metrics.json",
        "weights.safetensors",
    }


def test_the_weights_are_finite():
    network, vectors = model().network, model().vectors
    for array in (network.scales, network.shapes, network.guidelines, network.tags[0], vectors.scales):
        assert np.isfinite(array).all()
    assert (np.diff(vectors.keys.astype(np.int64)) > 0).all()
    assert np.isfinite(model().blend).all()
