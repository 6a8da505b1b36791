"""A taxonomy written as a TOML file, in the shape that :mod:`earful.themes.taxonomy` reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from earful.themes.taxonomy import Taxonomy, Theme

__all__ = ["to_toml"]

_LONGEST_LINE = 100


def to_toml(taxonomy: Taxonomy) -> str:
    """Give the taxonomy as TOML; reading it back gives an equal taxonomy. Comments of a file are not kept."""
    return "\n".join(_lines(taxonomy)) + "\n"


def _lines(taxonomy: Taxonomy) -> Iterator[str]:
    yield f"name = {_string(taxonomy.name)}"
    for lang, lists in taxonomy.words.items():
        yield ""
        yield f"[words.{lang}]"
        for name, words in lists.items():
            yield f"{name} = {_string(words)}"
    for theme in taxonomy.themes:
        yield from _theme(theme)


def _theme(theme: Theme) -> Iterator[str]:
    yield ""
    yield "[[theme]]"
    yield f"id = {_string(theme.id)}"
    if theme.description:
        yield f"description = {_string(theme.description)}"
    if theme.labels:
        yield "[theme.labels]"
        for lang, label in theme.labels.items():
            yield f"{lang} = {_string(label)}"
    yield from _lists("examples", theme.examples)
    yield from _lists("phrases", theme.phrases)


def _lists(name: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if not values:
        return
    yield f"[theme.{name}]"
    for lang, items in values.items():
        quoted = [_string(item) for item in items]
        line = f"{lang} = [{', '.join(quoted)}]"
        if len(line) <= _LONGEST_LINE:
            yield line
        else:
            yield f"{lang} = ["
            yield from (f"  {item}," for item in quoted)
            yield "]"


def _string(text: str) -> str:
    # JSON's escapes are TOML's too, but for the one control character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
