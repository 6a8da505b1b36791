"""Folders of Parquet as one table, and what lies in a store elsewhere."""

import pickle
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.errors import InputError
from earful.readers import open_inputs


def rows_of(inputs, **options):
    with open_inputs(inputs if isinstance(inputs, list) else [inputs], **options) as feed:
        return feed, [row for table, _ in feed.batches(5) for row in table.to_pylist()]


def frame(start, n=4, **more):
    texts, stars = [f"Text number {start + i} is good" for i in range(n)], [1 + i % 5 for i in range(n)]
    return pd.DataFrame({"review": texts, "stars": stars, **more})


@pytest.fixture
def lake(tmp_path):
    """A folder as engines write it: partitions in paths, marks beside the files, a column that came later."""
    root = tmp_path / "lake"
    for number, land in enumerate(["LV", "BG", "__HIVE_DEFAULT_PARTITION__", "a b"]):
        part = root / f"country={quote(land)}"
        part.mkdir(parents=True)
        more = {"channel": ["web"] * 4} if number else {}
        pq.write_table(pa.Table.from_pandas(frame(10 * number, **more)), part / f"part-{number}.parquet")
    (root / "_SUCCESS").touch()
    (root / ".part-0.parquet.crc").write_bytes(b"x")
    (root / "country=LV" / "_temporary.parquet").write_bytes(b"half")
    return root


def test_a_folder_is_one_source(lake):
    feed, rows = rows_of(lake, cuts={"country": "country"})
    assert [survey.n_rows for survey in feed.surveys] == [16]
    assert [row["country"] for row in rows] == ["BG"] * 4 + ["LV"] * 4 + [None] * 4 + ["a b"] * 4
    assert [row["channel"] for row in rows] == ["web"] * 4 + [None] * 4 + ["web"] * 8
    assert {row["source"] for row in rows} == {"lake"}
    assert feed.surveys[0].format == "parquet"


def test_the_same_rows_give_the_same_fingerprint(lake):
    before = rows_of(lake)[0].fingerprint
    assert rows_of(str(lake) + "/")[0].fingerprint == before
    (lake / "country=LV").rename(lake / "country=EE")
    assert rows_of(lake)[0].fingerprint != before


def test_other_files_are_named(lake):
    (lake / "more.csv").write_text("review\nx\n")
    assert "1 other file is not read: more.csv" in rows_of(lake)[0].surveys[0].notes


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ("_delta_log/00000.json", "a Delta table"),
        (".hoodie/hoodie.properties", "a Hudi table"),
        ("metadata/v1.metadata.json", "an Iceberg table"),
    ],
)
def test_a_table_that_keeps_deleted_rows_is_refused(lake, inside, what):
    (lake / inside).parent.mkdir()
    (lake / inside).touch()
    with pytest.raises(InputError, match=f"is {what}: its files hold rows that were deleted"):
        rows_of(lake)


def test_a_folder_without_parquet_says_what_to_name(tmp_path):
    (tmp_path / "a.csv").write_text("review\nx\n")
    with pytest.raises(InputError, match=r"is a directory without Parquet files; name the files .*/\*\.csv"):
        rows_of(tmp_path)


def test_a_damaged_file_of_a_folder_is_named(lake):
    path = lake / "country=LV" / "part-0.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"country=LV/part-0\.parquet: is no sound Parquet file"):
        rows_of(lake)


def test_nested_columns_of_a_folder(tmp_path):
    for number, cell in enumerate([{"city": "Riga"}, {"zip": "1010"}]):
        table = pa.table({"review": [f"Text {number} good"], "shop": [cell]})
        (tmp_path / "t").mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / "t" / f"{number}.parquet")
    _, rows = rows_of(tmp_path / "t", cuts={"city": "shop.city"})
    assert [row["city"] for row in rows] == ["Riga", None]


def test_a_pattern_gives_each_file_as_a_source(lake):
    feed, _ = rows_of(str(lake / "country=[LB]*" / "part*.parquet"))
    assert [survey.source for survey in feed.surveys] == ["part-1.parquet", "part-0.parquet"]


def test_files_of_a_store_are_read_like_those_here(store, lake, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for path in lake.rglob("*"):
        if path.is_file():
            store(f"lake/{path.relative_to(lake).as_posix()}", path.read_bytes())
    store("csv/a.csv", "review,stars\nОтлично,5\n".encode())
    store("csv/b.csv", b"review;stars\nBad;1\n")
    here, there = (rows_of(place, cuts={"country": "country"}) for place in (lake, "s3://feedback/lake"))
    assert there[1] == here[1]
    assert there[0].fingerprint == here[0].fingerprint
    feed, rows = rows_of("s3://feedback/csv/*.csv")
    assert [row["text"] for row in rows] == ["Отлично", "Bad"]
    assert [survey.source for survey in feed.surveys] == ["a.csv", "b.csv"]
    assert rows_of(["s3://feedback/csv/a.csv", "s3://feedback/csv/*.csv"])[0].n_rows == 2
    assert not list((tmp_path / "temporary").iterdir())


def test_who_has_no_copy_reads_where_the_files_lie(store, lake, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("earful.readers.marks._STRIDE", 2)
    (tmp_path / "temporary").mkdir()
    for path in lake.rglob("part-*.parquet"):
        store(f"far/{path.relative_to(lake).as_posix()}", path.read_bytes())
    store("far.csv", 'review,stars\n"Отлично,\nочень",5\nBad,1\n'.encode("utf-16"))
    with open_inputs(["s3://feedback/far", "s3://feedback/far.csv"]) as feed:
        assert feed.divisible
        whole = [table.to_pylist() for table, _ in feed.batches(3)]
        copy = pickle.loads(pickle.dumps(feed))
    assert not list((tmp_path / "temporary").iterdir())
    read = [next(copy.batches(3, start, 3))[0].to_pylist() for start in range(0, feed.n_rows, 3)]
    assert read == whole
    store("far.csv", b"review,stars\nAnother,5\nBad,1\n")
    with pytest.raises(InputError, match=r"s3://feedback/far\.csv: changed while it was being read"):
        next(pickle.loads(pickle.dumps(feed)).batches(3, 15, 3))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("s3://feedback/none.csv", "does not exist"),
        ("s3://feedback/none/*.csv", "no file matches"),
        ("s3://nobucket/a.csv", "does not exist|cannot be read"),
        ("nosuch://bucket/a.csv", "cannot be read .*nosuch"),
    ],
)
def test_what_is_not_there_is_one_line(store, address, says):
    with pytest.raises(InputError, match=says) as told:
        rows_of(address)
    assert "\n" not in str(told.value)


def test_a_missing_package_is_named(monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *rest, **options):
        if name.startswith("fsspec"):
            raise ModuleNotFoundError("No module named 'fsspec'", name="fsspec")
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"fsspec.*pip install 'earful\[lakes\]'"):
        rows_of("s3://feedback/a.csv")
