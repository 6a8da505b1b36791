# ruff: noqa: E501
from __future__ import annotations

from collections import Counter

import pytest

from earful.readers.words import choice, fold, is_unanswered, match_scale, word_number


def _worth(signal: str, *cells: str) -> list[int | None]:
    found = match_scale(Counter(map(fold, cells)), signal)
    steps = found[0][1] if found else {}
    return [steps.get(fold(cell)) for cell in cells]


@pytest.mark.parametrize(
    ("signal", "cells"),
    [
        ("csat", "Very dissatisfied|Dissatisfied|Neutral|Satisfied|Very satisfied"),
        ("csat", "Extremely dissatisfied|Somewhat dissatisfied|Neither satisfied nor dissatisfied|"
                 "Somewhat satisfied|Extremely satisfied"),
        ("csat", "Not at all satisfied|Not so satisfied|Somewhat satisfied|Very satisfied|Extremely satisfied"),
        ("csat", "Extremely dissatisfied|Moderately dissatisfied|Slightly dissatisfied|Neither|Slightly satisfied|"
                 "Moderately satisfied|Extremely satisfied"),
        ("csat", "очень недовольна|скорее недовольна|ни довольна, ни недовольна|скорее довольна|очень довольна"),
        ("csat", "Полностью не удовлетворен|Не удовлетворён|Нейтрально|Удовлетворён|Полностью удовлетворён"),
        ("csat", "Много недоволен|По-скоро недоволен|Нито доволен, нито недоволен|По-скоро доволен|Много доволен"),
        ("csat", "Ļoti neapmierināta|Drīzāk neapmierināta|Ne apmierināta, ne neapmierināta|Drīzāk apmierināta|"
                 "Ļoti apmierināta"),
        ("csat", "ļoti neapmierinats|neapmierinats|neitrali|apmierinats|loti apmierinats"),
        ("ces", "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree"),
        ("ces", "Strongly disagree|Disagree|Somewhat disagree|Neutral|Somewhat agree|Agree|Strongly agree"),
        ("ces", "Совершенно не согласен|Скорее не согласен|Ни то ни другое|Скорее согласен|Полностью согласен"),
        ("ces", "Напълно несъгласен|По-скоро несъгласен|Неутрален|По-скоро съгласен|Напълно съгласен"),
        ("ces", "Pilnīgi nepiekrītu|Drīzāk nepiekrītu|Neitrāli|Drīzāk piekrītu|Pilnīgi piekrītu"),
        ("ces", "Very difficult|Difficult|Neither easy nor difficult|Easy|Very easy"),
        ("ces", "Очень сложно|Сложно|Нейтрально|Легко|Очень легко"),
        ("ces", "Много трудно|Трудно|Нито лесно, нито трудно|Лесно|Много лесно"),
        ("ces", "Ļoti grūti|Grūti|Neitrāli|Viegli|Ļoti viegli"),
        ("nps", "Very unlikely|Unlikely|Neutral|Likely|Very likely"),
        ("nps", "Definitely not|Probably not|Not sure|Probably|Definitely"),
        ("nps", "Точно нет|Скорее нет|Может быть|Скорее да|Точно да"),
        ("nps", "Определено не|По-скоро не|Може би|По-скоро да|Определено да"),
        ("nps", "Noteikti nē|Drīzāk nē|Varbūt|Drīzāk jā|Noteikti jā"),
        ("nps", "Detractor|Passive|Promoter"),
        ("nps", "Критики|Нейтралы|Промоутеры"),
        ("rating", "Terrible|Poor|Average|Good|Excellent"),
        ("rating", "Poor|Fair|Good|Very good|Excellent"),
        ("rating", "Ужасно|Плохо|Нормально|Хорошо|Отлично"),
        ("rating", "Много лошо|Лошо|Средно|Добро|Отлично"),
        ("rating", "Ļoti slikti|Slikti|Viduvēji|Labi|Teicami"),
        ("rating", "😡|🙁|😐|🙂|😀"),
        ("csat", "Unhappy|Neutral|Happy"),
        ("csat", "No|Maybe|Yes"),
        ("csat", "Нет|Частично|Да"),
        ("csat", "Bad|Good"),
        ("csat", "👎🏽|👍🏽"),
    ],
)  # fmt: skip
def test_steps_from_worst_to_best(signal, cells):
    steps = cells.split("|")
    assert _worth(signal, *steps) == list(range(len(steps)))


def test_a_misspelt_cell_is_left_out_and_two_scales_may_share_a_column():
    cells = Counter(
        {"very satisfied": 9, "satisfied": 9, "dissatisfied": 5, "easy": 4, "very difficult": 4, "x": 1}
    )
    (first, read), (second, more) = match_scale(cells, "csat")
    assert (first.name, second.name) == ("satisfaction, 5 steps", "ease, 5 steps")
    assert set(read) | set(more) == set(cells) - {"x"}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        *((cell, True) for cell in ("Yes, definitely", "Скорее да", "По-скоро да", "Drīzāk jā", "👍", "Probably")),
        *((cell, False) for cell in ("Definitely not", "Скорее нет", "Никога", "Drīzāk nē", "👎", "don’t recommend")),
        *((cell, "unsure") for cell in ("Maybe", "Может быть", "Може би", "Varbūt", "not sure")),
        ("4", None),
        ("", None),
        ("yes " * 50, None),
    ],
)  # fmt: skip
def test_choices(cell, said):
    assert choice(cell) == said


def test_words_for_nothing_and_numbers():
    assert all(map(is_unanswered, ("Not rated", "Not Offered", "Без оценки", "Няма оценка", "Nav vērtējuma")))
    assert not is_unanswered("Rated")
    assert [word_number(word) for word in ("Five", "ПЯТЬ", "пет", "pieci", "many")] == [5, 5, 5, 5, None]


def _column(read, header: str, cells: list[str], **keywords):
    lines = [f"words of row {number}\t{cell}" for number, cell in enumerate(cells)]
    return read("\n".join([f"text\t{header}", *lines]) + "\n", "a.tsv", **keywords)


def test_words_stand_on_the_scale_that_is_set(read):
    cells = ["Very difficult", "Easy", "Very easy", "Neither", "Difficult", "Easy"]
    outcome = _column(read, "ces", cells, scales={"ces": {"min": 1, "max": 7, "direction": "ease"}})
    assert outcome.column("ces") == [1, 5.5, 7, 4, 2.5, 5.5]
    outcome = _column(read, "ces", cells, scales={"ces": {"min": 1, "max": 7, "direction": "effort"}})
    assert outcome.column("ces") == [7, 2.5, 1, 4, 5.5, 2.5]


def test_likely_to_recommend_is_spread_over_the_question(read):
    outcome = _column(read, "nps", ["Very likely", "Likely", "Neutral", "Unlikely", "Very unlikely"])
    assert outcome.column("nps") == [10, 7.5, 5, 2.5, 0]
    assert outcome.column("nps_max") == [10] * 5


def test_words_at_the_ends_of_a_column_of_numbers(read):
    cells = ["Extremely likely", "9", "8", "7", "6", "3", "Not at all likely", "Likely"]
    outcome = _column(read, "nps", cells)
    assert outcome.column("nps") == [10, 9, 8, 7, 6, 3, 0, None]
    assert any(
        "1 cell of 1 value could not be read" in note and "'Likely' 1" in note
        for note in outcome.survey.notes
    )


def test_no_is_an_answer_beside_yes_and_nothing_without_it(read):
    assert _column(read, "csat", ["Да", "Нет", "Да", "Нет", "Нет"]).column("csat") == [1, 0, 1, 0, 0]
    assert _column(read, "csat", ["5", "нет", "4", "нет", "1"]).column("csat") == [5, None, 4, None, 1]


def test_a_column_of_other_words_is_left_alone(read):
    outcome = _column(read, "rating", ["PG-13", "R", "G", "PG", "NC-17"])
    assert "rating" not in outcome.survey.mapping


def test_recommend_cells_out_of_ten(read):
    outcome = _column(read, "nps", ["9/10", "7/10", "10/10", "0/10", "4/5"])
    assert outcome.column("nps") == [9, 7, 10, 0, None]
    assert outcome.column("nps_min") == [0, 0, 0, 0, None]


@pytest.mark.parametrize(
    ("cells", "answers"),
    [
        (["5-Apr", "5-May", "5-Jan", "5-Mar", "5-Feb"], [4, 5, 1, 3, 2]),
        (["04.май", "05.май", "01.май", "3.май", "2.май"], [4, 5, 1, 3, 2]),
        (["4. Mai", "5. Mai", "1. Mai", "3. Mai", "2. Mai"], [4, 5, 1, 3, 2]),
        (["Oct-4", "Oct-9", "Oct-10", "Oct-3", "Oct-2"], [4, 9, 10, 3, 2]),
        (["2024-05-04", "2024-05-05", "2024-05-01", "2023-05-03", "2024-05-02"], [4, 5, 1, 3, 2]),
        (["5-Apr", "0/5", "5-Jan", "4.5/5", "5-Feb"], [4, 0, 1, 4.5, 2]),
    ],
)
def test_answers_that_became_dates(read, cells, answers):
    outcome = _column(read, "rating", cells)
    assert outcome.column("rating") == answers
    assert set(outcome.column("rating_max")) == {max(5, *answers)}


def test_dates_that_are_no_answers_are_named(read):
    outcome = _column(read, "rating", ["5-Apr", "6-Jul", "17-Jan", "3-Mar", "2-Feb", "9-Oct"])
    assert "rating" not in outcome.survey.mapping
    assert any("they are dates, as a spreadsheet makes of answers" in note for note in outcome.survey.notes)


def test_a_scale_column_may_hold_a_whole_scale(read):
    content = "text,csat,csat scale\n" + "".join(
        f"w,{value}\n" for value in ("4,1-5", "6,1-7", "9,0-10", "3,5")
    )
    outcome = read(content)
    assert [(row["csat_min"], row["csat_max"]) for row in outcome.rows] == [(1, 5), (1, 7), (0, 10), (1, 5)]
