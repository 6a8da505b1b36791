from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import threading
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.errors import InputError
from earful.readers import open_inputs

LINES = [{"text": f"Good thing number {i} {i * 7919 % 1000}", "rating": i % 5 + 1} for i in range(400)]
JSONL = "".join(json.dumps(line) + "\n" for line in LINES).encode()
CSV = "text,rating\n" + "".join(f"{line['text']},{line['rating']}\n" for line in LINES)


def _parquet(rows: list[dict]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def _workbook(*sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "format_"),
    [
        (CSV, "a.csv", "csv"),
        (CSV, "a.jsonx", "csv"),
        (gzip.compress(CSV.encode()), "a.csv.gz", "csv"),
        (gzip.compress(CSV.encode()), "no_ending", "csv"),
        (JSONL, "a.jsonl", "jsonl"),
        (JSONL, "wrong.csv", "jsonl"),
        (gzip.compress(JSONL[:5000]) + gzip.compress(JSONL[5000:]) + b"\0\0", "a.jsonl.gz", "jsonl"),
        (json.dumps(LINES), "a.json", "json"),
        (json.dumps({"meta": {"n": 1}, "data": {"reviews": LINES}}, indent=1), "a.json", "json"),
        (json.dumps(LINES, indent=2).encode("utf-16"), "a", "json"),
        (_parquet(LINES), "a.parquet", "parquet"),
        (_parquet(LINES), "wrong.csv", "parquet"),
        (
            _workbook([["text", "rating"], *([line["text"], line["rating"]] for line in LINES)]),
            "a.xlsx",
            "excel",
        ),
    ],
)
def test_every_format_gives_the_same_rows(read, content, name, format_):
    outcome = read(content, name)
    assert outcome.survey.format == format_
    assert outcome.column("text") == [line["text"] for line in LINES]
    assert outcome.column("rating") == [line["rating"] for line in LINES]
    assert outcome.column("review_id") == read(CSV, "other.csv").column("review_id")
    assert set(outcome.column("rating_max")) == {5.0}


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "is empty"),
        (b"", "a.csv.gz", "is empty"),
        (gzip.compress(b""), "a.csv.gz", "is an empty gzip"),
        (b"\x1f\x8b\x08junk junk", "a.csv.gz", "gzip stream is damaged"),
        (b"\xef\xbb\xbf", "a.csv", "holds no rows"),
        (b"\n  \n", "a.csv", "holds no text"),
        (b"text,rating\n", "a.csv", "holds no rows"),
        (b"a,b\n1,2\n", "a.csv", "no column with words or scores"),
        (b'[{"text": "a"}, {"te', "a.json", "cut short"),
        (b"this is no zip", "a.xlsx", "is not an Excel workbook"),
        (b"PK\x03\x04junk", "a.xlsx", "no sound Excel workbook"),
        (_workbook([["text"]])[:-200], "a.xlsx", "no sound Excel workbook"),
        (_parquet(LINES)[:2000], "a.parquet", "cut short or damaged"),
        (b"text", "a.parquet", "is not a Parquet file"),
        (b"\xd0\xcf\x11\xe0" + bytes(range(256)), "a.xls", "no sound Excel workbook"),
        (b"%PDF-1.7" + bytes(range(256)), "a.csv", "is a PDF"),
        (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "a.csv", "is a PDF"),
        (b"{\\rtf1\\ansi Great phone}", "a.csv", "is a Word document"),
        (b"<?xml version='1.0'?>\n<?mso-application progid='Excel.Sheet'?>", "a.xls", "Excel 2003 XML"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "a.xls", "HTML page without a table"),
        (bytes(range(256)) * 4, "a.csv", "is not text"),
        (b"nonsense\n[1]\n", "a.jsonl", "none of its 2 rows can be read"),
        (b"{}\n{}\n", "a.jsonl", "none of its 2 rows can be read .there is no field in them."),
    ],
)
def test_a_source_that_cannot_be_used_is_one_clear_line(read, content, name, message):
    with pytest.raises(InputError, match=message) as caught:
        read(content, name)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_missing_directory_and_pattern(tmp_path):
    for given, message in [
        (tmp_path, "is a directory"),
        (tmp_path / "no.csv", "does not exist"),
        (tmp_path / "*.csv", "no file matches"),
    ]:
        with pytest.raises(InputError, match=message):
            open_inputs([given])
    with pytest.raises(InputError, match="no input"):
        open_inputs([])


@pytest.mark.parametrize(("content", "name"), [(CSV.encode(), "a.csv.gz"), (JSONL, "a.jsonl.gz")])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_cut_gzip_keeps_the_good_rows_and_rejects_the_tail(read, content, name, share):
    packed = gzip.compress(content)
    outcome = read(packed[: int(len(packed) * share)], name)
    assert outcome.column("text") == [line["text"] for line in LINES[: len(outcome.rows)]]
    (reject,) = outcome.rejects
    assert reject.row == len(outcome.rows)
    assert "gzip stream ends early" in reject.reason
    assert any("ends early" in note for note in outcome.survey.notes)


def test_gzip_cut_between_lines_is_still_seen(read):
    packed = gzip.compress(CSV.encode())
    outcome = read(packed[:-8], "a.csv.gz")
    assert len(outcome.rows) == len(LINES)
    assert "what followed is lost" in outcome.rejects[0].reason


def test_bad_json_lines_are_rejected_one_by_one(read):
    lines = [
        '{"text": "a"}',
        "",
        "nope",
        "[1]",
        '{"a":' * 3000 + "1" + "}" * 3000,
        '{"text": "raw\tand\0", "n": NaN}',
    ]
    outcome = read("\n".join([*lines, '{"text": "cut', ""]), "a.jsonl")
    assert outcome.column("text") == ["a", "raw\tand\0"]
    assert [reject.line for reject in outcome.rejects] == [3, 4, 5, 7]
    for reject in outcome.rejects:
        assert json.loads(reject.to_json())["source"] == "a.jsonl"


def test_nested_json_is_flattened(read):
    outcome = read('{"data":{"review":{"body":"Good"},"author":{"id":12}},"rating":{"value":4}}\n', "a.jsonl")
    assert outcome.survey.mapping["text"] == "data.review.body"
    assert outcome.rows[0]["author_id"] == "12"


def test_half_surrogates_are_counted_not_silent(read):
    outcome = read(
        '{"text": "cut \\ud83d", "rating": 1}\n{"text": "ok \\ud83d\\ude00", "rating": 2}\n', "a.jsonl"
    )
    assert outcome.column("text") == ["cut \ufffd", "ok \U0001f600"]
    assert any("surrogate" in note for note in outcome.survey.notes)


def test_parquet_types(read_all, tmp_path):
    moment = pd.Timestamp("2020-05-06 07:08:09.123456789", tz="Europe/Riga")
    table = pa.table(
        {
            "text": ["Good", None],
            "id": pa.array([12345678901234567, 7], pa.int64()),
            "product_id": pa.array([4.0, None], pa.float64()),
            "created_at": pa.array([moment, None], pa.timestamp("ns", tz="Europe/Riga")),
            "rating": pa.array([4, 5], pa.int8()),
            "author": pa.array([{"id": "x"}, None], pa.struct([("id", pa.string())])),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    row, silent = read_all([path]).rows
    assert (row["review_id"], row["product"], row["author_id"]) == ("12345678901234567", "4", "x")
    assert row["created_at"].astimezone(dt.UTC) == dt.datetime(2020, 5, 6, 4, 8, 9, 123456, dt.UTC)
    assert (silent["text"], silent["rating"], silent["created_at"]) == ("", 5.0, None)


def test_excel_header_below_a_title_and_types(read):
    sheet = [
        ["Export of 1 May"],
        [],
        ["Text", "Rating", "Date", "Order ID", None],
        ["Good\nreally", 5, dt.datetime(2020, 5, 6, 7, 8), 12345678901234, None],
        [None, None, None, None, None],
        [None, "x", dt.date(2020, 5, 7), "007", True],
    ]
    outcome = read(_workbook([], sheet, [["other"]]), "a.xlsx", config={"columns": {"review_id": "Order ID"}})
    (row,) = outcome.rows
    assert (row["text"], row["review_id"], row["rating"]) == ("Good\nreally", "12345678901234", 5.0)
    assert row["created_at"] == dt.datetime(2020, 5, 6, 7, 8, tzinfo=dt.UTC)
    assert [(r.line, r.record["Order ID"]) for r in outcome.rejects] == [(6, "007")]
    assert any("S2" in note for note in outcome.survey.notes)


def test_data_frame(read_all):
    frame = pd.DataFrame(
        {
            "Text": ["a", None, float("nan"), "d"],
            "Rating": pd.array([1, None, 3, 9], dtype="Int64"),
            "date": pd.to_datetime(["2020-01-01", None, "2020-02-03", "2021-01-01"]),
            "id": [1.0, 2.0, None, 4.0],
            "product": pd.Categorical(["x", "y", "x", None]),
            7: [[1], {"a": 1}, 3, 4],
        },
        index=[5, 5, 5, 5],
    )
    outcome = read_all([frame])
    assert outcome.column("text") == ["a", "", "d"]
    assert outcome.column("review_id")[::2] == ["1", "4"]
    assert outcome.column("product") == ["x", "x", None]
    assert [(r.row, r.line, r.reason) for r in outcome.rejects] == [(1, None, "no text and no score")]
    assert json.loads(outcome.rejects[0].to_json())["record"]["id"] == 2.0
    assert outcome.feed.fingerprint == open_inputs([frame.copy()]).fingerprint
    assert outcome.feed.fingerprint != open_inputs([frame.iloc[::-1]]).fingerprint


def test_globs_repeats_and_names(read_all, tmp_path):
    for folder, name in [("x", "b"), ("x", "a"), ("y", "a")]:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.csv").write_text(f"text\n{folder} {name}\n")
    outcome = read_all(
        [str(tmp_path / "x" / "*.csv"), tmp_path / "y" / "a.csv", tmp_path / "x" / ".." / "x" / "a.csv"]
    )
    assert outcome.column("text") == ["x a", "x b", "y a"]
    assert outcome.column("source") == [
        (tmp_path / "x" / "a.csv").as_posix(),
        "b.csv",
        (tmp_path / "y" / "a.csv").as_posix(),
    ]
    assert outcome.survey.notes == ["given 2 times, read once"]


def test_name_with_brackets_is_no_glob(read_all, tmp_path):
    (tmp_path / "a[1].csv").write_text("text\nhello\n")
    assert read_all([tmp_path / "a[1].csv"]).column("text") == ["hello"]


def test_standard_input_is_spooled_and_deleted(read_all, monkeypatch):
    class Stdin:
        buffer = io.BytesIO(gzip.compress("отзыв;оценка\nХорошо;5\n".encode()))

    monkeypatch.setattr("sys.stdin", Stdin)
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("earful-*"))
    outcome = read_all(["-"])
    assert outcome.column("source") == ["stdin"]
    assert outcome.column("text") == ["Хорошо"]
    outcome.feed.close()
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("earful-*")) <= before
    Stdin.buffer = io.BytesIO(b"")
    with pytest.raises(InputError, match="is empty"):
        open_inputs(["-"])
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("earful-*")) <= before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_named_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("text\nhello there\n",))
    writer.start()
    with open_inputs([pipe]) as feed:
        writer.join()
        assert [table.column("text").to_pylist() for table, _ in feed.batches(5)] == [["hello there"]]


def test_source_that_changes_is_noticed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text\none\ntwo\n")
    feed = open_inputs([path])
    path.write_text("text\none\n")
    with pytest.raises(InputError, match="changed"):
        list(feed.batches(1))
