"""Near duplicates: found whatever the order, and only where the words are nearly the same."""

# ruff: noqa: E501

import random

from earful.text.near import near_groups

BASE = "The kettle leaks from the base after two weeks and the lid does not close properly any more"


def test_small_changes_are_near():
    texts = [
        BASE, BASE.upper() + "!!!", BASE.replace("two", "three"), "A different matter altogether: the lamp is lovely",
        "Чайник протекает снизу через две недели, крышка не закрывается", "Чайник протекает снизу через две недели, крышка не закрывается совсем",
    ]  # fmt: skip
    assert near_groups(texts) == [[0, 1, 2], [4, 5]]


def test_the_same_template_with_other_words_is_not_near():
    assert near_groups(["I bought the red kettle for my mother and she loves it", "I bought the blue lamp for my office and it broke"]) == []  # fmt: skip
    assert near_groups([]) == []


def test_the_order_changes_nothing():
    rng = random.Random(3)
    words = BASE.split()
    texts = []
    for _ in range(400):
        own = rng.sample(words, len(words)) if rng.random() < 0.7 else list(words)
        if rng.random() < 0.5:
            own[rng.randrange(len(own))] = "kettles"
        texts.append(" ".join(own))
    sets = {frozenset(texts[place] for place in group) for group in near_groups(texts)}
    rng.shuffle(texts)
    assert sets == {frozenset(texts[place] for place in group) for group in near_groups(texts)}
    assert sets
