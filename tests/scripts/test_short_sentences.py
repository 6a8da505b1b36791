"""The short sentences that the fit of built-in themes learns from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.encoder.rows import key_of
from scripts.themes.sentences import LANGS, everything, short, written

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place() -> dict[str, int]:
    return {theme.id: at for at, theme in enumerate(everything().themes)}


def test_every_theme_has_some_in_every_language(place):
    there = {(row.lang, row.theme) for row in short(place)}
    assert there >= {(lang, theme) for lang in LANGS for theme in (-1, *place.values())}


def test_none_stands_twice_in_a_language(place):
    keys = [(row.lang, key_of(row.text)) for row in short(place)]
    assert len(keys) == len(set(keys))


def test_none_is_a_sentence_that_is_held_out_or_tested(place):
    taught = {key_of(row.text) for row in short(place)}
    held = {key_of(row.text) for row in written(place) if row.unseen}
    assert held
    tested = set()
    for path in (ROOT / "tests" / "themes" / "data").glob("*.tsv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            tested.add(key_of(line.split("\t")[1]))
    assert len(tested) > 400
    assert not taught & tested
    assert not [text for text in taught & held if len(re.findall(r"\w+", text)) > 2]
