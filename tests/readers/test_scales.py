from __future__ import annotations

import json
import random

import pytest

from earful.pages.words import retold, speaking
from earful.readers.scales import NumberProfile, recognise, scale_in_header


def _profile(*values: float) -> NumberProfile:
    profile = NumberProfile()
    for value in values:
        profile.add((value, None), None)
    return profile


@pytest.mark.parametrize(
    ("signal", "values", "ends", "how"),
    [
        ("rating", [1, 3, 5], (1, 5), "recognised"),
        ("rating", [0, 3, 5], (0, 5), "recognised"),
        ("rating", [1, 2], (1, 5), "recognised"),
        ("rating", [1, 6], (1, 10), "recognised"),
        ("rating", [0, 10], (0, 10), "recognised"),
        ("rating", [55, 80], (0, 100), "recognised"),
        ("rating", [0.2, 0.9], (0, 1), "recognised"),
        ("rating", [0, 1, 1], (0, 1), "recognised"),
        ("rating", [1, 1, 1], (1, 5), "recognised"),
        ("rating", [0.5, 3.5, 5], (0.5, 5), "recognised"),
        ("rating", [0.3, 3.5, 5], (0, 5), "recognised"),
        ("rating", [10, 30, 50, 40, 50], (10, 50), "recognised"),
        ("rating", [10, 30, 50, 45, 90], (0, 100), "recognised"),
        ("rating", [10, 30, 50, 42, 50], (0, 100), "recognised"),
        ("rating", [], (1, 5), "default"),
        ("rating", [500, 900], (1, 5), "default"),
        ("rating", [5] * 200 + [55], (1, 5), "recognised"),
        ("rating", [5] * 50 + [55], (0, 100), "recognised"),
        ("rating", [1] * 500 + [6], (1, 10), "recognised"),
        # A code for no answer is not the best of a scale, however few the rows; 99 of 100 still is an answer.
        ("rating", [1, 2, 3, 4, 5, 99], (1, 5), "recognised"),
        ("rating", [0, 2, 3, 4, 5, 99, 98, 99], (0, 5), "recognised"),
        ("rating", [1, 2, 3, 4, 9, 88], (1, 10), "recognised"),
        ("rating", [1, 2, 3, 4, 5, 999], (1, 5), "recognised"),
        ("rating", [0, 1, 0, 1, 1, 99], (0, 1), "recognised"),
        ("csat", [1, 2, 3, 4, 7, 77, 99], (1, 7), "recognised"),
        ("rating", [1, 2, 3, 4, 5, 60, 99], (0, 100), "recognised"),
        ("rating", [5, 7, 98, 99], (0, 100), "recognised"),
        ("nps", [1, 5], (0, 10), "default"),
        ("csat", [4, 5], (1, 5), "recognised"),
        ("csat", [4, 7], (1, 7), "recognised"),
        ("csat", [4, 9], (1, 10), "recognised"),
        ("ces", [2, 7], (1, 7), "recognised"),
        ("ces", [2, 5], (1, 5), "recognised"),
        ("ces", [], (1, 7), "default"),
    ],
)
def test_scale_by_range(signal, values, ends, how):
    scale = recognise(signal, _profile(*values))
    assert (scale.min, scale.max, scale.how) == (*ends, how)


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("Rating (0-10)", (0, 10)),
        ("rate us 1 to 5", (1, 5)),
        ("Оценка от 1 до 10", (1, 10)),
        ("Vērtējums (1–5)", (1, 5)),
        ("Novērtējiet no 1 līdz 7", (1, 7)),
        ("score 1..5", (1, 5)),
        ("On a scale from 1 to 10, how satisfied are you?", (1, 10)),
        ("От 0 до 10, насколько", (0, 10)),
        ("1-5. How was it", (1, 5)),
        ("weight 1-10.5 kg", None),
        ("stars out of 5", (None, 5)),
        ("score/100", (None, 100)),
        ("5-point satisfaction", (None, 5)),
        ("rating", None),
        ("rating 2019-20", None),
        ("rating 1-2", None),
    ],
)
def test_scale_in_header(header, scale):
    assert scale_in_header(header) == scale


def test_configured_scale_wins_and_outsiders_are_no_answer(read):
    content = "text,rating,rating_max\na,5,10\nb,12,20\nc,4/5,10\nd,9/10,10\n,12,\n"
    outcome = read(content, scales={"rating": (1, 10)})
    assert [(row["rating"], row["rating_min"], row["rating_max"]) for row in outcome.rows] == [
        (5, 1, 10),
        (None, None, None),
        (None, None, None),
        (9, 1, 10),
    ]
    assert [reject.row for reject in outcome.rejects] == [4]
    assert "outside the scale 1..10" in outcome.rejects[0].reason
    assert outcome.survey.scales["rating"].how == "configured"
    assert (
        "'rating': 3 cells off the scale 1..10 count as no answer: '12' 1, '12/20' 1, '4/5' 1; "
        "set scales.rating if it is another" in outcome.survey.notes
    )


def test_companion_column_sets_the_scale_row_by_row(read):
    lines = [
        {"text": "a", "rating": 3, "rating_max": 5},
        {"text": "b", "rating": 7, "rating_max": 10},
        {"text": "c", "rating": 0, "rating_max": 10},
        {"text": "d", "rating": 6, "rating_max": 5},
        {"text": "e", "rating_max": 5},
        {"text": "f", "rating": 2},
        {"text": "g", "rating": 50, "rating_max": 100, "rating_min": 20},
    ]
    outcome = read("".join(json.dumps(line) + "\n" for line in lines), "a.jsonl")
    scales = {row["text"]: (row["rating"], row["rating_min"], row["rating_max"]) for row in outcome.rows}
    assert scales == {
        "a": (3, 1, 5),
        "b": (7, 0, 10),
        "c": (0, 0, 10),
        "d": (None, None, None),
        "e": (None, None, None),
        "f": (2, 1, 5),
        "g": (50, 20, 100),
    }
    assert not outcome.rejects
    assert any(
        "'rating': 1 cell off the scale" in note and "'6/5' 1" in note for note in outcome.survey.notes
    )
    assert outcome.survey.scales["rating"].by_row == "rating_max"
    assert "rating_max" not in outcome.survey.ignored
    assert any("mixes scales" in note for note in outcome.survey.notes)


def test_cells_state_their_scale(read):
    outcome = read("text,rating\na,4/5\nb,8/10\nc,80%\nd,★★★★☆\ne,3\n")
    assert outcome.column("rating_max") == [5, 10, 100, 5, 5]
    assert outcome.column("rating") == [4, 8, 80, 4, 3]


def test_nps_outside_its_scale_is_no_answer(read):
    outcome = read("nps,comment\n10,a\n0,b\n11,c\n-1,d\n,e\n11,\n")
    assert outcome.column("nps") == [10, 0, None, None, None]
    assert [r.line for r in outcome.rejects] == [7]
    assert outcome.column("nps_min") == [0, 0, None, None, None]
    assert any("3 cells off the scale 0..10" in note for note in outcome.survey.notes)


def test_nps_one_to_ten_by_header_and_by_config(read):
    assert read("NPS (1-10),text\n0,a\n5,b\n").column("nps_min") == [None, 1]
    outcome = read("nps,text\n0,a\n5,b\n", scales={"nps": {"min": 1}})
    assert outcome.column("nps_min") == [None, 1]
    assert outcome.survey.scales["nps"].how == "configured"


def test_value_that_is_no_number_is_counted_and_its_words_are_kept(read):
    outcome = read("text,stars\na,5\nb,lots\n,lots\n")
    assert outcome.column("text") == ["a", "b"]
    assert outcome.column("rating") == [5, None]
    assert [(r.line, r.reason) for r in outcome.rejects] == [
        (4, "rating: column 'stars': 'lots' is not a number")
    ]
    note = "'stars': 2 cells of 1 value could not be read and count as no answer: 'lots' 2"
    assert note in outcome.survey.notes


def test_scale_does_not_depend_on_the_order_of_rows(read):
    values = [1] * 40 + [3, 9, 0, 10]
    seen = set()
    for seed in range(3):
        random.Random(seed).shuffle(values)
        outcome = read("text,rating\n" + "".join(f"w,{value}\n" for value in values))
        seen.add(str(outcome.survey.scales["rating"]))
    assert seen == {"0..10 (recognised)"}


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("99", "1 cell off the scale 1..5 counts as no answer: '99' 1"),
        ("9", "only 1 of 20 values in 'rating' is above 5; the scale was taken as 1..10"),
        ("55", "only 1 of 20 values in 'rating' is above 10; the scale was taken as 0..100"),
    ],
)
def test_one_odd_score_makes_no_scale_in_silence(read, odd, said):
    rows = "".join(f"Fine lamp {row},{1 + row % 5}\n" for row in range(19))
    outcome = read(f"text,rating\n{rows}Odd one,{odd}\n")
    assert len(outcome.rows) == 20
    assert any(said in note for note in outcome.survey.notes), outcome.survey.notes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "text,stars\na,5\nb,lots\n",
            "1 cell of 1 value could not be read and counts as no answer: 'lots' 1",
        ),
        ("text,stars\na,5\nb,lots\nc,lots\n", "2 cells of 1 value could not be read and count as no answer"),
        ("nps,text\n10,a\n0,b\n11,c\n", "1 cell off the scale 0..10 counts as no answer"),
        ("nps,text\n10,a\n0,b\n11,c\n-1,d\n", "2 cells off the scale 0..10 count as no answer"),
        ("text,rating\na,4/5\nb,8/10\nc,3\n", "mixes scales"),
    ],
)
def test_a_note_agrees_with_its_number_and_is_known_in_every_language(read, text, told):
    (note,) = (note for note in read(text).survey.notes if told in note)
    for language in ("ru", "bg", "lv"):
        with speaking(language):
            assert retold(note)[1]
            assert "answer" not in retold(note)[0]
