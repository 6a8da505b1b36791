from __future__ import annotations

import json
import pickle
import random

import pytest

from earful import schema
from earful.readers import open_inputs

ROWS = [
    {
        "text": f"words {i}",
        "title": "t" if i % 3 else None,
        "rating": i % 7,
        "nps": "x" if i % 11 == 0 else i % 10,
    }
    for i in range(60)
]


@pytest.fixture
def inputs(tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.csv"
    first.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "broken\n")
    second.write_text("text,rating\n" + "".join(f"line {i},{i % 5 + 1}\n" for i in range(20)) + "a,b,c\n")
    return [first, second]


def _all(feed, size, **keywords):
    rows, rejects, sizes = [], [], []
    for table, refused in feed.batches(size, **keywords):
        assert table.schema.equals(schema.INPUT, check_metadata=True)
        rows += table.to_pylist()
        rejects += [reject.to_json() for reject in refused]
        sizes.append(table.num_rows + len(refused))
    return rows, rejects, sizes


def test_batch_size_changes_nothing(inputs):
    feed = open_inputs(inputs)
    assert feed.n_rows == 82
    rows, rejects, sizes = _all(feed, 512)
    assert sizes == [82]
    assert len(rejects) == 2
    for size in (1, 7, 41, 60):
        again = _all(feed, size)
        assert again[:2] == (rows, rejects)
        assert set(again[2][:-1]) <= {size}
    for first, sizes in ((5, [5, 30, 30, 17]), (50, [50, 30, 2]), (100, [82])):
        again = _all(feed, 30, first=first)
        assert again == (rows, rejects, sizes)


def test_batches_cover_fixed_rows(inputs):
    feed = open_inputs(inputs)
    rows = _all(feed, 10)[0]
    for number in range(9):
        (table, refused), *rest = feed.batches(10, start_row=10 * number, limit=10)
        assert rest == []
        seen = [*table.column("row").to_pylist(), *(reject.row for reject in refused)]
        assert sorted(seen) == list(range(10 * number, min(10 * number + 10, 82)))
        assert table.to_pylist() == [row for row in rows if row["row"] // 10 == number]


def test_start_and_limit(inputs):
    feed = open_inputs(inputs)
    assert list(feed.batches(5, start_row=82)) == []
    assert list(feed.batches(5, limit=0)) == []
    assert _all(feed, 4, start_row=58, limit=6)[2] == [4, 2]
    with pytest.raises(ValueError, match="size must be"):
        next(feed.batches(0))


def test_rows_do_not_depend_on_their_order(tmp_path, read):
    def content(rows):
        return "".join(json.dumps(row) + "\n" for row in rows)

    def told(outcome):
        return sorted(
            json.dumps({k: v for k, v in row.items() if k != "row"}, default=str) for row in outcome.rows
        )

    expected = read(content(ROWS), "a.jsonl")
    for seed in range(3):
        rows = ROWS.copy()
        random.Random(seed).shuffle(rows)
        shuffled = read(content(rows), "a.jsonl")
        assert told(shuffled) == told(expected)
        assert shuffled.survey == expected.survey
        assert shuffled.feed.fingerprint != expected.feed.fingerprint


def test_fingerprint_is_of_the_content(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("text\nhello\n")
    assert open_inputs([tmp_path / "a.csv"]).fingerprint == open_inputs([tmp_path / "b.csv"]).fingerprint
    (tmp_path / "b.csv").write_text("text\nhallo\n")
    assert open_inputs([tmp_path / "a.csv"]).fingerprint != open_inputs([tmp_path / "b.csv"]).fingerprint


def test_row_without_words_or_score_is_rejected(read):
    outcome = read("text,title,rating,recommended\n,,5,\n,,,yes\n,Head,,\n , ,n/a,\nn/a,,,\n")
    assert outcome.column("text") == ["", "", "Head", "n/a"]
    assert outcome.column("title") == [None] * 4
    assert [(r.row, r.reason) for r in outcome.rejects] == [(3, "no text and no score")]


def test_text_is_as_received(read):
    text = "  <b>Caf\u0065\u0301</b> &amp; \u200bmore\t"
    assert read(json.dumps({"text": text}) + "\n", "a.jsonl").column("text") == [text]


def test_ids_are_stable_strings(read):
    outcome = read("review_id,text,rating\n007,a,5\n,b,1\n,b,1\n,b,2\n1.03E+13,c,3\n")
    ids = outcome.column("review_id")
    assert ids[0] == "007"
    assert ids[1] == ids[2] != ids[3]
    assert ids[1].startswith("h")
    assert len(ids[1]) == 17
    assert any("1.03E+13" in note for note in outcome.survey.notes)
    moved = read("rating,junk,text\n1,x,b\n", "other.csv")
    assert moved.column("review_id") == [ids[1]]


def test_feed_can_be_sent_to_another_process(inputs):
    feed = open_inputs(inputs)
    assert _all(pickle.loads(pickle.dumps(feed)), 9) == _all(feed, 9)


def test_file_without_rows_beside_one_with(tmp_path):
    (tmp_path / "a.csv").write_text("text\n")
    (tmp_path / "b.csv").write_text("text\nhello\n")
    feed = open_inputs([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert [survey.n_rows for survey in feed.surveys] == [0, 1]
    assert feed.surveys[0].notes == ["holds a header and no rows"]
