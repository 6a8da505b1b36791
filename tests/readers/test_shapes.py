"""Tables in other clothes: HTML pages, and JSON by columns, by rows and split."""

from __future__ import annotations

import json

import pandas as pd
import pytest

FRAME = pd.DataFrame({"text": ["Great phone", "Broke at once", "Fine"], "rating": [5, 1, 3]})


@pytest.mark.parametrize("orient", ["columns", "index", "split", "records", "table", "values"])
@pytest.mark.parametrize("index", [None, ["a", "b", "c"]])
def test_every_way_in_which_pandas_writes_json(read, orient, index):
    frame = FRAME if index is None else FRAME.set_axis(index)
    content = frame.to_json(orient=orient)
    if orient == "values":
        content = json.dumps([["text", "rating"], *json.loads(content)])
    outcome = read(content, "a.json")
    assert outcome.column("text") == FRAME["text"].tolist()
    assert outcome.column("rating") == [5, 1, 3]


def test_columns_as_lists(read):
    outcome = read(json.dumps(FRAME.to_dict("list")), "a.json")
    assert outcome.column("rating") == [5, 1, 3]


def test_lists_that_are_no_columns(read):
    document = {"reviews": [{"text": "Great"}, {"text": "Bad"}], "tags": ["a", "b"], "pages": 2}
    assert read(json.dumps(document), "a.json").column("text") == ["Great", "Bad"]
    outcome = read(json.dumps({"columns": ["text", "rating"], "data": [["Great", 5], ["Bad"]]}), "a.json")
    assert outcome.column("text") == ["Great"]
    assert "no object" in outcome.rejects[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("name", ["a.xls", "a.html", "export"])
def test_a_page_with_a_table(read, encoding, name):
    page = """<!DOCTYPE html><html><head><style>td {}</style></head><body><table><tr><td>menu</table>
    <table><thead><tr><th>Отзыв<th>Оценка</tr></thead>
    <tr><td>Отличный &amp; быстрый<br>товар</td><td>5</td></tr>
    <tr><td></td><td></td></tr>
    <tr><td rowspan=2>Плохо</td><td>1</td></tr>
    <tr><td>2</td></tr></table>"""
    outcome = read(page.encode(encoding), name)
    assert outcome.survey.format == "html"
    assert outcome.column("text") == ["Отличный & быстрый\nтовар", "Плохо", "Плохо"]
    assert outcome.column("rating") == [5, 1, 2]


def test_words_in_angle_brackets_are_no_page(read):
    assert read("text,rating\n<b>Great</b>,5\n").column("text") == ["<b>Great</b>"]
