"""One pass over the network, and the stages that take what it found."""

import numpy as np
import pyarrow as pa
import pytest

from earful.aspects.stage import Aspects, terms_of
from earful.encoder.heads import PROBLEMS
from earful.encoder.reading import Reading
from earful.encoder.stage import Read, reviews_of
from earful.pipeline import Batch, run_stages
from earful.polarity import polarity
from earful.schema import INPUT, conform
from earful.sentiment import load_model, sentiment_stages
from earful.sentiment.reading import ReadSentiment
from earful.text.language import Language
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.themes.embedding import Embedding

ROWS = [
    {"text": "The phone is good. The box was bad."},
    {"text": "", "title": "Bad <b>phone</b>"},
    {"text": "", "title": None},
    {"text": "Что улучшить? очереди", "fields": [0, 14]},
    {"text": "the phone\nthe bad box", "title": "good"},
    {"text": "..."},
    {"text": "<p>bad &amp; good</p> the bad box is bad"},
]


class Counting:
    """A reader that knows how many reviews it was asked for."""

    def __init__(self, reader):
        self.reader, self.asked = reader, 0

    def read(self, reviews):
        self.asked += len(reviews)
        return self.reader.read(reviews)


@pytest.fixture(scope="module")
def reader(tiny_models):
    return load_model(tiny_models / "fast")


def cut(rows):
    table = pa.Table.from_pylist(
        [{"row": at, "title": None, "fields": None, **row} for at, row in enumerate(rows)]
    )
    batch = Batch(conform(table, INPUT))
    return run_stages(batch, [Normalise(), Language(), Segment()])


def taken(rows, reader):
    return run_stages(cut(rows), [Read(reader), ReadSentiment(), Embedding(reader), Aspects()])


def test_tables_are_the_same_for_any_batch(reader):
    whole = taken(ROWS, reader)
    for at, row in enumerate(ROWS):
        one = taken([row], reader)
        for table in ("segments", "embeddings", "aspects"):
            mine = getattr(whole, table).filter(pa.compute.equal(getattr(whole, table)["row"], at))
            assert getattr(one, table).drop_columns("row").equals(mine.drop_columns("row")), table
        for column in ("p_negative", "sentiment", "score"):
            assert one.column(column) == whole.column(column)[at : at + 1]


def test_reviews_without_words_are_not_read_and_have_no_sentiment(reader):
    done = taken(ROWS, reader)
    assert [one is None for one in done.readings] == [False, False, True, False, False, True, False]
    assert [value is None for value in done.column("sentiment")] == [one is None for one in done.readings]
    silent = [at for at, text in enumerate(done.segment_texts) if text == "..."]
    assert [done.segments["p_negative"][at].as_py() for at in silent] == [None]
    assert [done.segments["problem"][at].as_py() for at in silent] == [None]
    assert done.embeddings["vector"][silent[0]].as_py() == bytes(reader.size)


def test_labels_and_kinds_do_not_contradict_scores(reader):
    done = taken(
        ROWS * 3 + [{"text": f"the {'bad ' * n}phone {'good ' * (7 - n)}"} for n in range(8)], reader
    )
    for segment in done.segments.to_pylist():
        if segment["score"] is None:
            continue
        label = polarity(*(segment[f"p_{name}"] for name in ("negative", "neutral", "positive")))
        assert segment["problem"] in PROBLEMS
        assert (label, segment["problem"]) not in {("positive", "complaint"), ("negative", "praise")}
        assert (label == "neutral") == (abs(segment["score"]) <= 0.25)


def test_the_same_words_are_read_once(reader):
    counting = Counting(reader)
    run_stages(cut([{"text": "the phone is bad"}] * 5 + [{"text": "good"}]), [Read(counting)])
    assert counting.asked == 2


def test_names_of_fields_are_told_where_their_words_begin():
    text = "Что улучшить? очереди\nWhat is bad? the box"
    second = text.index("What")
    rows = [
        {"text": text, "fields": [0, 14, second, second + len("What is bad?") + 1], "title": " A &amp; B "}
    ]
    [review] = reviews_of(cut(rows), question="Why?")
    assert review.title.strip() == "A & B"
    assert [(review.text[place:][:7], name) for place, name in review.fields] == [
        ("очереди", "Что улучшить?"),
        ("the box", "What is bad?"),
    ]
    assert review.question == "Why?"


def test_a_model_that_reads_reviews_brings_its_stages(reader):
    assert [stage.name for stage in sentiment_stages(reader)] == ["reading", "sentiment"]


def reading_of(text, tags):
    """Make a reading whose pieces are letters, each with a tag that is likeliest by far."""
    chances = np.full((len(text), 3), 0.02)
    chances[np.arange(len(text)), tags] = 0.96
    places = np.stack([np.arange(len(text)), np.arange(len(text)) + 1], axis=1)
    tones = np.log(np.full((len(text), 3), 1 / 3))
    none = np.zeros((1, 3))
    return Reading(none[0], np.zeros(11), none, np.zeros((1, 4)), none, places, np.log(chances), tones)


@pytest.mark.parametrize(
    ("text", "tags", "terms"),
    [
        ("the box is bad", "00001220000000", ["box"]),
        ("the box is bad", "00000120000000", ["box"]),  # begun inside a word
        ("the box is bad", "00001110000000", ["box"]),  # begun at every letter of it
        ("box, and lid.", "1220000001222", ["box", "lid"]),
        ("wi-fi code", "1222222222", ["wi-fi code"]),
        ("a b", "121", ["a", "b"]),
        ("...", "122", []),
        ("bad", "000", []),
        ("bad", "022", ["bad"]),
    ],
)
def test_terms_are_whole_words(text, tags, terms):
    found = list(terms_of(reading_of(text, [int(tag) for tag in tags]), text, 0, len(text)))
    assert [text[term.start : term.end] for term in found] == terms
    assert all(0 < term.confidence <= 1 for term in found)


def test_terms_end_where_their_segment_does():
    text = "bad box lid"
    reading = reading_of(text, [1] + [2] * 10)
    found = [list(terms_of(reading, text, *span)) for span in ((0, 7), (8, 11))]
    assert [[text[term.start : term.end] for term in own] for own in found] == [["bad box"], ["lid"]]


@pytest.mark.parametrize(
    "text",
    ["x" * 30_000, "é́" * 5_000, "a " * 10_000, "(" * 1_000, "«»" * 5_000, "🙂" * 5_000, "\u202e" * 5_000],
)
def test_hostile_texts_are_read(reader, text):
    done = taken([{"text": text}, ROWS[0]], reader)
    for term in done.aspects.to_pylist():
        own = (text, ROWS[0]["text"])[term["row"]]
        assert own[term["start"] : term["end"]] == term["term"] != ""
    [alone] = taken([ROWS[0]], reader).column("score")
    assert done.column("score")[1] == alone
