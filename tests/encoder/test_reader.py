"""A reader reads a review whole, the same to the bit in any company."""

import dataclasses
import shutil

import numpy as np
import pytest

from earful.encoder import Review
from earful.encoder.loading import NETWORK, load_reader
from earful.errors import ModelError
from earful.models.folder import Folder
from earful.sentiment import load_model

TEXTS = [
    "the good phone",
    "bad. the phone is bad",
    "",
    " \n ",
    "a",
    "the good phone is good. " * 12,
    "Отлично 👍",
    "\ud800 broken \x00",
    "the good phone",
    "pros: good\ncons: bad",
    *(f"the phone {'very ' * (at % 9)}bad" for at in range(40)),
]


def review_of(at, text):
    half = len(text) // 2
    spans = [(0, half), (half, len(text))] if text.strip() else []
    fields = [(half, "Cons")] if at % 4 == 0 and half else []
    return Review(text, spans, "en", ["en", "ru"][: len(spans)], "Too bad" if at % 3 == 0 else "", fields)


REVIEWS = [review_of(at, text) for at, text in enumerate(TEXTS)]


@pytest.fixture(scope="module", params=["cpu", "emulated"])
def reader(request, tiny_models):
    return load_model(tiny_models / "fast", request.param)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(fields(one), fields(other), strict=True))


def fields(reading):
    return [getattr(reading, field.name) for field in dataclasses.fields(reading)]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_review_is_read_the_same_in_any_company(reader, size):
    whole = reader.read(REVIEWS)
    order = np.random.default_rng(size).permutation(len(REVIEWS)).tolist()
    for begin in range(0, len(order), size):
        places = order[begin : begin + size]
        read = reader.read([REVIEWS[at] for at in places])
        assert all(same(whole[at], one) for at, one in zip(places, read, strict=True))


def test_threads_change_nothing(tiny_models):
    one, three = (load_reader(Folder.open(tiny_models / "fast"), threads=threads) for threads in (1, 3))
    assert all(map(same, one.read(REVIEWS), three.read(REVIEWS)))


def test_what_is_read_has_the_shape_of_the_review(reader):
    for review, reading in zip(REVIEWS, reader.read(REVIEWS), strict=True):
        count, pieces = len(review.segments), len(reading.places)
        assert reading.segments.shape == (count, 3)
        assert reading.problems.shape == (count, 4)
        assert reading.answer.shape == (11,)
        assert reading.tags.shape == reading.tones.shape == (pieces, 3)
        assert np.allclose(np.linalg.norm(reading.vectors, axis=1), 1, atol=1e-5)
        assert reading.answer.sum() == pytest.approx(1)
        assert np.allclose(np.exp(reading.tags).sum(axis=1), 1)
        assert (reading.places[:, 0] >= 0).all()
        assert (reading.places[:, 1] <= len(review.text)).all()
        assert (np.diff(reading.places[:, 1]) >= 0).all()


def test_the_rest_of_a_review_is_context_of_a_segment(reader):
    alone, within = reader.read(
        [Review("the phone", [(0, 9)]), Review("the phone. bad bad bad", [(0, 9), (11, 22)])]
    )
    assert not np.allclose(alone.segments[0], within.segments[0])


def test_title_question_and_fields_are_told(reader):
    plain, titled, asked, field = reader.read(
        [
            Review("the phone"),
            Review("the phone", title="bad"),
            Review("the phone", question="why bad?"),
            Review("the phone", fields=[(0, "bad")]),
        ]
    )
    answers = [one.answer.tolist() for one in (plain, titled, asked, field)]
    assert len({tuple(answer) for answer in answers}) == 4


def test_a_long_review_is_read_to_its_end_in_windows(reader):
    text = "the good phone is good. " * 30
    other = text + "bad bad bad"
    one, two = reader.read([Review(text, [(0, 14)]), Review(other, [(0, 14), (len(text), len(other))])])
    assert not np.array_equal(one.review, two.review)
    assert one.places[-1, 1] == len(text.rstrip())
    assert two.places[-1, 1] == len(other)


def test_a_segment_is_read_from_its_own_pieces(reader):
    text = "the good phone is bad"
    [whole] = reader.read([Review(text, [(0, len(text))])])
    [parts] = reader.read([Review(text, [(0, 8), (9, len(text))])])
    assert not np.allclose(parts.vectors[0], parts.vectors[1])
    assert np.array_equal(whole.places, parts.places)


def test_predict_reads_each_text_as_a_whole(reader):
    found = reader.predict(TEXTS, ["en"] * len(TEXTS))
    assert found.shape == (len(TEXTS), 3)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.array_equal(found[5], reader.read([Review(TEXTS[5], lang="en")])[0].review)
    assert reader.predict([], []).shape == (0, 3)


def test_embed_gives_vectors_of_length_one_and_zeros_for_blank_texts(reader):
    found = reader.embed(TEXTS)
    lengths = np.linalg.norm(found, axis=1)
    blank = np.array([not text.strip() for text in TEXTS])
    assert np.allclose(lengths[~blank], 1, atol=1e-5)
    assert not lengths[blank].any()
    assert reader.embed([]).shape == (0, reader.size)
    assert np.array_equal(found[:1], reader.embed(TEXTS[:1]))


def test_a_text_far_longer_than_is_cut_in_one_go_is_read(reader):
    text = "the bad phone " * 2000 + "x" * 21_000
    [reading] = reader.read([Review(text, [(0, 13), (len(text) - 9, len(text))])])
    assert reading.places[-1, 1] == len(text)
    assert np.isfinite(reading.segments).all()


def test_auto_asks_the_accurate_reader_where_the_fast_one_is_unsure(tiny_models, monkeypatch):
    monkeypatch.setenv("EARFUL_MODELS", str(tiny_models))
    auto, fast, accurate = (load_model(name) for name in ("auto", "fast", "accurate"))
    read = [model.read(REVIEWS) for model in (auto, fast, accurate)]
    asked = 0
    for one, first, second in zip(*read, strict=True):
        wanted = second if first.review.max() < auto.threshold else first
        asked += wanted is second
        assert np.array_equal(one.review, wanted.review)
        assert np.array_equal(one.segments, wanted.segments)
        assert np.array_equal(one.tags, wanted.tags)
        # Vectors of one run can be compared: they are all the fast reader's.
        assert np.array_equal(one.vectors, first.vectors)
    assert 0 < asked < len(REVIEWS)
    assert auto.encoder.checksum == fast.checksum != auto.checksum
    assert auto.predict([], []).shape == (0, 3)


def copied(tiny_models, tmp_path, **changes):
    home = tmp_path / "models"
    shutil.copytree(tiny_models, home)
    folder = home / "fast"
    Folder.write(folder, {**Folder.open(folder).config, **changes})
    return folder


def test_a_reader_of_other_pieces_is_refused(tiny_models, tmp_path):
    with pytest.raises(ModelError, match="trained with other pieces"):
        load_model(copied(tiny_models, tmp_path, pieces="0" * 64))


def test_parts_that_do_not_fit_are_refused(tiny_models, tmp_path):
    with pytest.raises(ModelError, match="do not fit"):
        load_model(copied(tiny_models, tmp_path, window=400))


def test_a_graph_that_is_none_is_refused(tiny_models, tmp_path):
    folder = copied(tiny_models, tmp_path)
    (folder / NETWORK).write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="damaged"):
        load_model(folder)
    Folder.write(folder, dict(Folder.open(tiny_models / "fast").config))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_model(folder)


def test_calibration_is_by_head_and_language(tiny_models, tmp_path):
    calibration = {
        "review": {
            "*": {"temperature": 1.0, "bias": [0, 0, 0]},
            "lv": {"temperature": 1.0, "bias": [9, 0, 0]},
        }
    }
    model = load_model(copied(tiny_models, tmp_path, calibration=calibration))
    english, latvian = model.read([Review(TEXTS[0], [(0, 8)], "en"), Review(TEXTS[0], [(0, 8)], "lv")])
    assert latvian.review[0] > 0.9 > english.review[0]
    assert np.array_equal(latvian.segments, english.segments)
