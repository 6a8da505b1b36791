"""Which encoding a text file is in, and its lines.

The order: the configured encoding, a byte order mark, UTF-16 by the pattern of its zero bytes, UTF-8 where
the bytes are UTF-8, and only then a guess by charset-normalizer on a bounded sample of the lines that are not
plain ASCII. Bytes that do not fit the encoding are marked, never replaced: see :data:`MARK`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import BinaryIO

from earful.errors import InputError
from earful.readers.rejects import count
from earful.readers.sources import FileSource, break_of

__all__ = ["MARK", "RECORD_LIMIT", "TOO_LONG", "LineReader", "find_encoding", "undecodable"]

#: A record longer than this many characters is refused: nothing a customer wrote is, and memory is bounded.
RECORD_LIMIT = 1 << 26
TOO_LONG = f"is longer than {RECORD_LIMIT:,} characters"

#: Matches the marks that stand for bytes that did not decode: byte 0xNN is U+DCNN (half a surrogate pair,
#: which no decoder gives).
MARK = re.compile("[\udc00-\udcff]")

_ERRORS = "earful-mark"
_SAMPLE = 1 << 18
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Letters of Latvian, and the marks of typography, that the Windows code page 1257 has beyond ASCII.
_LATVIAN = frozenset("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ")
_WESTERN = frozenset("äöüßéèêëàâçîïôûùñáíóúìòåøæãõœÄÖÜÉÈÊÀÂÇÎÔÑÁÍÓÚÅØÆ¿¡")
#: Pages of old machines.
_OLD = ("mac", "cp4", "cp7", "cp8", "hp", "iso8859-10", "iso8859-4")
_TYPOGRAPHY = frozenset("–—‘’‚“”„…«»•€™®©°·  ´")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LEADS = bytes(range(0xC2, 0xF0))
#: High bytes of UTF-16 in European texts: Latin, Greek, Cyrillic, punctuation, symbols, emoji.
_WIDE_STARTS = bytes([*range(7), 0x1E, 0x20, 0x21, 0x22, 0x26, 0x27, 0xFE, *range(0xD8, 0xE0)])
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_HIGH = re.compile(rb"[\x80-\xff]")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_ERRORS, _mark)


def undecodable(text: str, encoding: str) -> str | None:
    """Say which byte of a text did not decode; ``None`` where all did."""
    match = None if text.isascii() else MARK.search(text)
    if match is None:
        return None
    byte = ord(match.group()) - 0xDC00
    return f"byte 0x{byte:02X} (character {match.start() + 1} of the row) is not {encoding}"


@lru_cache(maxsize=256)
def find_encoding(source: FileSource, configured: str | None) -> tuple[str, tuple[str, ...]]:
    """Find the encoding of a text file and what is to be said about it.

    Raises
    ------
    InputError
        The configured encoding does not exist, or the file holds no text at all.
    """
    if configured is not None:
        return _configured(configured, source), ()
    head = source.head(_SAMPLE)
    if not head.strip(b"\0 \t\r\n"):
        raise InputError("holds no text", where=source.given, fix="check that the export finished")
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, ()
    wide = _utf16_by_zeros(head)
    if wide is not None:
        return wide, ()
    multibyte, stray, sample = _scan(source)
    if not stray:
        return "utf-8", ()
    if multibyte >= 10 * stray:
        return "utf-8", (
            f"{count(stray, 'byte is', 'bytes are')} not UTF-8; the rows they stand in are rejected",
        )
    return _guess(sample, source)


def _configured(name: str, source: FileSource) -> str:
    try:
        info = codecs.lookup(name)
        "x".encode(name)
    except LookupError:
        raise InputError(
            f"there is no text encoding {name!r}",
            where="input.encoding",
            allowed="utf-8, utf-16, cp1251, cp1257, koi8-r and the others that Python knows",
        ) from None
    # A byte order mark is no part of the first column's name.
    return "utf-8-sig" if info.name == "utf-8" and source.head(3) == codecs.BOM_UTF8 else info.name


def _utf16_by_zeros(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: every other byte is one of the few that start the scripts of Europe."""
    half = len(head) // 2
    even, odd = head[0 : 2 * half : 2], head[1 : 2 * half : 2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        starts = len(high) - len(high.translate(None, _WIDE_STARTS))
        if high.count(0) > 0.1 * half and low.count(0) < 0.02 * half and starts > 0.9 * half:
            try:
                head[: 2 * half - 2].decode(name)
            except UnicodeDecodeError:
                continue
            return name
    return None


def _scan(source: FileSource) -> tuple[int, int, bytes]:
    """Go over the file: count UTF-8 sequences and stray high bytes; sample the lines that have high bytes."""
    multibyte = stray = 0
    sample = bytearray()
    carry = b""
    with source.open() as stream:
        while block := stream.read(1 << 20):
            block = carry + block
            # A line is never cut, so that no sequence is; a line without an end is taken as it comes.
            end = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
            if end == 0 and len(block) < RECORD_LIMIT:
                carry = block
                continue
            end = end or len(block)
            block, carry = block[:end], block[end:]
            counted = _count(block, sample)
            multibyte, stray = multibyte + counted[0], stray + counted[1]
    counted = _count(carry, sample)
    return multibyte + counted[0], stray + counted[1], bytes(sample)


def _count(block: bytes, sample: bytearray) -> tuple[int, int]:
    if block.isascii():
        return 0, 0
    if len(sample) < _SAMPLE:
        for line in block.splitlines():
            if not line.isascii() and len(sample) < _SAMPLE:
                sample += line[: _SAMPLE - len(sample)] + b"\n"
    try:
        block.decode()
    except UnicodeDecodeError:
        rest, sequences = _MULTIBYTE.subn(b"", block)
        return sequences, len(_HIGH.findall(rest))
    # In UTF-8 each of these begins a sequence of two or three bytes.
    return len(block) - len(block.translate(None, _LEADS)), 0


def _guess(sample: bytes, source: FileSource) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    # A file in one of these would begin with its mark; a line may.
    best = from_bytes(sample, cp_exclusion=["utf_16", "utf_32"]).best()
    if best is None:
        raise InputError(
            "its encoding could not be told (it is not UTF-8)",
            where=source.given,
            fix="say which it is, for instance --encoding cp1251",
        )
    name = codecs.lookup(best.encoding).name
    if not _CYRILLIC.search(str(best)):
        # charset-normalizer takes Latvian for Central European more often than not.
        name = next((page for page in ("cp1257", "iso8859-13") if _reads(sample, page, _LATVIAN)), name)
        # A few short texts are as soon taken for a page of old Macs.
        if name.startswith(_OLD) and _reads(sample, "cp1252", _WESTERN):
            name = "cp1252"
    elif name == "mac-cyrillic" and _letters(sample, "cp1251") >= _letters(sample, name):
        # The two share their small letters; short Bulgarian texts get mistaken.
        name = "cp1251"
    return name, (f"the encoding is not stated in the file; {name} fits best",)


def _letters(sample: bytes, page: str) -> int:
    return len(_CYRILLIC.findall(sample.decode(page, "ignore")))


def _reads(sample: bytes, page: str, alphabet: Collection[str]) -> bool:
    """Say whether nearly all letters beyond ASCII are of an alphabet, read by a page."""
    try:
        letters = [letter for letter in sample.decode(page) if letter > "\x7f" and letter not in _TYPOGRAPHY]
    except UnicodeDecodeError:
        return False
    return bool(letters) and sum(letter in alphabet for letter in letters) >= 0.9 * len(letters)


class LineReader:
    """The physical lines of a text source, one at a time, with their numbers.

    Attributes
    ----------
    number
        Number of the line last given, from 1.
    """

    def __init__(self, source: FileSource, encoding: str) -> None:
        self._stream: BinaryIO = source.open()
        self._text = io.TextIOWrapper(self._stream, encoding=encoding, errors=_ERRORS, newline="")
        self.number = 0
        self._ended = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.read, "")

    def read(self) -> str:
        """Give the next line with its end, cut where it is over the limit; empty after the last."""
        line = self._text.readline(RECORD_LIMIT + 1)
        if line:
            self.number += 1
            self._ended = line.endswith(("\n", "\r"))
            if len(line) > RECORD_LIMIT and not self._ended:
                self._skip_rest()
        return line

    def place(self) -> int | None:
        """Say where the next line begins, in the decoder's terms; ``None`` where it cannot say."""
        try:
            return self._text.tell()
        except OSError:
            return None

    def go(self, number: int, place: int) -> None:
        """Go to a place that :meth:`place` gave, behind so many lines."""
        self._text.seek(place)
        self.number = number

    def cut(self) -> str | None:
        """Say why the line last given is only the beginning of a line; ``None`` where it is whole."""
        return None if self._ended else break_of(self._stream)

    def end(self) -> str | None:
        """After the last line: say why the source ended before its proper end; ``None`` where it did not."""
        return break_of(self._stream)

    def close(self) -> None:
        """Close the source."""
        self._text.close()

    def _skip_rest(self) -> None:
        while rest := self._text.readline(RECORD_LIMIT):
            if rest.endswith(("\n", "\r")):
                break
