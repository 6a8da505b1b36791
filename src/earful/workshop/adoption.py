"""A group that discovery found, made a theme of a taxonomy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from earful.errors import InputError, TaxonomyError
from earful.themes.taxonomy import Theme
from earful.workshop.changes import Add
from earful.workshop.history import change_file

__all__ = ["adopt_group"]


def adopt_group(
    groups: str | Path, number: int, themes: str | Path, theme_id: str, label: str | None = None
) -> Theme:
    """Put a group into a taxonomy file as a theme: quotes as examples, telling words as phrases.

    Parameters
    ----------
    groups
        What ``earful themes discover -o`` wrote.
    number
        The group's number there, from 0.
    themes
        Your taxonomy, a TOML file; the change is noted in its history and can be undone.
    theme_id
        The new theme's id, ``touchpoint.name``.
    label
        Its name; by default the group's.

    Raises
    ------
    InputError
        The groups cannot be read, or there is no group of that number.
    TaxonomyError
        The id is taken or of the wrong shape, or the taxonomy is not a file of yours.
    """
    group = _group(Path(groups), number)
    lang = group["languages"][0][0] if group["languages"] else "en"
    words = [term.strip() for term in group["label"].split(",") if term.strip() and term.strip() != "?"]
    if not words:
        raise TaxonomyError(f"group {number} has no telling words", where=str(groups))
    theme = Theme(
        theme_id,
        {"en": label} if label else {lang: group["label"]},
        f"Found by discovery: {group['label']}.",
        {lang: tuple(" ".join(quote.split()) for quote in group["quotes"])},
        {lang: tuple(words)},
    )
    change_file(themes, Add(theme))
    return theme


def _group(path: Path, number: int) -> Mapping[str, Any]:
    try:
        groups = json.loads(path.read_text(encoding="utf-8"))["groups"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "holds no groups", where=str(path), fix="earful themes discover RUN -o FILE writes them"
        ) from None
    for group in groups:
        if group["number"] == number:
            found: Mapping[str, Any] = group
            return found
    raise InputError(f"has no group {number}", where=str(path), allowed=f"0 to {len(groups) - 1}")
