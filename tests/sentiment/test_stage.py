"""The stage: columns, nulls where there are no words, and nothing that depends on the batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from earful.pipeline import Batch, run_stages
from earful.polarity import NEUTRAL_UP_TO, polarity
from earful.schema import INPUT
from earful.sentiment.pooling import Pooling
from earful.sentiment.stage import Sentiment
from earful.text.normalise import Clean

ROWS = [
    ("en", "The seat was great.|The crew was rude.", None),
    ("bg", "", "Ужасно обслужване"),
    ("lv", "", None),
    ("ru", "Отлично!", "Всем советую"),
    ("und", "...|—", None),
    ("en", "Terrible.|  ...  |Never again.", ""),
    ("und", "👍", None),
]


def batch_of(rows):
    """Build a batch whose segments are cut at bars, as the segment stage would cut them."""
    texts, places, words = [], [], []
    segments = {"row": [], "segment": [], "clean_start": [], "clean_end": []}
    for place, (_, marked, _) in enumerate(rows):
        start, pieces = 0, [piece for piece in marked.split("|") if piece]
        for number, piece in enumerate(pieces):
            segments["row"].append(place + 7)
            segments["segment"].append(number)
            segments["clean_start"].append(start)
            segments["clean_end"].append(start + len(piece))
            start += len(piece)
            places.append(place)
            words.append(piece)
        texts.append(Clean("".join(pieces)))
    columns = {name: pa.nulls(len(rows), INPUT.field(name).type) for name in INPUT.names}
    columns["row"] = pa.array([place + 7 for place in range(len(rows))], pa.int64())
    columns["title"] = pa.array([title for _, _, title in rows], pa.string())
    columns["lang"] = pa.array([lang for lang, _, _ in rows], pa.string())
    table = pa.table({name: pa.array(values, pa.int64()) for name, values in segments.items()})
    return Batch(
        pa.table(columns),
        segments=table,
        texts=tuple(texts),
        places=tuple(places),
        segment_texts=tuple(words),
        segment_langs=tuple((rows[place][0],) for place in places),
    )


class ByWords:
    """A model that knows a few words: what another maker's may be."""

    name, checksum, pooling = "words", "0", Pooling()
    good, bad = ("great", "Отлично", "советую", "👍"), ("rude", "Ужасно", "errible", "Never")

    def predict(self, texts, langs):
        found = [
            [0.9, 0.07, 0.03]
            if any(word in text for word in self.bad)
            else [0.03, 0.07, 0.9]
            if any(word in text for word in self.good)
            else [0.3, 0.3, 0.4]
            for text in texts
        ]
        return np.array(found).reshape(-1, 3)


@pytest.fixture(scope="module")
def stage():
    return Sentiment(ByWords())


@pytest.fixture(scope="module")
def done(stage):
    return run_stages(batch_of(ROWS), [stage])


def test_reviews_get_their_sentiment(done):
    assert done.column("sentiment")[1] == "negative"  # from the title alone
    assert done.column("sentiment")[3] == "positive"
    assert done.column("sentiment")[5] == "negative"
    assert done.column("sentiment")[6] == "positive"


def test_no_words_no_numbers(done):
    for name in ("p_negative", "p_neutral", "p_positive", "score", "sentiment"):
        assert done.column(name)[2] is None
        assert done.column(name)[4] is None


def test_segments_speak_for_themselves(done):
    score = done.segments.column("score").to_pylist()
    assert score[0] > 0.3 > -0.3 > score[1]
    assert score[3] is score[4] is None  # "..." and "—"
    assert score[6] is None  # "  ...  " between two sentences


def test_scores_and_probabilities_agree(done):
    for table in (done.reviews, done.segments):
        read = table.select(["p_negative", "p_neutral", "p_positive", "score"]).to_pandas().dropna()
        apart = (read.p_positive - read.p_negative).to_numpy()
        labels = [polarity(*row) for row in read.iloc[:, :3].to_numpy().tolist()]
        for label, difference, score in zip(labels, apart, read.score, strict=True):
            assert (label == "neutral") == (abs(score) <= NEUTRAL_UP_TO)
            assert score == pytest.approx(difference, abs=2e-6) or abs(score) <= NEUTRAL_UP_TO + 1e-6
        assert np.allclose(read[["p_negative", "p_neutral", "p_positive"]].sum(axis=1), 1, atol=2e-6)
        assert np.array_equal(read.round(6).to_numpy(), read.to_numpy())


def test_a_row_alone_gets_the_same_answer(stage, done):
    for place, row in enumerate(ROWS):
        alone = run_stages(batch_of([row]), [stage]).reviews.drop_columns(["row"])
        assert alone.equals(done.reviews.slice(place, 1).drop_columns(["row"]))


def test_the_order_of_rows_does_not_matter(stage, done):
    back = run_stages(batch_of(ROWS[::-1]), [stage])
    assert back.column("score") == done.column("score")[::-1]


def test_an_empty_batch(stage):
    assert len(run_stages(batch_of([]), [stage])) == 0


def test_a_huge_title_is_cut_not_choked_on(stage):
    done = run_stages(batch_of([("en", "Good.", "terrible " * 100_000)]), [stage])
    assert done.column("sentiment")[0] is not None
