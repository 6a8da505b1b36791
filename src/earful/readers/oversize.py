"""Workbooks that would take all memory or hours, told before they are read.

The parser makes room for every cell between a sheet's first and its last one: a stray mark in the far corner
asks for more than there is, and ends the program without a word. An old workbook may also name one sheet a
thousand times, and each is read anew.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

__all__ = ["far_corner", "hindrance"]

#: Cells that a sheet may span: a million rows of a hundred columns.
_MOST_CELLS = 100_000_000
_HEAD = 1 << 14
_SPAN = re.compile(rb"<dimension\s+ref=\"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})\"")
#: Opens each sheet of a workbook with a bound on its memory, in bytes, and on its processor seconds.
_PROBE = """
import sys
try:
    import resource
    room, seconds = int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
except (ImportError, ValueError, OSError):
    pass
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path(sys.argv[1])
for number in range(len(book.sheet_names)):
    book.get_sheet_by_index(number)
"""
_ROOM = 4 << 30
#: Processor seconds that opening may take.
_SECONDS = 20
#: Seconds on the wall, where the processor is shared or the file lies on a disk that does not answer.
_WAIT = 90


def far_corner(archive: zipfile.ZipFile) -> str | None:
    """Give the span of a sheet that is too large to be held, as the sheet says it; ``None`` where all are."""
    for entry in archive.infolist():
        if not entry.filename.startswith("xl/worksheets/"):
            continue
        with archive.open(entry) as sheet:
            span = _SPAN.search(sheet.read(_HEAD))
        if span is None:
            continue
        left, top, right, bottom = span.groups()
        if (_column(right) - _column(left) + 1) * (int(bottom) - int(top) + 1) > _MOST_CELLS:
            return f"{(left + top).decode()}:{(right + bottom).decode()}"
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def hindrance(path: Path, *, seconds: int = _SECONDS, wait: float = _WAIT) -> str | None:
    """Return why an old binary workbook does not open in bounded memory and time; ``None`` where it does.

    It is tried in a process of its own.

    Parameters
    ----------
    path
        The workbook.
    seconds
        Processor seconds that it may take, where the system can bound them.
    wait
        Seconds on the wall that it may take.
    """
    slow = "its sheets take too long to open"
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, str(path), str(_ROOM), str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=wait,
        )
    except subprocess.TimeoutExpired:
        return slow
    # What is wrong in a way that Python can tell is told where it is read.
    if done.returncode >= 0:
        return None
    return slow if done.returncode == -signal.SIGXCPU else "its sheets ask for more memory than there is"
