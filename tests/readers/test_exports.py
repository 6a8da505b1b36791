"""Each known export by a small file of its own kind, written for the test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from earful.errors import InputError
from earful.input_columns import INPUT_COLUMNS
from earful.readers.exports import exports, find_export

FOLDER = Path(__file__).parent / "exports"
CASES = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_export_is_recognised_and_read(read_all, case):
    outcome = read_all([FOLDER / case["file"]])
    survey = outcome.survey
    assert f"by export {case['export']!r}" in survey.export
    assert {ours: survey.mapping.get(ours) for ours in case["mapping"]} == case["mapping"]
    assert list(survey.parts) == case.get("parts", [])
    assert len(outcome.rows) == case.get("n", 3)
    assert len(outcome.rejects) == case.get("rejects", 0)
    for ours in case["mapping"]:
        empty = sum(value is None for value in outcome.column(ours))
        # A headline on its own is the text.
        assert empty == case.get("null", {}).get(ours, 0) or ours == "title", ours
    assert all(outcome.column("text"))
    answered = ("onderful", "errible", "жаль")
    assert not any(word in text for text in outcome.column("text") for word in answered)
    assert outcome.column("review_id") == case.get("ids", outcome.column("review_id"))
    assert outcome.rows[0]["text"] == case.get("text", outcome.rows[0]["text"])


def test_every_export_has_a_fixture_and_maps_to_columns_of_ours():
    assert {case["export"] for case in CASES} == set(exports())
    for export in exports().values():
        assert set(export.columns) <= set(INPUT_COLUMNS), export.name
        assert export.requires, export.name


def test_no_file_of_one_export_is_taken_for_another(read_all):
    for case in CASES:
        names = [*read_all([FOLDER / case["file"]]).survey.mapping.values()]
        found = find_export(names)
        assert found is None or found[0].name == case["export"], case["file"]


@pytest.mark.parametrize("header", ["timestamp,text,rating", "date,review,rating", "id,text,stars"])
def test_a_plain_table_is_no_export(read, header):
    assert read(f"{header}\n2024-01-01,a good jar,3\n").survey.export == ""


def test_an_export_can_be_forced_and_is_refused_where_nothing_of_it_is_there(read):
    content = "stars,text,overall\n5,good jar,1\n4,bad jar,2\n"
    survey = read(content, config={"format": "yelp"}).survey
    assert (survey.format, survey.mapping["rating"], survey.mapped_by["rating"]) == ("csv", "stars", "export")
    assert survey.export.endswith("as given")
    with pytest.raises(InputError, match="has none of the columns of export 'steam'"):
        read("a,b\n1,good jar\n", config={"format": "steam"})
    with pytest.raises(InputError, match="did you mean 'yelp'"):
        read(content, config={"format": "yelpp"})
