"""Parts: whole or not there, merged the same whatever their sizes."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earful.errors import RunError
from earful.pipeline import Batch
from earful.runs import parts as parts_module
from earful.runs.files import spreadsheet_safe, write_table
from earful.runs.parts import Parts, Receipt


def reviews(first, count):
    rows = list(range(first, first + count))
    return Batch(pa.table({"row": pa.array(rows, pa.int64()), "text": [f"text {row}" for row in rows]}))


def filled(folder, sizes):
    parts = Parts(folder)
    parts.start({"input": "abc"})
    first = 0
    for number, size in enumerate(sizes):
        parts.write(number, reviews(first, size), [f'{{"row": {first + size}}}'])
        first += size
    return parts


def test_a_part_has_a_receipt_and_no_other_part_has(tmp_path):
    parts = filled(tmp_path, [3])
    assert parts.receipt(0) == Receipt(part=0, rows=4, accepted=3, rejected=1)
    assert parts.receipt(1) is None
    assert parts.receipts() == [Receipt(0, 4, 3, 1)]


def test_the_merged_table_does_not_depend_on_the_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "ROW_GROUP", 4)
    for name, sizes in {"one": [11], "many": [1] * 11, "odd": [3, 0, 7, 1]}.items():
        filled(tmp_path / name, sizes).merge("reviews")
    files = [(tmp_path / name / "reviews.parquet").read_bytes() for name in ("one", "many", "odd")]
    assert files[0] == files[1] == files[2]
    assert pq.read_table(tmp_path / "one" / "reviews.parquet").column("row").to_pylist() == list(range(11))
    assert pq.ParquetFile(tmp_path / "one" / "reviews.parquet").num_row_groups == 3


def test_a_run_with_no_rows_still_has_its_tables(tmp_path):
    parts = filled(tmp_path, [])
    for table in ("reviews", "segments", "mentions"):
        parts.merge(table)
        assert pq.read_table(tmp_path / f"{table}.parquet").num_rows == 0


def test_rejects_are_merged_in_order(tmp_path):
    filled(tmp_path, [2, 2]).merge_rejects()
    assert (tmp_path / "rejects.jsonl").read_text() == '{"row": 2}\n{"row": 4}\n'


def test_a_half_written_part_is_swept_away_on_resume(tmp_path):
    parts = filled(tmp_path, [2])
    stray = parts.folder / "00000001.tmp"
    stray.mkdir()
    parts.resume({"input": "abc"})
    assert not stray.exists()
    assert parts.receipt(0) is not None


def test_a_changed_plan_is_refused_with_what_changed(tmp_path):
    with pytest.raises(RunError, match="cannot be resumed: input changed"):
        filled(tmp_path, [2]).resume({"input": "other"})


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_spreadsheets_run_nothing(text):
    table = pa.table({"product": [text, "plain", None]})
    assert spreadsheet_safe(table).column("product").to_pylist() == ["'" + text, "plain", None]


def test_csv_is_neutralised_and_parquet_is_as_received(tmp_path):
    write_table(pa.table({"product": ["=HYPERLINK(1)"], "n": [1]}), tmp_path / "loyalty.parquet")
    assert pq.read_table(tmp_path / "loyalty.parquet").column("product").to_pylist() == ["=HYPERLINK(1)"]
    assert "'=HYPERLINK(1)" in (tmp_path / "loyalty.csv").read_text()
