"""The rows of each part, read by themselves: every row once, whatever the sizes."""

import pickle

import pytest

from earful.config import InputConfig
from earful.jobs.redaction import KEY, entering, redactor_of
from earful.jobs.slices import FeedSlices
from earful.readers import open_inputs


@pytest.fixture
def file(tmp_path):
    rows = [
        f'"Call me, at\n+371 2000000{i}",{1 + i % 5},a{i}{",x" if i % 4 == 0 else ""}\n' for i in range(10)
    ]
    (tmp_path / "in.csv").write_text("review,stars,author_id\n" + "".join(rows))
    return tmp_path / "in.csv"


@pytest.mark.parametrize("limit", [None, 1, 3, 7, 50])
@pytest.mark.parametrize(("size", "first"), [(3, None), (4, 1), (4, 3), (10, None), (50, 5), (1, 1), (5, 5)])
def test_every_row_once(file, size, first, limit):
    with open_inputs([file]) as feed:
        slices = pickle.loads(pickle.dumps(FeedSlices(feed, None, size, limit, first)))
        (whole,) = feed.batches(50, limit=limit)
        wanted = [row["row"] for row in whole[0].to_pylist()], [one.to_json() for one in whole[1]]
        parts = [slices(part) for part in range(len(slices))]
    found = [row for table, _ in parts for row in table.column("row").to_pylist()]
    assert (found, [line for _, rejects in parts for line in rejects]) == wanted
    rows = [len(table) + len(rejects) for table, rejects in parts]
    n = 10 if limit is None else min(10, limit)
    assert sum(rows) == n
    assert rows[0] == min(n, first or size)
    assert all(count == size for count in rows[1:-1])


@pytest.mark.parametrize("key", [None, "a key of more than sixteen"])
def test_rows_are_masked_where_they_are_read(file, key, monkeypatch):
    monkeypatch.delenv(KEY, raising=False)
    if key:
        monkeypatch.setenv(KEY, key)
    redactor = redactor_of(InputConfig(redact=True))
    with open_inputs([file]) as feed:
        slices = pickle.loads(pickle.dumps(FeedSlices(feed, redactor, 4)))
        monkeypatch.delenv(KEY, raising=False)
        masked = list(entering(feed, feed.batches(4), redactor))
        assert [slices(part)[0] for part in range(len(slices))] == [table for table, _ in masked]
        rejects = [line for part in range(len(slices)) for line in slices(part)[1]]
    assert rejects == [one.to_json() for _, some in masked for one in some]
    assert "2000000" not in str([table.to_pylist() for table, _ in masked]) + "".join(rejects)
