import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from earful import sentiment, spacy_component
from earful.errors import ModelError
from earful.sentiment.pooling import Pooling


class FakeModel:
    """Reads "good" as praise and "bad" as blame, and keeps what it was asked."""

    name = "fake"
    checksum = "0" * 64

    def __init__(self):
        self.pooling = Pooling()
        self.asked = []

    def predict(self, texts, langs):
        self.asked += zip(texts, langs, strict=True)
        table = {True: [0.1, 0.1, 0.8], False: [0.8, 0.1, 0.1]}
        return np.array(
            [
                table["good" in text] if {"good", "bad"} & set(text.split()) else [0.1, 0.8, 0.1]
                for text in texts
            ]
        )


@pytest.fixture
def model(monkeypatch):
    fake = FakeModel()
    monkeypatch.setattr(sentiment, "load_model", lambda name: fake)
    spacy_component._loaded.cache_clear()
    yield fake
    spacy_component._loaded.cache_clear()


@pytest.fixture
def nlp(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("earful_sentiment", config={"model": "auto"})
    return nlp


def test_a_doc_has_label_score_and_probabilities(nlp, model):
    doc = nlp("all is good here")
    assert doc._.sentiment == "positive"
    assert doc._.sentiment_score == pytest.approx(0.7)
    assert doc._.sentiment_probabilities == pytest.approx({"negative": 0.1, "neutral": 0.1, "positive": 0.8})
    assert model.asked == [("all is good here", "en")]


def test_spans_have_their_own_sentiment(nlp):
    doc = nlp("the food was good but service was bad")
    assert doc[0:4]._.sentiment == "positive"
    assert doc[4:8]._.sentiment == "negative"
    assert doc[4:8]._.sentiment_score == pytest.approx(-0.7)
    assert doc[0:2]._.sentiment_probabilities["neutral"] == pytest.approx(0.8)


def test_a_doc_without_words_has_none(nlp):
    doc = nlp("")
    assert (doc._.sentiment, doc._.sentiment_score, doc._.sentiment_probabilities) == (None, None, None)
    assert nlp(" ... ")._.sentiment is None


def test_pipe_gives_the_same_for_any_batch_size(nlp):
    texts = ["all good", "so bad", "", "a table", "good and bad things"] * 5
    expected = [nlp(text)._.sentiment for text in texts]
    for size in (1, 7, 512):
        assert [doc._.sentiment for doc in nlp.pipe(texts, batch_size=size)] == expected


def test_the_language_is_told_in_a_multi_language_pipeline(model):
    nlp = spacy.blank("xx")
    nlp.add_pipe("earful_sentiment")
    nlp("Много добър филм, препоръчвам")
    assert {lang for _, lang in model.asked} == {"bg"}


def test_the_pipeline_can_be_saved_and_loaded(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    again = spacy.load(tmp_path / "pipeline")
    assert again.pipe_names == ["earful_sentiment"]
    assert again.get_pipe_config("earful_sentiment")["model"] == "auto"
    assert again("so good")._.sentiment == "positive"
    assert spacy.blank("en").from_bytes(spacy.blank("en").to_bytes()) is not None
    assert nlp.from_bytes(nlp.to_bytes())("so bad")._.sentiment == "negative"


def test_a_doc_can_be_saved_and_its_spans_still_be_read(nlp):
    doc = Doc(nlp.vocab).from_bytes(nlp("so good").to_bytes())
    assert doc._.sentiment == "positive"
    assert doc[0:2]._.sentiment == "positive"


def test_a_span_of_an_unread_doc_says_what_to_do(nlp):
    with pytest.raises(ModelError, match="add_pipe"):
        _ = spacy.blank("en")("so good")[0:1]._.sentiment


def test_a_wrong_model_fails_when_the_pipeline_is_made(monkeypatch):
    spacy_component._loaded.cache_clear()
    with pytest.raises(ModelError, match="nosuchmodel"):
        spacy.blank("en").add_pipe("earful_sentiment", config={"model": "nosuchmodel"})
