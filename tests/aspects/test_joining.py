"""Terms and themes put together."""

import pyarrow as pa

from earful.aspects.joining import Joining
from earful.pipeline import Batch, run_stages
from earful.schema import ASPECTS, MENTIONS


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
