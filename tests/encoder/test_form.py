"""A review as one line: the form that the training used, and the way between letters."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earful.encoder.form import PREFIX, Review, _read, faiths, line_of, plain, told


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab |\n\r\t\u00a0\u200b\u2028\x85\x1cя.?…@", max_size=14))
def test_every_letter_knows_where_it_stood(text):
    line, origins = _read(text)
    assert len(origins) == len(line)
    assert (np.diff(origins) >= 0).all()
    for letter, place in zip(line, origins, strict=True):
        assert letter in " |" or text[place] == letter or (letter, text[place]) == (".", "…")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Late again @airline https://t.co/Ab1 thanks", "Late again thanks"),
        ("www.shop.example/a?b=1 Купила тут", "Купила тут"),
        ("see pic.twitter.com/xx01", "see"),
        ("write to me@mail.example or 5.5/10 and/or ok", "write to me@mail.example or 5.5/10 and/or ok"),
        ("Well... fine…", "Well. fine."),
        ("Great!.. Why?…", "Great! Why?"),
        ("NEVER AGAIN, the IBAN was fine", "never again, the IBAN was fine"),
        ("НИКОГДА БОЛЬШЕ! Банк ВТБ", "никогда больше! Банк ВТБ"),
        ("ĻOTI LABI APKALPOJA", "ļoti labi apkalpoja"),
        ("İSTANBUL İSTANBUL", "İstanbul İstanbul"),
        ("Our Jewish guide and two muslims", "Our Christian guide and two Christians"),
        ("Католичка сказала мусульманину", "Христианка сказала христианину"),
        ("съседът е будист, аз съм православен", "съседът е христианин, аз съм христианин"),
        ("Viņa ir musulmaniete, viņš katolis", "Viņa ir kristiete, viņš kristietis"),
        ("@airline", ""),
    ],
)
def test_what_says_nothing_is_not_read(text, read):
    assert plain(text) == read
    assert plain(read) == read
    assert len(_read(text)[1]) == len(read)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ([("", "Fine.")], "Fine."),
        ([("title", "Too small"), ("", "I hoped\nfor more.")], "title: Too small | I hoped | for more."),
        ([("Достоинства:", "нет"), ("Недостатки", " очереди ")], "Достоинства: нет | Недостатки: очереди"),
        ([("What could we improve?", "The queues.")], "What could we improve? | The queues."),
        ([("title", ""), ("Pros", "\n"), ("Cons", "slow")], "Cons: slow"),
        ([], ""),
    ],
)  # fmt: skip
def test_parts_are_told_by_their_names(parts, line):
    found = line_of(parts)
    assert found.text == PREFIX + line
    assert [found.text[a:b] for a, b in found.spans] == [plain(text) for _, text in parts if plain(text)]


REVIEW = Review(
    "slow\nvery  slow bad \n fine",
    title="Hm",
    fields=[(5, "What could we improve?"), (16, "Cons"), (22, "Rest")],
    question="Why?",
)


def test_stretches_of_the_text_are_found_in_the_line_and_back():
    found = told(REVIEW)
    assert found.line == (
        "query: title: Hm | Why? | slow | What could we improve? | very slow | Cons: bad | Rest: fine"
    )
    spans = np.array([(0, 4), (5, 15), (16, 19), (22, 26)])
    lines = found.in_line(spans)
    assert [found.line[a:b] for a, b in lines] == ["slow", "very slow", "bad", "fine"]
    assert found.in_text(lines).tolist() == spans.tolist()


def test_what_is_no_part_of_the_text_is_nowhere_in_it():
    found = told(REVIEW)
    title = found.line.index("title")
    assert found.in_text(np.array([(title, title + 5)])).tolist() == [[0, 0]]
    empty = told(Review("", title="Only a title"))
    assert empty.line == "query: title: Only a title"
    assert empty.in_line(np.array([(0, 0)])).tolist() == [[0, 0]]


def test_a_question_is_asked_of_words_that_no_field_names():
    assert told(Review("bad", question="Why?")).line == "query: Why? | bad"
    assert told(Review("bad", fields=[(0, "Cons")], question="Why?")).line == "query: Cons: bad"


@pytest.mark.parametrize("lang", ["en", "ru", "bg", "lv"])
def test_which_faith_somebody_has_is_not_read(lang):
    path = Path(__file__).parents[1] / "sentiment" / "swaps.toml"
    told_of = tomllib.loads(path.read_text(encoding="utf-8"))[lang]
    sentences = [one for one in told_of["sentences"] if "{faith}" in one]
    assert sentences
    for sentence in sentences:
        assert len({plain(sentence.replace("{faith}", word)) for word in told_of["lists"]["faith"]}) == 1


def test_a_term_that_ends_with_a_word_of_faith_ends_where_it_does():
    text = "The young Muslim, so kind"
    found = told(Review(text))
    begin = found.line.index("young Christian")
    (span,) = found.in_text(np.array([[begin, begin + len("young Christian")]]))
    assert text[span[0] : span[1]] == "young Muslim"


def test_no_word_of_faith_is_read_as_another_that_is_read_otherwise():
    known = faiths()
    assert all(known.get(by.lower(), by) == by for by in known.values())


def test_a_title_in_which_one_handle_hides_another_moves_no_letter():
    found = told(Review("Fine bread", title="@u@l"))
    assert "".join(found.line[place] for place in found.places) == "Fine bread"
