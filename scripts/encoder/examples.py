"""What the encoder learns from, as one kind of example, read from the sources of ``sources.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earful.encoder.form import TITLE, plain
from earful.encoder.heads import PROBLEMS
from scripts.encoder.reader import STYLES
from scripts.encoder.rows import DATA, HERE, LABELS, SCRIPTS, key_of, measured_on, read_rows, unit_of

SOURCES = HERE / "sources.toml"
UNKNOWN = -1
REFUSED = {"NC", "GPL"}
SENTENCE = 220  # a longer text is no single segment
HELD_OUT = 0.03  # share of the texts of each source that is kept for calibration, by a hash of the text
_ENGLISH = re.compile(
    r"(?i)\b(?:the|you|i|is|are|was|a|to|it|of|what|he|she|we|they|in|my|that|this|not|do|be)\b"
)
_INTENTS = {"complaint": 0, "fact": 1, "question": 2, "request": 2, "praise": 3}


@dataclass(slots=True)
class Mark:
    """A stretch of a part's text and what is known of it: a segment, or an aspect term."""

    begin: int
    end: int
    label: int = UNKNOWN
    problem: int = UNKNOWN
    theme: str = ""
    aspect: bool = False


@dataclass(slots=True)
class Part:
    """A part of a review: the names it can go by, its text, and marks in it."""

    names: tuple[str, ...]
    text: str
    marks: list[Mark] = field(default_factory=list)


@dataclass(slots=True)
class Example:
    """A review, or a sentence of one, and what is known of it.

    Attributes
    ----------
    forms
        The same review in one form or another, as a list of parts each; one is drawn.
    label, weight
        Polarity of the whole, and how much it counts.
    answer, step
        The answer on 0 to 10, and how many points of it one step of the source's scale takes; below 0 where
        there is none.
    advised
        Whether the author recommends it.
    aspects, style
        How much aspect terms count, 0 where they are not marked; and by whose style they are marked.
    twin
        The same in English, for the theme vector.
    joins
        Whether it can stand beside others in a made-up review.
    """

    forms: list[list[Part]]
    lang: str
    source: str
    label: int = UNKNOWN
    weight: float = 1.0
    answer: float = -1.0
    step: float = 1.0
    advised: int = UNKNOWN
    aspects: float = 0.0
    style: int = 0
    twin: str = ""
    group: str = ""
    joins: bool = False


def read_examples(
    data: Path = DATA, path: Path = SOURCES, *, held_out: bool = False
) -> tuple[list[Example], dict[str, Any]]:
    """Return all examples, in a fixed order, and the settings of the sources.

    Parameters
    ----------
    held_out
        Whether to return what is kept for calibration instead of what is learned from.
    """
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    closed = measured_on(data)
    found: list[Example] = []
    for name, source in settings.items():
        if "path" not in source:
            continue
        if source["licence"] in REFUSED:
            raise SystemExit(f"{name}: licence {source['licence']} may not be trained on")
        seen: set[str] = set()
        own = []
        for example, text in _source(name, source, data):
            key = key_of(text)
            if key in seen or (len(key) >= 25 and key in closed):
                continue
            seen.add(key)
            unit = unit_of(key)
            if (unit < HELD_OUT) == held_out:
                own.append((unit, example))
        found += [example for _, example in _capped(own, source)]
    return found, settings


def _capped(own: list[tuple[float, Example]], source: dict[str, Any]) -> list[tuple[float, Example]]:
    limit = source.get("cap")
    return own if limit is None else sorted(own, key=lambda pair: pair[0])[:limit]


def _source(name: str, source: dict[str, Any], data: Path) -> Iterator[tuple[Example, str]]:
    read = {
        "review": _review,
        "sentence": _sentence,
        "aspects": read_aspects,
        "ticket": _ticket,
        "words": _word,
        "pair": _pair,
        "written": _written,
    }[source["how"]]
    for folder in (SCRIPTS, data):
        for path in sorted(folder.glob(source["path"])):
            tail = re.findall(r"[_-]([a-z]{2})$", path.name.split(".")[0])
            lang = tail[-1] if tail else path.stem if len(path.stem) == 2 else "en"
            for row in read_rows(path):
                if row.get("split", "train") != "train":
                    continue
                row.setdefault("lang", lang)
                example = read(row, source)
                if example is None:
                    continue
                example.source, example.weight = name, float(source.get("weight", 1.0))
                text = " ".join(part.text for part in example.forms[0])
                if len(text) >= source.get("min_chars", 1):
                    yield example, text


def _label(value: Any) -> int:
    return LABELS.index(value) if value in LABELS else UNKNOWN


def _single(text: str, row: dict[str, Any], label: int, problem: int = UNKNOWN, theme: str = "") -> Example:
    """Return a text of one part; a short one is a segment too."""
    text = plain(text)
    marks = [Mark(0, len(text), label, problem, theme)] if len(text) <= SENTENCE else []
    return Example([[Part(("",), text, marks)]], row["lang"], "", label)


def _sentence(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    theme = f"{row['theme']}" if source.get("themes") and row.get("theme") else ""
    theme = "" if theme == "Can't Tell" or float(row.get("theme_confidence") or 1) < 0.6 else theme
    label = _label(row.get("label"))
    if label == UNKNOWN:
        return None
    problem = 3 if label == 2 else 0 if theme else UNKNOWN
    return _single(row["text"], row, label, problem, theme and f"{row['category']}: {theme}")


def _review(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    label = _label(row.get("label"))
    if source.get("flag_label") and isinstance(row.get("recommended"), bool):
        label = 2 if row["recommended"] else 0
    example = _single(row["text"], row, label)
    body = example.forms[0][0]
    if row.get("rating") is not None and len(body.text) <= 60:
        # Short reviews are one segment, but stars say less of it than of the whole.
        body.marks = [Mark(0, len(body.text), label)]
    else:
        body.marks = []
    parts = [
        Part(tuple(names["names"]), plain(row.get(names["column"]) or ""), [])
        for names in source.get("fields", [])
    ]
    for part, names in zip(parts, source.get("fields", []), strict=True):
        if says_something(part.text):
            part.marks = [Mark(0, len(part.text), _label(names["label"]))]
    title = Part((TITLE,), plain(row.get("title") or ""))
    if parts:
        rest = re.split(r"Отзыв: ?", row["text"])[1:]
        told = [Part(("Отзыв", "Комментарий", ""), plain(rest[0]))] if rest else []
        example.forms += [[title, *parts, *told], [*parts, *told], parts]
    elif title.text:
        example.forms += [[title, body]]
    if source.get("ordinal", True) and row.get("rating") is not None:
        low, top = (0 if "nps" in row else 1), float(row["rating_max"])
        example.answer = max(0.0, 10 * (float(row["rating"]) - low) / (top - low))
        example.step = 10 / (top - low)
    if row.get("nps") is not None:
        example.answer, example.step, example.label = float(row["nps"]), 1.0, nps_label(float(row["nps"]))
    if isinstance(row.get("recommended"), bool):
        example.advised = int(row["recommended"])
    return example


def nps_label(answer: float) -> int:
    """Return a polarity where an answer leaves no doubt: a 7 can stand under a complaint."""
    return 0 if answer <= 4 else 2 if answer >= 9 else UNKNOWN


def _ticket(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    label, problem = source.get("label", ""), source.get("problem", "")
    theme = row.get("theme") or ""
    if "by_theme" in source:
        label, problem = source["by_theme"].get(theme, ("", ""))
    named = f"{row['category']}: {theme.replace('_', ' ')}" if theme and source.get("themes") else ""
    kind = PROBLEMS.index(problem) if problem else UNKNOWN
    example = _single(row["text"], row, _label(label), kind, named)
    body = example.forms[0][0]
    if not body.marks and len(body.text) <= 1200:  # a ticket has one theme, however long it is
        body.marks = [Mark(0, len(body.text), _label(label), kind, named)]
    return example


def read_aspects(row: dict[str, Any], source: dict[str, Any]) -> Example:
    """Return a sentence with its aspect terms marked."""
    found = row.get("aspects") or []
    tones = {aspect["polarity"] for aspect in found}
    label = _label(next(iter(tones))) if len(tones) == 1 else UNKNOWN
    example = _single(row["text"], row, label)
    part = example.forms[0][0]
    moved = len(row["text"]) - len(row["text"].lstrip())
    taken: set[tuple[int, int]] = set()
    named = 0
    for aspect in found:
        if aspect.get("from") is None or not aspect.get("term"):
            continue
        named += 1
        term = plain(aspect["term"])
        at = aspect["from"] - moved
        if part.text[at : at + len(term)] != term:
            at = part.text.find(term)
        if at >= 0 and term and (at, at + len(term)) not in taken:
            taken.add((at, at + len(term)))
            part.marks.append(Mark(at, at + len(term), _label(aspect["polarity"]), aspect=True))
    if source.get("terms", True) and len(taken) >= named * 0.5:
        example.aspects = 0.4 if source.get("silver") else 1.0
    example.style = STYLES.index(source.get("style", STYLES[0]))
    example.joins = True
    return example


def _word(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    word, polarity = source.get("columns", ["word", ""])
    value = source.get("label") or row.get(polarity, "")
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        value = "negative" if float(value) <= -2 else "positive" if float(value) >= 2 else ""
    label = _label(value)
    if (
        label == UNKNOWN
        or not in_script(row[word], row["lang"])
        or row["lang"] not in {"en", "ru", "bg", "lv"}
    ):
        return None
    example = _single(row[word], row, label)
    example.joins = True
    return example


def _pair(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    here, there = source["columns"]
    if not row.get(here) or not row.get(there):
        return None
    if len(row[there].split()) > 3 and not _ENGLISH.search(row[there]):
        return None  # some lines of subtitles are in yet another language
    example = _single(row[here], {"lang": here}, UNKNOWN)
    example.twin = plain(row[there])
    return example


def _written(row: dict[str, Any], source: dict[str, Any]) -> Example | None:
    if not isinstance(row.get("text"), str) or row.get("label") not in LABELS:
        return None
    label = _label(row["label"])
    problem = _INTENTS.get(row.get("intent") or "", UNKNOWN)
    if "intent" not in row:
        problem = {0: 0, 2: 3}.get(label, 2 if row["text"].rstrip().endswith("?") else 1)
    theme = row.get("theme") or ""
    example = _single(row["text"], row, label, problem, theme and f"written: {theme}")
    part = example.forms[0][0]
    segments = row.get("segments") or []
    if segments:
        part.marks = located(part.text, segments)
    example.group = str(row.get("group", ""))
    example.joins = not segments and bool(part.marks)
    return example


def located(text: str, segments: list[dict[str, Any]]) -> list[Mark]:
    """Return the marks of segments that are told by their texts."""
    marks, at = [], 0
    for segment in segments:
        own = plain(segment.get("text") or "")
        begin = text.find(own, at) if own else -1
        if begin < 0:
            continue
        at = begin + len(own)
        label, stated = _label(segment.get("label")), segment.get("problem")
        kind = UNKNOWN
        if isinstance(stated, bool):
            kind = 0 if stated else 3 if label == 2 else 2 if own.endswith("?") else 1
        theme = segment.get("theme")
        marks.append(Mark(begin, at, label, kind, f"written: {theme}" if theme else ""))
    return marks


def says_something(text: str) -> bool:
    """Tell whether a field of a form holds more than "none"."""
    return len(re.findall(r"\w\w+", text)) >= 2 and not re.match(
        r"(?i)\W*(нет|не знаю|не обнаруж|none|nothing|n/?a|no cons|#name)\b", text
    )


def in_script(word: str, lang: str) -> bool:
    """Tell whether a word is written as its language is: translated lists hold English words."""
    cyrillic = bool(re.search("[а-яё]", word.lower()))
    if lang in {"ru", "bg"}:
        return cyrillic
    return not cyrillic and (lang != "lv" or bool(re.search("[āčēģīķļņšūž]|[aeišsu]$", word.lower())))
