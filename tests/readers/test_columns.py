from __future__ import annotations

import json
import random

import pytest

from earful.errors import InputError
from earful.input_columns import INPUT_COLUMNS
from earful.readers.columns import fold, is_reply, match_names


def _match(*headers: str) -> dict[str, str]:
    return match_names(headers, {}, lambda ours, theirs: None)[0]


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("Review Text", "text"),
        ("review_content", "text"),
        ("ReviewBody", "text"),
        ("VERBATIM", "text"),
        ("Отзыв", "text"),
        ("Комментарий", "text"),
        ("мнение", "text"),
        ("Коментар", "text"),
        ("ревю", "text"),
        ("atsauksme", "text"),
        ("Komentars", "text"),
        ("komentārs", "text"),
        ("What is the main reason for your score?", "text"),
        ("Кāpēc", None),
        ("Kāpēc jūs tā vērtējat?", "text"),
        ("star_rating", "rating"),
        ("Оценка", "rating"),
        ("Рейтинг", "rating"),
        ("vertejums", "rating"),
        ("Zvaigznes", "rating"),
        ("Vērtējums (1-5)", "rating"),
        ("NPS", "nps"),
        ("How likely are you to recommend us to a friend or colleague?", "nps"),
        ("Насколько вероятно, что вы порекомендуете нас друзьям?", "nps"),
        ("Cik liela ir iespējamība, ka ieteiksiet mūs?", "nps"),
        ("Would you recommend us? (0-10)", "nps"),
        ("Would you recommend us?", "recommended"),
        ("Рекомендую", "recommended"),
        ("How satisfied are you with our service today?", "csat"),
        ("Удовлетворённость", "csat"),
        ("How easy was it to get help?", "ces"),
        ("customer effort score", "ces"),
        ("Product Name", "product"),
        ("товар", "product"),
        ("Produkts", "product"),
        ("entity", "product"),
        ("Точка контакта", "touchpoint"),
        ("kanāls", "channel"),
        ("Дата", "created_at"),
        ("Datums", "created_at"),
        ("Review Created (UTC)", "created_at"),
        ("Review Id", "review_id"),
        ("attributes.title", "title"),
        ("Заглавие", "title"),
        ("user.id", "author_id"),
        ("order.id", None),
        ("category", None),
        ("lang", None),
        ("split", None),
    ],
)
def test_header_is_recognised(header, ours):
    assert _match(header) == ({ours: header} if ours else {})


def test_fold_ignores_case_spaces_marks_and_bom():
    assert fold("\ufeffStar_Rating ") == fold("STAR rating") == fold("starRating")
    assert fold("Vērtējums") == fold("vertejums")
    assert fold("ОЦЁНКА") == fold("оценка")


def test_one_column_serves_one_purpose_and_the_better_name_wins():
    found, notes = match_names(["Comment", "Review Text", "entity", "product"], {}, lambda ours, theirs: None)
    assert found == {"text": "Review Text", "product": "product"}
    assert list(map(str, notes)) == [
        "'Comment' could be text too; 'Review Text' was taken; to take it: --map text=Comment"
    ]


def test_order_of_headers_does_not_matter():
    headers = ["score", "stars", "text", "TEXT", "title", "subject", "date", "time", "id", "uuid"]
    expected = _match(*headers)
    for seed in range(20):
        random.Random(seed).shuffle(headers)
        assert _match(*headers) == expected


def test_given_columns_win_and_are_matched_loosely(read):
    outcome = read("Body,Text,stars\nreal,decoy,4\n", config={"columns": {"text": "body", "rating": "STARS"}})
    assert outcome.column("text") == ["real"]
    assert outcome.survey.mapped_by == {"text": "given", "rating": "given"}
    assert outcome.survey.ignored == ["Text"]


def test_given_columns_that_cannot_be(read):
    with pytest.raises(
        InputError, match=r"no column 'bdy' \(did you mean 'body'\?\); allowed: 'body', 'stars'"
    ):
        read("body,stars\na,1\n", config={"columns": {"text": "bdy"}})
    with pytest.raises(InputError, match="both title and text"):
        read("body,stars\na,1\n", config={"columns": {"text": "body", "title": "body"}})


def test_text_by_content(read):
    rows = "".join(
        f"https://x.y/{i},A{i},this is what customer {i} has to say about it,B\n" for i in range(9)
    )
    outcome = read("link,code,blah,kind\n" + rows)
    assert outcome.survey.mapping == {"text": "blah"}
    assert outcome.survey.mapped_by == {"text": "content"}
    assert any("first row was taken as the header" in note for note in outcome.survey.notes)


def test_name_that_belies_its_content_is_not_taken(read):
    rows = "".join(f"fine film {i},PG-13,you must see it,soon\n" for i in range(9))
    outcome = read("text,rating,recommendation,date\n" + rows)
    assert outcome.survey.mapping == {"text": "text"}
    assert sum("is not taken as" in note for note in outcome.survey.notes) == 3


def test_describe_names_every_column_of_theirs(read):
    outcome = read('Review Text,Star Rating,Zodiac\n"Good, yes",5,x\n', "shop.csv")
    lines = outcome.survey.describe()
    assert lines[0].startswith("shop.csv: 1 row, csv, utf-8")
    assert any('text        <- "Review Text"' in line and "by name" in line for line in lines)
    assert any('rating      <- "Star Rating"' in line and "1..5 (recognised)" in line for line in lines)
    assert "  not used: Zodiac" in lines


def test_mapping_follows_our_order_and_survives_json(read):
    outcome = read("rating,title,text,product\n5,t,x,p\n")
    assert list(outcome.survey.mapping) == [name for name in INPUT_COLUMNS if name in outcome.survey.mapping]
    json.dumps(outcome.survey.to_dict())


@pytest.mark.parametrize(
    "header",
    [
        "Your comment",
        "your answer",
        "Your response (optional)",
        "Store comment",
        "Staff comments",
        "Tour response",
    ],
)
def test_what_the_customer_is_asked_for_is_no_reply(header):
    assert not is_reply(header)


@pytest.mark.parametrize(
    "header", ["Our comment", "Owner comment", "Hotel response", "staffAnswer", "Agent comment"]
)
def test_what_the_business_says_is_a_reply(header):
    assert is_reply(header)
