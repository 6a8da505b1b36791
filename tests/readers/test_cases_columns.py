"""Files as programs and people write them, invented: the right columns, header, sheet, parts of a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "cases"
CASES = [json.loads(line) for line in (FOLDER / "columns.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_file_is_read_right(read_all, case):
    outcome = read_all([FOLDER / case["file"]], size=16)
    survey = outcome.survey
    assert {ours: survey.mapping.get(ours) for ours in case["mapping"]} == case["mapping"]
    assert all(survey.mapping.get(ours) != theirs for ours, theirs in case.get("not", {}).items())
    assert list(survey.parts) == case.get("parts", [])
    assert set(case.get("unread", ())) <= set(survey.ignored)
    assert len(outcome.rows) == case["rows"]
    assert len(outcome.rejects) == case.get("rejects", 0)
    assert all(case.get("reasons", "") in reject.reason for reject in outcome.rejects)
    for ours, n in case.get("counts", {}).items():
        assert sum(value is not None for value in outcome.column(ours)) == n, ours
    for row, text in case.get("texts", {}).items():
        assert outcome.rows[int(row)]["text"] == text
    for note in case.get("notes", ()):
        assert any(note in said for said in survey.notes), survey.notes
