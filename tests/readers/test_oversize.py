"""Old workbooks that ask for too much: refused within bounds, and sound ones opened."""

import os
import resource
import struct
from pathlib import Path

import pytest

from earful.errors import InputError
from earful.readers import open_inputs
from earful.readers.oversize import hindrance

HERE = Path(__file__).parent
SOUND = HERE / "cases_cells" / "legacy.xls"
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def endless_workbook(sheets: int, records: int) -> bytes:
    """Give a small sound workbook whose one long sheet goes by many names; each is read anew."""
    names = [f"S{number:05}".encode() for number in range(sheets)]
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    at = len(begin) + sum(4 + 8 + len(name) for name in names) + len(record(0x000A))
    book = begin
    book += b"".join(record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 0) + name) for name in names)
    book += record(0x000A)
    book += record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    book += record(0x0203, struct.pack("<HHHd", 0, 0, 0, 1.0))
    book += record(0x0FFF) * records
    book += record(0x000A)
    return compound_file(book)


def compound_file(stream: bytes) -> bytes:
    """Give the container of old Office files with one stream, a workbook."""
    n = -(-len(stream) // _SECTOR)
    fats = 1
    while fats * 128 < n + 1 + fats:
        fats += 1
    assert fats <= 109, "the container would need further tables"
    chain = [_FAT] * fats + [_END] + [fats + 2 + place for place in range(n - 1)] + [_END]
    chain += [_FREE] * (fats * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(fats), *[_FREE] * (109 - fats))
    entries = entry("Root Entry", 5, 1, _END, 0) + entry("Workbook", 2, _FREE, fats + 1, len(stream))
    body = struct.pack(f"<{len(chain)}I", *chain) + entries.ljust(_SECTOR, b"\0")
    return header + body + stream.ljust(n * _SECTOR, b"\0")


def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le")
    return (
        letters.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(letters) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_a_sound_workbook_opens(tmp_path):
    assert hindrance(SOUND) is None
    few = tmp_path / "few.xls"
    few.write_bytes(endless_workbook(sheets=3, records=2000))
    assert hindrance(few, seconds=5) is None


def test_processor_seconds_are_bounded(tmp_path):
    path = tmp_path / "endless.xls"
    path.write_bytes(endless_workbook(sheets=50_000, records=1_000_000))
    before = spent()
    assert hindrance(path, seconds=1) == "its sheets take too long to open"
    assert spent() - before < 4


def test_a_file_that_never_answers_is_given_up(tmp_path):
    pipe = tmp_path / "pipe.xls"
    os.mkfifo(pipe)
    assert hindrance(pipe, wait=1) == "its sheets take too long to open"


def test_the_reader_says_it_in_one_line(tmp_path, monkeypatch):
    path = tmp_path / "endless.xls"
    path.write_bytes(endless_workbook(sheets=50_000, records=1_000_000))
    monkeypatch.setitem(hindrance.__kwdefaults__, "seconds", 1)
    with pytest.raises(InputError, match="take too long to open") as caught:
        open_inputs([path])
    assert "\n" not in str(caught.value)
