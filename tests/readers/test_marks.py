"""Rows read from the middle of an input, by a copy of its reader: those of a reading from the beginning."""

import gzip
import json
import pickle
import random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earful.config import InputConfig
from earful.readers import marks, open_inputs

ROWS = 40


def line(i):
    """A row with all that makes a row of several lines, and letters of several bytes."""
    return f'"Доставка ""{i}""\r\nбыла, да 😀\n",{1 + i % 5},r{i}'


CSV = "\n".join(["review,stars,id", *map(line, range(ROWS))]) + "\n"
TAB = "review\tstars\tid\n" + "".join(f'He said "no{i}\t{1 + i % 5}\tr{i}\n' for i in range(ROWS))
BROKEN = "review,stars,id\n" + "".join(
    f'"a quote " inside {i}",3,r{i}\n"never closed {i},4,s{i}\nplain {i},5,t{i}\n' for i in range(ROWS)
)
TOTALS = "product,review,stars\n" + "".join(
    f"shop {i % 3},good or bad {i},{1 + i % 5}\n" for i in range(ROWS)
)
JSON = "".join(
    json.dumps({"review": f"Laba {i} prece\nun vēl", "stars": 1 + i % 5}, ensure_ascii=i % 2 > 0) + "\n\n"
    for i in range(ROWS)
)

TEXTS = {
    "quoted lines": ("a.csv", CSV.encode()),
    "a mark of UTF-8": ("a.csv", CSV.encode("utf-8-sig")),
    "UTF-16": ("a.csv", CSV.encode("utf-16")),
    "UTF-16 without a mark": ("a.csv", CSV.replace("😀", "").encode("utf-16-be")),
    "a page of Windows": ("a.csv", CSV.replace("😀", "").encode("cp1251")),
    "a page of Japan": (
        "a.csv",
        CSV.replace("😀", "は").replace("Доставка", "配達").encode("shift_jis", "ignore"),
    ),
    "both line ends": ("a.csv", CSV.replace("\r\n", "\n").replace("\n", "\r\n").encode()),
    "the line ends of old Macs": ("a.csv", CSV.replace("\r\n", "\n").replace("\n", "\r").encode()),
    "blank lines": ("a.csv", CSV.replace("\nr1,", "\n\n\nr1,").replace('\n"', '\n\n,,\n"').encode()),
    "quotes in tabs": ("a.tsv", TAB.encode()),
    "a cell of tabs over lines": ("a.tsv", TAB.replace("He said", '"He\nsaid', 3).encode()),
    "broken quotes": ("a.csv", BROKEN.encode()),
    "bytes that are no letters": ("a.csv", CSV.encode().replace(b"r7\n", b"r\xff\xfe7\n")),
    "a line too wide": ("a.csv", CSV.replace("r9\n", "r9,,x\n").encode()),
    "whole lines in quotes": (
        "a.csv",
        "\n".join(f'"{row}"' for row in TOTALS.replace("bad", '""very, very"" bad').splitlines()).encode(),
    ),
    "a hint for Excel": ("a.csv", ("sep=;\n" + TOTALS.replace(",", ";")).encode()),
    "escaped quotes": ("a.csv", TOTALS.replace("good or", '"good\\", or"').encode()),
    "totals at the end": ("a.csv", (TOTALS + "Total,,120\n").encode()),
    "a product called Total": ("a.csv", (TOTALS.replace("shop 1", "Total", 1) + "Total,,120\n").encode()),
    "totals at the beginning": ("a.csv", TOTALS.replace("stars\n", "stars\nTotal,,120\n").encode()),
    "totals in the middle": ("a.csv", TOTALS.replace("shop 2", "Total,,7\nTotal,,9\nshop 2", 5).encode()),
    "cells of JSON": ("a.csv", TOTALS.replace("shop 1", '"{""city"": ""Riga""}"').encode()),
    "JSON lines": ("a.jsonl", JSON.encode()),
    "JSON lines with a mark": ("a.jsonl", JSON.encode("utf-8-sig")),
    "JSON lines in UTF-16": ("a.jsonl", JSON.encode("utf-16")),
    "JSON lines with both line ends": ("a.jsonl", JSON.replace("\n", "\r\n").encode()),
    "broken JSON lines": ("a.jsonl", JSON.replace('"stars": 3}', '"stars": 3').encode()),
}


@pytest.fixture(autouse=True)
def close_marks(monkeypatch):
    """Marks every third row, where there are a few thousand rows between them otherwise."""
    monkeypatch.setattr(marks, "_STRIDE", 3)


def read(feed, size, start=0, limit=None):
    return [(table.to_pylist(), rejects) for table, rejects in feed.batches(size, start, limit)]


def check(inputs, size=4, **config):
    """Read batch by batch in any order, by a copy as another process gets it, and from the beginning."""
    many = inputs if isinstance(inputs, list) else [inputs]
    with open_inputs(many, InputConfig(**config)) as feed:
        assert feed.divisible
        whole = read(feed, size)
        copy = pickle.loads(pickle.dumps(feed))
        starts = list(range(0, feed.n_rows, size))
        random.Random(3).shuffle(starts)
        parts = {start: read(copy, size, start, size) for start in starts}
        assert [batch for start in sorted(parts) for batch in parts[start]] == whole
        assert sum(len(rows) + len(rejects) for rows, rejects in whole) == feed.n_rows
        last = feed._readers[-1]
        return feed, [last.records_from(row)[0] for row in (4, 20, 35)]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name, tmp_path):
    file, data = TEXTS[name]
    (tmp_path / file).write_bytes(data)
    config = {"encoding": "shift_jis"} if name == "a page of Japan" else {}
    feed, begun = check(tmp_path / file, **config)
    assert feed.n_rows >= ROWS
    # Not from the beginning: a mark stands close before each row.
    assert all(0 <= row - at <= 8 for row, at in zip((4, 20, 35), begun, strict=True))
    assert begun[1] > 0


def test_row_groups_and_folders(tmp_path):
    for number, n in enumerate([11, 0, 7, 13]):
        table = pa.table(
            {"review": [f"good {number} {i}" for i in range(n)], "stars": [1 + i % 5 for i in range(n)]}
        )
        folder = tmp_path / "lake" / f"country=L{number}"
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "a.parquet", row_group_size=5)
    for size in (1, 4, 9, 50):
        assert check(tmp_path / "lake", size)[1][:2] == [4, 20]


def test_a_batch_over_several_files(tmp_path):
    for name in ("quoted lines", "UTF-16", "JSON lines"):
        (tmp_path / f"{len(list(tmp_path.iterdir()))}{TEXTS[name][0]}").write_bytes(TEXTS[name][1])
    assert check(sorted(map(str, tmp_path.iterdir())), 7)[0].n_rows == 3 * ROWS


def test_who_works_in_another_folder(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(CSV.encode())
    monkeypatch.chdir(tmp_path)
    with open_inputs(["a.csv"]) as feed:
        sent = pickle.dumps(feed)
    monkeypatch.chdir("/")
    assert read(pickle.loads(sent), 5, 10, 5)[0][0][0]["review_id"] == "r10"


def test_what_is_read_from_its_beginning_alone(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    pd.read_csv(tmp_path / "a.csv.gz").to_excel(tmp_path / "a.xlsx", index=False)
    nested = [{"name": "x", "reviews": [{"text": "good", "rating": 1}, {"text": "bad", "rating": 2}]}] * 5
    (tmp_path / "a.json").write_text(json.dumps(nested))
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in nested))
    (tmp_path / "a.csv").write_bytes(CSV.encode())
    for file in ("a.csv.gz", "a.xlsx", "a.json", "a.jsonl"):
        with open_inputs([tmp_path / file]) as feed:
            assert not feed.divisible
        with open_inputs([tmp_path / "a.csv", tmp_path / file]) as feed:
            assert not feed.divisible
    with open_inputs([pd.read_csv(tmp_path / "a.csv.gz")]) as feed:
        assert not feed.divisible


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.text(st.sampled_from('ab ,"\n\rТ😀\t;\\{}Total1'), min_size=1, max_size=400),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    size=st.integers(1, 7),
)
@example(body='"\n' * 30 + 'a,"', encoding="utf-16", size=2)
@example(body='a,1\r\n"b\r",2\n\r\n"', encoding="utf-8-sig", size=1)
def test_any_text(body, encoding, size, tmp_path):
    from earful.errors import InputError

    path = tmp_path / "a.csv"
    path.write_bytes(("review,stars\nwords of a customer,5\n" + body).encode(encoding))
    try:
        with open_inputs([path], InputConfig(format="csv", delimiter=",", encoding=encoding)):
            pass
    except InputError:
        return
    check(path, size, format="csv", delimiter=",", encoding=encoding)
