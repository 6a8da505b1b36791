"""Sentiment alone: one row out for each row in."""

import json

import pandas as pd
import pytest

import earful
from earful.errors import InputError
from earful.jobs.score import score_file


def test_one_row_per_text_in_the_same_order():
    texts = ["I love it", None, "Ужасное обслуживание", "", "Lieliska apkalpošana", "   "]
    scored = earful.score(texts)
    assert scored["row"].tolist() == list(range(6))
    assert scored["sentiment"].isna().tolist() == [False, True, False, True, False, True]
    assert scored.loc[[0, 4], "score"].min() > 0 > scored.loc[2, "score"]


def test_what_is_typed_in_latin_letters_scores_as_in_cyrillic():
    meant = ["Ужасное качество, сломалось сразу", "Много добър продукт но доставката се забави"]
    typed = ["Uzhasnoe kachestvo, slomalos srazu", "Mnogo dobar produkt no dostavkata se zabavi"]
    columns = ["sentiment", "score", "p_negative", "p_neutral", "p_positive"]
    scored = earful.score([*meant, *typed])[columns]
    pd.testing.assert_frame_equal(scored[2:].reset_index(drop=True), scored[:2])
    assert scored["sentiment"][0] == "negative"


def test_no_texts_give_no_rows():
    assert earful.score([]).empty


@pytest.mark.parametrize("texts", ["one string", [1], [b"bytes"]])
def test_something_else_than_strings_is_refused(texts):
    with pytest.raises(TypeError, match="string"):
        earful.score(texts)


def test_a_text_scores_the_same_alone_and_among_others():
    texts = [f"The zip broke on day {day}, and support was kind." for day in range(600)]
    together = earful.score(texts)
    alone = earful.score([texts[567]])
    assert together.loc[567, "p_negative"] == alone.loc[0, "p_negative"]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_files_keep_every_row_in_its_place(tmp_path, ending):
    source = tmp_path / "in.csv"
    source.write_text("review,stars\nGreat,5\n,eleven\n=cmd(),1\n", encoding="utf-8")
    target = score_file(source, tmp_path / f"out.{ending}")
    read = {
        "parquet": pd.read_parquet,
        "csv": pd.read_csv,
        "jsonl": lambda path: pd.read_json(path, lines=True),
    }
    scored = read[ending](target)
    assert scored["row"].tolist() == [0, 1, 2]
    assert scored["rejected"].isna().tolist() == [True, False, True]
    assert scored["text"].tolist()[2] == ("'=cmd()" if ending == "csv" else "=cmd()")


def test_jsonl_is_one_object_a_line(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("review\nGreat\n", encoding="utf-8")
    (line,) = score_file(source, tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["sentiment"] == "positive"


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.parquet, \.csv, \.jsonl"):
        score_file(tmp_path / "in.csv", tmp_path / "out.xml")


def test_a_series_keeps_its_index():
    frame = pd.DataFrame({"text": ["Great phone, love it", "Awful, broke in a day", None]})
    part = frame.iloc[1:]
    scored = part.assign(sentiment=earful.score(part["text"])["sentiment"])
    assert scored["sentiment"].tolist()[0] == "negative"
    assert earful.tag(part["text"]).index.tolist() == [1, 2]
    assert earful.score(part["text"].tolist()).index.tolist() == [0, 1]
    for function in (earful.score, earful.tag):
        with pytest.raises(TypeError, match="got a dict"):
            function({"text": ["a"]})


def test_a_frame_is_read_where_its_text_can_be_told():
    frame = pd.DataFrame(
        {"stars": [5, 1, 3, 2], "Comment": ["Great phone, love it", "Awful, broke in a day", None, "Bad"]},
        index=list("wxyz"),
    )
    scored = earful.score(frame.iloc[1:])
    assert scored.index.tolist() == list("xyz")
    assert scored["row"].tolist() == [0, 1, 2]
    assert scored["sentiment"].tolist()[:1] == ["negative"]
    assert scored["sentiment"].isna().tolist() == [False, True, False]
    pd.testing.assert_frame_equal(scored, earful.score(frame["Comment"].iloc[1:]))
    # One column of words is the text, by whatever name; a title is read with it.
    assert earful.score(pd.DataFrame({"a": ["Great"]}))["sentiment"].tolist() == ["positive"]
    tagged = earful.tag(pd.DataFrame({"title": ["Late parcel", "x"], "text": ["Hm.", "y"], "k": [1, 2]}))
    assert tagged["themes"].tolist() == [["delivery.speed"], []]
    assert len(earful.score(frame.iloc[:0])) == 0


def test_a_frame_whose_text_cannot_be_told_is_refused_in_one_line():
    frame = pd.DataFrame({"city": ["Riga", "Sofia"], "code": ["a1", "b2"], "rating": [1, 5]})
    for function in (earful.score, earful.tag):
        with pytest.raises(InputError, match=r"DataFrame: .*city, code; give the column: frame\[name\]"):
            function(frame)
        with pytest.raises(InputError, match="DataFrame"):
            function(pd.DataFrame({"rating": [1, 5]}))
