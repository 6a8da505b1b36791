"""Parts in a store elsewhere: there whole or not at all, brought home as they were made."""

import pickle

import boto3
import pyarrow as pa
import pytest

from earful.errors import RunError
from earful.jobs.output import check_begun
from earful.pipeline import Batch
from earful.runs.depot import Depot, SentParts
from earful.runs.parts import Parts, Receipt

PLAN = {"input": "abc", "base": None}


@pytest.fixture
def depot(store, request):
    """A depot of its own for each test."""
    return Depot(f"s3://feedback/{request.node.name}", "s3://feedback/shown")


def batch(first, count):
    rows = list(range(first, first + count))
    return Batch(pa.table({"row": pa.array(rows, pa.int64()), "text": [f"text {row}" for row in rows]}))


def begun(folder, depot):
    parts = Parts(folder, depot=depot)
    parts.start(PLAN)
    return parts


def sent(parts):
    """What makes the parts, as it comes to another machine."""
    return pickle.loads(pickle.dumps(SentParts.of(parts)))


def names(depot):
    there = boto3.client("s3").list_objects_v2(Bucket="feedback", Prefix=depot._root.split("/")[1])
    return sorted(one["Key"].rpartition("/")[2] for one in there.get("Contents", ()))


def change(depot, name, edit):
    client, key = boto3.client("s3"), f"{depot._root.split('/')[1]}/{name}"
    data = client.get_object(Bucket="feedback", Key=key)["Body"].read()
    client.put_object(Bucket="feedback", Key=key, Body=edit(data))


def test_parts_made_elsewhere_are_those_made_here(depot, tmp_path):
    here, away = Parts(tmp_path / "here"), begun(tmp_path / "away", depot)
    here.start(PLAN)
    for number in (1, 0):
        for parts in (here, sent(away)):
            parts.write(number, batch(3 * number, 3), [f'{{"row": {number}}}'])
    assert names(depot) == ["00000000.zip", "00000001.zip", "plan.json"]
    assert not away.receipts()
    assert [away.fetch(part) for part in (0, 1, 0)] == [True] * 3
    assert away.receipts() == here.receipts() == [Receipt(0, 4, 3, 1), Receipt(1, 4, 3, 1)]
    for parts in (here, away):
        parts.merge("reviews")
        parts.merge_rejects()
    for name in ("reviews.parquet", "rejects.jsonl"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "away" / name).read_bytes()
    assert not list(away.folder.glob("*.tmp"))


def test_a_part_that_comes_after_a_look_is_seen(depot, tmp_path):
    parts = begun(tmp_path, depot)
    assert depot.parts() == []
    sent(parts).write(0, batch(0, 2), [])
    packed = depot._read("00000000.zip")
    depot.remove(0)
    assert depot.parts() == []
    # As another machine does, which does not tell this one's file system.
    key = f"{depot._root.split('/')[1]}/00000000.zip"
    boto3.client("s3").put_object(Bucket="feedback", Key=key, Body=packed)
    assert parts.fetch(0)


def test_a_part_may_be_sent_twice(depot, tmp_path):
    parts = begun(tmp_path, depot)
    for _ in range(2):
        sent(parts).write(0, batch(0, 2), [])
    assert parts.fetch(0)
    assert names(depot) == ["00000000.zip", "plan.json"]


DAMAGE = {
    "cut short": lambda data: data[: len(data) // 2],
    "nothing left": lambda data: b"",
    "no archive": lambda data: b"<html>" * 100,
    "another byte": lambda data: data.replace(b"PAR1", b"PAR2", 1),
    "other words": lambda data: data.replace(b'"rows": 2', b'"rows": 3'),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_part_is_not_taken_and_made_anew(how, depot, tmp_path):
    parts = begun(tmp_path, depot)
    for number in (0, 1):
        sent(parts).write(number, batch(2 * number, 2), [])
    change(depot, "00000001.zip", DAMAGE[how])
    assert not parts.fetch(1)
    assert parts.receipt(1) is None
    assert parts.resume(PLAN) == [1]
    assert parts.receipts() == [Receipt(0, 2, 2, 0)]
    assert names(depot) == ["00000000.zip", "plan.json"]
    assert not list(parts.folder.glob("*.tmp"))


def test_a_run_whose_folder_is_lost_goes_on_from_the_depot(depot, tmp_path):
    sent(begun(tmp_path / "lost", depot)).write(0, batch(0, 2), [])
    (tmp_path / "new").mkdir()
    with pytest.raises(RunError, match=r"s3://feedback/shown: holds the parts of an unfinished run"):
        check_begun(tmp_path / "new", False, depot)
    check_begun(tmp_path / "new", True, depot)
    found = Parts(tmp_path / "new", depot=depot)
    with pytest.raises(RunError, match="cannot be resumed: input changed"):
        found.resume({**PLAN, "input": "other"})
    assert found.resume(PLAN) == []
    assert found.receipts() == [Receipt(0, 2, 2, 0)]


def test_a_depot_is_one_runs(depot, tmp_path):
    begun(tmp_path / "one", depot)
    with pytest.raises(RunError, match="holds the parts of another run; choose another --parts"):
        Parts(tmp_path / "other", depot=depot).start({**PLAN, "input": "other"})
    assert sent(begun(tmp_path / "one", depot)).is_planned((tmp_path / "one/parts/plan.json").read_bytes())
    assert not sent(begun(tmp_path / "one", depot)).is_planned(b"{}")


def test_what_else_lies_there_stays(depot, tmp_path, store):
    prefix = depot._root.split("/")[1]
    for name in ("1.zip", "00000001.zip.bak", "notes.txt"):
        store(f"{prefix}/{name}", b"x")
    parts = begun(tmp_path, depot)
    sent(parts).write(0, batch(0, 2), [])
    assert depot.parts() == [0]
    parts.drop()
    assert names(depot) == ["00000001.zip.bak", "1.zip", "notes.txt"]
    parts.drop()
    assert not parts.folder.exists()


def test_names_in_an_archive_are_no_paths(depot, tmp_path):
    parts = begun(tmp_path / "run", depot)
    sent(parts).write(0, batch(0, 2), [])
    change(depot, "00000000.zip", lambda data: data.replace(b"rejects.jsonl", b"../../evil.js"))
    assert not parts.fetch(0)
    assert not list(tmp_path.rglob("evil.js"))


@pytest.mark.parametrize("url", ["s3://nobucket/parts", "nosuch://bucket/parts"])
def test_a_store_that_is_not_there_is_one_line(url, store, tmp_path):
    with pytest.raises(RunError, match="the place: cannot be used") as told:
        Parts(tmp_path, depot=Depot(url, "the place")).start(PLAN)
    assert "\n" not in str(told.value)
