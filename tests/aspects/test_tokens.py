"""Words are cut where marks cling to them, and nowhere else."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.aspects.tokens import cut, token_spans
from earful.aspects.words import SHAPES, WordFeatures
from earful.text.tokens import tokens_of


def pieces(token):
    return [token[start:end] for start, end in cut(token)]


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("battery", ["battery"]),
        ("well-made", ["well-made"]),
        ("чай-", ["чай", "-"]),
        ("MEAL(OR", ["MEAL", "(", "OR"]),
        ("вид(чудесный)", ["вид", "(", "чудесный", ")"]),
        ("wi-fi/tv", ["wi-fi", "/", "tv"]),
        ("stall--probably", ["stall", "--", "probably"]),
        ("chef's", ["chef's"]),
        ("", []),
    ],
)
def test_cut(token, parts):
    assert pieces(token) == parts


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60))
def test_the_pieces_join_to_the_token(token):
    found = cut(token)
    assert "".join(token[start:end] for start, end in found) == token
    assert all(left[1] == right[0] for left, right in itertools.pairwise(found))


def test_a_token_of_a_hundred_thousand_marks_is_one():
    assert cut("-" * 100_000) == [(0, 100_000)]


def test_spans_point_into_the_text():
    text = "Great camera (8 MP), awful  battery!"
    spans = list(token_spans(*tokens_of(text, "en")))
    words = [text[start:end] for start, end in spans]
    assert words == ["Great", "camera", "(", "8", "MP", ")", ",", "awful", "battery", "!"]


def test_kindred_words_share_rows_across_scripts():
    features = WordFeatures(16)
    bulgarian, croatian = features.rows("храна"), features.rows("hrana")
    assert bulgarian[0] != croatian[0]
    assert bulgarian[1:].tolist() == croatian[1:].tolist()
    assert features.rows("ĒDIENS")[1:].tolist() == features.rows("ediens")[1:].tolist()


def test_marks_have_two_rows_and_words_more():
    features = WordFeatures(16)
    assert len(features.rows("!")) == 2
    assert len(features.rows("wi")) == 2 + len({"<wi", "wi>", "<wi>"})
    assert features.rows("").tolist() == features.rows("").tolist()


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("good", "lower"),
        ("Good", "capital"),
        ("GOOD", "upper"),
        ("I", "capital"),
        ("iPhone", "mixed"),
        ("o'clock", "mixed"),
        ("42", "number"),
        ("4GB", "letters and digits"),
        ("!", "mark"),
        ("🙂", "emoji"),
        (" ", "space"),
        ("", "space"),
        ("еда", "lower"),
        ("食", "mixed"),
    ],
)
def test_shape(word, shape):
    assert SHAPES[WordFeatures(4).shape(word)] == shape
