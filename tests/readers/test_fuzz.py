"""Whatever stands in a file: no traceback, no hang, no lost row, bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import random
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from earful.errors import EarfulError
from earful.readers import open_inputs

FUZZ = settings(
    max_examples=150,
    deadline=5_000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx", ".xls", ".parquet", ".html", ".csv.gz", "")
#: Bytes that mean something to some reader.
SIGNS = st.sampled_from(
    [
        *(
            b",",
            b";",
            b"\t",
            b"|",
            b'"',
            b"'",
            b"\n",
            b"\r\n",
            b"\r",
            b"\0",
            b"\\",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
        ),
        *(
            b"text",
            b"rating",
            b"5",
            b"{",
            b"}",
            b"[",
            b"]",
            b":",
            b"null",
            b"<table>",
            b"<tr><td>",
            b"</table>",
        ),
        *(
            b"\xd0\xd0",
            b"\xc3",
            b"PK\x03\x04",
            b"\x1f\x8b",
            b"%PDF-",
            b"PAR1",
            b"sep=;",
            b"\xf0\x9f",
            b"#VALUE!",
        ),
        *("Отлично".encode("cp1251"), "ļoti labi".encode(), "Отзыв".encode("utf-16-le"), b"1e308", b"5-Apr"),
    ]
)
RUBBISH = st.one_of(
    st.binary(max_size=300),
    st.lists(SIGNS, max_size=60).map(b"".join),
    st.lists(SIGNS, max_size=40).map(lambda parts: b"text,rating\nGood,5\n" + b"".join(parts)),
    st.lists(SIGNS, max_size=40).map(lambda parts: b'{"text": "a"}\n' + b"".join(parts)),
)
CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("5", "4/5", "Good", "Offered", "", "5-Apr", "1e400", "-" * 40, "9" * 400, "★★½", "#REF!", "да"),
            *('{"text": "a", "rating": 5}', "{'text': 'b'}", '["a", "b"]', "[1, 2]", "{}", "[" * 3000),
            *("{1: {2: 3}}", "[" + "9" * 5000 + "]", "Total", "Total: 5", '"5,""a"""'),
        ]
    ),
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
TREE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "rating", "date", "a", "columns", "data", "0"]), inner, max_size=4
        )
    ),
    max_leaves=24,
)


FOUND = Path(__file__).parent / "found"


def _workbook() -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in (["text", "rating"], ["Good", 5], ["Bad", "Offered"]):
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


#: Made once, as it holds the time.
WORKBOOK = _workbook()


def _account(path: Any) -> int:
    """Read a file; whatever is wrong with it as a whole is one clear line, and no row is lost."""
    try:
        feed = open_inputs([path])
        found = [row for table, rejects in feed.batches(7) for row in _numbers(table, rejects)]
    except EarfulError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return 0
    assert sorted(found) == list(range(feed.n_rows))
    json.dumps([survey.to_dict() for survey in feed.surveys])
    return feed.n_rows


def _numbers(table: Any, rejects: Any) -> list[int]:
    for reject in rejects:
        json.loads(reject.to_json())
    return table.column("row").to_pylist() + [reject.row for reject in rejects]


@FUZZ
@given(RUBBISH, st.sampled_from(ENDINGS))
@example(b"\n\xfe\xff\x00\x00\x80", ".csv")  # a mark of UTF-16, but not where it says so
def test_any_bytes_under_any_name(tmp_path, content, ending):
    path = tmp_path / f"data{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    _account(path)


@FUZZ
@given(
    st.lists(st.lists(CELL, max_size=5), max_size=12),
    st.sampled_from(",;\t|"),
    st.sampled_from(["", '"', "'"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1257"]),
)
def test_any_dialect(tmp_path, rows, delimiter, quote, ending, encoding):
    lines = [["text", "rating", "date"], *rows]
    content = ending.join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in lines)
    path = tmp_path / "data.csv"
    path.write_bytes(content.encode(encoding, "replace"))
    _account(path)


@FUZZ
@given(TREE)
def test_any_json(tmp_path, tree):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    _account(path)


@FUZZ
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=12))
def test_any_cells_under_each_kind_of_header(tmp_path, cells):
    names = ("comment", "rating", "recommend", "date")
    path = tmp_path / "data.jsonl"
    lines = [json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in cells]
    path.write_text("".join(lines), encoding="utf-8")
    assert _account(path) in (0, len(cells))


@FUZZ
@given(st.data())
def test_a_sound_file_with_bytes_turned_over(tmp_path, data):
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "data.xlsx"
    path.write_bytes(bytes(content[: data.draw(st.integers(1, len(content)))]))
    _account(path)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"text":'])
def test_deep_json(tmp_path, opening):
    for name in ("data.json", "data.jsonl"):
        path = tmp_path / name
        path.write_text(opening * 50_000, encoding="utf-8")
        assert _account(path) <= 1


def test_a_huge_cell_and_huge_numbers(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(f"text,rating\n{'long ' * 400_000},5\na,{'9' * 5_000}\nb,1e999\nc,-0\nd,{'1' * 15}\n")
    assert _account(path) == 5


def test_three_hundred_columns_and_headers_that_come_twice(tmp_path):
    path = tmp_path / "data.csv"
    names = ["text", "text", "rating", "rating", *(f"Q{number}" for number in range(296))]
    rows = [",".join(names), *(",".join(["Good"] * 2 + ["5"] * 2 + ["x"] * 296) for _ in range(5))]
    path.write_text("\n".join(rows))
    assert _account(path) == 5


@pytest.mark.parametrize(
    "content", ["text,rating\n", "text,rating", "text", "\ufefftext;rating\r\n", "sep=;\n", ","]
)
def test_a_header_alone(tmp_path, content):
    path = tmp_path / "data.csv"
    path.write_text(content, encoding="utf-8")
    assert _account(path) == 0


def test_a_bomb_in_gzip_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "data.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"text,rating\n")
        for _ in range(20):
            stream.write(b"\0" * (1 << 20))
        stream.write(b"\nGood,5\n")
    tracemalloc.start()
    _account(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400 << 20


def test_a_bomb_in_a_workbook_is_refused_by_its_size(tmp_path):
    path = tmp_path / "data.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1_100):
                sheet.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(EarfulError, match="is too large: it unpacks to 1100 MiB"):
        open_inputs([path])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 << 20


def test_noise_of_every_size(tmp_path):
    noise = random.Random(7)
    for size in (1, 2, 3, 10, 1_000, 70_000):
        path = tmp_path / f"data{size}.csv"
        path.write_bytes(noise.randbytes(size))
        _account(path)


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_once_is_one_clear_line_or_rows(path, capfd):
    """Files that a coverage-guided fuzzer ended the program with."""
    _account(path)
    assert capfd.readouterr().err == ""


def test_a_stray_mark_in_the_far_corner_is_told(tmp_path):
    book = Workbook()
    for row in (["text", "rating"], ["Good and solid", 5]):
        book.active.append(row)
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "data.xlsx")
    with pytest.raises(EarfulError, match="spans A1:XFD1048576, most of it empty"):
        open_inputs([tmp_path / "data.xlsx"])
