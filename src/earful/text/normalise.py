"""Clean a text for reading and keep the way back: markup out, Unicode NFC, control characters out.

What an export spoilt is mended first (:mod:`earful.text.mending`). Russian and Bulgarian typed in Latin
letters are read back last (:mod:`earful.text.typed`). Nothing else is taken from a text. Every step is linear
in the text's length, whatever the text.
"""

from __future__ import annotations

import html
import html.entities
import itertools
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa

from earful.pipeline import Batch
from earful.text.asides import KINDS, asides
from earful.text.mending import mendings
from earful.text.typed import edits as typed_edits

__all__ = ["DEFAULT_LIMIT", "Clean", "Normalise", "clean", "own_words", "read_back"]

#: Code points of a text that are read; what stands behind them is kept in the table but not scored.
DEFAULT_LIMIT = 100_000

#: How many times longer than its words a text may be through markup and still be read to its end.
_MARKUP_SHARE = 20

#: A replacement of text[start:end] by other characters.
_Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Clean:
    """A cleaned text with the way back to the text as received.

    Attributes
    ----------
    text
        The cleaned text.
    starts
        For each code point of ``text``, and for one past its end, the offset in the text as received that it
        came from; ``None`` where both are the same.
    ends
        For each code point of ``text``, one past the last offset that it came from; ``None`` where that is
        the start of the next one.
    """

    text: str
    starts: array[int] | None = None
    ends: array[int] | None = None

    def to_raw(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the text as received that ``text[start:end]`` came from.

        Parameters
        ----------
        start, end
            Half-open code points, ``0 <= start <= end <= len(text)``.

        Returns
        -------
        tuple of int
            Half-open code points in the text as received. Markup before and after the stretch is left out,
            markup inside it is covered.

        Raises
        ------
        IndexError
            The stretch does not lie in the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"[{start}, {end}) does not lie in a text of {len(self.text)} code points")
        if self.starts is None:
            return start, end
        first = self.starts[start]
        if start == end:
            return first, first
        return first, self.starts[end] if self.ends is None else self.ends[end - 1]

    def _edited(self, edits: Iterable[_Edit], limit: int | None = None) -> tuple[Clean, bool]:
        """Apply edits given in order, stop past ``limit`` code points; say whether something was left off."""
        pieces: list[str] = []
        starts, ends = array("I"), array("I")
        size = position = 0
        for start, end, new in edits:
            self._copy(position, start, pieces, starts, ends)
            size += start - position + len(new)
            pieces.append(new)
            first, last = self.to_raw(start, end)
            starts.extend([first] * len(new))
            ends.extend([last] * len(new))
            position = end
            if limit is not None and size > limit:
                break
        if limit is None or size <= limit:
            if not position:
                return self, False
            stop = len(self.text) if limit is None else min(len(self.text), position + limit + 1 - size)
            self._copy(position, stop, pieces, starts, ends)
        text = "".join(pieces)
        if limit is not None and len(text) > limit:
            cut = _safe_cut(text, limit)
            starts.append(starts[cut])
            return Clean(text[:cut], starts[: cut + 1], ends[:cut]), True
        starts.append(self.to_raw(len(self.text), len(self.text))[0])
        return Clean(text, starts, ends), False

    def _copy(self, start: int, end: int, pieces: list[str], starts: array[int], ends: array[int]) -> None:
        pieces.append(self.text[start:end])
        if self.starts is None or self.ends is None:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend(self.starts[start:end])
            ends.extend(self.ends[start:end])


class Normalise:
    """Stage: clean each review's text, leave out what is not its writer's own word, read back what was typed.

    Parameters
    ----------
    limit
        Code points of a text that are read; ``reviews.truncated`` says where there were more.
    """

    name = "normalise"
    requires: tuple[str, ...] = ("reviews.text",)
    adds: tuple[str, ...] = ("texts", "reviews.truncated", "reviews.aside")

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit

    def __call__(self, batch: Batch) -> Batch:
        """Add the cleaned texts, ``reviews.truncated`` and ``reviews.aside``."""
        fields = batch.column("fields") if "fields" in batch.reviews.column_names else itertools.repeat(None)
        results = [
            clean(text or "", self.limit, named or ())
            for text, named in zip(batch.column("text"), fields, strict=False)
        ]
        own = [own_words(result) for result, _ in results]
        texts = tuple(read_back(text) for text, _ in own)
        batch = batch.with_reviews(
            truncated=pa.array([truncated for _, truncated in results], pa.bool_()),
            aside=pa.array([kinds for _, kinds in own], pa.string()),
        )
        return replace(batch, texts=texts)


def own_words(text: Clean) -> tuple[Clean, str | None]:
    """Leave out of a cleaned text what is not its writer's own word; name the kinds, parted by commas."""
    found = asides(text.text)
    if not found:
        return text, None
    left, _ = text._edited((start, end, "") for start, end, _ in found)
    there = {kind for _, _, kind in found}
    return left, ",".join(kind for kind in KINDS if kind in there)


def read_back(text: Clean) -> Clean:
    """Put Russian and Bulgarian that are typed in Latin letters into their own, where that is sure."""
    found = typed_edits(text.text)
    return text._edited(found)[0] if found else text


def clean(text: str, limit: int = DEFAULT_LIMIT, fields: Sequence[int] = ()) -> tuple[Clean, bool]:
    """Clean a text: HTML out, entities decoded once, NFC, control and invisible characters out.

    Parameters
    ----------
    text
        The text as received.
    limit
        How many code points are read at most, counted after markup is out, and a twentieth of what is read
        before.
    fields
        Pairs of offsets of the names of fields, which are not read: they are no words of the customer's.

    Returns
    -------
    Clean
        The cleaned text with the way back.
    bool
        Whether the text was longer than the limit.
    """
    result, truncated = Clean(text[: limit * _MARKUP_SHARE]), len(text) > limit * _MARKUP_SHARE
    edits = list(_field_edits(fields, len(result.text)))
    if len(text) <= limit:
        # What is mended inside a name that goes anyway is not mended.
        inside = [(start, end) for start, end, _ in edits]
        edits += [
            edit
            for edit in mendings(text)
            if not any(edit[0] < end and start < edit[1] for start, end in inside)
        ]
    if edits:
        result, _ = result._edited(sorted(edits))
    if "<" in result.text or "&" in result.text:
        result, cut = result._edited(_markup_edits(result.text, limit), limit)
        truncated |= cut
    if len(result.text) > limit:
        result, truncated = (
            result._edited((), limit) if fields else (Clean(text[: _safe_cut(text, limit)]), True)
        )
    if result.text.isascii() and not _ODD_ASCII.search(result.text):
        return result, truncated
    result, _ = result._edited(_character_edits(result.text))
    # Every part of a text in NFC is in NFC too.
    if not unicodedata.is_normalized("NFC", result.text):
        result, _ = result._edited(_composition_edits(result.text))
    return result, truncated


def _field_edits(fields: Sequence[int], length: int) -> Iterator[_Edit]:
    """Take the names of fields out, as far as the text goes."""
    for start, end in zip(fields[::2], fields[1::2], strict=True):
        if end <= length:
            yield start, end, ""


def _safe_cut(text: str, limit: int) -> int:
    """Where to cut at most ``limit`` code points without parting a character from its marks or joiners."""
    for cut in range(limit, max(limit - 32, 0), -1):
        if not _EXTENDS.match(text, cut) and text[cut - 1] != _ZWJ and text[cut - 1 : cut + 1] != "\r\n":
            return cut
    return limit


# --- markup -------------------------------------------------------------------------------------------------


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCK = _names(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main "
    "menu nav noscript ol optgroup option p pre search section select summary table tbody td tfoot th "
    "thead title tr ul"
)
_SPACED = _names("audio button canvas embed iframe img input object picture svg textarea video")
_INLINE = _names(
    "a abbr acronym applet area b base basefont bdi bdo big cite code col colgroup data datalist del dfn "
    "em font frame i ins kbd label link map mark math meta meter nobr noframes output param path progress "
    "q rb rp rt rtc ruby s samp script slot small source span strike strong style sub sup template time "
    "track tt u var wbr"
)
#: Name spaces of the tags that word processors and mail programs leave, as in <o:p>.
_OFFICE = _names("o w v m st1 x xml fb")
#: Attributes that stand without a value. Any other word without "=" means that "<b and c>" is no tag.
_BARE = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|hidden|inert|ismap|"
    "itemscope|loop|multiple|muted|nohref|noresize|noshade|novalidate|nowrap|open|readonly|required|reversed|selected"
)
_ATTRIBUTE = (
    rf"(?:(?:{_BARE})(?![\w:.@=-])|[A-Za-z_:@][\w:.@-]*+\s*+=\s*+"
    r"""(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]++))"""
)
# Every quantifier is possessive and stops at the next "<", so that no text is looked at more than twice.
_TAG = re.compile(
    rf"""<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<office>:[A-Za-z][\w-]*+)?+"""
    rf"""(?:(?:[\s/]++|(?<=["'])){_ATTRIBUTE})*+[\s/]*+>""",
    re.IGNORECASE,
)
_DECLARATION = re.compile(r"<!doctype\s[^<>]*+>|<\?xml[^<>]*+>", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#(?P<dec>[0-9]{1,7}+);|#(?P<dec2>[0-9]{2,7}+)|#[xX](?P<hex>[0-9a-fA-F]{1,6}+);?"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}+;))"
)
_CLOSERS = {
    "comment": re.compile(r"-->"),
    "script": re.compile(r"</script\s*+>", re.IGNORECASE),
    "style": re.compile(r"</style\s*+>", re.IGNORECASE),
}
_OPENING = re.compile("[<&]")


def _markup_edits(text: str, limit: int) -> Iterator[_Edit]:
    """Find what is to be replaced in the part of the text that leaves ``limit`` code points, and one more."""
    closers = _Closers(text)
    position = removed = 0
    while opening := _OPENING.search(text, position):
        start = opening.start()
        if start - removed > limit:
            return
        edit = _entity_edit(text, start) if text[start] == "&" else _tag_edit(text, start, closers)
        if edit:
            yield edit
            removed += edit[1] - start - len(edit[2])
        position = edit[1] if edit else start + 1


def _tag_edit(text: str, start: int, closers: _Closers) -> _Edit | None:
    if text.startswith("<!--", start):
        end = closers.end("comment", start + 4)
        return (start, end, "") if end is not None else None
    if declaration := _DECLARATION.match(text, start):
        return start, declaration.end(), ""
    tag = _TAG.match(text, start)
    if tag is None:
        return None
    name = tag["name"].lower()
    if name in _BLOCK and not tag["office"]:
        return start, tag.end(), "\n"
    if name in _SPACED and not tag["office"]:
        return start, tag.end(), " "
    if name not in (_OFFICE if tag["office"] else _INLINE):
        return None
    if name in {"script", "style"} and not tag["close"]:
        return start, closers.end(name, tag.end()) or tag.end(), ""
    return start, tag.end(), ""


class _Closers:
    """Finds the end of a comment, script or style, and looks but once for what is not there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.missing: set[str] = set()

    def end(self, kind: str, start: int) -> int | None:
        if kind in self.missing:
            return None
        found = _CLOSERS[kind].search(self.text, start)
        if found is None:
            self.missing.add(kind)
            return None
        return found.end()


def _entity_edit(text: str, start: int) -> _Edit | None:
    entity = _ENTITY.match(text, start)
    if entity is None:
        return None
    # html.unescape also mends numbers that mean cp1252, such as &#146; for an apostrophe
    new = html.entities.html5.get(entity["name"]) if entity["name"] else html.unescape(entity[0])
    return (start, entity.end(), new) if new is not None else None


# --- characters ---------------------------------------------------------------------------------------------

_ZWJ, _ZWNJ = "\u200d", "\u200c"
_ODD_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ODD = re.compile(
    "\r\n?|[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Scripts whose letters are joined or parted by ZWJ and ZWNJ: Arabic to Tibetan, Myanmar, Khmer, Mongolian,
# their extensions and presentation forms, and the Indic scripts of the supplementary planes.
_JOINING = (
    "\u0600-\u0fff\u1000-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uaaff\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
)
_SCRIPT = re.compile(f"[{_JOINING}\U00010a00-\U00011fff]")
_EMOJI = re.compile(
    "[\xa9\xae\u203c\u2049\u20e3\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e007f]"
)
# What a variation selector may follow: emoji, keycap bases, symbols, and letters outside Latin to Hebrew.
_VARIED = re.compile("[0-9#*\xa9\xae\u0600-\U000e00ff]")
_EXTENDS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u200c\u200d\u20d0-\u20ff\u3099\u309a\udc00-\udfff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"
    "\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)


def _character_edits(text: str) -> Iterator[_Edit]:
    kept = 0  # one past the last character that was kept before the present one, for what may follow it
    previous = ""
    for odd in _ODD.finditer(text):
        start, end = odd.span()
        if start > kept:
            previous = text[start - 1]
        new = _replacement(odd[0], previous, text[end : end + 1])
        previous, kept = new or previous, end
        if new != odd[0]:
            yield start, end, new


def _replacement(odd: str, previous: str, following: str) -> str:
    if odd in {"\r\n", "\r", "\u2028", "\u2029"}:
        return "\n"
    if len(odd) == 2:  # both halves of a character beyond the basic plane, left apart by a faulty decoder
        return odd.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    if "\ud800" <= odd <= "\udfff":
        return "\ufffd"
    if "\ufe00" <= odd <= "\ufe0f" or odd >= "\U000e0100":
        return odd if previous and _VARIED.match(previous) and not previous.isspace() else ""
    if odd in {_ZWJ, _ZWNJ}:
        joins = _SCRIPT.match(previous) and _SCRIPT.match(following)
        return odd if joins or (odd == _ZWJ and _EMOJI.match(previous) and _EMOJI.match(following)) else ""
    if odd == "\xa0" or ("\x01" <= odd <= "\x9f"):
        return " "
    return ""


def _composition_edits(text: str) -> Iterator[_Edit]:
    """Bring each base with its marks to NFC by itself: what NFC does to a text happens within these."""
    if unicodedata.is_normalized("NFC", text):
        return  # as nearly every text is, and every part of it then
    for cluster in _clusters().finditer(text):
        # Sorting marks takes quadratic time, and no language stacks so many: leave them as they are.
        if len(cluster[0]) <= 64 and (new := unicodedata.normalize("NFC", cluster[0])) != cluster[0]:
            yield cluster.start(), cluster.end(), new


@cache
def _clusters() -> re.Pattern[str]:
    """Match a base with what may compose with it or be reordered after it, or a lone character not in NFC."""
    marks, singles = set(range(0x1160, 0x1200)), []  # the Hangul vowels and finals
    for code in range(0x300, 0x30000):
        character = chr(code)
        if 0xAC00 <= code <= 0xD7A3 or 0x4E00 <= code <= 0x9FFF or 0xD800 <= code <= 0xDFFF:
            continue
        if unicodedata.category(character).startswith("M"):
            marks.add(code)
        decomposition = unicodedata.decomposition(character)
        if decomposition and not decomposition.startswith("<"):
            if unicodedata.normalize("NFC", character) != character:
                singles.append(code)
            elif " " in decomposition:
                marks.add(int(decomposition.split()[1], 16))
    mark, single = _character_class(sorted(marks)), _character_class(singles)
    return re.compile(f"[^{mark}]?[{mark}]++|[{single}]")


def _character_class(codes: list[int]) -> str:
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges)
