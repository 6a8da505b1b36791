"""Phrases and what a segment says, put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from earful.encoder import load_encoder
from earful.jobs.tag import tag
from earful.text.words import fold
from earful.themes.both import Both
from earful.themes.known import HASHED, Confidence, KnownThemes, Layer, about, load_known, pieces
from earful.themes.taxonomy import load_taxonomy, pack_names, parse_taxonomy

EVERYTHING = "+".join(["cx", *pack_names()])
WIDTH = 8


class Marker:
    """An encoder of a name, and nothing else."""

    checksum = "marker"


def themes(text: str, taxonomy: str = EVERYTHING) -> list[str]:
    return tag([text], taxonomy)["themes"][0]


def taught(strength: float = 3.0) -> KnownThemes:
    """Give the shipped classifier with vectors that it reads: the first number speaks for the first theme."""
    known = load_known()
    weights = np.zeros((len(known.about) + 1, WIDTH))
    weights[0, 0] = strength / 127
    layer = Layer.of(weights, np.zeros(len(weights)))
    alone, beside, *_ = known.ways
    way = replace(beside, meaning=layer, encoder="marker", mix=(0.5, 1.0))
    return replace(known, ways=(alone, way))


def embeddings(*rows: list[int]) -> pa.Table:
    coded = [np.array(row + [0] * (WIDTH - len(row)), np.int8).tobytes() for row in rows]
    return pa.table({"vector": pa.array(coded, pa.binary(WIDTH))})


def test_every_built_in_theme_is_known_as_it_is_described_today():
    known = load_known()
    for theme in load_taxonomy(EVERYTHING).themes:
        assert known.knows(theme), f"{theme.id}: run scripts.themes.fit_meaning again"
    assert set(known.about) == {theme.id for theme in load_taxonomy(EVERYTHING).themes}


def test_a_theme_of_the_same_id_about_something_else_is_another_theme():
    own = parse_taxonomy(
        [("t", '[[theme]]\nid = "delivery.speed"\ndescription = "Of a speech."\nphrases = ["mumbled"]')],
        name="t",
    )
    assert not load_known().knows(own.themes[0])
    assert about(own.themes[0]) != load_known().about["delivery.speed"]
    both = Both(own)
    [said] = both.read(["the parcel came three weeks late"], None)
    assert said.given == []
    assert both.of_phrases([("delivery.speed", 0.8)], said) == [0.8]


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("My robot vacuum leaves clean floors.", "store.cleanliness"),
        ("Never disappointed.", "product.quality"),
        ("Connected without a problem.", "product.defect"),
        ("I watched it with my family.", "store.comfort"),
        ("Отличный фильм!", "product.quality"),
    ],
)
def test_what_only_sounds_like_a_theme_is_none(text, theme):
    assert theme not in themes(text, "cx")


def test_a_theme_that_no_phrase_shows_has_the_segment_for_its_words():
    known = load_known()
    lenient = replace(known, ways=(replace(known.ways[0], least=0.0),))
    both = Both(load_taxonomy("cx"), None, lenient)
    [said] = both.read(["the parcel came three weeks late"], None)
    assert len(said.given) == len(load_taxonomy("cx"))
    best = max(said.given, key=lambda one: one[1])
    assert best[0] == "delivery.speed"


def test_segments_without_words_say_nothing():
    both = Both(load_taxonomy("cx"))
    assert [one.given for one in both.read(["", " ", "10/10", "!!!", "🙂"], None)] == [[]] * 5
    assert both.read([], None) == []


def test_each_segment_is_read_by_itself():
    both = Both(load_taxonomy("cx"), None)
    texts = ["Пришлось ждать три часа.", "", "the zip broke", "piegāde kavējās", "!", "loved it"]
    whole = both.read(texts, None)
    for text, one in zip(texts, whole, strict=True):
        [alone] = both.read([text], None)
        assert alone.given == one.given
        assert (alone.odds is None) == (one.odds is None)
        assert one.odds is None or np.array_equal(alone.odds, one.odds)


def test_case_and_marks_do_not_matter():
    plain, marked = pieces(["piegade kavejas"]), pieces(["PIEGĀDE  kavējās"])
    assert (plain != marked).nnz == 0


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=5))
@settings(deadline=None)
@example(["", " ", "а", "ab", "žž žž žž", "x" * 90, "İstanbul ｆｕｌｌ \u1680 ﬁ"])
def test_pieces_are_those_of_scikit_learn(texts):
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.preprocessing import normalize

    hashing = HashingVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), n_features=HASHED, alternate_sign=False, norm=None
    )
    if not texts:
        assert pieces(texts).shape == (0, HASHED)
        return
    counts = hashing.transform([" ".join(map(fold, text.split())) for text in texts])
    assert (pieces(texts) != counts).nnz == 0
    idf = np.linspace(0.5, 3, HASHED, dtype=np.float32)
    counts.data = (1 + np.log(counts.data)) * idf.astype(np.float64)[counts.indices]
    assert np.array_equal(pieces(texts, idf).toarray(), normalize(counts).toarray())


def test_a_phrase_makes_a_theme_surer_and_a_contradicted_one_is_dropped():
    sure = Confidence(chance=0.6, phrase=2.0, tier=0.3, negative=0.0, positive=0.0, bias=-0.5)
    assert sure.of(0.0) < sure.of(0.0, 0.8) < sure.of(0.0, 0.95)
    both = Both(load_taxonomy("cx"))
    [said] = both.read(["the parcel arrived two weeks late"], None)
    [kept] = both.of_phrases([("delivery.speed", 0.95)], said)
    assert kept is not None
    against = replace(said, odds=np.full_like(said.odds, -9.2))
    assert both.of_phrases([("delivery.speed", 0.8)], against) == [None]


def test_vectors_are_read_where_they_are_of_the_encoder_it_was_taught_with():
    known, cx = taught(), load_taxonomy("cx")
    first = next(iter(known.about))
    texts, vectors = ["hm well then", "hm well then"], embeddings([127], [-127])
    told, denied = Both(cx, Marker(), known).read(texts, vectors)
    at = [theme.id for theme in cx.themes].index(first)
    assert told.odds[at] > denied.odds[at] + 2
    other = replace(known, ways=(known.ways[0], replace(known.ways[1], encoder="another")))
    assert np.array_equal(*(one.odds for one in Both(cx, Marker(), other).read(texts, vectors)))


def test_what_is_blamed_or_praised_is_surer_than_what_is_merely_told():
    known, cx = taught(), load_taxonomy("cx")
    opinionated = replace(known.ways[1].confidence, negative=2.0, positive=1.0)
    known = replace(known, ways=(known.ways[0], replace(known.ways[1], confidence=opinionated)))
    both = Both(cx, Marker(), known)
    text, vector = "the parcel came three weeks late", [0]
    opinions = np.array([[0.9, 0.05], [0.05, 0.05], [0.05, 0.9]])
    told = both.read([text] * 3, embeddings(vector, vector, vector), opinions)
    assert np.array_equal(told[0].odds, told[1].odds)
    sure = [both.of_phrases([("delivery.speed", 0.9)], one)[0] for one in told]
    assert sure[0] > sure[2] > sure[1]
    assert both.of_phrases([("delivery.speed", 0.9)], both.read([text], embeddings(vector))[0]) == [
        pytest.approx(float(opinionated.of(told[0].odds[both._place["delivery.speed"]], 0.9)))
    ]


def test_opinions_count_only_where_vectors_are_read():
    cx, text = load_taxonomy("cx"), "the parcel came three weeks late"
    opinions = np.array([[0.9, 0.05]])
    with_them, without = (Both(cx).read([text], None, given)[0] for given in (opinions, None))
    assert with_them.given == without.given
    assert with_them.opinion == 0.0


def test_a_theme_of_a_pack_that_is_not_in_use_lends_half_its_chance():
    known = load_known()
    rows = {taxonomy: known.passing(load_taxonomy(taxonomy)) for taxonomy in ("cx", "cx+travel")}
    at = list(known.about).index("travel.flight_delay")
    ids = {name: [theme.id for theme in load_taxonomy(name).themes] for name in rows}
    assert rows["cx"][at, ids["cx"].index("delivery.speed")] == 0.5
    assert rows["cx"][at].sum() == 0.5
    assert rows["cx+travel"][at, ids["cx+travel"].index("travel.flight_delay")] == 1.0
    assert (rows["cx"][-1] == 0).all()


def test_vectors_of_every_shipped_reader_are_read():
    known = load_known()
    readers = {load_encoder(name).checksum for name in ("accurate", "fast")}
    assert {way.encoder for way in known.ways} == {"", *readers}, "run scripts.themes.fit_meaning again"
    assert known.ways[0].encoder == ""
    assert known.way("unknown") is known.ways[0]
    for way in known.ways:
        assert known.way(way.encoder) is way
        assert (way.meaning is None) == (way.encoder == "")


@pytest.fixture
def saved(tmp_path):
    known = taught()
    known.save(tmp_path / "m")
    return known, load_known(tmp_path / "m")


def test_what_is_saved_reads_the_same(saved):
    known, again = saved
    cx = load_taxonomy("cx")
    texts, vectors = ["the zip broke", "slow"], embeddings([50, 3], [-20])
    one, other = (Both(cx, Marker(), each).read(texts, vectors) for each in (known, again))
    assert [said.given for said in one] == [said.given for said in other]
    assert again.about == known.about
    assert again.checksum != load_known().checksum
