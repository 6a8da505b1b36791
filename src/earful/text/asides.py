"""What stands in a text and is not its writer's own word: replies, quoted mail, signatures, empty fields.

They stay in the text as received; they are left out of the cleaned text, and so are not scored, and the
offsets of what is scored hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from earful.text.answers import fillers
from earful.text.pii_words import listed as personal

__all__ = ["KINDS", "Aside", "asides"]

#: In the order that they are named in.
KINDS = ("quote", "reply", "signature", "filler")

#: Half-open code points, and the kind.
Aside = tuple[int, int, str]

#: A signature has few lines, and short ones.
_LINES, _LINE = 5, 60
_CLOSING = re.compile(
    rf"(?:(?<=\n)|(?<=[.!?…)]\s)|(?<=\A))[^\S\n]*(?:{personal('closings', 'strong')})[^\S\n]*[,.!:]?[^\S\n]*"
    r"(?=\n|[^\n]{0,40}\Z)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"(?<=\n)(?:--|__)[^\S\n]?\n")


def asides(text: str) -> list[Aside]:
    r"""Find what is not the writer's own word.

    Parameters
    ----------
    text
        A cleaned text.

    Returns
    -------
    list of (int, int, str)
        In order and without overlap: ``quote`` (mail that is quoted), ``reply`` (a seller's or owner's),
        ``signature``, and ``filler`` (a field of a form that says nothing: ``Недостатки: нет``).

    Examples
    --------
    >>> text = "Broke in a week.\nResponse from the owner: so sorry!"
    >>> [(text[start:end], kind) for start, end, kind in asides(text)]
    [('Response from the owner: so sorry!', 'reply')]
    """
    found: list[Aside] = []
    # The tail begins with whichever of the two comes first; a signature is sought in what stands before it.
    tails = [
        (start, kind)
        for kind, start in (("quote", _history(text)), ("reply", _reply(text)))
        if start is not None
    ]
    end = len(text)
    if tails:
        end, kind = min(tails)
        found.append((end, len(text), kind))
    found += _quoted_lines(text, end)
    signed = _signature(text, end)
    if signed is not None:
        found.append((signed, end, "signature"))
        end = signed
    found += [(start, stop, "filler") for start, stop in fillers(text[:end])]
    return _own_words_left(text, sorted(found))


def _own_words_left(text: str, found: list[Aside]) -> list[Aside]:
    """Keep signatures and fillers where nothing else is there: they are all that was said."""
    if found and not _words(text, found):
        return [aside for aside in found if aside[2] in {"quote", "reply"}]
    return found


def _words(text: str, without: list[Aside]) -> bool:
    at = 0
    for start, end, _ in [*without, (len(text), len(text), "")]:
        if any(sign.isalnum() or ord(sign) > 0x2000 for sign in text[at:start]):
            return True
        at = end
    return False


@cache
def _listed() -> dict[str, dict[str, str]]:
    path = Path(__file__).parent / "data" / "asides.toml"
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    # A line break in the list is one in the file; "\n" in a pattern is written with a backslash.
    return {
        section: {key: words.replace("\n", "") for key, words in keys.items()}
        for section, keys in read.items()
    }


@cache
def _reply_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<=\n)|(?<=\A))[^\S\n]*(?:\W{{1,3}})?(?:{'|'.join(_listed()['reply'].values())})"
        r"(?:[^\S\n]*[:\n]|[^\S\n]*[(,–—-][^\n]{0,60}[:\n]|[^\S\n]+[^\n:]{1,50}:)",
        re.IGNORECASE,
    )


def _reply(text: str) -> int | None:
    # It begins at the head of a line, so no other place is tried.
    begins = _reply_pattern().match
    at = 0
    while not begins(text, at):
        at = text.find("\n", at) + 1
        if not at:
            return None
    return at


@cache
def _history_pattern() -> re.Pattern[str]:
    words = _listed()["quote"]
    return re.compile(
        rf"(?:(?<=\n)|(?<=\A))[^\S\n]*(?:(?P<wrote>{words['wrote']})[^\S\n]*:[^\S\n]*(?=\n|\Z)"
        rf"|-{{2,10}}\s?(?:{words['original']})\s?-{{0,10}}"
        rf"|(?:{words['from']})[^\S\n]?:[^\n]{{1,120}}\n(?:[^\n]{{0,20}}\n)?(?:{words['sent']})[^\S\n]?:)",
        re.IGNORECASE,
    )


def _history(text: str) -> int | None:
    """Give where quoted mail begins that runs to the end."""
    if ":" not in text and "--" not in text:
        return None
    for match in _history_pattern().finditer(text):
        # "My husband wrote:" may announce anything; above a quotation stands a date or an address.
        if (
            not match["wrote"]
            or re.search(r"\d|@|<", match["wrote"])
            or text[match.end() :].lstrip()[:1] == ">"
        ):
            return match.start()
    return None


def _quoted_lines(text: str, end: int) -> Iterator[Aside]:
    """Give runs of lines that begin with ``>``, as mail quotes."""
    if "\n>" not in text and not text.startswith(">"):
        return
    for match in re.finditer(r"(?:(?<=\n)|(?<=\A))>[^\n]*(?:\n>[^\n]*)*\n?", text[:end]):
        yield match.start(), match.end(), "quote"


def _signature(text: str, end: int) -> int | None:
    """Give where the signature begins that the writer's part closes with."""
    body = text[:end]
    for match in _DELIMITER.finditer(body):
        if _short_lines(body[match.end() :]):
            return match.start()
    device = _device_pattern().search(body)
    last = device.start() if device else len(body)
    for match in _CLOSING.finditer(body, max(0, last - 400)):
        if match.start() < last and _short_lines(body[match.end() : last]):
            return match.start()
    return last if device else None


@cache
def _device_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<=\n)[^\S\n]*(?:{_listed()['device']['sent']})[.!]?\s*\Z", re.IGNORECASE)


def _short_lines(rest: str) -> bool:
    """Say whether what follows a closing is a name, a post, a number: few short lines and no sentence."""
    if len(rest) > _LINES * _LINE:
        return False
    lines = [line.strip() for line in rest.strip().splitlines() if line.strip()]
    return len(lines) <= _LINES and all(
        len(line) <= _LINE and not re.search(r"[!?]|\w\.\s+\w{3}", line) for line in lines
    )
