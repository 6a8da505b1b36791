"""Names of a run's themes in the language that is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from earful.errors import EarfulError
from earful.pages.making import part_of
from earful.pages.words import spoken
from earful.themes.taxonomy import load_taxonomy

__all__ = ["spoken_labels"]


def spoken_labels(english: Mapping[str, str], manifest: dict[str, Any]) -> dict[str, str]:
    """Map theme ids to their names in the language that is spoken, in English where they have none in it.

    A run keeps the English names. Those in another language come from the taxonomy that it was made with; a
    theme whose English name is another by now keeps the run's.
    """
    language = spoken()
    if language == "en":
        return dict(english)
    name = part_of(manifest, "config", "themes").get("taxonomy")
    name = name or part_of(manifest, "taxonomy").get("name")
    try:
        themes = load_taxonomy(str(name)).themes if name else ()
    except (EarfulError, OSError):
        # A file of one's own that is no longer there.
        return dict(english)
    return dict(english) | {
        theme.id: theme.labels[language]
        for theme in themes
        if language in theme.labels and english.get(theme.id, theme.label()) == theme.label()
    }
