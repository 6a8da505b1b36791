"""Many texts at once are classified to the bit as the library classifies each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.text.classifier import classifier
from earful.text.language import identify, identify_all

TEXTS = [
    "the food was great and the staff were friendly",
    "Очень плохо, никому не советую",
    "Много добър филм",
    "ļoti garšīgi",
    "Das Essen war leider nicht gut",
    "très bon accueil",
    "",
    "1234",
    "𝐀𝐁𝐂 𝐃𝐄𝐅",
    "\ud800 half a pair",
    "обслуживание " * 60,
    "a",
]


@pytest.mark.parametrize("times", [1, 3])
def test_ranks_are_those_of_the_library(times):
    texts = [f"{text} {number}" if number else text for number in range(times) for text in TEXTS]
    assert classifier().rank_all(texts) == [classifier().rank(text) for text in texts]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=80), max_size=30))
def test_a_text_is_told_the_same_in_any_company(texts):
    assert identify_all([*texts, *TEXTS]) == [identify(text) for text in [*texts, *TEXTS]]
