"""Which of several columns is taken, by what stands in them; and what is said where it could be another."""

from __future__ import annotations

import random

import pytest

from earful.errors import InputError

WORDS = ["The lid closes well and fast.", "It stopped on day two and sadly so.", "Fine for what it costs me."]


def table(header: str, rows: list[str]) -> str:
    return header + "\n" + "\n".join(rows) + "\n"


def doubts(outcome) -> str:
    return " | ".join(map(str, outcome.survey.doubts))


@pytest.mark.parametrize("header", ["rating,stars", "stars,rating", "оценка,звёзды", "vērtējums,zvaigznes"])
def test_a_filled_column_wins_over_an_empty_one(read, header):
    outcome = read(table(f"text,{header}", [f"{WORDS[i % 3]} {i},,{i % 5 + 1}" for i in range(12)]))
    assert outcome.column("rating") == [i % 5 + 1 for i in range(12)]


def test_what_varies_within_a_product_wins_over_its_average(read):
    rows = [f"Jar {i % 2},{4.4 if i % 2 else 3.9},{i % 5 + 1},{WORDS[i % 3]} {i}" for i in range(40)]
    outcome = read(table("product,rating,score,text", rows))
    assert outcome.survey.mapping["rating"] == "score"
    random.Random(3).shuffle(rows)
    assert read(table("product,rating,score,text", rows)).survey.mapping == outcome.survey.mapping
    alone = read(table("product,rating,text", [row.replace(f",{row.split(',')[2]},", ",") for row in rows]))
    assert "rating" not in alone.survey.mapping
    assert "as a product's average is; it is not taken as rating; to take it: --map rating=rating" in doubts(
        alone
    )


def test_a_reviews_own_column_wins_over_a_bare_one(read):
    rows = [f"{i % 3 + 3},{i % 5 + 1},{WORDS[i % 3]} {i}" for i in range(12)]
    outcome = read(table("rating,review_rating,text", rows))
    assert outcome.survey.mapping["rating"] == "review_rating"
    assert "'rating' could be rating too; 'review_rating' was taken; to take it" in doubts(outcome)


def test_votes_are_no_answers_and_digits_no_words(read):
    rows = [f"{i * 97},{i * 31},{i % 5 + 1},{WORDS[i % 3]} {i}" for i in range(12)]
    outcome = read(table("score,reviews,grade,note", rows))
    assert (outcome.survey.mapping["rating"], outcome.survey.mapping["text"]) == ("grade", "note")
    alone = read(table("score,reviews,blah", [f"{i * 97},{i * 31},{WORDS[i % 3]} {i}" for i in range(12)]))
    assert alone.survey.mapping == {"text": "blah"}
    assert "'score' is not taken as rating: 10 of its 12 numbers are on no scale up to 100" in doubts(alone)
    assert "'reviews' is not taken as text: 12 of its 12 cells are numbers or links" in doubts(alone)


@pytest.mark.parametrize("header", ["name", "place", "название"])
def test_a_name_for_each_row_is_no_product(read, header):
    outcome = read(table(f"{header},text", [f"Ann {i},{WORDS[i % 3]} {i}" for i in range(20)]))
    assert "product" not in outcome.survey.mapping
    assert f"{header!r} is not taken as product" in doubts(outcome)
    places = read(table(f"{header},text", [f"Jar hall {i % 4},{WORDS[i % 3]} {i}" for i in range(20)]))
    assert places.survey.mapping["product"] == header


@pytest.mark.parametrize("header", ["service", "product", "услуга", "prece"])
def test_a_rating_of_its_own_is_no_product(read, header):
    outcome = read(
        table(f"{header},stars,text", [f"{i % 5 + 1},{i % 5 + 1},{WORDS[i % 3]} {i}" for i in range(20)])
    )
    assert "product" not in outcome.survey.mapping
    assert "its cells are answers from 0 to 10" in doubts(outcome)
    ids = read(table("product id,text", [f"{i % 5 + 1},{WORDS[i % 3]} {i}" for i in range(20)]))
    assert ids.survey.mapping["product"] == "product id"


def test_a_name_wins_over_a_number_as_product(read):
    rows = [f"{1000 + i % 2},Jar {i % 2},{WORDS[i % 3]} {i}" for i in range(12)]
    assert read(table("sku,product title,text", rows)).survey.mapping["product"] == "product title"


def test_a_score_is_read_as_the_survey_of_its_row(read):
    kinds, scores = ["NPS", "csat", "5STAR", "CES", "PMF"], ["0", "5", "4", "7", "1"]
    rows = [f"{kinds[i % 5]},{scores[i % 5]},{WORDS[i % 3]} {i}" for i in range(20)]
    outcome = read(table("Survey Type,Score,Comment", rows))
    first = outcome.rows[:5]
    assert [row["nps"] for row in first] == [0, None, None, None, None]
    assert [row["csat"] for row in first] == [None, 5, None, None, None]
    assert [row["rating"] for row in first] == [None, None, 4, None, None]
    assert [row["ces"] for row in first] == [None, None, None, 7, None]
    assert outcome.survey.mapped_by["nps"] == "type"
    assert any("'Survey Type' names in each row" in note for note in outcome.survey.notes)


def test_whole_numbers_to_10_under_a_bare_name_are_doubted(read):
    outcome = read(table("score,text", [f"{i % 11},{WORDS[i % 3]} {i}" for i in range(22)]))
    assert outcome.survey.mapping["rating"] == "score"
    assert "to read it so: --map nps=score" in doubts(outcome)


@pytest.mark.parametrize(
    ("liked", "disliked", "rest"),
    [
        ("pros", "cons", "summary"),
        ("Liked", "Disliked", "date"),
        ("Positive_Review", "Negative_Review", "id"),
        ("Плюсы", "Минусы", "Дата"),
        ("Предимства", "Недостатъци", "Дата"),
        ("Plusi", "Mīnusi", "Datums"),
        ("Vorteile", "Nachteile", "datum"),
    ],
)
def test_praise_and_complaint_become_one_text(read, liked, disliked, rest):
    outcome = read(
        table(f"{rest},{liked},{disliked},stars", [f"1,light {i},heavy {i},{i % 5 + 1}" for i in range(6)])
    )
    first, second = (name.replace("_", " ") for name in (liked, disliked))
    assert outcome.rows[0]["text"] == f"{first}: light 0\n{second}: heavy 0"
    assert list(outcome.survey.parts) == [liked, disliked]


@pytest.mark.parametrize(
    "nothing", ["нет", "Нет недостатков", "No Negative", "n/a", "няма", "nav", "-", "Nothing"]
)
def test_a_field_that_says_nothing_is_left_out(read, nothing):
    rows = [f"light,{nothing},5", f"{nothing},{nothing},4", f"{nothing},{nothing},", "tall,heavy,2"]
    outcome = read(table("pros,cons,stars", rows))
    assert outcome.column("text") == ["pros: light", "", "pros: tall\ncons: heavy"]
    assert [reject.reason for reject in outcome.rejects] == ["no text and no score"]


def test_the_words_of_a_question_are_not_the_customers(read):
    asked = "What do you dislike about the jar?"
    outcome = read(
        table(f"{asked},Comment shop,stars", [f"The lid it has {i},Fine I think {i},4" for i in range(6)])
    )
    row = outcome.rows[0]
    assert row["text"] == f"{asked} The lid it has 0\nComment shop: Fine I think 0"
    names = [
        row["text"][start:end] for start, end in zip(row["fields"][::2], row["fields"][1::2], strict=True)
    ]
    assert names == [f"{asked} ", "Comment shop: "]


def test_texts_that_are_not_read_are_named_with_how_to(read):
    rows = [
        f"{WORDS[i % 3]} {i},Some other words we wrote down {i},Thank you very much for this {i}"
        for i in range(12)
    ]
    outcome = read(table("comment,diary,Owner answer", [row.replace(", ", " ") for row in rows]))
    assert outcome.survey.mapping == {"text": "comment"}
    assert (
        "'diary' holds texts and is not read; to read it too: --map text=comment --map text=diary"
        in doubts(outcome)
    )
    both = read(
        table("comment,diary", ["good jar,a bad day"] * 3), config={"columns": {"text": ["diary", "comment"]}}
    )
    assert both.rows[0]["text"] == "diary: a bad day\ncomment: good jar"


@pytest.mark.parametrize(
    "header",
    ["Developer Reply Text", "owner_answer", "Ответ продавца", "Отговор на търговеца", "reviewReply.comment"],
)
def test_a_reply_is_never_the_text(read, header):
    outcome = read(
        table(
            f"{header},blah",
            [f"Thank you so much for this {i},{WORDS[1]} {i}".replace(", s", " s") for i in range(9)],
        )
    )
    assert outcome.survey.mapping["text"] == "blah"


def test_one_special_score_is_taken_and_of_several_none(read):
    one = read(table("NPS delivery,text", [f"{i % 11},{WORDS[i % 3]} {i}" for i in range(12)]))
    assert one.survey.mapping["nps"] == "NPS delivery"
    two = read(
        table("NPS delivery,NPS store,text", [f"{i % 11},{i % 7},{WORDS[i % 3]} {i}" for i in range(12)])
    )
    assert "nps" not in two.survey.mapping
    assert "to take one: --map 'nps=NPS delivery'" in doubts(two)


def test_a_row_for_each_thing_that_a_line_answers_about(read_all):
    from pathlib import Path

    case = Path(__file__).parent / "cases" / "41-wide-nps-per-touchpoint.csv"
    outcome = read_all([case], config={"per_touchpoint": True}, size=7)
    assert (len(outcome.rows), outcome.rejects) == (120, [])
    assert outcome.survey.mapping == {
        **{"touchpoint": "touchpoint", "created_at": "Date", "text": "Comment", "nps": "NPS"},
    }
    first = [(row["touchpoint"], row["nps"], row["text"].split()[0]) for row in outcome.rows[:3]]
    assert first == [("delivery", 7.0, "Battery"), ("store", 7.0, "Setup"), ("support", 0.0, "Login")]
    assert any(
        "a row for each of 3 things: 'delivery', 'store', 'support'" in n for n in outcome.survey.notes
    )
    plain = read_all([case])
    assert any("--set input.per_touchpoint=true" in note for note in plain.survey.notes)


def test_what_a_line_says_as_a_whole_is_said_once(read):
    content = (
        "id,store_nps,delivery nps,Delivery: comment,Overall comment,stars\n"
        "1,9,3,Came late and wet,Fine on the whole,4\n2,,,,,\n3,10,,,,\n4,,,Never came at all,,\n"
    )
    outcome = read(content, config={"per_touchpoint": True})
    assert outcome.column("touchpoint") == [None, "store", "delivery", "store", "delivery"]
    assert outcome.column("nps") == [None, 9.0, 3.0, 10.0, None]
    assert outcome.column("text") == ["Fine on the whole", "", "Came late and wet", "", "Never came at all"]
    assert outcome.column("rating") == [4.0, None, None, None, None]
    assert outcome.column("review_id") == ["1", "1 store", "1 delivery", "3 store", "4 delivery"]
    assert [reject.record["id"] for reject in outcome.rejects] == ["2"]
    with pytest.raises(InputError, match="no answers about several things"):
        read("id,nps,comment\n1,9,Good\n", config={"per_touchpoint": True})
