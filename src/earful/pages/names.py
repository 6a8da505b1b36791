"""Names of languages, touchpoints, themes and groups as they are spoken, cut to fit where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from babel import Locale

from earful.pages.numbers import month
from earful.pages.words import has, locale, named, say

__all__ = ["cut", "group", "language", "own_language", "polarity", "short", "theme", "touchpoint"]

_CUTS = ("product", "touchpoint", "product,touchpoint", "period")


def language(code: str | None) -> str:
    """Name a language by its ISO 639-1 code; an unknown code stays as it is."""
    if not code or code == "und":
        return say("language.und")
    name: str = locale().languages.get(code, code)
    return name[:1].upper() + name[1:]


def own_language(code: str) -> str:
    """Name a language as those who speak it do."""
    name: str = Locale.parse(code).get_language_name(code) or code
    return name[:1].upper() + name[1:]


def touchpoint(name: str | None) -> str:
    """Name a touchpoint: those of the built-in taxonomy in words, others as they are."""
    return say(f"touchpoint.{name}") if name and has(f"touchpoint.{name}") else short(name)


def polarity(name: str | None) -> str:
    """Name a polarity: those of ours in words, others as they are."""
    return short(named("polarity", name))


def theme(row: Any, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Name the theme of a row: by its label where it has one, here or in the row itself."""
    label = labels.get(row["theme"]) or row.get("label")
    return short(label if label and isinstance(label, str) else row["theme"])


def group(row: Any, most: int = 60, led: bool = False) -> str:
    """Name the group of a row by the columns that its ``grouping`` cuts by.

    ``led`` puts the name of a further column before its value, where groups of several cuts stand together.
    """
    if row["grouping"] == "overall":
        return say("group.overall")
    if row["grouping"] not in _CUTS:
        name = short(row[row["grouping"]], most)
        return f"{short(row['grouping'])}: {name}" if led else name
    write = {"touchpoint": touchpoint, "period": month}
    return ", ".join(
        write[column](row[column]) if column in write else short(row[column], most)
        for column in row["grouping"].split(",")
    )


def cut(by: str) -> str:
    """Name what rows are cut by: our own cuts in words, a further column as it is called."""
    return say(f"noun.{by}.col") if by in _CUTS and has(f"noun.{by}.col") else short(by, 60)


def short(name: Any, most: int = 80) -> str:
    """Cut a name that is too long to show; what is no text is missing."""
    if not isinstance(name, str) or not name.strip():
        return say("group.none")
    return name if len(name) <= most else name[: most - 1] + "…"
