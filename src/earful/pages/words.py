"""What pages say, in the language that is spoken: sentences of its file, numbers and dates in its form.

The language is set around the making of a page (``with speaking("lv"):``) and read by whatever writes a
number, a name or a sentence for it; outside of that it is English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import babel
from babel.dates import format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup

__all__ = [
    "LANGUAGES",
    "decimal",
    "has",
    "locale",
    "messages",
    "named",
    "retold",
    "say",
    "speaking",
    "spoken",
    "stated",
    "tell",
    "when",
]

#: Languages that pages are written in; each has its file in ``languages/``.
LANGUAGES = ("en", "ru", "bg", "lv")
_MINUS = "\N{MINUS SIGN}"
_SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")
#: A place in a sentence where something is put in.
_PLACE = re.compile(r"\{(\w+)\}")
#: One right before a full stop.
_STOP = re.compile(r"\{(\w+)\}\.(?!\.)")

#: Forms of a sentence whose words follow a number, as CLDR names them.
_FORMS = {"zero", "one", "few", "many", "other"}

#: Parts of stored sentences that are a count with its English noun.
_COUNTS = frozenset({"dates", "groups", "least", "lines", "periods"})
#: Of so many parts any run may be one sentence; of more each stands for itself.
_PARTS = 12
_COUNT = re.compile(r"(?P<n>[\d,]+) (?P<noun>[a-z]+?)s?")

Message = str | dict[str, str]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one of :data:`LANGUAGES` inside the block."""
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; allowed: {', '.join(LANGUAGES)}")
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken() -> str:
    """Give the language that is spoken."""
    return _SPOKEN.get()


def say(key: str, /, **values: Any) -> str:
    """Say a sentence of the language's file, as plain text.

    Parameters
    ----------
    key
        Where it stands, e.g. ``time.none``. Of several forms the one is said that the number ``n`` asks for.
    **values
        What is put in its places: a whole number is written in the language's form, all else as it is.
    """
    if not values:
        return _set_phrase(spoken(), key)
    return _form(key, values).format_map({name: _shown(value) for name, value in values.items()})


def tell(key: str, /, **values: Any) -> Markup:
    """Say a sentence as HTML: marks of its own stay, what is put in is escaped unless it is HTML."""
    if not values:
        return Markup(_set_phrase(spoken(), key))
    return Markup(_form(key, values)).format_map({name: _shown(value) for name, value in values.items()})


# A page of the dashboard says a hundred of them.
@cache
def _set_phrase(language: str, key: str) -> str:
    """Give a sentence into which nothing is put."""
    message = messages(language)[key]
    assert isinstance(message, str), f"{key} asks for a number"
    return message.format_map({})


def named(group: str, name: Any) -> str:
    """Give what something is called, by its key in a group of the file; without one it keeps its name."""
    key = f"{group}.{name}"
    return say(key) if has(key) else "" if name is None else str(name)


def has(key: str) -> bool:
    """Say whether there is such a sentence."""
    return key in messages(spoken())


def _form(key: str, values: Mapping[str, Any]) -> str:
    message = messages(spoken())[key]
    if not isinstance(message, str):
        message = message.get(str(locale().plural_form(values["n"]))) or message["other"]
    # "2026 г." at the end of a sentence brings its own full stop.
    return _STOP.sub(lambda place: _stopped(place, values), message)


def _stopped(place: re.Match[str], values: Mapping[str, Any]) -> str:
    return place[0].rstrip(".") if str(values.get(place[1])).endswith(".") else place[0]


def _shown(value: Any) -> Any:
    return decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


@cache
def messages(language: str) -> dict[str, Message]:
    """Read the sentences of a language by their keys; one with several forms is a table of them."""
    path = Path(__file__).parent / "languages" / f"{language}.toml"
    return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Message]]:
    for name, value in table.items():
        if isinstance(value, dict) and not set(value) <= _FORMS:
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def locale() -> babel.Locale:
    """Give the forms of plurals, numbers and dates of the language that is spoken."""
    return _locale(spoken())


@cache
def _locale(language: str) -> babel.Locale:
    return babel.Locale.parse(language)


def decimal(value: float, places: int = 0) -> str:
    """Write a number with so many decimals, its thousands parted; a true minus."""
    return _decimal(spoken(), value or 0, places)  # a zero has no sign


def when(moment: datetime, form: str) -> str:
    """Write a point in time by a form of the language's file: ``day``, ``month``, ``moment``, ..."""
    return _when(spoken(), moment, form)


# The same few numbers and days stand on every page of a list, and babel reads its pattern anew for each.
@lru_cache(maxsize=20_000)
def _decimal(language: str, value: float, places: int) -> str:
    pattern = "#,##0" + ("." + "0" * places if places else "")
    grouped = abs(value) >= int(say("number.grouped_from"))
    written: str = format_decimal(value, format=pattern, locale=_locale(language), group_separator=grouped)
    return written.replace("-", _MINUS)


@lru_cache(maxsize=20_000)
def _when(language: str, moment: datetime, form: str) -> str:
    written: str = format_datetime(moment, format=say(f"date.{form}"), locale=_locale(language))
    return written


def retold(sentence: str) -> tuple[str, bool]:
    """Say in the language that is spoken what a run's files say in English, and whether that could be done.

    A run keeps some of what it noticed as whole English sentences. Those that stand in the files as
    ``stored.NAME`` are known by the English one, whose places give what is to be put in.
    """
    if spoken() == "en" or not sentence:
        return sentence, True
    for key, pattern in _stored():
        if found := pattern.fullmatch(sentence):
            values: dict[str, Any] = found.groupdict()
            if "n" in values:
                # Written anew: a comma that parts thousands in English marks decimals elsewhere.
                values["n"] = int(values["n"].replace(",", ""))
            return say(key, **{name: _part(name, value) for name, value in values.items()}), True
    return sentence, False


def _part(name: str, value: Any) -> Any:
    """Say a part of a stored sentence that is English itself; what comes from outside stays as it is."""
    if name == "title":
        measures = (key for key in messages("en") if key.startswith("measured."))
        return next((say(key) for key in measures if messages("en")[key] == value), value)
    if name == "direction":
        return named("direction", value)
    if name == "state":
        return named("serve.job.state", value)
    if name in _COUNTS and (found := _COUNT.fullmatch(value)):
        noun = found["noun"]
        for key in (f"quantity.{noun}", f"noun.{noun}.n", f"n.{noun}s"):
            if has(key):
                return say(key, n=int(found["n"].replace(",", "")))
    return value


def stated(sentence: str) -> str:
    """Say what a run's files say in English, part by part where they put several together.

    A sentence may hold what parts them too: it is taken apart so that the fewest parts stay in English, and
    then into the most sentences.
    """
    parts = sentence.split("; ")
    reach = len(parts) if len(parts) <= _PARTS else 1
    #: How the parts so far are told best: how many stay in English, minus the sentences, and the words.
    best: list[tuple[int, int, str]] = [(0, 0, "")]
    for end in range(1, len(parts) + 1):
        told = []
        for start in range(max(0, end - reach), end):
            words, known = retold("; ".join(parts[start:end]))
            if known or start == end - 1:
                left, sentences, before = best[start]
                told.append((left + (not known), sentences - 1, f"{before}; {words}" if start else words))
        best.append(min(told, key=lambda one: one[:2]))
    return best[-1][2]


@cache
def _stored() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for key, message in messages("en").items():
        if key.startswith("stored."):
            forms = [message] if isinstance(message, str) else message.values()
            found += [(key, _pattern(form)) for form in forms]
    return found


def _pattern(form: str) -> re.Pattern[str]:
    """Turn a sentence with places into what finds it; a place that comes again must hold the same."""
    parts, last, seen = [], 0, set[str]()
    for place in _PLACE.finditer(form):
        parts.append(re.escape(form[last : place.start()]))
        name = place[1]
        anything = r"[\d,]+" if name == "n" else ".+?"
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{anything})")
        seen.add(name)
        last = place.end()
    return re.compile("".join([*parts, re.escape(form[last:])]), re.DOTALL)
