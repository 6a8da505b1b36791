"""Hygiene: rows are marked and counted, and none is left out."""

# ruff: noqa: E501

import pandas as pd
import pytest

import earful

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
