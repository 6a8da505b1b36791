"""Themes found by meaning, from a name and a description alone."""

import numpy as np
import pytest

from earful.encoder import load_encoder
from earful.jobs.tag import tag
from earful.themes.both import _without_echoes
from earful.themes.known import load_known
from earful.themes.meaning import from_bytes, readable, to_bytes, vectors
from earful.themes.semantic import GIVEN, SemanticMatcher, needs_vectors, semantic_matcher
from earful.themes.taxonomy import load_taxonomy, parse_taxonomy

TAXONOMY = """
[[theme]]
id = "delivery.late"
description = "The parcel arrived late or the delivery was delayed."
labels = {en = "Late delivery"}
[[theme]]
id = "staff.rude"
description = "Employees were rude, impolite or unfriendly to the customer."
labels = {en = "Rude staff"}
[[theme]]
id = "price.high"
labels = {en = "Too expensive"}
phrases = {en = ["expensive", "overpriced"]}
"""

LATE = "My shipment came two weeks after the promised date"
RUDE = "The people at the counter were very unfriendly to me"
OTHER = "I listen to music in the evening"


@pytest.fixture(scope="module")
def taxonomy():
    return parse_taxonomy([("t.toml", TAXONOMY)], name="t")


@pytest.fixture(scope="module")
def matcher(taxonomy):
    return SemanticMatcher(taxonomy, load_encoder())


def test_finds_themes_in_other_words_than_their_own(matcher):
    found = matcher.match(vectors(load_encoder(), [LATE, RUDE, OTHER, ""]))
    assert [[theme for theme, _ in row] for row in found] == [["delivery.late"], ["staff.rude"], [], []]
    assert all(GIVEN <= sure < 1 for row in found for _, sure in row)


def test_finds_them_in_another_language(matcher):
    found = matcher.match(vectors(load_encoder(), ["Доставка задержалась на две недели"]))
    assert [theme for theme, _ in found[0]] == ["delivery.late"]


def test_a_theme_of_phrases_alone_competes_but_is_left_to_them(taxonomy, matcher):
    costly = vectors(load_encoder(), ["It costs far too much money"])
    assert matcher.confidences(costly)[0, 2] > matcher.confidences(costly)[0, :2].max()
    assert matcher.match(costly) == [[]]
    assert needs_vectors(taxonomy)


def test_a_theme_that_says_more_than_its_phrases_is_found_by_both():
    told = TAXONOMY.replace('labels = {en = "Too expensive"}', 'description = "Prices are too high."')
    both = parse_taxonomy([("t", told)], name="t")
    found = SemanticMatcher(both, load_encoder()).match(vectors(load_encoder(), ["It costs too much money"]))
    assert [theme for theme, _ in found[0]] == ["price.high"]
    frame = tag(["It costs too much money.", "The shop is overpriced."], both)
    assert frame["themes"].tolist() == [["price.high"], ["price.high"]]
    assert frame["terms"].tolist() == [["It costs too much money."], ["overpriced"]]


def test_vectors_are_needed_where_the_built_in_themes_read_them_or_own_themes_tell_of_themselves():
    assert needs_vectors(load_taxonomy("cx")) == load_known().reads_vectors
    phrases = '[[theme]]\nid = "a.b"\nphrases = ["gift card"]'
    assert not needs_vectors(parse_taxonomy([("t", phrases)], name="t"))


def test_each_encoder_has_a_matcher_of_its_own(taxonomy, matcher):
    class Level:
        def embed(self, texts):
            return np.full((len(texts), load_encoder().size), load_encoder().size ** -0.5, np.float32)

    level = Level()
    other = semantic_matcher(taxonomy, level)
    assert other is semantic_matcher(taxonomy, level)
    own = vectors(level, [LATE])
    assert np.ptp(other.confidences(own)) == 0
    assert np.array_equal(
        semantic_matcher(taxonomy, load_encoder()).confidences(own), matcher.confidences(own)
    )


def test_examples_move_a_theme(taxonomy):
    told = TAXONOMY.replace(
        'labels = {en = "Rude staff"}',
        'labels = {en = "Rude staff"}\nexamples = {en = ["I play music at night", "Evenings with songs"]}',
    )
    moved = SemanticMatcher(parse_taxonomy([("t", told)], name="t"), load_encoder())
    other = vectors(load_encoder(), [OTHER])
    before = SemanticMatcher(taxonomy, load_encoder()).confidences(other)[0, 1]
    assert moved.confidences(other)[0, 1] > before + 0.1


def test_each_segment_is_read_by_itself(matcher):
    texts = [LATE, RUDE, OTHER, "", "ещё", *(f"order {n} was late" for n in range(40))]
    whole = matcher.confidences(vectors(load_encoder(), texts))
    alone = [matcher.confidences(vectors(load_encoder(), [text])) for text in texts]
    assert np.array_equal(whole, np.vstack(alone))


def test_one_theme_alone_can_be_sought():
    one = parse_taxonomy([("t", TAXONOMY[: TAXONOMY.index("[[theme]]", 10)])], name="t")
    matcher = SemanticMatcher(one, load_encoder())
    assert matcher.match(vectors(load_encoder(), [LATE, OTHER])) == [
        [("delivery.late", pytest.approx(0.9, abs=0.1))],
        [],
    ]


def test_tag_gives_the_segment_as_evidence(taxonomy):
    frame = tag([f"Nice shop. {LATE}, but it is overpriced."], taxonomy)
    assert frame["themes"][0] == ["delivery.late", "price.high"]
    assert frame["terms"][0][0].startswith(LATE)
    assert frame["terms"][0][1] == "overpriced"


def test_vectors_survive_storage():
    found = vectors(load_encoder(), [LATE, RUDE])
    stored = to_bytes(found)
    assert {len(one) for one in stored} == {load_encoder().size}
    assert np.array_equal(from_bytes(stored), found)
    assert len(from_bytes([])) == 0


def test_names_and_links_of_tweets_are_left_out():
    assert readable("@airline why #late https://t.co/x ?") == "why late ?"
    assert readable("plain  words") == "plain  words"


def test_a_theme_of_one_clause_is_no_theme_of_its_neighbour():
    found = [[("staff.rude", 0.73), ("food", 0.6)], [("staff.rude", 0.997)], [("staff.rude", 0.73)]]
    left = _without_echoes(found, [4, 4, 5])
    assert left == [[("food", 0.6)], [("staff.rude", 0.997)], [("staff.rude", 0.73)]]
