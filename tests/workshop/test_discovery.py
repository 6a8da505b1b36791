from __future__ import annotations

import numpy as np
import pytest

from earful.workshop.discovery import discover
from earful.workshop.terms import content_terms, group_labels

STORIES = {
    "battery": [
        "battery drains",
        "battery life is short",
        "the battery died",
        "charging the battery",
    ],
    "parking": ["no parking space", "parking is expensive", "parking lot full", "could not find parking"],
    "coffee": ["cold coffee", "coffee tastes burnt", "the coffee machine broke", "bitter coffee"],
    "tickets": ["tickets sold out", "ticket price", "buying tickets online", "the ticket office closed"],
}
ENDINGS = ["", " again", " once more", " now", " as always", " here too"]


def texts():
    return [f"{start}{end}" for starts in STORIES.values() for start in starts for end in ENDINGS]


def truth():
    return [name for name, starts in STORIES.items() for _ in starts for _ in ENDINGS]


def found(words, langs=None, **options):
    return discover(words, langs or ["en"] * len(words), **{"most": 8, "least": 3, **options})


def as_sets(words, result):
    groups: dict[int, set[str]] = {}
    for text, group in zip(words, result.group_of.tolist(), strict=True):
        groups.setdefault(group, set()).add(text.lower())
    return {frozenset(members) for number, members in groups.items() if number >= 0}


def test_groups_hold_one_story_each_and_are_named_by_it():
    words = texts()
    result = found(words)
    assert result.groups
    assert result.left_over < 0.5
    for group in result.groups:
        members = np.flatnonzero(result.group_of == group.number)
        stories = [truth()[at] for at in members]
        assert max(map(stories.count, stories)) / len(stories) >= 0.8
        assert group.n == len(stories)
        assert 0 <= group.stability <= 1
        assert set(group.quotes) <= set(words)
        assert len(group.quotes) == len(set(group.quotes)) <= 3
    labels = " ".join(group.label for group in result.groups)
    assert sum(word in labels for word in ("battery", "parking", "coffee", "ticket")) >= 3
    assert [group.n for group in result.groups] == sorted((g.n for g in result.groups), reverse=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_row_order_and_reruns_change_nothing(seed):
    words = texts()
    order = np.random.default_rng(seed).permutation(len(words))
    shuffled = [words[i] for i in order]
    one, other = found(words), found(shuffled)
    assert one.groups == other.groups
    assert np.array_equal(one.group_of[order], other.group_of)
    assert one.left_over == other.left_over


def test_the_same_text_is_in_the_same_group_and_counts_once():
    words = texts()
    copies = words + [text.upper() + "  " for text in words] + words[:10] * 40
    result = found(copies)
    of_text: dict[str, set[int]] = {}
    for text, group in zip(copies, result.group_of.tolist(), strict=True):
        of_text.setdefault(" ".join(text.lower().split()), set()).add(group)
    assert all(len(groups) == 1 for groups in of_text.values())
    assert result.n_copies == len(copies) - len(words)
    assert {frozenset(s.strip() for s in members) for members in as_sets(copies, result)} == as_sets(
        words, found(words)
    )


def test_answers_that_say_nothing_are_left_out():
    words = [*texts(), "n/a", "don't know", "-", "", "не знаю", "nav"]
    result = found(words, ["en"] * len(texts()) + ["en", "en", "en", "en", "ru", "lv"])
    assert result.n_non_answers == 6
    assert (result.group_of[-6:] == -1).all()
    assert result.left_over == found(texts()).left_over


def test_nothing_is_forced_into_a_group():
    strange = ["quasar zymurgy", "obelisk fjord", "syzygy kelp", "vortex plinth"]
    result = found([*texts(), *strange], nearness=0.6)
    assert (result.group_of[-4:] == -1).all()
    assert result.left_over > 0


def test_few_texts_and_wrong_lengths():
    assert found([]).groups == ()
    assert found([]).left_over == 0.0
    assert found(["broken zip"]).left_over == 1.0
    assert found(["broken zip"] * 100).n_copies == 99
    assert found(["!!!", "???", "123"]).groups == ()
    with pytest.raises(ValueError, match="2 texts but 1 languages"):
        discover(["a", "b"], ["en"])


def test_own_vectors_are_taken():
    words = texts()
    corner = {name: number for number, name in enumerate(STORIES)}
    place = dict(zip((text.lower() for text in words), truth(), strict=True))

    def embed(part, langs):
        assert len(part) == len(langs)
        return np.array([[float(corner[place[text]] == k) for k in range(4)] for text in part])

    result = found(words, embed=embed)
    stories = {name: frozenset(text for text in place if place[text] == name) for name in STORIES}
    assert as_sets(words, result) == set(stories.values())
    assert result.left_over == 0


def test_terms_leave_stop_words_out_and_join_inflections():
    assert content_terms("The batteries were not charging", "en")[:2] == ["battery", "charge"]
    assert "посылка" in content_terms("Где мои посылки?", "ru")
    assert content_terms("и на это", "ru") == []
    assert content_terms("battery battery", "en") == ["battery", "battery", "battery battery"]


def test_labels_name_what_others_do_not_have():
    labels = group_labels({0: [["service", "slow"]] * 2, 1: [["service", "rude"]] * 2})
    assert labels[0].startswith("slow")
    assert labels[1].startswith("rude")


def meant(words):
    """Give vectors that say which story a text tells, with a little of the text's own."""
    made = []
    for text in words:
        story = next(
            (at for at, name in enumerate(STORIES) if text.casefold().strip() in STORY_OF[name]), len(STORIES)
        )
        own = np.random.default_rng(len(text)).normal(0, 8, 512)
        made.append(np.random.default_rng(1000 + story).normal(0, 30, 512) + own)
    return np.clip(np.rint(np.array(made)), -127, 127).astype(np.int8)


STORY_OF = {
    name: {f"{start}{end}" for start in starts for end in ENDINGS} for name, starts in STORIES.items()
}


def test_texts_that_mean_the_same_are_put_together_though_their_words_differ():
    words = texts()
    result = found(words, vectors=meant(words), most=4)
    of_story: dict[str, set[int]] = {}
    for story, group in zip(truth(), result.group_of.tolist(), strict=True):
        of_story.setdefault(story, set()).add(group)
    assert sorted(map(len, of_story.values())) == [1, 1, 1, 1]
    assert len(result.groups) == 4
    with pytest.raises(ValueError, match="96 texts but 95 vectors"):
        found(words, vectors=meant(words)[1:])


def test_row_order_and_copies_change_nothing_with_vectors():
    words = texts()
    words += [text.upper() for text in words[::3]] + ["n/a", ""] + words[:7]
    vectors = meant(words)
    order = np.random.default_rng(4).permutation(len(words))
    one = found(words, vectors=vectors)
    other = found([words[i] for i in order], vectors=vectors[order])
    assert one.groups == other.groups
    assert np.array_equal(one.group_of[order], other.group_of)


def test_form_labels_and_feelings_are_no_groups():
    words = texts() + [f"Достоинства: {word}" for word in ("нет", "Нет", "отличный", "супер")] * 5
    langs = ["en"] * len(texts()) + ["ru"] * 20
    result = found(words, langs)
    assert not any("достоинство" in group.label for group in result.groups)
    assert (result.group_of[len(texts()) :] == -1).all()


@pytest.mark.parametrize(
    ("text", "lang"), [("Awful!", "en"), ("Ужасно", "ru"), ("Ужас", "bg"), ("Briesmīgi", "lv")]
)
def test_words_of_mere_feeling_name_nothing(text, lang):
    assert content_terms(text, lang) == []


def test_a_label_before_an_answer_changes_nothing():
    plain, labelled = texts(), [f"Cons: {text}" for text in texts()]
    assert found(plain).group_of.tolist() == found(labelled).group_of.tolist()
    assert [group.label for group in found(plain).groups] == [group.label for group in found(labelled).groups]


def test_a_group_is_named_in_the_main_language():
    words = texts() + [f"battery аккумулятор садится {n}" for n in "абвг"]
    langs = ["en"] * len(texts()) + ["ru"] * 4
    assert all(label.isascii() for label in (group.label for group in found(words, langs).groups))


def test_copies_do_not_move_a_group():
    once = found(texts())
    often = found(texts() + [texts()[0]] * 50)
    assert once.group_of.tolist() == often.group_of.tolist()[: len(texts())] or {
        frozenset(np.flatnonzero(once.group_of == n)) for n in range(len(once.groups))
    } == {frozenset(np.flatnonzero(often.group_of[: len(texts())] == n)) for n in range(len(often.groups))}
