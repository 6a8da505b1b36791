"""English names of languages, touchpoints, themes and groups, and how long names are cut for show."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from earful.pages.numbers import month

__all__ = ["group", "language", "short", "theme", "touchpoint"]

_LANGUAGES = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kk": "Kazakh", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese", "und": "language unsure",
}  # fmt: skip
_CUTS = ("product", "touchpoint", "product,touchpoint", "period")
_TOUCHPOINTS = {
    "awareness": "Awareness", "website_app": "Website and app", "checkout": "Checkout",
    "messages": "Messages", "onboarding": "Onboarding", "product": "Product", "price": "Price",
    "support": "Support", "delivery": "Delivery", "returns": "Returns", "renewal": "Renewal",
    "loyalty_programme": "Loyalty programme", "store": "Store", "trust": "Trust",
}  # fmt: skip


def language(code: str | None) -> str:
    """Name a language by its ISO 639-1 code; an unknown code stays as it is."""
    return _LANGUAGES.get(code or "und", code or "und")


def touchpoint(name: str | None) -> str:
    """Name a touchpoint: those of the built-in taxonomy in words, others as they are."""
    return _TOUCHPOINTS.get(name or "", short(name))


def theme(row: Any, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Name the theme of a row: by its label where it has one, here or in the row itself."""
    label = labels.get(row["theme"]) or row.get("label")
    return short(label if label and isinstance(label, str) else row["theme"])


def group(row: Any, most: int = 60, led: bool = False) -> str:
    """Name the group of a row by the columns that its ``grouping`` cuts by.

    ``led`` puts the name of a further column before its value, where groups of several cuts stand together.
    """
    if row["grouping"] == "overall":
        return "Everything"
    if row["grouping"] not in _CUTS:
        name = short(row[row["grouping"]], most)
        return f"{short(row['grouping'])}: {name}" if led else name
    write = {"touchpoint": touchpoint, "period": month}
    return ", ".join(
        write[column](row[column]) if column in write else short(row[column], most)
        for column in row["grouping"].split(",")
    )


def short(name: Any, most: int = 80) -> str:
    """Cut a name that is too long to show; what is no text is missing."""
    if not isinstance(name, str) or not name.strip():
        return "(not given)"
    return name if len(name) <= most else name[: most - 1] + "…"
