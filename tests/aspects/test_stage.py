"""The stage: exact offsets on raw text, one answer a row, terms and themes put together."""

import pyarrow as pa
import pytest

from earful.aspects.joining import Joining
from earful.aspects.stage import Aspects
from earful.pipeline import Batch, run_stages
from earful.schema import ASPECTS, MENTIONS

TEXTS = [
    ("en", "Great camera, awful battery. The screen is fine; delivery took weeks."),
    ("en", "The <b>food</b> was\u00a0good &amp; the cafe\u0301 was dirty 🙂👩‍👧 but staff rude"),
    ("ru", "Еда вкусная, но официант хамил. Ещё кофе́ холодный!"),
    ("bg", "Храната беше чудесна, но обслужването - бавно (много)."),
    ("lv", "Ēdiens garšīgs, bet apkalpošana lēna."),
    ("und", "!!! ??? 12345"),
    ("en", ""),
    ("en", "🙂"),
]


@pytest.fixture(scope="module")
def stage(tiny):
    return Aspects(tiny)


def test_terms_follow_the_schema_and_point_into_the_text(stage, read):
    batch = read(stage, TEXTS * 2)
    assert batch.aspects.schema.equals(ASPECTS)
    segments = {(s["row"], s["segment"]): s for s in batch.segments.to_pylist()}
    found = batch.aspects.to_pylist()
    assert {term["row"] for term in found} >= set(range(5))
    for term in found:
        text = (TEXTS * 2)[term["row"]][1]
        segment = segments[term["row"], term["segment"]]
        assert text[term["start"] : term["end"]] == term["term"] != ""
        assert segment["start"] <= term["start"] < term["end"] <= segment["end"]
        assert term["polarity"] in {"negative", "neutral", "positive"}
        assert -1 <= term["score"] <= 1
        assert 0 < term["confidence"] <= 1
        assert term["lemma"] == term["lemma"].lower().strip() != ""
    places = [(term["row"], term["segment"], term["start"]) for term in found]
    assert places == sorted(places)
    assert len(places) == len(set(places))


@pytest.mark.parametrize("size", [1, 3])
def test_batch_size_changes_nothing(stage, read, size):
    rows = TEXTS * 2
    whole = read(stage, rows)
    parts = [
        read(stage, rows[at : at + size], numbers=range(at, min(at + size, len(rows))))
        for at in range(0, len(rows), size)
    ]
    for name in ("aspects", "mentions"):
        pieces = [record for part in parts for record in getattr(part, name).to_pylist()]
        assert pieces == getattr(whole, name).to_pylist()


def test_row_order_and_reruns_change_nothing(stage, read):
    numbers = list(range(len(TEXTS)))
    forth = read(stage, TEXTS, numbers=numbers).aspects.to_pylist()
    back = read(stage, TEXTS[::-1], numbers=numbers[::-1]).aspects.to_pylist()
    assert forth == back == read(stage, TEXTS, numbers=numbers).aspects.to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "é́" * 20_000,
        "a " * 30_000,
        "(" * 1_000,
        "«»" * 10_000,
        "🙂" * 20_000,
        "\u202e" * 5_000,
    ],
)
def test_hostile_texts_are_read(stage, read, text):
    batch = read(stage, [("en", text), TEXTS[0]])
    for term in batch.aspects.to_pylist():
        assert (text, TEXTS[0][1])[term["row"]][term["start"] : term["end"]] == term["term"]
    alone = read(stage, [TEXTS[0]], numbers=[1]).aspects.to_pylist()
    assert [term for term in batch.aspects.to_pylist() if term["row"] == 1] == alone


def test_nothing_in_nothing_out(stage, read):
    batch = read(stage, [])
    assert batch.aspects.num_rows == 0
    assert batch.aspects.schema.equals(ASPECTS)


# --- terms and themes --------------------------------------------------------------------------------------


def term(start, end, polarity, segment=0, row=0):
    score = {"negative": -0.7, "neutral": 0.1, "positive": 0.8}[polarity]
    return {
        "row": row,
        "segment": segment,
        "start": start,
        "end": end,
        "polarity": polarity,
        "score": score,
        "term": "word",
        "lemma": "word",
        "confidence": 0.9,
        "theme": None,
    }


def mentions(*records):
    columns = {name: [] for name in MENTIONS.names}
    for theme, start, end, segment in records:
        values = {
            "row": 0,
            "segment": segment,
            "theme": theme,
            "start": start,
            "end": end,
            "term": "words",
            "polarity": "neutral",
            "score": 0.0,
            "confidence": 0.9,
            "matcher": "phrase",
        }
        for name in columns:
            columns[name].append(values.get(name))
    return pa.table([pa.array(columns[field.name], field.type) for field in MENTIONS], schema=MENTIONS)


def joined(terms, table):
    """Join terms and mentions of one review, whose segments are neutral."""
    segments = pa.table(
        {"row": [0, 0], "segment": [0, 1], "p_negative": [0.1] * 2, "p_neutral": [0.8] * 2}
        | {"p_positive": [0.1] * 2, "score": [0.0] * 2}
    )
    kept = [name for name in table.column_names if name not in {"polarity", "score"}]
    batch = run_stages(
        Batch(
            pa.table({"row": [0]}),
            segments=segments,
            mentions=table.select(kept),
            aspects=pa.Table.from_pylist(terms, ASPECTS).drop_columns(["theme"]),
        ),
        [Joining()],
    )
    assert batch.aspects.schema.equals(ASPECTS)
    assert batch.mentions.drop_columns(["polarity", "score"]).equals(table.select(kept))
    told = [(m["polarity"], m["score"]) for m in batch.mentions.to_pylist()]
    return batch.aspects.column("theme").to_pylist(), told


def test_where_terms_disagree_a_mention_takes_its_term_s_polarity():
    terms = [term(0, 6, "positive"), term(20, 27, "negative")]
    table = mentions(("product.features", 2, 6, 0), ("product.durability", 14, 19, 0))
    themes, said = joined(terms, table)
    assert themes == ["product.features", "product.durability"]
    assert said == [("positive", 0.8), ("negative", -0.7)]


def test_where_terms_agree_a_mention_keeps_its_segment_s_polarity():
    terms = [term(0, 6, "positive"), term(20, 27, "positive"), term(40, 45, "negative", segment=1)]
    assert joined(terms, mentions(("a.b", 2, 6, 0)))[1] == [("neutral", 0.0)]


def test_a_mention_of_the_whole_segment_speaks_for_no_single_term():
    terms = [term(0, 6, "positive"), term(20, 27, "negative")]
    themes, said = joined(terms, mentions(("all.of.it", 0, 30, 0)))
    assert themes == [None, None]
    assert said == [("neutral", 0.0)]


def test_a_term_takes_the_nearest_theme_and_none_from_afar():
    terms = [term(0, 5, "positive"), term(100, 105, "positive"), term(40, 45, "negative", segment=1)]
    table = mentions(("far.away", 30, 35, 0), ("near.by", 6, 9, 0), ("too.far", 140, 150, 0))
    assert joined(terms, table)[0] == ["near.by", None, None]


def test_without_terms_mentions_stay_and_without_mentions_terms_stay():
    table = mentions(("a.b", 2, 6, 0))
    assert joined([], table) == ([], [("neutral", 0.0)])
    themes, said = joined([term(3, 5, "negative")], mentions())
    assert (themes, said) == ([None], [])
