from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from earful.aspects.joining import Joining
from earful.pipeline import Batch, run_stages
from earful.schema import ASPECTS, INPUT, MENTIONS, conform
from earful.text.normalise import Normalise
from earful.text.segment import Segment
from earful.text.tokens import Tokens
from earful.themes.stage import Themes
from earful.themes.taxonomy import load_taxonomy

TEXTS = [
    ("en", "Great camera, but the staff were <b>incredibly rude</b> and my parcel arrived late."),
    ("en", "I didn&#39;t like it: it doesn't work. Rude, RUDE, rude!"),
    ("ru", "Курьер нагрубил. Доставка быстрая, но цены высокие."),
    ("bg", "Обслужването е бавно… Цените са високи!"),
    ("lv", "Piegāde ātra, taču kvalitāte\u00a0 slikta."),
    ("de", "Die Lieferung war zu spät."),
    ("und", "wifi ???"),
    ("en", ""),
    ("en", "🙂🙂 The 👩‍👧 café was dirty; food cold"),
]


class Marks:
    """Gives every segment a polarity that depends on its words alone."""

    name = "marks"
    requires = ("segments",)
    adds = ("segments.score",)

    def __call__(self, batch: Batch) -> Batch:
        size = [start % 3 for start in batch.segments.column("start").to_pylist()]
        negative, neutral, positive = ([0.8 if kind == which else 0.1 for kind in size] for which in range(3))
        score = [p - n for p, n in zip(positive, negative, strict=True)]
        return batch.with_segments(
            p_negative=pa.array(negative),
            p_neutral=pa.array(neutral),
            p_positive=pa.array(positive),
            score=pa.array(score),
        )


@pytest.fixture(scope="module")
def stage():
    return Themes(load_taxonomy("cx"))


def run(stage, rows):
    texts = pa.table(
        {"row": pa.array([row for row, _, _ in rows], pa.int64()), "text": [text for _, _, text in rows]}
    )
    batch = Normalise()(Batch(reviews=conform(texts, INPUT)))
    batch = batch.with_reviews(lang=pa.array([lang for _, lang, _ in rows]))
    batch = run_stages(batch, [Segment(), Tokens(), Marks(), stage])
    return run_stages(replace(batch, aspects=ASPECTS.empty_table()), [Joining()])


def all_rows():
    return [(number, lang, text) for number, (lang, text) in enumerate(TEXTS * 3)]


def test_mentions_follow_the_schema_and_point_into_the_text(stage):
    rows = all_rows()
    batch = run(stage, rows)
    assert batch.mentions.schema.equals(MENTIONS)
    segments = {(s["row"], s["segment"]): s for s in batch.segments.to_pylist()}
    found = batch.mentions.to_pylist()
    assert found
    for mention in found:
        text = rows[mention["row"]][2]
        segment = segments[mention["row"], mention["segment"]]
        assert text[mention["start"] : mention["end"]] == mention["term"]
        assert segment["start"] <= mention["start"] < mention["end"] <= segment["end"]
        assert mention["score"] == segment["score"]
        assert mention["matcher"] == "phrase"
        best = max(("negative", "neutral", "positive"), key=lambda name: segment[f"p_{name}"])
        assert mention["polarity"] == best


def test_themes_of_known_sentences(stage):
    found = run(stage, all_rows()[: len(TEXTS)]).mentions.to_pylist()
    by_row = {row: {m["theme"] for m in found if m["row"] == row} for row in range(len(TEXTS))}
    assert {"product.features", "support.attitude", "delivery.speed"} <= by_row[0]
    assert {"delivery.courier", "delivery.speed", "price.level"} <= by_row[2]
    assert {"support.speed", "price.level"} <= by_row[3]
    assert {"delivery.speed", "product.quality"} <= by_row[4]
    assert by_row[5] == by_row[7] == set()
    assert {"store.cleanliness", "product.taste"} <= by_row[8]


def test_a_term_counts_once_in_a_segment_and_not_is_kept_whole(stage):
    found = run(stage, all_rows()[1:2]).mentions.to_pylist()
    rude = [(m["segment"], m["term"].lower()) for m in found if m["theme"] == "support.attitude"]
    assert len(rude) == len(set(rude))
    assert "doesn't work" in {m["term"] for m in found}


@pytest.mark.parametrize("size", [1, 7, 512])
def test_batch_size_changes_nothing(stage, size):
    rows = all_rows()
    whole = run(stage, rows).mentions.to_pylist()
    pieces = [
        m for at in range(0, len(rows), size) for m in run(stage, rows[at : at + size]).mentions.to_pylist()
    ]
    assert pieces == whole


def test_row_order_and_reruns_change_nothing(stage):
    rows = all_rows()
    whole = run(stage, rows).mentions.to_pylist()
    backwards = run(Themes(load_taxonomy("cx")), rows[::-1]).mentions.to_pylist()
    key = ("row", "segment", "start", "end", "theme")
    assert sorted(backwards, key=lambda m: tuple(m[k] for k in key)) == sorted(
        whole, key=lambda m: tuple(m[k] for k in key)
    )
    assert [m["row"] for m in whole] == sorted(m["row"] for m in whole)


def test_nothing_in_nothing_out(stage):
    batch = run(stage, [])
    assert batch.mentions.num_rows == 0
    assert batch.mentions.schema.equals(MENTIONS)
