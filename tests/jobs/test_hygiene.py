"""Hygiene: rows are marked and counted, and none is left out."""

# ruff: noqa: E501

import numpy as np
import pandas as pd
import pytest

import earful
from earful.jobs.hygiene import copies

TEXT = "The kettle leaks from the base after two weeks, and the lid does not close."


@pytest.fixture
def untidy():
    texts = [
        TEXT, TEXT.replace("two", "three"), TEXT.upper(), "Great lamp, warm light and a sturdy foot on the desk.",
        "Отличный звук.\nОтвет продавца: Ужасно жаль, что всё плохо!", "Достоинства: отличный звук\nНедостатки: нет",
        "Недостатки: нет", "Good", "Good", "Good", TEXT,
    ]  # fmt: skip
    times = ["2026-03-01 10:00:05", "2026-03-01 10:00:20", "2026-03-01 10:00:50", "2026-03-02"] + [
        "2026-03-03 09:00:00"
    ] * 7
    authors = ["a", "a", "a", "b", "c", "d", "e", "f", "g", "h", "z"]
    products = ["kettle"] * 10 + ["lamp"]
    return pd.DataFrame(
        {
            "review": texts,
            "product": products,
            "author": authors,
            "date": times,
            "stars": [1, 1, 1, 5, 5, 5, 5, 4, 4, 4, 1],
        }
    )


def test_rows_are_marked_and_kept(untidy):
    run = earful.analyze(untidy)
    reviews = run.reviews
    assert len(reviews) == len(untidy)
    assert reviews["near_duplicate_of"].fillna(-1).tolist() == [-1, 0, 0, *[-1] * 8]
    assert reviews["burst"].tolist() == [True, True, True, None, False, False, False, True, True, True, False]
    assert reviews["aside"].fillna("").tolist() == [""] * 4 + ["reply", "filler"] + [""] * 5
    assert reviews["non_answer"].tolist() == [False] * 6 + [True] + [False] * 4
    rows = run.manifest["rows"]
    assert (rows["near_duplicates"], rows["bursts"], rows["asides"]) == (2, 6, 2)
    assert any("near_duplicate_of" in warning for warning in run.manifest["warnings"])


def test_what_is_set_aside_is_not_scored(untidy):
    segments = earful.analyze(untidy).segments
    own = segments[segments["row"] == 4]
    assert own["end"].max() <= len("Отличный звук.\n")
    assert own["score"].min() > 0


def test_the_batch_size_changes_no_mark(untidy):
    names = ["near_duplicate_of", "burst", "aside", "non_answer"]
    one, other = (earful.analyze(untidy, batch_size=size).reviews[names] for size in (3, 512))
    pd.testing.assert_frame_equal(one, other)


def alike(**columns):
    frame = pd.DataFrame({"row": range(4), "author_id": "a", "created_at": pd.NaT, "rating": 5.0, **columns})
    return copies(frame, {3: 2}, {1: 0, 2: 0}).tolist()


def test_near_copies_count_once_where_all_else_agrees():
    assert alike() == [4, 4, 4, 4]
    assert alike(created_at=pd.to_datetime(["2026-03-01 08:00", "2026-03-01 19:00"] * 2)) == [4, 4, 4, 4]


@pytest.mark.parametrize(
    "column",
    [
        {"author_id": list("abcc")},
        {"author_id": ["a", "b", None, None]},
        {"created_at": pd.to_datetime(["2026-03-01", "2026-03-02", None, None])},
        {"rating": [5.0, 4.0, np.nan, np.nan]},
    ],
)
def test_a_phrase_of_many_counts_for_as_many(column):
    assert alike(**column) == [1, 1, 2, 2]


def test_near_copies_move_the_index_no_more_than_one_review():
    frame = pd.DataFrame(
        {
            "review": [
                f"Review {word} of the lamp: it does what it should." for word in ("one", "two", "six", "ten")
            ]
            + ["It broke on the first day, and nobody answers my letters."],
            "stars": [5, 5, 4, 3, 1],
        }
    )
    campaign = [f"It broke on the first day, and nobody answers my letters{mark}" for mark in "!?;:" * 20]
    stuffed = pd.concat([frame, pd.DataFrame({"review": campaign, "stars": 1})], ignore_index=True)
    frame["author"], stuffed["author"] = list("abcde"), [*"abcde", *"e" * 80]
    one, many = (earful.analyze(f).loyalty.iloc[0] for f in (frame, stuffed))
    assert many["n_reviews"] == 85
    assert many["measured"] == pytest.approx(one["measured"])
    for authors in ({"author": [f"a{i}" for i in range(85)]}, {"author": None}):
        others = earful.analyze(stuffed.assign(**authors)).loyalty.iloc[0]
        assert others["measured"] < many["measured"] - 20
