r"""What exports do to words: UTF-8 read as something else, ``\u041e``, ``\n`` in letters, halves said twice.

Each is told by what no customer writes; a text without such signs is left alone. The edits are those of
:mod:`earful.text.normalise`: what comes out keeps the way back to the text as received.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["mendings"]

_Edit = tuple[int, int, str]


def _page(name: str) -> dict[int, str]:
    """Give the character of each byte, of those without one the control character."""
    return {byte: bytes([byte]).decode(name, "ignore") or chr(byte) for byte in range(0x80, 0x100)}


def _sequences(page: dict[int, str], leads: str) -> re.Pattern[str]:
    """Match UTF-8 of two and three bytes (and four) as it looks in a code page."""
    rest = "".join(re.escape(page[byte]) for byte in range(0x80, 0xC0))
    two, three, four = (
        "".join(re.escape(page[byte]) for byte in span)
        for span in (bytes.fromhex(leads), range(0xE0, 0xF0), range(0xF0, 0xF5))
    )
    return re.compile(f"[{two}][{rest}]|[{three}][{rest}]{{2}}|[{four}][{rest}]{{3}}")


_WESTERN, _CYRILLIC = _page("cp1252"), _page("cp1251")
#: Characters of Latin and Cyrillic letters, and of typography, as UTF-8 read as Western or Cyrillic.
_AS_WESTERN = _sequences(_WESTERN, "c2c3c4c5d0d1")
_AS_CYRILLIC = _sequences(_CYRILLIC, "c2c3c4c5d0d1")
_BYTES_WESTERN = {letter: byte for byte, letter in _WESTERN.items()}
_BYTES_CYRILLIC = {letter: byte for byte, letter in _CYRILLIC.items()}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
#: One such pair may be chance ("CAFÉ”"); so many in a text, and so much of what is not ASCII, are not.
_FEW, _FEW_CYRILLIC, _SHARE = 2, 4, 0.6
#: What typography ("’", "€") and emoji begin with as Western: one of them alone is no chance either.
_LONE = ("â", "ð")

_ESCAPED = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[0-9a-fA-F]{4}|(?:\\x[0-9a-fA-F]{2})+"
    r"|(?:\\r)?\\n(?=\\|[^a-z]|$)|(?<=[\s.!?…,;)\"»”])(?:\\r)?\\n|_x000[dDaA]_"
)
_BYTES_LITERAL = re.compile(r"""b(['"])(?=.*\1\s*\Z)""", re.DOTALL)
_HALVES = re.compile(
    r"\((?:translated by google|переведено google|преведено от google|tulkojis google|google translate)\)\s*"
    r"(?P<translation>.*?)\s*\((?:original|оригинал|oriģināls)\)\s*",
    re.IGNORECASE | re.DOTALL,
)
_TRANSLATED_LAST = re.compile(
    r"\s*\((?:translated by google|переведено google|преведено от google|tulkojis google)\)\s*(?P<rest>.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL_MARK = re.compile(r"\A\s*\((?:original|оригинал|oriģināls)\)\s*", re.IGNORECASE)
_MORE = re.compile(
    r"(?<=\.\.\.|.\s…|..…)\s*(?:read more|show more|see more|читать (?:далее|полностью|дальше|ещё)"
    r"|показать полностью|виж още|прочети повече|покажи повече|lasīt vairāk|rādīt vairāk)\s*\Z",
    re.IGNORECASE,
)


def mendings(text: str) -> list[_Edit]:
    """Give what is to be replaced in a text, in order and without overlap."""
    edits = [*_halves(text), *_escapes(text), *_encoding(text), *_ends(text)]
    if not edits:
        return []
    kept: list[_Edit] = []
    for edit in sorted(edits, key=lambda one: (one[0], -one[1])):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _encoding(text: str) -> Iterator[_Edit]:
    """Find UTF-8 that was read as a Western or a Cyrillic code page."""
    if text.isascii():
        return
    for pattern, values, few in (
        (_AS_WESTERN, _BYTES_WESTERN, _FEW),
        (_AS_CYRILLIC, _BYTES_CYRILLIC, _FEW_CYRILLIC),
    ):
        found = list(pattern.finditer(text))
        covered = sum(len(match[0]) for match in found)
        if not found or covered < _SHARE * len(_BEYOND_ASCII.findall(text)):
            continue
        if len(found) < few and not (
            few == _FEW and any(len(match[0]) > 2 and match[0].startswith(_LONE) for match in found)
        ):
            continue
        for match in found:
            try:
                yield *match.span(), bytes(values[letter] for letter in match[0]).decode()
            except UnicodeDecodeError:
                continue
        return


def _escapes(text: str) -> Iterator[_Edit]:
    r"""Find characters written as ``\u041e`` or ``\xd0\x9e``, and line ends written as letters."""
    if "\\" not in text and "_x00" not in text:
        return
    if literal := _BYTES_LITERAL.match(text):
        yield literal.start(), literal.end(), ""
        last = text.rindex(literal[1])
        yield last, last + 1, ""
    for match in _ESCAPED.finditer(text):
        new = _unescaped(match[0])
        if new is not None:
            yield *match.span(), new


def _unescaped(written: str) -> str | None:
    if written.startswith(("\\n", "\\r", "_x")):
        return "\n"
    if written.startswith("\\x"):
        try:
            return bytes.fromhex(written.replace("\\x", "")).decode()
        except UnicodeDecodeError:
            return None
    codes = [int(code, 16) for code in written.split("\\u")[1:]]
    units = b"".join(code.to_bytes(2, "little") for code in codes)
    try:
        return units.decode("utf-16-le")
    except UnicodeDecodeError:
        return None


def _halves(text: str) -> Iterator[_Edit]:
    """Leave the words in the customer's own language where a translation stands beside them."""
    if "(" not in text:
        return
    last = _TRANSLATED_LAST.search(text)
    if match := _HALVES.search(text):
        yield *match.span(), ""
    elif last is not None:
        # The mark alone, where the translation is all there is.
        alone = not text[: last.start()].strip()
        yield last.start(), last.start("rest") if alone else last.end(), ""
    if match := _ORIGINAL_MARK.match(text):
        yield *match.span(), ""


def _ends(text: str) -> Iterator[_Edit]:
    """Take off the words of the button that a scraper took for the text's last ones."""
    if match := _MORE.search(text, max(len(text) - 60, 0)):
        yield *match.span(), ""
